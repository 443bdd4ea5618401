"""Fields of a message that a diff knows nothing of but their name: compared and set whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pbtool import schema, wire
from pbtool.differences.changes import Added, Changed, Content, Removed
from pbtool.varint import encode_varint

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from google.protobuf.message import Message

    from pbtool.differences.changes import Change, MessageT, Value

UNKNOWN = "unknown fields"


def compare_fields(
    old: Message,
    new: Message,
    beside: Collection[str] = (),
    prefix: str = "",
    own: Message | None = None,
) -> Iterator[Change]:
    """The changes of all fields but those in ``beside``, and of fields that are not known.

    What changes is called ``prefix`` and the field's name. ``own`` is what ``old`` was before it
    got new names, for the values of the changes.
    """
    sides = _parts(old, beside), _parts(new, beside)
    before = sides[0] if own is None else _parts(own, beside)
    for name in sorted({*sides[0], *sides[1]}):
        if sides[0].get(name) == sides[1].get(name):
            continue
        contents = (
            None if part is None else Content(type(old).FromString(part))
            for part in (before.get(name), sides[1].get(name))
        )
        yield difference("field", prefix + name, *contents)


def change_between(
    kind: str, name: str, old: Content[Any] | None, new: Content[Any] | None
) -> Change | None:
    """The change from one message to the other, where None is no message; None if it is none."""
    return None if old == new else difference(kind, name, old, new)


def difference(kind: str, name: str, old: Content[Any] | None, new: Content[Any] | None) -> Change:
    """The change from one message to another, where None is no message."""
    if old is None:
        return Added(kind, name, new)
    return Removed(kind, name, old) if new is None else Changed(kind, name, old, new)


def without(message: MessageT, *fields: str) -> MessageT:
    """A copy of the message without these fields."""
    # Not a copy from which they are taken again: they may be all nodes of a graph.
    copy = type(message)(
        **{each.name: value for each, value in message.ListFields() if each.name not in fields}
    )
    if unknown := _unknown(message):
        copy.MergeFromString(unknown)
    return copy


def set_field(message: Message, name: str, value: Value) -> None:
    """Give a field the value that it has in ``value``; none where that is no message."""
    parts = _parts(message)
    parts.pop(name, None)
    if isinstance(value, Content):
        parts[name] = value.whole().SerializeToString()
    message.ParseFromString(b"".join(parts.values()))


def _parts(message: Message, beside: Collection[str] = ()) -> dict[str, bytes]:
    """The fields that are set, serialized, by name; map entries in the order of their keys."""
    kind = type(message)
    parts = {
        field.name: kind(**{field.name: value}).SerializeToString(deterministic=True)
        for field, value in message.ListFields()
        if field.name not in beside
    }
    if UNKNOWN not in beside and (unknown := _unknown(message)):
        parts[UNKNOWN] = unknown
    return parts


def _unknown(message: Message) -> bytes:
    """The fields that are not known, serialized."""
    return b"".join(part for each in schema.unknown_fields(message) for part in _encoded(*each))


def _encoded(number: int, wire_type: int, value: Any) -> Iterator[bytes]:
    yield encode_varint(number << 3 | wire_type)
    if wire_type == wire.VARINT:
        yield encode_varint(value)
    elif wire_type == wire.LENGTH_DELIMITED:
        yield encode_varint(len(value))
        yield value
    elif wire_type in (wire.FIXED32, wire.FIXED64):
        yield value.to_bytes(4 if wire_type == wire.FIXED32 else 8, "little")
