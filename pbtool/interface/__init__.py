"""What goes into a model and what comes out: as its file states it, or else as one may guess.

Signatures and functions state their inputs and outputs. A bare graph does not: ``inputs`` and
``outputs`` guess them, each with its reason, in time that is linear in the number of edges.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from pbtool.body import Input, parse_input
from pbtool.interface.dataflow import Dataflow
from pbtool.interface.endpoint import (
    CONFIDENCES,
    LIKELY,
    NO_FACT,
    POSSIBLE,
    STATED,
    Endpoint,
    Facts,
    Interface,
    Known,
)
from pbtool.interface.inputs import Source, find_sources, with_settings_last
from pbtool.interface.outputs import Result, find_results
from pbtool.interface.stated import StatedFacts
from pbtool.reach import uncalled_functions
from pbtool.schema import AttrValue
from pbtool.shapes import UNKNOWN
from pbtool.signatures import INITIALIZERS, Signature, signatures

if TYPE_CHECKING:
    from pbtool.facts import Fact
    from pbtool.graph import Graph
    from pbtool.schema import MetaGraphDef, OpDef

__all__ = ["CONFIDENCES", "LIKELY", "POSSIBLE", "STATED", "Endpoint", "Interface", "find_interface"]


def find_interface(
    graph: Graph, facts: Facts | None, meta_graph: MetaGraphDef | None = None
) -> Interface:
    """The inputs and outputs of a graph, or of the meta graph that it belongs to.

    Those of the signatures, if there are any; of a library of functions, those of the functions
    that no other calls; else guesses. ``facts`` tells the types and shapes of those; without it,
    there are only the shapes that nodes state themselves.
    """
    if meta_graph is not None and (found := _of_signatures(signatures(meta_graph).values())):
        return found
    if not graph.nodes and graph.functions:
        return _of_functions(graph)
    return _guessed(graph, facts, _other_purposes(meta_graph) if meta_graph is not None else {})


_NAMED = 3  # inputs that a reason names
_NO_ATTR = AttrValue()
_RETURNS = {
    "_Retval": "returned by the function that this graph was",
    "_DeviceRetval": "returned by the function that this graph was",
    "_Send": "fetched by the caller of the session",
}

# --- stated -----------------------------------------------------------------------------------


def _of_signatures(entries: Iterable[Signature]) -> Interface | None:
    users = [entry for entry in entries if entry.key not in INITIALIZERS]
    if not users:
        return None
    return Interface(
        tuple(_arguments("input", users)),
        tuple(_arguments("output", users)),
    )


def _arguments(side: str, entries: Iterable[Signature]) -> Iterator[Endpoint]:
    for entry in entries:
        for argument in entry.inputs if side == "input" else entry.outputs:
            for tensor in argument.tensors:
                part = f"{tensor.role} of " if tensor.role else ""
                optional = ", which has a default" if argument.optional else ""
                reason = f"{part}{side} {argument.key!r} of signature {entry.key!r}{optional}"
                fact = (tensor.dtype, tensor.shape)
                yield Endpoint(tensor.name, *fact, STATED, reason, entry.key, argument.key)


def _of_functions(graph: Graph) -> Interface:
    # Where functions call each other in a circle, none of them is the outermost.
    names = uncalled_functions(graph) or list(graph.functions)
    protos = [graph.functions[name].proto.signature for name in names]
    return Interface(
        tuple(
            _function_endpoint(proto, arg, "argument")
            for proto in protos
            for arg in proto.input_arg
        ),
        tuple(
            _function_endpoint(proto, arg, "result") for proto in protos for arg in proto.output_arg
        ),
    )


def _function_endpoint(proto: OpDef, arg: OpDef.ArgDef, role: str) -> Endpoint:
    name = str(Input(f"{proto.name}::{arg.name}", 0))
    reason = f"{role} {arg.name!r} of function {proto.name!r}"
    return Endpoint(name, arg.type, UNKNOWN, STATED, reason)


# --- guessed ----------------------------------------------------------------------------------


def _other_purposes(proto: MetaGraphDef) -> dict[str, str]:
    """Placeholders that are no inputs of the model, by name, and what they are there for."""
    purposes = {
        parse_input(asset.tensor_info.name).node: f"path of asset {asset.filename!r}"
        for asset in proto.asset_file_def
    }
    if filename := proto.saver_def.filename_tensor_name:
        purposes[parse_input(filename).node] = "name of the file to save to or restore from"
    return purposes


def _guessed(graph: Graph, facts: Facts | None, purposes: dict[str, str]) -> Interface:
    flow = Dataflow(graph)
    known: Known = StatedFacts(graph) if facts is None else facts(graph)
    sources = find_sources(graph, flow, known, purposes)
    fed = [source for source in sources if source.flows]
    results = find_results(graph, flow, known, [source.position for source in fed])
    needed = 0
    for result in results:
        needed |= result.needs if result.confidence == LIKELY else 0
    spare = [source for bit, source in enumerate(fed) if needed and not needed >> bit & 1]
    sources = [_spared(source) if source in spare else source for source in sources]
    return Interface(
        tuple(
            Endpoint(str(Input(source.name, number)), *fact[:2], source.confidence, source.reason)
            for source in with_settings_last(sources)
            for number, fact in enumerate(source.facts)
        ),
        (
            *_returned(graph, flow, known),
            *(
                Endpoint(
                    str(tensor),
                    *_fact(known, tensor)[:2],
                    result.confidence,
                    result.reason + _needs(result, fed),
                )
                for result in results
                for number in result.numbers
                for tensor in (Input(graph.nodes[result.position].name, number),)
            ),
        ),
        worked_out=facts is not None,
    )


def _spared(source: Source) -> Source:
    if source.confidence == STATED:
        return source
    reason = f"{source.reason}; no likely output needs it, as with labels of training"
    return source._replace(confidence=POSSIBLE, reason=reason)


def _needs(result: Result, fed: list[Source]) -> str:
    """Which inputs a result needs, where that is not all of them, and few enough to name."""
    needs = [source for bit, source in enumerate(fed) if result.needs >> bit & 1]
    if len(needs) == len(fed) or not 0 < len(needs) <= _NAMED:
        return ""
    return f"; needs only {', '.join(each.name for each in needs)}"


def _returned(graph: Graph, flow: Dataflow, known: Known) -> Iterator[Endpoint]:
    """What a graph that was a function, or is part of a session's run, hands back."""
    for position, op in enumerate(flow.ops):
        if op not in _RETURNS:
            continue
        node = graph.nodes[position]
        is_for_caller = op != "_Send" or (node.attr.get("client_terminated") or _NO_ATTR).b
        if is_for_caller and node.input:
            tensor = graph.resolve(node.input[0])
            yield Endpoint(str(tensor), *_fact(known, tensor)[:2], STATED, _RETURNS[op])


def _fact(known: Known, tensor: Input) -> Fact:
    facts = known.get(tensor.node) or ()
    return facts[tensor.output] if 0 <= tensor.output < len(facts) else NO_FACT
