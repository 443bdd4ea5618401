"""A graph as canonical text: the same for two graphs that hold the same, one fact a line.

What does not matter to TensorFlow does not matter here: nodes come in the order of their names,
control inputs and attrs likewise, and a tensor has the same line in every encoding. Nothing else is
left out; what is long has its length and a hash in its place. A line without indentation names what
the indented lines below it are about.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from pbtool import schema
from pbtool.graph import FUNCTION_SEPARATOR
from pbtool.quantity import counted
from pbtool.render import attr
from pbtool.render.escape import printable
from pbtool.render.facts import type_and_shape
from pbtool.render.listing import argument_type

if TYPE_CHECKING:
    from google.protobuf.message import Message

    from pbtool.body import Body
    from pbtool.graph import Function, Graph
    from pbtool.schema import AttrValue, NameAttrList, NodeDef, OpDef, TensorProto

    MessageT = TypeVar("MessageT", bound=Message)

INDENT = "  "

_FEW = 8  # elements of a tensor that are written out
LONG = 400  # characters of a value that is cut, and gets a hash
_KEPT = 100  # characters of it that remain

_NODE_FIELDS = frozenset({"name", "op", "input", "device", "attr"})
_GRAPH_FIELDS = frozenset({"node", "library"})
_FUNCTION_FIELDS = frozenset({"signature", "node_def", "attr", "ret", "control_ret"})
_SIGNATURE_FIELDS = frozenset({"name", "input_arg", "output_arg", "control_output"})
_ARGUMENT_FIELDS = frozenset(
    {"name", "type", "type_attr", "number_attr", "type_list_attr", "is_ref"}
)


def graph_lines(graph: Graph) -> Iterator[str]:
    """The lines of a graph and its functions, without line ends. Reads tensors as they come."""
    yield from section("graph", field_lines(graph.proto, _GRAPH_FIELDS))
    library = graph.proto.library
    yield from section("function library", sorted(field_lines(library, {"function"})))
    yield from body_lines(graph)
    for name in sorted(graph.functions):
        yield from function_lines(graph.functions[name])


def section(title: str, lines: Iterable[str]) -> Iterator[str]:
    """The lines, indented, under a title; nothing when there are none."""
    for number, line in enumerate(lines):
        if number == 0:
            yield printable(title)
        yield INDENT + line


def body_lines(body: Body) -> Iterator[str]:
    """The nodes of a graph or function, by name."""
    prefix = f"{body.name}{FUNCTION_SEPARATOR}" if body.name else ""
    for node in sorted(body, key=lambda node: node.name):
        yield printable(f"{prefix}{node.name}: {node.op}")
        lines = _node_lines(body.whole(node), "" if body.name else ":0")
        yield from (INDENT + line for line in lines)


def _node_lines(node: NodeDef, first: str) -> Iterator[str]:
    """What a node has beside its name and op; ``first`` is what an input may say or leave out."""
    control = sorted({text for text in node.input if text.startswith("^")})
    data = [text.removesuffix(first) for text in node.input if not text.startswith("^")]
    yield from (f"<- {printable(text)}" for text in data + control)
    if node.device:
        yield f"device: {printable(node.device)}"
    yield from _attr_lines(node.attr)
    yield from field_lines(node, _NODE_FIELDS)


def _attr_lines(attrs: Any) -> Iterator[str]:
    for name in sorted(attrs):
        yield f"{printable(name)} = {value_text(attrs[name])}"
        (known := _copy(attrs[name])).DiscardUnknownFields()
        if unknown := attrs[name].ByteSize() - known.ByteSize():
            yield f"{printable(name)} has {_unknown(unknown, attrs[name])}"


def function_lines(function: Function) -> Iterator[str]:
    """A function: its signature and attrs, then its nodes."""
    yield printable(f"{function.name}{FUNCTION_SEPARATOR}")
    yield from (INDENT + line for line in _declaration_lines(function))
    yield from body_lines(function)


def _declaration_lines(function: Function) -> Iterator[str]:
    proto, signature = function.proto, function.proto.signature
    yield from (f"argument {_argument(arg)}" for arg in signature.input_arg)
    for arg in signature.output_arg:
        computed = proto.ret.get(arg.name, "")  # [] would add an entry
        yield f"result {_argument(arg)} = {printable(computed)}"
    declared = {arg.name for arg in signature.output_arg}
    for name in sorted(set(proto.ret) - declared):
        yield printable(f"result {name} = {proto.ret[name]}, not declared")
    for name in sorted({*signature.control_output, *proto.control_ret}):
        note = "" if name in signature.control_output else ", not declared"
        yield printable(f"control result {name} = {proto.control_ret.get(name, '')}{note}")
    yield from _attr_lines(proto.attr)
    yield from (f"signature {line}" for line in field_lines(signature, _SIGNATURE_FIELDS))
    yield from field_lines(proto, _FUNCTION_FIELDS)


def _argument(arg: OpDef.ArgDef) -> str:
    more = ", ".join(field_lines(arg, _ARGUMENT_FIELDS))
    text = printable(f"{arg.name}: {argument_type(arg)}")
    return f"{text} ({more})" if more else text


# --- values -------------------------------------------------------------------------------------


def value_text(value: AttrValue) -> str:
    """An attr's value on one line, for which it must be whole."""
    held = value.WhichOneof("value")
    if held is None:
        return attr.text(value)
    if held != "list":
        return _item_text(held, getattr(value, held))
    items = (
        _item_text(field.name, item) for field, items in value.list.ListFields() for item in items
    )
    return _cut(f"[{', '.join(items)}]")


def _item_text(held: str, item: Any) -> str:
    return _TEXTS[held](item) if held in _TEXTS else attr.TEXTS[held](item, _FEW)


def _string(value: bytes) -> str:
    if len(value) <= LONG:
        return attr.quoted(value, None)
    return f"{attr.quoted(value, _KEPT)}, sha256 {hashlib.sha256(value).hexdigest()}"


def _function(value: NameAttrList) -> str:
    inside = (f"{printable(name)}={value_text(value.attr[name])}" for name in sorted(value.attr))
    return f"{printable(value.name)}({', '.join(inside)})"


def tensor_text(proto: TensorProto) -> str:
    """The dtype and shape, and few elements themselves, of many the range and a hash."""
    from pbtool.render.tensor import all_values, extreme
    from pbtool.tensor_summary import StringSummary
    from pbtool.view.tensor import proto_view

    view = proto_view(proto)
    text = type_and_shape(view.dtype, view.shape)
    summary = view.summary
    if view.array is None or summary is None:
        return f"{text} {hash_of(proto)} ({printable(view.problem)})"
    if summary.elements <= _FEW and view.array.nbytes <= LONG:
        values = " ".join("".join(all_values(view.array, LONG * _FEW)).split())
        if len(values) <= LONG:
            return f"{text} {values}"
    if not isinstance(summary, StringSummary):
        odd = {"NaN": summary.nan_count, "infinite": summary.inf_count}
        if summary.min is not None and summary.max is not None:
            text += f" {extreme(summary.min, view.dtype)} to {extreme(summary.max, view.dtype)},"
        text += "".join(f" {count:,} {name}," for name, count in odd.items() if count)
    return f"{text} sha256 {summary.sha256}"


_TEXTS: dict[str, Callable[[Any], str]] = {
    "s": _string,
    "func": _function,
    "tensor": tensor_text,
}


# --- any message --------------------------------------------------------------------------------


def field_lines(message: Message, leave_out: Collection[str] = ()) -> Iterator[str]:
    """The fields that have a line nowhere else, in text format: each element, each entry a line.

    A long message in a field has a line for each of its own fields: ``saver_def.version: V2``.
    """
    for field, value in message.ListFields():
        if field.name in leave_out:
            continue
        texts = [printable(schema.text(part)) for part in _parts(type(message), field.name, value)]
        if hasattr(value, "ListFields") and len(texts[0]) > _KEPT:
            yield from (f"{field.name}.{line}" for line in field_lines(value))
        else:
            yield from map(_cut, texts)
    alone = _copy(message) if message.ListFields() else message
    for field, _ in alone.ListFields():
        alone.ClearField(field.name)
    if alone.ByteSize():
        yield _unknown(alone.ByteSize(), alone)


def _parts(kind: type[Message], name: str, value: Any) -> Iterator[Message]:
    """Messages with this field alone: one for each element or entry."""
    if hasattr(value, "GetEntryClass"):  # a map
        pieces: list[Any] = [{key: value[key]} for key in sorted(value)]
    elif isinstance(value, str | bytes) or not hasattr(value, "__len__"):
        pieces = [value]
    else:
        pieces = [[item] for item in value]
    return (kind(**{name: piece}) for piece in pieces)


def _copy(message: MessageT) -> MessageT:
    copy = type(message)()
    copy.CopyFrom(message)
    return copy


def _unknown(size: int, where: Message) -> str:
    return f"{counted(size, 'byte')} of fields that pbtool does not know, {hash_of(where)}"


def hash_of(message: Message) -> str:
    """The SHA-256 of a message's bytes, maps in the order of their keys."""
    data = message.SerializeToString(deterministic=True)
    return f"sha256 {hashlib.sha256(data).hexdigest()}"


def _cut(text: str) -> str:
    """The text, of a long one the start and a hash of it all."""
    if len(text) <= LONG:
        return text
    digest = hashlib.sha256(text.encode()).hexdigest()
    return f"{text[:_KEPT]}… ({len(text):,} characters, sha256 {digest})"
