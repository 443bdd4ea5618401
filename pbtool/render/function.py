"""A function's signature, and who calls it, as a block of text for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from pbtool.graph import FUNCTION_SEPARATOR
from pbtool.quantity import counted
from pbtool.render import attr
from pbtool.render.escape import printable
from pbtool.render.listing import argument_type
from pbtool.render.node import fact_text, uses

if TYPE_CHECKING:
    from pbtool.facts import Fact
    from pbtool.render.blocks import BlockLayout
    from pbtool.render.layout import Cell
    from pbtool.schema import OpDef
    from pbtool.view.function import Argument, FunctionView


def block(view: FunctionView, layout: BlockLayout) -> Iterator[str]:
    """The lines of the function, with line ends."""
    function = view.function
    nodes = f"function of {counted(len(function), 'node')}"
    yield from layout.title((f"{function.name}{FUNCTION_SEPARATOR}", "name"), (nodes, "op"))
    yield from layout.section("arguments", _arguments(view, layout))
    results = (
        ((result.declared.name, ""), _type(result.fact, result.declared), (result.tensor, "name"))
        for result in view.results
    )
    yield from layout.section("results", layout.columns(results))
    control = (((name, ""), (node, "name")) for name, node in view.control_results.items())
    yield from layout.section("control results", layout.columns(control))
    attrs = sorted(function.proto.attr.items())
    rows = (((name, ""), (attr.text(value), "")) for name, value in attrs)
    yield from layout.section("attrs", layout.columns(rows))
    callers = [((place.name, "name"), (place.node.op, "op")) for place in view.callers]
    yield from layout.section("called by", layout.folded(callers))
    yield from layout.section("gradient", [printable(view.gradient)] if view.gradient else [])


def _arguments(view: FunctionView, layout: BlockLayout) -> Iterator[str]:
    rows = list(map(_argument_cells, view.arguments, range(len(view.arguments))))
    for argument, line in zip(view.arguments, layout.columns(rows), strict=True):
        yield line
        yield from uses(argument.uses, (), layout)


def _argument_cells(argument: Argument, number: int) -> Sequence[Cell]:
    return (
        (str(number), ""),
        (argument.declared.name, "name"),
        _type(argument.fact, argument.declared),
        (_called(argument), "dim"),
    )


def _called(argument: Argument) -> str:
    """What the program called the argument, where that is not its name."""
    stated = argument.attrs.get("_user_specified_name")
    if stated is None or stated.s == argument.declared.name.encode():
        return ""
    return f"called {attr.text(stated)}"


def _type(fact: Fact | None, declared: OpDef.ArgDef) -> Cell:
    """The type and shape; the declared type where it depends on the caller."""
    return (fact_text(fact) if fact is not None and fact.dtype else argument_type(declared), "type")
