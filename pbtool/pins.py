"""Shapes that a user pins to tensors, to see what follows from them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from pbtool import dtypes
from pbtool.body import CONTROL, Input, parse_input
from pbtool.errors import NotFoundError, UsageError
from pbtool.facts import Fact
from pbtool.graph import Graph
from pbtool.nearest import suggest
from pbtool.shapes import Shape


class Pin(NamedTuple):
    """What a text says of a tensor; the type is None where it leaves it out."""

    tensor: str
    dtype: int | None
    shape: Shape


_PIN = re.compile(r"(?P<tensor>.+?)(?::(?P<dtype>[a-z]\w*))?(?P<shape>\[[^\[\]]*\])")


def parse_pins(texts: Sequence[str], graph: Graph) -> Mapping[str, Fact]:
    """What texts like ``x:float32[8,224,224,3]`` or ``x:1[?,3]`` say, by tensor.

    A type may be left out; it cannot be another than the tensor's. Raises UsageError for a text of
    another form or a wrong type, NotFoundError where there is no such tensor.
    """
    return dict(_parse(text, graph) for text in texts)


def parse_pin(text: str) -> Pin:
    """What a text like ``x:float32[8,224,3]`` says. Raises UsageError for another form."""
    match = _PIN.fullmatch(text)
    if not match:
        raise UsageError(
            f"{text!r} is not a tensor with a shape", remedy="write it as NAME:float32[8,224,3]"
        )
    dtype = dtypes.number(match["dtype"]) if match["dtype"] else None
    if match["dtype"] and dtype is None:
        raise UsageError(
            f"{match['dtype']!r} is not an element type",
            remedy=suggest(match["dtype"], dtypes.BY_NAME),
        )
    return Pin(match["tensor"], dtype, Shape.parse(match["shape"]))


def _parse(text: str, graph: Graph) -> tuple[str, Fact]:
    pin = parse_pin(text)
    name, output = parse_input(pin.tensor)
    types = graph.output_dtypes(graph[name]) or ()
    if output == CONTROL or output >= len(types):
        raise NotFoundError(f"node {name!r} has no output {pin.tensor!r}")
    dtype = types[output]
    if pin.dtype not in (None, dtype):
        wrong = dtypes.name(pin.dtype or 0)
        raise UsageError(f"{name}:{output} is of type {dtypes.name(dtype)}, not {wrong}")
    return str(Input(name, output)), Fact(dtype, pin.shape)
