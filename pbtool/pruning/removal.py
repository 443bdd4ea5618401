"""Nodes that are dropped by name although others may use them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING

from pbtool import dtypes
from pbtool.body import COLOCATION, CONTROL, Input, colocations, parse_input
from pbtool.errors import ShapeError, UsageError
from pbtool.graph import Graph
from pbtool.pruning.rewiring import Bypass, bypass, take_out
from pbtool.schema import NodeDef

if TYPE_CHECKING:
    from pbtool.editing import NodeEdits
    from pbtool.facts import Fact
    from pbtool.pruning.cuts import Facts

# Ops with more inputs than the one that they pass on.
_PASS_ON_THE_FIRST = frozenset({"Print"})


def remove(
    graph: Graph, names: AbstractSet[str], targets: Sequence[Input], *, around: bool, facts: Facts
) -> tuple[NodeEdits, set[str]]:
    """The edits that drop nodes, and the names of those that had to be bypassed.

    With ``around``, a node that is needed still is bypassed where it can be: it has one input, of
    the type of its one output that is used, or only control edges lead from it. Raises UsageError
    where a node that is needed can not or may not be bypassed.
    """
    for target in targets:
        if target.node in names:
            raise UsageError(f"node {target.node!r} cannot be an output and be removed")
    bypasses: dict[str, Bypass] = {}
    needed = _still_needed(graph, names, targets, around=around)
    known = facts(_sources(graph, needed)) if needed and around else {}
    for name, users in needed.items():
        if not around:
            node = graph[users[0].node]
            more = f", and {len(users) - 1} more" if len(users) > 1 else ""
            raise UsageError(
                f"node {node.name!r} ({node.op}) still needs {name!r}{more}",
                remedy="bypass it with --bypass, or cut there with --inputs",
            )
        bypasses[name] = _around(graph, name, users, known)
    edits = dict(take_out(graph, bypasses))
    for position, node in enumerate(graph):
        if node.name in names:
            edits[position] = []
        elif not names.isdisjoint(colocations(node)):
            (edited,) = edits.get(position, [node])
            edits[position] = [_without_colocation(edited, names)]
    return edits, set(bypasses)


def _still_needed(
    graph: Graph, names: AbstractSet[str], targets: Sequence[Input], *, around: bool
) -> dict[str, list[Input]]:
    """The nodes to drop that the targets need, each with its users: who they are, and which
    output they use. With ``around``, users may be such nodes, too, for what they pass on.
    """
    needed: dict[str, list[Input]] = {}
    seen = {target.node for target in targets}
    pending = list(seen)
    while pending:
        node = graph[pending.pop()]
        inputs = graph.inputs(node)
        if node.name in names:
            if not around:
                continue
            inputs = _handed_on(graph, node)
        for source, output in inputs:
            if source in names:
                needed.setdefault(source, []).append(Input(node.name, output))
            if source in graph and source not in seen:
                seen.add(source)
                pending.append(source)
    return needed


def _handed_on(graph: Graph, node: NodeDef) -> list[Input]:
    """What the node's users need in its stead."""
    data, controls = bypass(node)
    handed = [Input(name, CONTROL) for name in controls]
    has_outputs = graph.output_dtypes(node) != ()
    return [parse_input(data), *handed] if data is not None and has_outputs else handed


def _sources(graph: Graph, names: Iterable[str]) -> set[str]:
    """These nodes and those that feed them."""
    return {*names, *(source.node for name in names for source in graph.inputs(graph[name]))}


_Known = Mapping[str, "Sequence[Fact] | None"]


def _around(graph: Graph, name: str, users: Sequence[Input], known: _Known) -> Bypass:
    node = graph[name]
    data, controls = bypass(node)
    problem = _problem(graph, node, known)
    if problem and any(user.output != CONTROL for user in users):
        user = next(user for user in users if user.output != CONTROL)
        raise UsageError(
            f"node {name!r} ({node.op}) cannot be bypassed, {problem}, "
            f"and {user.node!r} still needs it",
            remedy="cut there with --inputs",
        )
    if any(user.output > 0 for user in users):
        raise UsageError(
            f"node {name!r} ({node.op}) cannot be bypassed, not only its first output is used"
        )
    return Bypass(None if problem else data, controls)


def _problem(graph: Graph, node: NodeDef, known: _Known) -> str:
    """Why the node's first output cannot be replaced by its first input; "" where it can."""
    inputs = [text for text in node.input if not text.startswith("^")]
    if len(inputs) != 1 and (node.op not in _PASS_ON_THE_FIRST or not inputs):
        return f"it has {len(inputs) or 'no'} inputs"
    types = graph.output_dtypes(node)
    if types == ():
        return "it has no outputs"
    source, output = parse_input(inputs[0])
    before, after = known.get(source), known.get(node.name)
    if not before or not after or output >= len(before):
        return ""  # an op that nobody knows: who names it knows it
    (dtype, shape), (new_dtype, new_shape) = before[output][:2], after[0][:2]
    if dtypes.base(dtype) != dtypes.base(new_dtype):
        return f"it makes {dtypes.name(new_dtype)} of {dtypes.name(dtype)}"
    try:
        shape.merge(new_shape)
    except ShapeError:
        return f"it makes {new_shape} of {shape}"
    return ""


def _without_colocation(node: NodeDef, names: AbstractSet[str]) -> NodeDef:
    copy = NodeDef()
    copy.CopyFrom(node)
    values = copy.attr[COLOCATION].list.s
    remaining = [
        value for value, name in zip(values, colocations(node), strict=True) if name not in names
    ]
    del values[:]
    values.extend(remaining)
    if not remaining:
        del copy.attr[COLOCATION]
    return copy
