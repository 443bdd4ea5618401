"""Control edges that order nothing."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from pbtool import reach
from pbtool.graph import Graph
from pbtool.ops import CONTROL_FLOW_V1
from pbtool.pruning.rewiring import rewire

if TYPE_CHECKING:
    from pbtool.editing import NodeEdits
    from pbtool.schema import NodeDef


def drop_inert_edges(graph: Graph) -> NodeEdits:
    """The edits that drop the control edges from nodes that neither have an effect nor feel one.

    Such a node computes, from nothing but constants and what is fed, what nobody sees, so that it
    does not matter when. All that it needs must be so, the functions that it calls included. A
    node behind a Switch or within a loop is not, since its control edges also tell which branch
    was taken; and an op that is not known may do anything.
    """
    quiet = _quiet_nodes(graph)

    def remaining(_: NodeDef, text: str) -> str | None:
        return None if text.startswith("^") and text[1:] in quiet else text

    return rewire(graph, remaining)


def _quiet_nodes(graph: Graph) -> set[str]:
    """The names of the nodes without an effect that need only such nodes."""
    quiet: set[str] = set()
    ops = _Ops(graph)
    for node in graph.topological_order():
        if ops.are_quiet([node]) and all(graph.resolve(text).node in quiet for text in node.input):
            quiet.add(node.name)
    return quiet


class _Ops:
    """Which ops are stateless, through the functions that they call."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._quiet_ops: dict[str, bool] = {}
        self._quiet_functions: dict[str, bool] = {}

    def are_quiet(self, nodes: Collection[NodeDef]) -> bool:
        """Whether these nodes keep no state, in themselves and in what they call."""
        if not all(map(self._is_quiet, nodes)):
            return False
        if not self._graph.functions:
            return True
        return all(map(self._function_is_quiet, reach.called(self._graph, nodes)))

    def _is_quiet(self, node: NodeDef) -> bool:
        op = node.op
        if op not in self._quiet_ops:
            op_def = self._graph.op_def(op)
            known = op_def is not None and not op_def.is_stateful
            self._quiet_ops[op] = known and op not in CONTROL_FLOW_V1
        return self._quiet_ops[op]

    def _function_is_quiet(self, name: str) -> bool:
        if name not in self._quiet_functions:
            self._quiet_functions[name] = True  # for a function that calls itself
            self._quiet_functions[name] = self.are_quiet(self._graph.functions[name])
        return self._quiet_functions[name]
