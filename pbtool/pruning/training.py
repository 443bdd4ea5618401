"""Nodes that only training needs: Identity, StopGradient and CheckNumerics."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING

from pbtool import dtypes
from pbtool.body import CONTROL, colocations, parse_input
from pbtool.graph import Graph
from pbtool.pruning.rewiring import Bypass, bypass, takes_reference

if TYPE_CHECKING:
    from pbtool.schema import NodeDef

CHECKS = frozenset({"CheckNumerics"})
COPIES = frozenset({"Identity", "StopGradient"})


def checks(graph: Graph, keep: AbstractSet[str]) -> dict[str, Bypass]:
    """The ways around the nodes that check their input and pass it on.

    Nodes with a name in ``keep`` stay, and so do those that another node is to be placed with.
    """
    kept = keep | _anchors(graph)
    return {
        node.name: bypass(node)
        for node in graph
        if node.op in CHECKS and node.name not in kept and _passes_on(graph, node)
    }


def copies(graph: Graph, keep: AbstractSet[str]) -> dict[str, Bypass]:
    """The ways around the nodes that pass on their input and do no more.

    As TensorFlow's ``remove_training_nodes`` has it, a node stays that has a control edge or that
    another is to be placed with. Here it also stays where it moves a tensor from device to
    device, and where it reads a variable that something else in the graph may write.
    """
    kept = keep | _anchors(graph)
    kept |= {text[1:] for node in graph for text in node.input if text.startswith("^")}
    return {
        node.name: bypass(node)
        for node in graph
        if node.op in COPIES
        and node.name not in kept
        and len(node.input) == 1
        and _passes_on(graph, node)
        and not _moves(graph, node)
        and not _reads_what_is_written(graph, node)
    }


def _anchors(graph: Graph) -> set[str]:
    return {name for node in graph for name in colocations(node)}


def _passes_on(graph: Graph, node: NodeDef) -> bool:
    around = bypass(node)
    return around.data is not None and parse_input(around.data).node in graph


def _moves(graph: Graph, node: NodeDef) -> bool:
    """Whether without the node tensors would go other ways between devices."""
    source = graph[parse_input(node.input[0]).node]
    if node.device in ("", source.device):
        return False
    return any(use.node.device != node.device for use in graph.consumers(node.name))


def _reads_what_is_written(graph: Graph, node: NodeDef) -> bool:
    source, output = parse_input(node.input[0])
    types = graph.output_dtypes(graph[source]) or ()
    if output >= len(types) or not dtypes.is_ref(types[output]):
        return False
    uses = graph.consumers(source)
    return any(use.output != CONTROL and takes_reference(graph, use) for use in uses)
