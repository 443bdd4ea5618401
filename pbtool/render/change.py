"""One change as lines of text, in the manner of a unified diff: only what differs is there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from pbtool import schema
from pbtool.differences import Added, Change, Changed, Content, Edited, Removed, Renamed, sides
from pbtool.errors import PbtoolError
from pbtool.quantity import counted
from pbtool.render import attr, canonical, canonical_model
from pbtool.render.escape import printable
from pbtool.render.facts import type_and_shape
from pbtool.shapes import Shape

if TYPE_CHECKING:
    from pbtool.differences import Comparison
    from pbtool.differences.changes import Value
    from pbtool.schema import TensorProto

OLD, NEW, EDITED, SAME = "-", "+", "~", " "
_MARKS: dict[type[Change], str] = {Added: NEW, Removed: OLD}
STYLES = {OLD: "removed", NEW: "added", EDITED: "changed", SAME: ""}

FORMS = ("order", "encoding")  # kinds of what only a strict diff tells
UNIQUE = ("field", *FORMS)  # kinds whose names say what they are

_EXAMPLES = 3  # elements of a constant that are shown of those that differ
_ITEMS = 32  # of a list that are shown
_FEW = attr.FOLD  # elements of a constant that is shown whole, before and after


class Line(NamedTuple):
    """A line: the mark in its first column, and its text, made printable."""

    mark: str
    text: str


def mark(change: Change) -> str:
    """The mark in front of what changed."""
    return _MARKS.get(type(change), EDITED)


def name(change: Change) -> str:
    """The name after the change, or of what is gone the one before."""
    return change.new_name if isinstance(change, Renamed | Edited) else change.name


def title(change: Change, prefix: str = "", node_op: str = "") -> list[tuple[str, str]]:
    """What changed, as cells of a line: its name or names, and what it is."""
    whole = printable(f"{prefix}{name(change)}")
    if isinstance(change, Renamed | Edited) and change.name != change.new_name:
        names = (each or "(no scope)" for each in (change.name, change.new_name))
        whole = printable(f"{prefix}{' -> '.join(names)}")
    cells = [(whole, "name")]
    if change.kind not in ("node", "scope", *UNIQUE):
        cells.insert(0, (change.kind, ""))
    if note := node_op or op(change) or _note(change):
        cells.append((printable(note), "op"))
    return cells


def op(change: Change) -> str:
    """The op of a node that was added or removed; "" of anything else."""
    if isinstance(change, Added | Removed) and isinstance(change.value, Content):
        return str(change.value.message.op) if change.kind == "node" else ""
    return ""


def _note(change: Change) -> str:
    if change.kind in FORMS:
        return " -> ".join(map(str, sides(change)))
    if isinstance(change, Renamed):
        return f"{counted(change.nodes, 'node')} renamed" if change.kind == "scope" else "renamed"
    if isinstance(change, Added | Removed) and isinstance(change.value, Content):
        message = change.value.message
        if change.kind == "function":
            return counted(len(message.node_def), "node")
        if change.kind == "variable":
            return _heading(message)
    return ""


def lines(change: Change, *, examples: bool = True) -> Iterator[Line]:
    """What stands below the title: nothing for nodes that were added, removed or only renamed.

    Of constants, ``examples`` are shown of what differs.
    """
    if isinstance(change, Edited):
        for inside in change.changes:
            yield from part_lines(inside, examples=examples)
    elif change.kind not in FORMS and (isinstance(change, Changed) or change.kind in _LINES):
        yield from _values(change, "", examples=examples)


def part_lines(change: Change, *, examples: bool = False) -> Iterator[Line]:
    """A part of something that was edited."""
    if change.kind == "field":
        yield from _values(change, "", examples=examples)
        return
    if change.kind in FORMS:
        yield Line(EDITED, printable(f"{change.name}: {_note(change)}"))
        return
    label = {"input": f"input {change.name}", "control input": f"<- ^{change.name}"}.get(
        change.kind, change.name
    )
    if isinstance(change, Changed):
        yield from _values(change, f"{printable(label)} = ", examples=examples)
    elif isinstance(change, Added | Removed):
        text = _text(change.value, _ITEMS)
        yield Line(mark(change), printable(label) + ("" if text is None else f" = {text}"))


def _values(change: Change, label: str, *, examples: bool) -> Iterator[Line]:
    """The value before and the one after, or what differs between them."""
    old, new = sides(change)
    if isinstance(old, Content) and isinstance(change, Changed) and change.comparison:
        tensor = _tensor(old)
        if (Shape.from_proto(tensor.tensor_shape).elements or 0) > _FEW:
            yield _compared(change.comparison, tensor, label)
            if examples:
                yield from _examples(change.comparison, tensor.dtype)
            return
    if change.kind in _LINES:
        yield from _unlike(_message_lines(change, old), _message_lines(change, new))
        return
    try:
        texts = [_text(side, _ITEMS) for side in (old, new)]
        if texts[0] == texts[1]:  # the difference lies where long values were cut
            texts = [_canonical(side) for side in (old, new)]
    except PbtoolError as error:  # such as a checkpoint without its shards
        yield Line(SAME, f"{label}another value, which cannot be read: {printable(str(error))}")
        return
    if texts[0] == texts[1]:  # each in the names of its own side
        yield Line(SAME, f"{label}{texts[0]}, which does not follow the renaming")
        return
    for each, text in zip((OLD, NEW), texts, strict=True):
        if text:  # no device is an empty one
            yield Line(each, f"{label}{text}")


def _text(value: Value, fold: int) -> str | None:
    """A string, an attr or a tensor; of long ones the start."""
    if not isinstance(value, Content):
        return None if value is None else printable(value)
    message = value.message
    if message.DESCRIPTOR.name == _TENSOR or message.HasField("tensor"):
        fold = _FEW
        if not value.is_whole and 0 < (_shape(value).elements or 0) <= fold:
            message = value.whole()
    if message.DESCRIPTOR.name == _TENSOR:
        message = schema.AttrValue(tensor=message)
    return attr.text(message, fold=fold)


def _canonical(value: Value) -> str | None:
    """The same, with a hash of what is long."""
    if not isinstance(value, Content):
        return None if value is None else printable(value)
    message = value.whole()
    is_tensor = message.DESCRIPTOR.name == _TENSOR
    return canonical.tensor_text(message) if is_tensor else canonical.value_text(message)


# --- constants ----------------------------------------------------------------------------------

_TENSOR = "TensorProto"


def _tensor(content: Content[Any]) -> TensorProto:
    """The tensor that an attr or variable holds, perhaps without its elements."""
    message = content.message
    tensor: TensorProto = message if message.DESCRIPTOR.name == _TENSOR else message.tensor
    return tensor


def _shape(content: Content[Any]) -> Shape:
    return Shape.from_proto(_tensor(content).tensor_shape)


def _heading(tensor: TensorProto) -> str:
    return type_and_shape(tensor.dtype, Shape.from_proto(tensor.tensor_shape))


def _compared(comparison: Comparison, tensor: TensorProto, label: str) -> Line:
    """How many elements differ, and by how much."""
    return Line(SAME, f"{label}{_heading(tensor)}: {', '.join(compared_text(comparison))}")


def compared_text(comparison: Comparison) -> Iterator[str]:
    """How many elements differ, and by how much."""
    single = comparison.different == 1
    of = f"{comparison.different:,} of {counted(comparison.elements, 'element')}"
    yield f"{of} {'differs' if single else 'differ'}"
    if comparison.max_abs is not None:
        relative = comparison.max_rel
        by = f"by {'' if single else 'up to '}{comparison.max_abs:.3g}"
        yield by if relative is None else f"{by} ({relative:.2g} relative)"


def _examples(comparison: Comparison, dtype: int) -> Iterator[Line]:
    """Elements that differ."""
    rows = []
    for example in comparison.examples[:_EXAMPLES]:
        at = f"[{','.join(map(str, example.at))}]"
        rows.append((at, *(_element(each, dtype) for each in (example.old, example.new))))
    widths = [max(map(len, column), default=0) for column in zip(*rows, strict=True)]
    for at, old, new in rows:
        yield Line(SAME, f"  {at:<{widths[0]}}  {old:<{widths[1]}} -> {new}")


def _element(value: Any, dtype: int) -> str:
    if isinstance(value, bytes):
        return attr.quoted(value, attr.FOLD_STRING // 2)
    from pbtool.render.tensor import extreme

    return extreme(value, dtype)


# --- messages -----------------------------------------------------------------------------------


_LINES: dict[str, Callable[[str, Any], Iterable[str]]] = {
    "field": lambda _, message: canonical.field_lines(message),
    "asset": lambda _, message: canonical.field_lines(message),
    "signature": canonical_model.signature_lines,
    "collection": lambda _, message: canonical_model.collection_lines(message),
}


def _message_lines(change: Change, value: Value) -> Iterable[str]:
    """The lines of one side; none where there is no message."""
    return _LINES[change.kind](change.name, value.whole()) if isinstance(value, Content) else ()


def _unlike(old: Iterable[str], new: Iterable[str]) -> Iterator[Line]:
    """The lines of one side that the other does not have."""
    before, after = Counter(old), Counter(new)
    yield from (Line(OLD, text) for text in (before - after).elements())
    yield from (Line(NEW, text) for text in (after - before).elements())
    if before == after:
        yield Line(SAME, "only the order differs, or names that do not follow a renaming")
