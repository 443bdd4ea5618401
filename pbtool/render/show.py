"""Whatever can be shown as blocks of text, as one JSON document, or as one object a line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from pbtool.render import function, node, op, saved_tensor, show_json
from pbtool.view.function import FunctionView
from pbtool.view.node import NodeView
from pbtool.view.saved_tensor import SavedTensor

if TYPE_CHECKING:
    from pbtool.render.blocks import BlockLayout
    from pbtool.view import View


def text(views: Iterable[View], layout: BlockLayout, *, values: bool = False) -> Iterator[str]:
    """A block for each, with an empty line between."""
    for number, view in enumerate(views):
        if number:
            yield "\n"
        yield from _block(view, layout, values=values)


def _block(view: View, layout: BlockLayout, *, values: bool) -> Iterator[str]:
    if isinstance(view, NodeView):
        return node.block(view, layout, values=values)
    if isinstance(view, FunctionView):
        return function.block(view, layout)
    if isinstance(view, SavedTensor):
        return saved_tensor.block(view, layout, values=values)
    return op.block(view, layout)


def json(views: Iterable[View], *, values: bool = False) -> Iterator[str]:
    """One JSON document: an array with an object a line."""
    separator = "[\n"
    for line in jsonl(views, values=values):
        yield separator + line.rstrip("\n")
        separator = ",\n"
    yield "[]\n" if separator == "[\n" else "\n]\n"


def jsonl(views: Iterable[View], *, values: bool = False) -> Iterator[str]:
    """One JSON object a line."""
    from json import JSONEncoder

    # Escaped to ASCII, which no locale's encoding can spoil; and no NaN, which JSON has not.
    encode = JSONEncoder(check_circular=False, allow_nan=False).encode
    return (encode(_object(view, values=values)) + "\n" for view in views)


def _object(view: View, *, values: bool) -> dict[str, Any]:
    if isinstance(view, NodeView):
        return show_json.node_json(view, values=values)
    if isinstance(view, FunctionView):
        return show_json.function_json(view)
    if isinstance(view, SavedTensor):
        return show_json.saved_json(view, values=values)
    return show_json.op_json(view)
