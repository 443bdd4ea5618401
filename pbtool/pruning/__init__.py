"""Pruning: the part of a graph that some outputs need, and what else can be taken out of it.

Each step gives edits of the graph that the step before it made; a node that no step has to change
keeps its bytes. The semantics are those of TensorFlow's ``extract_sub_graph``, ``strip_unused``
and ``remove_training_nodes``; where these lose something, ``tests/known_differences.py`` says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from pbtool.body import Body, Input
from pbtool.editing import FunctionEdits, NodeEdits, edit
from pbtool.errors import UsageError
from pbtool.graph import Graph
from pbtool.pruning.control_edges import drop_inert_edges
from pbtool.pruning.cuts import Cut, Facts, cut
from pbtool.pruning.removal import remove
from pbtool.pruning.rewiring import take_out
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

    ``bypassed`` names the nodes that were taken out from between others, ``changed`` those that
    are not what they were; ``dropped_edges`` counts control edges. ``missing`` are inputs that
    name no node, with the nodes that have them.
    """

    graph: Graph
    outputs: tuple[Input, ...]
    cuts: tuple[Cut, ...]
    bypassed: frozenset[str]
    changed: frozenset[str]
    dropped_edges: int
    missing: tuple[tuple[NodeDef, str], ...]


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
    targets = find_targets(graph, request.outputs, unwanted)
    if not targets:
        raise UsageError("nothing would be left", remedy="name an output that is not removed")
    work = _Work(graph, targets, keep_functions=request.all_functions)
    keep = every_node(graph, request.keep)
    if request.inputs:
        work.cut(request.inputs)
    if unwanted:
        work.remove(unwanted, around=request.bypass)
    work.extract()
    if request.drop_inert_control_edges:
        work.drop_inert_edges()
    if request.remove_training_nodes:
        work.remove_training_nodes(keep)
    if request.clear_devices:
        work.clear_devices()
    return work.done()


class _Work:
    """A graph on its way from step to step, and what the steps did."""

    def __init__(self, graph: Graph, targets: list[Input], *, keep_functions: bool) -> None:
        self.graph = graph
        self.targets = targets
        self.keep_functions = keep_functions
        self.cuts: tuple[Cut, ...] = ()
        self.bypassed: set[str] = set()
        self.changed: set[str] = set()
        self.dropped_edges = 0
        self.missing: list[tuple[NodeDef, str]] = []

    def done(self) -> Pruned:
        return Pruned(
            self.graph,
            tuple(self.targets),
            self.cuts,
            frozenset(self.bypassed),
            frozenset(self.changed),
            self.dropped_edges,
            tuple(self.missing),
        )

    def _edit(self, nodes: NodeEdits, functions: FunctionEdits | None = None) -> None:
        if nodes or functions:
            old = self.graph.nodes
            self.graph = edit(self.graph, nodes, functions)
            self.changed.update(
                node.name
                for position, instead in nodes.items()
                for node in instead
                if node is not old[position]
            )

    def extract(self) -> None:
        """Leave what the targets need, as TensorFlow's ``extract_sub_graph`` does."""
        self.missing.clear()
        names = [target.node for target in self.targets]
        kept = self.graph.ancestors(names, colocated=True, missing=self.missing)
        self._edit(
            _others(self.graph, kept),
            {} if self.keep_functions else _uncallable(self.graph, kept),
        )

    def cut(self, inputs: Sequence[str]) -> None:
        edits, self.targets, self.cuts = cut(self.graph, inputs, self.targets, _facts(self.graph))
        self._edit(edits)

    def remove(self, names: set[str], *, around: bool) -> None:
        facts = _facts(self.graph)
        edits, bypassed = remove(self.graph, names, self.targets, around=around, facts=facts)
        self.bypassed |= bypassed
        self._edit(edits)

    def drop_inert_edges(self) -> None:
        edits = drop_inert_edges(self.graph)
        self.dropped_edges = _fewer_inputs(self.graph, edits)
        self._edit(edits)
        self.extract()

    def remove_training_nodes(self, keep: set[str]) -> None:
        keep = keep | {target.node for target in self.targets}
        for find in (checks, copies):
            bypasses = find(self.graph, keep)
            self.bypassed.update(bypasses)
            self._edit(take_out(self.graph, bypasses) if bypasses else {})
        self.extract()

    def clear_devices(self) -> None:
        functions = {name: _cleared(body) for name, body in self.graph.functions.items()}
        edits = {name: nodes for name, nodes in functions.items() if nodes}
        self._edit(_cleared(self.graph), edits)


def _others(graph: Graph, kept: set[str]) -> NodeEdits:
    """The edits that leave only these nodes."""
    return {position: () for position, node in enumerate(graph) if node.name not in kept}


def _uncallable(graph: Graph, kept: set[str]) -> FunctionEdits:
    needed = needed_functions(graph, kept)
    return {name: None for name in graph.functions if name not in needed}


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
        part = edit(graph, _others(graph, above))
        return Inference(part).facts(part)

    return facts
