"""Checks of what a model can do to the machine that runs it.

An op is judged by who reaches it. A saver writes files, and an initializer reads the assets of a
model: that is what they are for. The same ops in a signature serve whoever calls it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from pbtool import opdefs
from pbtool.checks.constants import strings
from pbtool.checks.finding import ERROR, NOTE, WARNING, Found
from pbtool.checks.users import ANYBODY, INITIALIZER, NOBODY, SAVER, SIGNATURE, Users

if TYPE_CHECKING:
    from pbtool.checks.nodes import BodyNodes, GraphNodes
    from pbtool.schema import NodeDef


class Danger(NamedTuple):
    """What some ops do, and how grave that is by who reaches them ("": no finding).

    ``nobody`` is for a graph that comes without signatures, too: nobody knows who runs what.
    """

    does: str
    ops: str
    signature: str
    initializer: str
    saver: str
    nobody: str

    def severity(self, user: str) -> str:
        """How grave it is when this user reaches it."""
        return {
            SIGNATURE: self.signature,
            INITIALIZER: self.initializer,
            SAVER: self.saver,
            NOBODY: self.nobody,
        }[user]


WRITES_FILES = Danger(
    "writes a file",
    """
    WriteFile CacheDataset CacheDatasetV2 DatasetToTFRecord ExperimentalDatasetToTFRecord
    SaveDataset SaveDatasetV2 SnapshotDataset SnapshotDatasetV2 DistributedSave SaveIterator
    CreateSummaryFileWriter CreateSummaryDbWriter DebugIdentity DebugIdentityV2 DebugIdentityV3
    DebugNanCount DebugNumericSummary DumpTensor CalibrationStatisticsSaver SerializeTRTResource
    """,
    ERROR,
    ERROR,
    WARNING,
    WARNING,
)
WRITES_CHECKPOINTS = Danger(
    "writes a checkpoint",
    "Save SaveSlices SaveV2 MergeV2Checkpoints",
    ERROR,
    WARNING,
    "",
    "",
)
READS_FILES = Danger(
    "reads a file",
    """
    ReadFile MatchingFiles MatchingFilesDataset ExperimentalMatchingFilesDataset ImmutableConst
    WholeFileReader WholeFileReaderV2 TextLineReader TextLineReaderV2 TFRecordReader
    TFRecordReaderV2 FixedLengthRecordReader FixedLengthRecordReaderV2 LMDBReader
    TextLineDataset TFRecordDataset TFRecordDatasetV2 FixedLengthRecordDataset
    FixedLengthRecordDatasetV2 LMDBDataset ExperimentalLMDBDataset CSVDataset CSVDatasetV2
    ExperimentalCSVDataset SqlDataset ExperimentalSqlDataset SequenceFileDataset LoadDataset
    SnapshotDatasetReader SnapshotChunkDataset ListSnapshotChunksDataset RestoreIterator RecordInput
    GenerateVocabRemapping Skipgram InitializeTRTResource FixedUnigramCandidateSampler
    DecodeProtoV2 EncodeProto
    """,
    ERROR,
    WARNING,
    WARNING,
    NOTE,
)
READS_CHECKPOINTS = Danger(
    "reads a checkpoint",
    "Restore RestoreSlice RestoreV2 LoadAndRemapMatrix DTensorRestoreV2",
    ERROR,
    "",
    "",
    "",
)
READS_TABLES = Danger(
    "reads a table from a file",
    "InitializeTableFromTextFile InitializeTableFromTextFileV2",
    NOTE,
    "",
    "",
    "",
)
RUNS_PYTHON = Danger(
    "runs a Python function",
    "PyFunc PyFuncStateless EagerPyFunc",
    ERROR,
    ERROR,
    ERROR,
    WARNING,
)
CALLS_THE_PROCESS = Danger(
    "calls a function that is registered with XLA",
    "XlaCustomCall XlaCustomCallV2",
    WARNING,
    WARNING,
    WARNING,
    NOTE,
)
# In an attr: a TensorRT engine, an executable for Neuron, a graph for another processor.
RUNS_BINARIES = Danger(
    "runs a compiled program that lies in the model",
    "TRTEngineOp NeuronOp RemoteFusedGraphExecute",
    WARNING,
    WARNING,
    WARNING,
    NOTE,
)
# A serialized StableHLO module, which XLA compiles: so is exported what JAX computes.
RUNS_MODULES = Danger(
    "runs a StableHLO program that lies in the model",
    "XlaCallModule",
    NOTE,
    NOTE,
    NOTE,
    "",
)
# A serialized GraphDef, in a string; its nodes are none of those that are checked.
RUNS_GRAPHS = Danger(
    "runs a graph that lies in a tensor",
    "DatasetFromGraph",
    ERROR,
    ERROR,
    ERROR,
    WARNING,
)
USES_NETWORK = Danger(
    "talks to another machine",
    """
    Rpc TryRpc RpcCall RpcClient RpcServer RpcServerRegister RpcServerStart RpcGetValue
    DataServiceDataset DataServiceDatasetV2 DataServiceDatasetV3 DataServiceDatasetV4
    RegisterDataset RegisterDatasetV2 BigQueryReader BigtableClient KafkaDataset KinesisDataset
    IgniteDataset
    """,
    ERROR,
    ERROR,
    WARNING,
    NOTE,
)
SETS_UP_FILES = Danger(
    "sets up how files of other machines are reached",
    "GcsConfigureBlockCache GcsConfigureCredentials FileSystemSetConfiguration",
    ERROR,
    ERROR,
    WARNING,
    NOTE,
)
CALLS_DEVICES = Danger(
    "calls a function on another device, perhaps of another machine",
    "RemoteCall",
    WARNING,
    WARNING,
    WARNING,
    NOTE,
)
PRINTS = Danger("prints", "Print PrintV2", NOTE, NOTE, NOTE, "")
PRINTS_TO_FILES = Danger("prints to a file", "PrintV2", ERROR, ERROR, ERROR, WARNING)

_FOLLOWED = 16  # Identity nodes between a constant and who takes it
_SHOWN = 60  # characters of an argument
_LISTED = 16  # strings of an argument: more are not shown
# The inputs and attrs that tell what an op reaches.
_TOLD = re.compile(
    r"\w*(file|path|pattern|prefix|director|_dir|logdir|url|uri|region|address|source|target|token"
    r"|stream)\w*"
)
# Ops that reach a file only where an attr names one, and how what names it begins.
_NAMED_BY = {
    "FixedUnigramCandidateSampler": ("vocab_file", b"."),
    "PrintV2": ("output_stream", b"file:"),
    "DebugIdentity": ("debug_urls", b"."),
    "DebugIdentityV2": ("debug_urls", b"."),
    "DebugIdentityV3": ("debug_urls", b"."),
    "DebugNanCount": ("debug_urls", b"."),
    "DebugNumericSummary": ("debug_urls", b"."),
    "DecodeProtoV2": ("descriptor_source", rb"(?!bytes://|local://\Z)."),
    "EncodeProto": ("descriptor_source", rb"(?!bytes://|local://\Z)."),
}
_CACHES = ("CacheDataset", "CacheDatasetV2")


def dangerous(*dangers: Danger) -> Callable[[GraphNodes], Iterator[Found]]:
    """A check for the ops of some dangers."""
    by_op = {op: danger for danger in dangers for op in danger.ops.split()}

    def check(whole: GraphNodes) -> Iterator[Found]:
        users = None if whole.meta_graph is None else Users(whole.graph, whole.meta_graph)
        for body in whole.bodies:
            if by_op.keys().isdisjoint(body.counts):
                continue
            for position, op in enumerate(body.ops):
                if op in by_op:
                    yield from _judged(by_op[op], body, position, users)

    check.__doc__ = f"Ops of which each {', or '.join(danger.does for danger in dangers)}."
    return check


def names_no_file(node: NodeDef) -> bool:
    """Whether an attr of the node could name a file to reach, and names none."""
    if node.op not in _NAMED_BY:
        return False
    attr, pattern = _NAMED_BY[node.op]
    value = node.attr.get(attr)
    if value is None:
        return True
    is_open = bool(value.placeholder)  # whoever calls the function may name one
    texts = (value.s, *value.list.s)
    return not (is_open or any(re.match(pattern, text, re.DOTALL) for text in texts))


def _judged(danger: Danger, body: BodyNodes, position: int, users: Users | None) -> Iterator[Found]:
    node, name = body.nodes[position], body.names[position]
    if names_no_file(node):
        if danger is not PRINTS:
            return
    elif danger is PRINTS and node.op in _NAMED_BY:
        danger = PRINTS_TO_FILES
    user, who = (NOBODY, ANYBODY) if users is None else users.of(body.body.name, name)
    severity = danger.severity(user)
    told = dict(_arguments(body, position))
    if not severity or (node.op in _CACHES and told.get("filename") == ""):
        return  # a cache without a name is in memory
    shown = ", ".join(f"{key}: {text}" for key, text in told.items() if text)
    sentence = f"{node.op} {danger.does}{f' ({shown})' if shown else ''}: {who}"
    yield Found(name, sentence, function=body.body.name, severity=severity)


def _arguments(body: BodyNodes, position: int) -> Iterator[tuple[str, str]]:
    """What the op is told by inputs and attrs, as it is shown: strings, "" where they are empty."""
    node = body.nodes[position]
    op_def = body.op_def(node.op)
    if op_def is None:
        return
    for name, numbers in opdefs.inputs(op_def).ports(node).items():
        if _TOLD.fullmatch(name) and numbers and numbers[0] < len(body.data[position]):
            yield name, _input(body, body.data[position][numbers[0]][0])
    for attr in op_def.attr:
        value = opdefs.attr_value(node, op_def, attr.name)
        if value is not None and _TOLD.fullmatch(attr.name) and attr.type in _STRINGS:
            yield attr.name, _shown(value.list.s or [value.s])


_STRINGS = ("string", "list(string)")


def _input(body: BodyNodes, source: int | None) -> str:
    """What an input is: the strings of a constant, perhaps through Identity nodes."""
    for _ in range(_FOLLOWED):
        if source is None:
            break
        if source >= len(body.nodes):
            return f"the argument {body.arguments[source - len(body.nodes)].name!r}"
        if body.ops[source] in ("Const", "HostConst"):
            texts = list(islice(strings(body.body, body.names[source]), _LISTED))
            return _shown(texts) if texts else "not readable"
        if body.ops[source] != "Identity" or not body.data[source]:
            break
        source = body.data[source][0][0]
    return "not constant"


def _shown(texts: Sequence[bytes]) -> str:
    if not any(texts):
        return ""
    shown = b", ".join(texts).decode(errors="backslashreplace")
    return repr(shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…")
