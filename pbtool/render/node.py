"""A node as a block of text for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from pbtool import dtypes
from pbtool.render import attr, declaration, saved_tensor
from pbtool.render.escape import printable
from pbtool.render.facts import NOT_KNOWN, type_and_shape
from pbtool.view.node import DEFAULT, MISSING, OMITTED, UNDECLARED

if TYPE_CHECKING:
    from pbtool.facts import Element, Fact, Value
    from pbtool.render.blocks import BlockLayout
    from pbtool.render.layout import Cell
    from pbtool.view.debug_info import Frame
    from pbtool.view.node import Attr, NodeView, Output, Source, Use

_ORIGINS = {
    DEFAULT: "(default)",
    OMITTED: "(default, not written)",
    MISSING: "(not written, and there is no default)",
    UNDECLARED: "(not declared)",
}

_MOST = 8  # elements of a value that is known that are shown

_UNKNOWN_OP = "neither TensorFlow nor this file declares the op"


def block(view: NodeView, layout: BlockLayout, *, values: bool = False) -> Iterator[str]:
    """The lines of the node, with line ends; ``values`` shows every value of its tensors."""
    node = view.place.node
    section = layout.section
    yield from layout.title((view.place.name, "name"), (node.op, "op"))
    yield from section("problem", map(printable, view.problems))
    yield from section("device", [printable(node.device)] if node.device else [])
    numbered = map(_input_cells, view.inputs, map(str, range(len(view.inputs))))
    control = (_input_cells(source, "^") for source in view.control_inputs)
    yield from section("inputs", layout.columns(chain(numbered, control)))
    yield from section("outputs", _outputs(view, layout))
    yield from section("attrs", _attrs(view.attrs, layout, values=values))
    if view.full_type is not None:
        yield from section("full type", [attr.full_type(view.full_type, fold=_MOST)])
    if view.saved is not None:
        title = f"saved as {printable(view.saved.name)}"
        yield from section(title, saved_tensor.lines(view.saved, layout.room, values=values))
    originals = (*view.original_nodes, *view.original_functions)
    yield from section("made of", [", ".join(map(printable, originals))] if originals else [])
    yield from section("made at", map(_frame, view.trace))
    declared = view.declaration
    lines = [_UNKNOWN_OP] if declared is None else declaration.lines(declared, layout.room)
    yield from section("declaration", lines)


def fact_text(fact: Fact | None) -> str:
    """The type and shape as far as they are known, and what the elements are or refer to."""
    if fact is None:
        return NOT_KNOWN
    text = type_and_shape(fact.dtype, fact.shape)
    if fact.value is not None and (known := _value_text(fact.value, fact.dtype)):
        text += f" = {known}"
    if fact.handles is not None:
        text += f" of {attr.folded(fact.handles, lambda each: type_and_shape(*each), _MOST)}"
    return text


def _value_text(value: Value, dtype: int) -> str:
    """A vector or scalar, of a long vector the start; anything else only if it is small."""
    texts = [_element_text(element, dtype) for element in value.elements]
    if len(value.dims) == 1:
        return f"[{attr.folded(texts, str, _MOST)}]"
    return _nested(value.dims, iter(texts)) if len(texts) <= _MOST else ""


def _nested(dims: Sequence[int], texts: Iterator[str]) -> str:
    if not dims:
        return next(texts)
    return f"[{', '.join(_nested(dims[1:], texts) for _ in range(dims[0]))}]"


def _element_text(element: Element, dtype: int) -> str:
    if isinstance(element, bool):
        return "true" if element else "false"
    return attr.float32(element) if dtype == dtypes.FLOAT else str(element)


def _input_cells(source: Source, position: str) -> Sequence[Cell]:
    op: Cell = (source.op or "there is no such node", "op" if source.op else "error")
    if source.is_argument:
        op = ("argument of the function", "dim")
    return (
        (position, ""),
        (source.argument, ""),
        (source.tensor.removeprefix("^"), "name"),
        ("" if position == "^" else fact_text(source.fact), "type"),
        op,
    )


def _outputs(view: NodeView, layout: BlockLayout) -> Iterator[str]:
    rows = list(map(_output_cells, view.outputs))
    for output, line in zip(view.outputs, layout.columns(rows), strict=True):
        yield line
        roles = [f"{role.side} {role.key} of signature {role.signature}" for role in output.roles]
        yield from uses(output.uses, [*_results(output.results), *roles], layout)
    if view.control_outputs or view.control_results:
        yield "^"
        yield from uses(view.control_outputs, _results(view.control_results), layout, control=True)


def _output_cells(output: Output) -> Sequence[Cell]:
    return ((str(output.number), ""), (output.argument, ""), (fact_text(output.fact), "type"))


def _results(names: Iterable[str]) -> list[str]:
    return [f"result {name} of the function" for name in names]


def uses(
    users: Sequence[Use], others: Sequence[str], layout: BlockLayout, *, control: bool = False
) -> Iterator[str]:
    """Lines that say who uses an output, or waits for it: nodes, and other users in words."""
    rows: list[Sequence[Cell]] = [
        (
            ("->", "dim"),
            (use.node, "name"),
            ("" if control else str(use.position), ""),
            (use.argument, ""),
            (use.op, "op"),
        )
        for use in users
    ]
    rows += [(("->", "dim"), (other, ""), ("", ""), ("", ""), ("", "")) for other in others]
    return (f"   {line}" for line in layout.folded(rows))


def _attrs(attrs: Sequence[Attr], layout: BlockLayout, *, values: bool) -> Iterator[str]:
    width = max((len(printable(each.name)) for each in attrs), default=0) + 2
    room = None if layout.room is None else max(layout.room - width, 20)
    for each in attrs:
        if each.tensor is not None:
            from pbtool.render import tensor  # loads numpy

            lines: Iterator[str] = tensor.lines(each.tensor, room, every=values)
        else:
            lines = iter([] if each.value is None else [attr.text(each.value)])
        note = _ORIGINS.get(each.origin, "")
        first = "  ".join(filter(None, (next(lines, ""), note)))
        text = f"{printable(each.name):<{width}}{first}"
        yield layout.style(text, "dim") if each.origin == OMITTED else text
        yield from (" " * width + line for line in lines)


def _frame(frame: Frame) -> str:
    code = f": {printable(frame.code.strip())}" if frame.code else ""
    return f"{printable(frame.file)}:{frame.line} in {printable(frame.function)}{code}"
