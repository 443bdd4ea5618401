"""Pruning: the part of a graph that some outputs need, and what else can be taken out of it.

Each step gives edits of the graph that the step before it made; a node that no step has to change
keeps its bytes. The semantics are those of TensorFlow's ``extract_sub_graph``, ``strip_unused``
and ``remove_training_nodes``; where these lose something, ``tests/known_differences.py`` says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from pbtool.editing import NodeEdits, edit
from pbtool.errors import UsageError
from pbtool.graph import Body, Graph, Input
from pbtool.pruning.control_edges import drop_inert_edges
from pbtool.pruning.cuts import Cut, Facts, cut
from pbtool.pruning.removal import remove
from pbtool.pruning.rewiring import Bypass, take_out
from pbtool.pruning.targets import every_node, find_targets
from pbtool.pruning.training import checks, copies
from pbtool.reach import needed_functions
from pbtool.schema import NodeDef

if TYPE_CHECKING:
    from pbtool.facts import Fact

__all__ = ["Cut", "Pruned", "Request", "carry_out", "prune"]


class Request(NamedTuple):
    """What is to be kept and what is to go; the fields are the arguments of ``prune``."""

    outputs: Sequence[str]
    inputs: Sequence[str] = ()
    remove: Sequence[str] = ()
    bypass: bool = False
    remove_training_nodes: bool = False
    keep: Sequence[str] = ()
    drop_inert_control_edges: bool = False
    all_functions: bool = False
    clear_devices: bool = False


class Pruned(NamedTuple):
    """A pruned graph and how it came about.

    ``bypassed`` names the nodes that were taken out from between others, ``dropped_edges`` counts
    control edges.
    """

    graph: Graph
    outputs: tuple[Input, ...]
    cuts: tuple[Cut, ...]
    bypassed: frozenset[str]
    dropped_edges: int


def prune(
    graph: Graph,
    outputs: Sequence[str],
    inputs: Sequence[str] = (),
    *,
    remove: Sequence[str] = (),
    bypass: bool = False,
    remove_training_nodes: bool = False,
    keep: Sequence[str] = (),
    drop_inert_control_edges: bool = False,
    all_functions: bool = False,
    clear_devices: bool = False,
) -> Graph:
    """The part of a graph that these outputs need, as a new graph; the given one stays as it is.

    ``outputs`` are nodes, tensors or globs; ``inputs`` are tensors that Placeholders take the
    place of, such as ``x`` or ``x:float32[?,224,224,3]``, where type and shape are inferred if
    they are not stated. ``remove`` are globs of nodes that go in any case; with ``bypass`` also
    from between others. ``remove_training_nodes`` takes out what only passes on its input, but for
    outputs and what ``keep`` names (globs). ``drop_inert_control_edges`` drops control edges that
    order nothing. Functions that no node can call any more go unless ``all_functions`` is true.
    ``clear_devices`` lets TensorFlow choose the devices.

    Raises NotFoundError for names that do not exist and UsageError for what cannot be.
    """
    return carry_out(
        graph,
        Request(
            outputs,
            inputs,
            remove,
            bypass,
            remove_training_nodes,
            keep,
            drop_inert_control_edges,
            all_functions,
            clear_devices,
        ),
    ).graph


def carry_out(graph: Graph, request: Request) -> Pruned:
    """Do what is asked for, as ``prune`` does, and tell about it."""
    unwanted = every_node(graph, request.remove)
    keep = every_node(graph, request.keep)
    targets = find_targets(graph, request.outputs, unwanted)
    if not targets:
        raise UsageError("nothing would be left", remedy="name an output that is not removed")
    cuts: tuple[Cut, ...] = ()
    bypassed: set[str] = set()
    dropped = 0
    if request.inputs:
        edits, targets, cuts = cut(graph, request.inputs, targets, _facts(graph))
        graph = edit(graph, edits)
    if unwanted:
        edits, names = remove(graph, unwanted, targets, around=request.bypass, facts=_facts(graph))
        graph = edit(graph, edits)
        bypassed |= names
    graph = _extract(graph, targets, request)
    if request.drop_inert_control_edges:
        edits = drop_inert_edges(graph)
        dropped = _fewer_inputs(graph, edits)
        graph = _extract(edit(graph, edits), targets, request)
    if request.remove_training_nodes:
        keep |= {target.node for target in targets}
        for find in (checks, copies):
            graph, bypasses = _without(graph, find(graph, keep))
            bypassed |= bypasses
        graph = _extract(graph, targets, request)
    if request.clear_devices:
        graph = edit(
            graph,
            _cleared(graph),
            {name: _cleared(body) for name, body in graph.functions.items()},
        )
    return Pruned(graph, tuple(targets), cuts, frozenset(bypassed), dropped)


def _extract(graph: Graph, targets: Sequence[Input], request: Request) -> Graph:
    """What the targets need, as TensorFlow's ``extract_sub_graph`` has it."""
    kept = graph.ancestors((target.node for target in targets), colocated=True)
    nodes: NodeEdits = {
        position: () for position, node in enumerate(graph) if node.name not in kept
    }
    if request.all_functions:
        return edit(graph, nodes)
    needed = needed_functions(graph, kept)
    return edit(graph, nodes, {name: None for name in graph.functions if name not in needed})


def _without(graph: Graph, bypasses: dict[str, Bypass]) -> tuple[Graph, set[str]]:
    if not bypasses:
        return graph, set()
    return edit(graph, take_out(graph, bypasses)), set(bypasses)


def _fewer_inputs(graph: Graph, edits: NodeEdits) -> int:
    return sum(
        len(graph.nodes[position].input) - len(node.input)
        for position, nodes in edits.items()
        for node in nodes
    )


def _cleared(body: Body) -> NodeEdits:
    """The edits that leave it to TensorFlow where the nodes are placed."""
    edits: dict[int, list[NodeDef]] = {}
    for position, node in enumerate(body):
        if node.device:
            copy = NodeDef()
            copy.CopyFrom(node)
            copy.device = ""
            edits[position] = [copy]
    return edits


def _facts(graph: Graph) -> Facts:
    """What is known of the outputs of nodes; worked out for what these need and no more."""

    def facts(names: Iterable[str]) -> Mapping[str, tuple[Fact, ...] | None]:
        from pbtool.infer import Inference

        above = graph.ancestors(names)
        nodes: NodeEdits = {
            position: () for position, node in enumerate(graph) if node.name not in above
        }
        part = edit(graph, nodes)
        return Inference(part).facts(part)

    return facts
