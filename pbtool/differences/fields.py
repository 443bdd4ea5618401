"""Fields of a message that a diff knows nothing of but their name: compared and set whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pbtool import wire
from pbtool.differences.changes import Added, Changed, Content, Removed
from pbtool.source import MemorySource

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from google.protobuf.message import Message

    from pbtool.differences.changes import Change

UNKNOWN = "unknown fields"


def compare_fields(
    old: Message,
    new: Message,
    beside: Collection[str] = (),
    prefix: str = "",
    own: Message | None = None,
) -> Iterator[Change]:
    """The changes of all fields but those in ``beside``, and of fields that are not known.

    What changes is called ``prefix`` and the field's name. Where ``old`` was given B's names to be
    compared, ``own`` is what it was before, and what the changes hold.
    """
    sides = _parts(old, beside), _parts(new, beside)
    own_parts = sides[0] if own is None else _parts(own, beside)
    for name in sorted({*sides[0], *sides[1]}):
        if sides[0].get(name) == sides[1].get(name):
            continue
        before, after = (
            None if part is None else Content(type(old).FromString(part))
            for part in (own_parts.get(name), sides[1].get(name))
        )
        if before is not None and after is not None:  # in one's own names they may be the same
            yield Changed("field", prefix + name, before, after)
        elif (change := change_between("field", prefix + name, before, after)) is not None:
            yield change


def change_between(kind: str, name: str, old: Content | None, new: Content | None) -> Change | None:
    """The change from one message to the other, where None is no message."""
    if old is None or new is None:
        if new is not None:
            return Added(kind, name, new)
        return None if old is None else Removed(kind, name, old)
    return None if old == new else Changed(kind, name, old, new)


def set_field(message: Message, name: str, value: Content | None) -> None:
    """Give a field the value that it has in ``value``, or none."""
    parts = _parts(message)
    parts.pop(name, None)
    if value is not None:
        parts[name] = value.whole().SerializeToString()
    message.ParseFromString(b"".join(parts.values()))


def _parts(message: Message, beside: Collection[str] = ()) -> dict[str, bytes]:
    """The fields that are set, serialized, by name; map entries in the order of their keys."""
    known = message.DESCRIPTOR.fields_by_number
    data = message.SerializeToString(deterministic=True)
    parts: dict[str, bytes] = {}
    for field in wire.fields(MemorySource(data), 0, len(data)):
        name = known[field.number].name if field.number in known else UNKNOWN
        if name not in beside:
            parts[name] = parts.get(name, b"") + data[field.start : field.end]
    return parts
