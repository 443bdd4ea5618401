"""Checks of what a model can do to the machine that runs it.

An op is judged by who reaches it. A saver writes files, and an initializer reads the assets of a
model: that is what they are for. The same ops in a signature serve whoever calls it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from pbtool import opdefs
from pbtool.checks.finding import ERROR, NOTE, WARNING, Found
from pbtool.checks.users import INITIALIZER, NOBODY, SAVER, SIGNATURE, Users

if TYPE_CHECKING:
    from pbtool.checks.nodes import BodyNodes, GraphNodes
    from pbtool.schema import NodeDef


class Danger(NamedTuple):
    """What some ops do, and how grave that is by who reaches them ("": no finding).

    ``alone`` is for a graph that comes without signatures: nobody knows who runs what.
    """

    does: str
    ops: str
    signature: str
    initializer: str
    saver: str
    nobody: str
    alone: str

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
    SaveDataset SaveDatasetV2 SnapshotDataset SnapshotDatasetV2 SnapshotDatasetReader
    DistributedSave CreateSummaryFileWriter CreateSummaryDbWriter DebugIdentity DebugIdentityV2
    DebugIdentityV3 DebugNumericSummary DebugNumericSummaryV2 DumpTensor FileSystemSetConfiguration
    """,
    ERROR,
    ERROR,
    WARNING,
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
    """,
    ERROR,
    WARNING,
    WARNING,
    NOTE,
    NOTE,
)
READS_CHECKPOINTS = Danger(
    "reads a checkpoint",
    "Restore RestoreSlice RestoreV2",
    ERROR,
    "",
    "",
    "",
    "",
)
READS_TABLES = Danger(
    "reads a table from a file",
    "InitializeTableFromTextFile InitializeTableFromTextFileV2 InitializeTableFromDataset",
    NOTE,
    "",
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
    WARNING,
)
RUNS_CODE = Danger(
    "runs code that comes with the model or from a library",
    """
    XlaCustomCall XlaCustomCallV2 XlaLaunch XlaCallModule RemoteFusedGraphExecute
    TfLiteSubgraphExecute TRTEngineOp NeuronOp RemoteCall XlaRecvFromHost XlaSendToHost
    XlaHostCompute
    """,
    WARNING,
    WARNING,
    WARNING,
    NOTE,
    NOTE,
)
USES_NETWORK = Danger(
    "talks to another machine",
    """
    Rpc TryRpc RpcCall RpcClient RpcServer RpcServerRegister RpcServerStart RpcGetValue
    DataServiceDataset DataServiceDatasetV2 DataServiceDatasetV3 DataServiceDatasetV4
    RegisterDataset RegisterDatasetV2 BigQueryReader BigtableClient KafkaDataset KinesisDataset
    IgniteDataset GcsConfigureBlockCache GcsConfigureCredentials
    """,
    ERROR,
    ERROR,
    WARNING,
    NOTE,
    NOTE,
)
PRINTS = Danger("prints", "Print PrintV2", NOTE, NOTE, NOTE, "", "")

_FOLLOWED = 16  # Identity nodes between a constant and who takes it
_SHOWN = 60  # characters of an argument
_TOLD = re.compile(
    r"(file_?names?|filename|patterns?|prefix(es)?|path|directory|token|url|address)"
)


def dangerous(danger: Danger) -> Callable[[GraphNodes], Iterator[Found]]:
    """A check for the ops of a danger."""
    ops = frozenset(danger.ops.split())

    def check(whole: GraphNodes) -> Iterator[Found]:
        users = None if whole.meta_graph is None else Users(whole.graph, whole.meta_graph)
        for body in whole.bodies:
            if ops.isdisjoint(body.counts):
                continue
            for position, op in enumerate(body.ops):
                if op in ops:
                    yield from _judged(danger, body, position, users)

    check.__doc__ = f"Ops of which each {danger.does}."
    return check


def _judged(danger: Danger, body: BodyNodes, position: int, users: Users | None) -> Iterator[Found]:
    node, name = body.nodes[position], body.names[position]
    severity, who = danger.alone, "whoever asks for it runs it"
    if users is not None:
        user, who = users.of(body.body.name, name)
        severity = danger.severity(user)
        if danger is PRINTS and _prints_to_file(node) and user != NOBODY:
            severity = ERROR
    if severity:
        told = ", ".join(_arguments(body, position))
        sentence = f"{node.op} {danger.does}{f' ({told})' if told else ''}: {who}"
        yield Found(name, sentence, function=body.body.name, severity=severity)


def _prints_to_file(node: NodeDef) -> bool:
    stream = node.attr.get("output_stream")
    return stream is not None and stream.s.startswith(b"file:")


def _arguments(body: BodyNodes, position: int) -> Iterator[str]:
    """What the op is told: constant strings that it is given, and strings in its attrs."""
    node = body.nodes[position]
    op_def = body.op_def(node.op)
    ports = {} if op_def is None else opdefs.inputs(op_def).ports(node)
    names = {number: name for name, numbers in ports.items() for number in numbers}
    for number, (source, _) in enumerate(body.data[position]):
        name = names.get(number, f"input {number}")
        if not _TOLD.fullmatch(name):
            continue
        text = _constant(body, source)
        yield f"{name}: {_shown(text)}" if text is not None else f"{name}: not constant"
    for name in ("token", "output_stream", "filename", "debug_urls", "target", "call_target_name"):
        value = node.attr.get(name)
        if value is not None and (value.s or value.list.s):
            yield f"{name}: {_shown(value.s or value.list.s[0])}"


def _constant(body: BodyNodes, source: int | None) -> bytes | None:
    """The first string of the constant that an input is, perhaps through Identity nodes."""
    for _ in range(_FOLLOWED):
        if source is None or source >= len(body.nodes):
            return None
        op = body.ops[source]
        if op in ("Const", "HostConst"):
            value = body.nodes[source].attr.get("value")
            texts = value.tensor.string_val if value is not None else ()
            return texts[0] if texts else None
        if op != "Identity" or not body.data[source]:
            return None
        source = body.data[source][0][0]
    return None


def _shown(text: bytes) -> str:
    shown = text.decode(errors="backslashreplace")
    return repr(shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…")
