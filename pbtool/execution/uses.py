"""Who uses a tensor, also where it is handed on and passed into functions."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, NamedTuple

from pbtool.body import Body, functions_in, parse_input
from pbtool.graph import Function, Graph
from pbtool.ops import CALLS, FUNCTIONAL

if TYPE_CHECKING:
    from pbtool.schema import NodeDef

_LOOPS = frozenset({"While", "StatelessWhile"})
_BRANCHES = FUNCTIONAL - _LOOPS  # the first input chooses


class Use(NamedTuple):
    """A node that is given a tensor as its input number ``position``."""

    body: Body
    node: NodeDef
    position: int


def uses(graph: Graph, tensor: str, through: Collection[str]) -> Iterator[Use]:
    """The nodes that use a tensor of a graph; what ops in ``through`` make of it is still it."""
    pending: list[tuple[Body, str, int | None]] = [(graph, *parse_input(tensor))]
    seen = set()
    while pending:
        body, name, output = pending.pop()
        if (body.name, name, output) in seen:
            continue
        seen.add((body.name, name, output))
        for node, position, used in body.consumers(name):
            if used < 0 or output not in (None, used):
                continue
            if node.op in through:
                pending.append((body, node.name, None))
            elif functions := _called(graph, node):
                number = position - (node.op in _BRANCHES)
                for function in functions if number >= 0 else ():
                    arguments = function.proto.signature.input_arg
                    if number < len(arguments):
                        pending.append((function, arguments[number].name, None))
            else:
                yield Use(body, node, position)


def _called(graph: Graph, node: NodeDef) -> list[Function]:
    """The functions that take a node's inputs as their arguments."""
    names = [node.op]
    if node.op in CALLS | FUNCTIONAL:
        names = [each.name for value in node.attr.values() for each in functions_in(value)]
    return [graph.functions[name] for name in names if name in graph.functions]
