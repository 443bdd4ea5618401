"""Graphs to prune, and what to look at of those that come out."""

from __future__ import annotations

from pbtool import schema
from pbtool.body import Region
from pbtool.graph import Graph
from pbtool.source import MemorySource

SPLIT = """
    x = Placeholder() dtype=1
    axis = Const() dtype=3
    parts = Split(axis, x) T=1 num_split=3
    a = Neg(parts:1) T=1
    b = AddV2(parts, parts:2) T=1
    c = NoOp(^parts)
"""


def opened(proto: schema.GraphDef) -> Graph:
    """The graph as it comes out of a file."""
    data = proto.SerializeToString()
    region = Region(MemorySource(data), 0, len(data), whole=True)
    return Graph(schema.GraphDef.FromString(data), region=region)


def names(graph: Graph) -> list[str]:
    return [node.name for node in graph]


def inputs(graph: Graph) -> dict[str, list[str]]:
    return {node.name: list(node.input) for node in graph}
