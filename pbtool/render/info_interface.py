"""The inputs and outputs of a model as text: its signatures, or the guesses with their reasons."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from pbtool.interface import POSSIBLE, STATED
from pbtool.quantity import counted
from pbtool.render.escape import printable
from pbtool.render.facts import type_and_shape

if TYPE_CHECKING:
    from pbtool.interface import Endpoint
    from pbtool.render.layout import Cell, Layout
    from pbtool.signatures import Argument
    from pbtool.summary import MetaGraphSummary
    from pbtool.summary.census import Counts

# How much of a long list is shown before the rest is folded.
_ENDPOINTS, _DOUBTFUL, _SIGNATURES, _ARGUMENTS = 8, 2, 6, 8


def signatures(meta_graph: MetaGraphSummary, page: Layout) -> Iterator[str]:
    """A paragraph for each signature: its arguments, and what it takes to compute."""
    for entry in page.first(meta_graph.entry_points, _SIGNATURES):
        method = f"  {page.style(printable(entry.method_name), 'dim')}" if entry.method_name else ""
        yield ""
        yield page.style(f"signature {printable(entry.key)}", "heading") + method
        rows = [*_arguments("in", entry.inputs, page), *_arguments("out", entry.outputs, page)]
        yield from (f"  {line}" for line in page.rows(rows))
        yield f"  {page.style(f'needs {part(meta_graph.reached[entry.key])}', 'dim')}"
    if more := page.more(meta_graph.entry_points, _SIGNATURES, "signatures"):
        yield from ("", more)


def _arguments(side: str, arguments: Sequence[Argument], page: Layout) -> Iterator[list[Cell]]:
    for argument in page.first(arguments, _ARGUMENTS):
        yield [
            (side, "dim"),
            (argument.key, "name"),
            (type_and_shape(argument.dtype, argument.shape), "type"),
            (", ".join(tensor.name for tensor in argument.tensors), ""),
            (", ".join(_notes(argument)), "dim"),
        ]
    if more := page.more(arguments, _ARGUMENTS):
        yield [(side, "dim"), (more, ""), ("", ""), ("", ""), ("", "")]


def _notes(argument: Argument) -> Iterator[str]:
    if argument.encoding != "name":
        yield {"coo_sparse": "sparse"}.get(argument.encoding, "composite")
    if argument.optional:
        yield "has a default"


def endpoints(side: str, every: Sequence[Endpoint], page: Layout) -> Iterator[str]:
    """A paragraph for the inputs or the outputs that no signature states."""
    sure = [endpoint for endpoint in every if endpoint.confidence != POSSIBLE]
    doubtful = [endpoint for endpoint in every if endpoint.confidence == POSSIBLE]
    rows = [_endpoint(endpoint) for endpoint in page.first(sure, _ENDPOINTS)]
    room = _DOUBTFUL if sure else _ENDPOINTS
    rows += [_endpoint(endpoint) for endpoint in page.first(doubtful, room)]
    note = ""
    if any(endpoint.confidence != STATED for endpoint in every):
        note = "  guessed; ? marks what is doubtful" if doubtful else "  guessed"
    yield ""
    yield page.style(side, "heading") + page.style(note, "dim")
    yield from page.reasoned(rows)
    if not every:
        yield page.style("  none found", "dim")
    if left := len(every) - len(rows):
        yield f"  {page.fold(left)}"


def _endpoint(endpoint: Endpoint) -> list[Cell]:
    doubtful = endpoint.confidence == POSSIBLE
    return [
        ("?" if doubtful else "", "dim"),
        (endpoint.name, "dim" if doubtful else "name"),
        (type_and_shape(endpoint.dtype, endpoint.shape), "dim" if doubtful else "type"),
        (endpoint.reason, "dim"),
    ]


def part(counts: Counts) -> str:
    """The size of a part of a graph in words."""
    texts = [counted(counts.nodes + counts.function_nodes, "node")]
    if counts.functions:
        texts.append(counted(counts.functions, "function"))
    if counts.variables:
        variables = counted(len(counts.variables), "variable")
        texts.append(f"{variables} with {counted(counts.parameters, 'parameter')}")
    return ", ".join(texts)
