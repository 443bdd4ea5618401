"""Whatever can be shown as blocks of text, as one JSON document, or as one object a line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from pbtool.render import function, node, op, saved_tensor, show_json
from pbtool.render.json_array import array
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
    return array(_objects(views, values=values))


def jsonl(views: Iterable[View], *, values: bool = False) -> Iterator[str]:
    """One JSON object a line."""
    return (text + "\n" for text in _objects(views, values=values))


def _objects(views: Iterable[View], *, values: bool) -> Iterator[str]:
    from json import JSONEncoder

    # Escaped to ASCII, which no locale's encoding can spoil; and no NaN, which JSON has not.
    encode = JSONEncoder(check_circular=False, allow_nan=False).encode
    return (encode(_object(view, values=values)) for view in views)


def _object(view: View, *, values: bool) -> dict[str, Any]:
    if isinstance(view, NodeView):
        return show_json.node_json(view, values=values)
    if isinstance(view, FunctionView):
        return show_json.function_json(view)
    if isinstance(view, SavedTensor):
        return show_json.saved_json(view, values=values)
    return show_json.op_json(view)
