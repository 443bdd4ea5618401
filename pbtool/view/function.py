"""Everything that is known of one function of a graph, but for its nodes, as a plain value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from pbtool.body import function_names
from pbtool.facts import Fact
from pbtool.graph import Function, Graph
from pbtool.selection import Place
from pbtool.view.node import Use, find_uses

if TYPE_CHECKING:
    from pbtool.infer.engine import Facts, Inference
    from pbtool.schema import AttrValue, OpDef


class Argument(NamedTuple):
    """An argument: its declaration, what is known of it, its attrs, and who uses it."""

    declared: OpDef.ArgDef
    fact: Fact | None
    attrs: Mapping[str, AttrValue]
    uses: tuple[Use, ...]


class Result(NamedTuple):
    """A result: its declaration, and the tensor that it is."""

    declared: OpDef.ArgDef
    tensor: str
    fact: Fact | None


class FunctionView(NamedTuple):
    """A function. ``control_results`` maps names to the nodes that a call always runs.

    ``callers`` are the nodes that call it or hand it to their op; ``gradient`` is the function that
    computes its gradient, "" where the library names none.
    """

    function: Function
    arguments: tuple[Argument, ...]
    results: tuple[Result, ...]
    control_results: Mapping[str, str]
    callers: tuple[Place, ...]
    gradient: str


def function_view(
    function: Function, inference: Inference, called_by: Mapping[str, Sequence[Place]]
) -> FunctionView:
    """The view of a function of the graph that the inference is about.

    ``called_by`` is what ``callers`` found.
    """
    proto, graph, facts = function.proto, inference.graph, inference.facts(function)
    gradients = graph.proto.library.gradient
    return FunctionView(
        function=function,
        arguments=tuple(_arguments(function, facts)),
        results=tuple(_results(function, facts)),
        control_results=dict(sorted(proto.control_ret.items())),
        callers=tuple(called_by.get(function.proto.signature.name, ())),
        gradient=next(
            (each.gradient_func for each in gradients if each.function_name == function.name), ""
        ),
    )


def _arguments(function: Function, known: Facts) -> Iterator[Argument]:
    for number, declared in enumerate(function.proto.signature.input_arg):
        fact = known.get(declared.name) or (None,)
        own = function.proto.arg_attr.get(number)
        uses = find_uses(function, declared.name).get(0, ())
        yield Argument(declared, fact[0], own.attr if own is not None else {}, tuple(uses))


def _results(function: Function, known: Facts) -> Iterator[Result]:
    for declared in function.proto.signature.output_arg:
        source = function.resolve(function.proto.ret.get(declared.name, ""))
        its_facts = known.get(source.node) or ()
        fact = its_facts[source.output] if 0 <= source.output < len(its_facts) else None
        is_argument = source.node in function.arguments
        yield Result(declared, source.node if is_argument else str(source), fact)


def callers(graph: Graph) -> dict[str, list[Place]]:
    """The nodes that call each function, or hand it to their op as an attr; in file order."""
    found: dict[str, list[Place]] = {name: [] for name in graph.functions}
    for body in graph.bodies:
        for node in body:
            named = {node.op, *function_names(node.attr.values())}
            for name in named & found.keys():
                found[name].append(Place(body, node))
    return found
