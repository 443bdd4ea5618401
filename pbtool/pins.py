"""Shapes that a user pins to tensors, to see what follows from them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from pbtool import dtypes
from pbtool.errors import NotFoundError, UsageError
from pbtool.facts import Fact
from pbtool.graph import CONTROL, Graph, Input, parse_input
from pbtool.shapes import Shape

_PIN = re.compile(r"(?P<tensor>.+?)(?::(?P<dtype>[a-z]\w*))?(?P<shape>\[[^\[\]]*\])")


def parse_pins(texts: Sequence[str], graph: Graph) -> Mapping[str, Fact]:
    """What texts like ``x:float32[8,224,224,3]`` or ``x:1[?,3]`` say, by tensor.

    A type may be left out; it cannot be another than the tensor's. Raises UsageError for a text of
    another form or a wrong type, NotFoundError where there is no such tensor.
    """
    return dict(_parse(text, graph) for text in texts)


def _parse(text: str, graph: Graph) -> tuple[str, Fact]:
    match = _PIN.fullmatch(text)
    if not match:
        raise UsageError(
            f"{text!r} is not a tensor with a shape", remedy="write it as NAME:float32[8,224,3]"
        )
    name, output = parse_input(match["tensor"])
    types = graph.output_dtypes(graph[name]) or ()
    if output == CONTROL or output >= len(types):
        raise NotFoundError(f"node {name!r} has no output {match['tensor']!r}")
    dtype = types[output]
    if match["dtype"] and dtypes.number(match["dtype"]) != dtype:
        raise UsageError(f"{name}:{output} is of type {dtypes.name(dtype)}, not {match['dtype']}")
    return str(Input(name, output)), Fact(dtype, Shape.parse(match["shape"]))
