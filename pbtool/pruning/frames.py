"""In how many loops of dataflow ops, nested in each other, the outputs of a node lie."""

from __future__ import annotations

from collections.abc import Mapping

from pbtool.graph import Graph
from pbtool.ops import ENTERS, EXITS

_STEPS = {**dict.fromkeys(ENTERS, 1), **dict.fromkeys(EXITS, -1)}


def loop_depths(graph: Graph) -> Mapping[str, int]:
    """The depth of each node by name; empty where there are no such loops.

    What an Enter hands on is in its loop, and what an Exit hands on is out of it.
    """
    depths: dict[str, int] = {}
    if not any(node.op in _STEPS for node in graph):
        return depths
    for node in graph.topological_order():
        needed = (depths.get(graph.resolve(text).node, 0) for text in node.input)
        depths[node.name] = max(needed, default=0) + _STEPS.get(node.op, 0)
    return depths
