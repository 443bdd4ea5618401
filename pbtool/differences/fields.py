"""Fields of a message that a diff knows nothing of but their name: compared and set whole."""

from __future__ import annotations

from itertools import zip_longest
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
    names = {field.name for side in (old, new) for field, _ in side.ListFields()}
    for name in sorted({*names.difference(beside), UNKNOWN}):
        if not _same_field(old, new, name):
            before = _content(old if own is None else own, name)
            yield difference("field", prefix + name, before, _content(new, name))


def _same_field(old: Message, new: Message, name: str) -> bool:
    if name == UNKNOWN:
        pairs = zip_longest(schema.unknown_fields(old), schema.unknown_fields(new))
        return all(before == after for before, after in pairs)
    return _alone(old, name) == _alone(new, name)


def _content(message: Message, name: str) -> Content[Any] | None:
    """The message with nothing but one field; None where that is not set."""
    kind = type(message)
    if name != UNKNOWN:
        data = _alone(message, name)
        return Content(kind.FromString(data)) if data else None
    if next(schema.unknown_fields(message), None) is None:
        return None
    # Nobody knows how much that is: it is taken out of the message when asked for.
    return Content(None, lambda: kind.FromString(_unknown(message)))


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
    rest = without(message, name)
    if name == UNKNOWN:
        rest.DiscardUnknownFields()
    if isinstance(value, Content):
        rest.MergeFrom(value.whole())
    message.CopyFrom(rest)


def _alone(message: Message, name: str) -> bytes:
    """One field, serialized, map entries in the order of their keys; nothing if it is not set."""
    for field, value in message.ListFields():
        if field.name == name:
            return type(message)(**{name: value}).SerializeToString(deterministic=True)
    return b""


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
