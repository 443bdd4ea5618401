"""The nodes of a graph that are there to be fed, as far as their ops and their users tell."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from pbtool import dtypes
from pbtool.facts import Fact
from pbtool.interface.endpoint import CONFIDENCES, LIKELY, NO_FACT, POSSIBLE, STATED, Known

if TYPE_CHECKING:
    from pbtool.graph import Graph
    from pbtool.interface.dataflow import Dataflow
    from pbtool.schema import NodeDef

_PLACEHOLDER = (LIKELY, "placeholder")
_ARGUMENT = (STATED, "argument of the function that this graph was")
_DEQUEUED = (LIKELY, "taken from a queue")
_RECEIVED = (POSSIBLE, "received from another part of a divided graph")

# What feeds a graph, and how sure that is.
SOURCE_OPS = {
    "Placeholder": _PLACEHOLDER,
    "PlaceholderV2": _PLACEHOLDER,
    "PlaceholderWithDefault": (LIKELY, "placeholder with a default value"),
    "IteratorGetNext": (LIKELY, "next element of a tf.data iterator"),
    "IteratorGetNextSync": (LIKELY, "next element of a tf.data iterator"),
    "QueueDequeue": _DEQUEUED,
    "QueueDequeueV2": _DEQUEUED,
    "QueueDequeueMany": _DEQUEUED,
    "QueueDequeueManyV2": _DEQUEUED,
    "QueueDequeueUpTo": _DEQUEUED,
    "QueueDequeueUpToV2": _DEQUEUED,
    "InfeedDequeue": (LIKELY, "infeed of a TPU"),
    "InfeedDequeueTuple": (LIKELY, "infeed of a TPU"),
    "_Arg": _ARGUMENT,
    "_DeviceArg": _ARGUMENT,
    "_Recv": _RECEIVED,
    "_HostRecv": _RECEIVED,
}

_SETTINGS = re.compile(
    r"keep_?prob|dropout|is_?train|training$|learning_(rate|phase)|phase_train|(^|/)lr$|batch_size"
)

# What becomes of a string that names a file, and what may lie between.
_FILE_OPS = re.compile(
    r"(Save|Restore|InitializeTableFromTextFile)\w*|ShardedFilename|MergeV2Checkpoints|ReadFile"
)
_STRING_OPS = frozenset(
    {
        *("Identity", "Pack", "PlaceholderWithDefault", "Reshape", "Select"),
        *("StaticRegexFullMatch", "StringJoin"),
    }
)

# TensorFlow 2 leaves these behind where it lowers an If or a While.
_LEFT_OVER = re.compile(r"unused_control_flow_input(_\d+)?")


class Source(NamedTuple):
    """A node to be fed. ``flows`` is False where no result of the model depends on it."""

    position: int
    name: str
    confidence: str
    reason: str
    facts: tuple[Fact, ...]
    flows: bool = True

    @property
    def is_setting(self) -> bool:
        """Whether it is a single number or bool, as learning rates and training switches are."""
        dtype, shape = self.facts[0][:2]
        is_number = dtypes.base(dtype) not in (dtypes.STRING, dtypes.RESOURCE, dtypes.VARIANT)
        named = _SETTINGS.search(self.name) is not None
        return is_number and (shape.rank == 0 or (named and shape.rank is None))


def find_sources(
    graph: Graph,
    flow: Dataflow,
    facts: Known,
    known: Mapping[str, str],
) -> list[Source]:
    """The nodes to be fed, in file order; ``known`` says of some what else they are there for."""
    sources = []
    unknown = {op for op in set(flow.ops) if graph.op_def(op) is None and "Variable" not in op}
    for position, op in enumerate(flow.ops):
        guess = SOURCE_OPS.get(op)
        if op in unknown and not flow.sources[position] and flow.users[position]:
            guess = (POSSIBLE, f"has no inputs, and its op {op} is not known")
        if guess is None:
            continue
        node = graph.nodes[position]
        outputs = facts.get(node.name) or (NO_FACT,)
        source = Source(position, node.name, *guess, outputs)
        sources.append(_reconsidered(source, node, graph, flow, known.get(node.name, "")))
    return sources


def _reconsidered(
    source: Source, node: NodeDef, graph: Graph, flow: Dataflow, purpose: str
) -> Source:
    """The source with what its users and its type say about it."""
    if source.confidence == STATED:
        return source
    if purpose:
        return source._replace(confidence=POSSIBLE, reason=purpose, flows=False)
    if not flow.users[source.position]:
        left_over = _LEFT_OVER.fullmatch(node.name) is not None
        why = (
            "left over from control flow when the graph was frozen"
            if left_over
            else "nothing uses it"
        )
        return source._replace(confidence=POSSIBLE, reason=f"{source.reason}; {why}", flows=False)
    if dtypes.base(source.facts[0].dtype) in (dtypes.RESOURCE, dtypes.VARIANT):
        return source._replace(
            confidence=POSSIBLE, reason=f"{source.reason}; a handle, such as a variable's"
        )
    if source.facts[0].dtype == dtypes.STRING and _names_a_file(source.position, graph, flow):
        return source._replace(
            confidence=POSSIBLE, reason="name of a file to save or read", flows=False
        )
    if (
        node.op == "_Recv"
        and node.attr.get("client_terminated")
        and node.attr["client_terminated"].b
    ):
        return source._replace(confidence=STATED, reason="fed by the caller of the session")
    return source


def _names_a_file(position: int, graph: Graph, flow: Dataflow) -> bool:
    """Whether the tensor ends in nothing but ops that read or write files."""
    seen, pending, found = {position}, [position], False
    while pending:
        for user in flow.users[pending.pop()]:
            op = graph.nodes[user].op
            if _FILE_OPS.fullmatch(op):
                found = True
            elif op not in _STRING_OPS:
                return False
            elif user not in seen:
                seen.add(user)
                pending.append(user)
    return found


def with_settings_last(sources: list[Source]) -> list[Source]:
    """The sources in order of interest, single numbers behind the tensors that a model is about."""
    if all(source.is_setting for source in sources if source.confidence == LIKELY):
        return sorted(sources, key=_confidence)
    return sorted(map(_as_setting, sources), key=lambda each: (_confidence(each), each.is_setting))


def _confidence(source: Source) -> int:
    return CONFIDENCES.index(source.confidence)


def _as_setting(source: Source) -> Source:
    if not source.is_setting or source.confidence != LIKELY:
        return source
    is_bool = dtypes.base(source.facts[0].dtype) == dtypes.BOOL
    example = "bool, as is_training would be" if is_bool else "number, as keep_prob would be"
    has_default = "default" in source.reason
    return source._replace(
        confidence=POSSIBLE if has_default else LIKELY,
        reason=f"{source.reason}; a single {example}",
    )
