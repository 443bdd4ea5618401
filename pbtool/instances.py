"""Attrs that a function leaves open: TensorFlow makes an instance of it for the attrs of each call.

An attr of a node in a function may be a placeholder, written ``$T``. It stands for the attr ``T``
of the call, or for the default that the function's signature declares.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from pbtool import schema
from pbtool.body import functions_in
from pbtool.ops import CALLS

if TYPE_CHECKING:
    from pbtool.schema import AttrValue, NodeDef


def placeholders(values: Iterable[AttrValue]) -> Iterator[str]:
    """The attrs of a call that these values stand for, also inside the attrs of functions.

    No value at all is one that nobody can fill in, "".
    """
    for value in values:
        held = value.WhichOneof("value")
        if held is None or held == "placeholder":
            yield value.placeholder
        elif held in ("func", "list"):
            for function in functions_in(value):
                yield from placeholders(function.attr.values())


def is_open(node: NodeDef) -> bool:
    """Whether a node has an attr that callers of the function around it fill in."""
    return next(placeholders(node.attr.values()), None) is not None


def is_unset(node: NodeDef) -> bool:
    """Whether a node has an attr without a value."""
    return "" in placeholders(node.attr.values())


def given(call: NodeDef) -> Mapping[str, AttrValue]:
    """The attrs that a call fills in: its own, or those that stand beside the function's name."""
    return call.attr["f"].func.attr if call.op in CALLS and "f" in call.attr else call.attr


def filled(value: AttrValue, attrs: Mapping[str, AttrValue]) -> AttrValue:
    """The value with these attrs in place of what stands for them; others stay open."""
    if value.HasField("placeholder"):
        return attrs.get(value.placeholder, value)
    if next(placeholders([value]), None) is None:
        return value
    result = schema.AttrValue()
    result.CopyFrom(value)
    for function in functions_in(result):
        for inner in function.attr.values():
            inner.CopyFrom(filled(inner, attrs))
    return result
