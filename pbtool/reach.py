"""Which part of a graph somebody reaches: the nodes that are needed, the functions they call."""

from __future__ import annotations

from collections.abc import Iterable, Set
from typing import TYPE_CHECKING, NamedTuple

from pbtool.body import function_names, parse_input
from pbtool.graph import Graph

if TYPE_CHECKING:
    from pbtool.schema import NodeDef


class Part(NamedTuple):
    """A part of a graph: names of nodes of the main graph, and of whole functions."""

    nodes: frozenset[str]
    functions: frozenset[str]

    def __or__(self, other: Part) -> Part:
        return Part(self.nodes | other.nodes, self.functions | other.functions)

    def __sub__(self, other: Part) -> Part:
        return Part(self.nodes - other.nodes, self.functions - other.functions)


_GRADIENT_TYPE = "_gradient_op_type"  # the attr that names what a node's gradient is registered as

NOTHING = Part(frozenset(), frozenset())


def needed_by(graph: Graph, tensors: Iterable[str]) -> Part:
    """What TensorFlow may need to compute these tensors, or run these nodes, of the main graph.

    Names that are not in the graph are left out.
    """
    nodes = graph.ancestors(parse_input(name).node for name in tensors)
    return Part(frozenset(nodes), needed_functions(graph, nodes))


def needed_functions(graph: Graph, nodes: Iterable[str]) -> frozenset[str]:
    """The functions that these nodes of the main graph may call, those that they call, and so on.

    The gradients of a function are among what it needs.
    """
    if not graph.functions:
        return frozenset()
    return with_callees(graph, called(graph, (graph[name] for name in nodes)))


def with_callees(graph: Graph, names: Set[str]) -> frozenset[str]:
    """These functions, those that they call, and so on; names that no function has are left out."""
    gradients = {each.function_name: each.gradient_func for each in graph.proto.library.gradient}
    found: set[str] = set()
    pending = set(graph.functions.keys() & names)
    while pending:
        name = pending.pop()
        found.add(name)
        callees = called(graph, graph.functions[name])
        if gradients.get(name) in graph.functions:
            callees.add(gradients[name])
        pending |= callees - found
    return frozenset(found)


def uncalled_functions(graph: Graph) -> list[str]:
    """The functions that neither a node nor another function calls, in file order."""
    callees: set[str] = set()
    for body in graph.bodies:
        callees |= {name for name in called(graph, body) if name != body.name}
    return [name for name in graph.functions if name not in callees]


def called(graph: Graph, nodes: Iterable[NodeDef]) -> set[str]:
    """The functions of the library that these nodes call or hand to their op.

    So is the function that computes the gradient of a node, where the node names it.
    """
    custom = {
        each.registered_op_type: each.gradient_func
        for each in graph.proto.library.registered_gradients
    }
    function_attrs: dict[str, tuple[str, ...] | None] = {}
    found: set[str] = set()
    for node in nodes:
        op = node.op
        if op not in function_attrs:
            function_attrs[op] = _function_attrs(graph, op)
        if op in graph.functions:
            found.add(op)
        if custom and _GRADIENT_TYPE in node.attr:
            found.add(custom.get(node.attr[_GRADIENT_TYPE].s.decode(errors="replace"), ""))
        names = function_attrs[op]
        for name in node.attr if names is None else names:
            value = node.attr.get(name)
            if value is not None:
                found.update(function_names([value]))
    return found & graph.functions.keys()


def _function_attrs(graph: Graph, op: str) -> tuple[str, ...] | None:
    """The attrs of an op that hold functions; None when the op is not known."""
    op_def = graph.op_def(op)
    if op_def is None:
        return None
    return tuple(attr.name for attr in op_def.attr if attr.type in ("func", "list(func)"))
