"""Types and shapes that nodes state themselves: what there is without walking the graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pbtool.facts import Fact
from pbtool.infer.rules.array import placeholder
from pbtool.interface.inputs import SOURCE_OPS
from pbtool.shapes import UNKNOWN, Shape

if TYPE_CHECKING:
    from pbtool.graph import Graph
    from pbtool.schema import NodeDef


class StatedFacts:
    """The facts of each node of a graph, found when asked for: all types, but few shapes."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    def get(self, name: str) -> tuple[Fact, ...] | None:
        """The facts of a node's outputs; None where its op is not known, or there is no node."""
        if name not in self._graph:
            return None
        node = self._graph[name]
        dtypes = self._graph.output_dtypes(node)
        if dtypes is None:
            return None
        shape = self._shape(node) if node.op in SOURCE_OPS and len(dtypes) == 1 else UNKNOWN
        return tuple(Fact(dtype, shape) for dtype in dtypes)

    def _shape(self, node: NodeDef) -> Shape:
        value = node.attr.get("shape")
        if value is None or not value.HasField("shape"):
            return UNKNOWN
        shape = Shape.from_proto(value.shape)
        if node.op == "Placeholder":
            return placeholder(shape=shape, producer=self._graph.versions.producer)
        return shape
