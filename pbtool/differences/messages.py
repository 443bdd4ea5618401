"""Messages as JSON, exact to the byte, and back.

A message is an object with the schema's field names: bytes are base64, a float that JSON does not
have is a string, an enum is its name. A tensor of more than ``SMALL`` bytes has no elements unless
they are asked for, and ``omitted`` is true. A message that all this would not give back to the
byte, for the sake of unknown fields or odd NaNs, is ``{"serialized": base64}``.
"""

from __future__ import annotations

import math
from base64 import b64decode, b64encode
from typing import TYPE_CHECKING, Any

from pbtool import schema
from pbtool.differences.changes import Content
from pbtool.errors import FileError
from pbtool.parsing import parse_binary
from pbtool.source import MemorySource
from pbtool.wire import PAYLOAD_FIELDS

if TYPE_CHECKING:
    from google.protobuf.message import Message

Json = Any  # what json.dumps takes
Field = Any  # protobuf's FieldDescriptor, which has as many types as implementations

SMALL = 1 << 10  # bytes of a tensor's elements that a message always has

# The numbers of FieldDescriptor.type.
_STRING, _MESSAGE, _BYTES, _ENUM, _FLOATS = 9, 11, 12, 14, (1, 2)
_SCALARS = (str, bytes, int, float)


# --- to JSON ------------------------------------------------------------------------------------


def content_to_json(content: Content[Any], *, full: bool) -> Json:
    """``{"message": name, "value": {...}}``; reads big tensors from the files only if ``full``."""
    message = content.whole() if full else content.message
    partial = not (full or content.is_whole)
    value = message_to_json(message, SMALL if not full else None, partial=partial)
    return {"message": message.DESCRIPTOR.name, "value": value}


def message_to_json(
    message: Message, most: int | None = None, *, partial: bool = False
) -> dict[str, Json]:
    """A message as an object, exact to the byte apart from the order of maps.

    Tensors of more than ``most`` bytes come without their elements, and so do tensors that have
    none in a message that is only ``partial``.
    """
    value = _Writer(most, partial)
    found = value.fields(message)
    if not value.omitted and _bytes(_filled(type(message), found)) != _bytes(message):
        return {"serialized": b64encode(_bytes(message)).decode()}
    return found


def _bytes(message: Message) -> bytes:
    return message.SerializeToString(deterministic=True)


class _Writer:
    """Writes one message; ``omitted`` says afterwards whether elements were left out."""

    def __init__(self, most: int | None, partial: bool) -> None:
        self.most = most
        self.partial = partial
        self.omitted = False

    def fields(self, message: Message) -> dict[str, Json]:
        leaves_out = message.DESCRIPTOR.name == "TensorProto" and self._leaves_out(message)
        found = {
            field.name: self._field(field, value)
            for field, value in message.ListFields()
            if not (leaves_out and field.number in PAYLOAD_FIELDS)
        }
        if leaves_out:
            self.omitted = found["omitted"] = True
        return found

    def _leaves_out(self, tensor: Message) -> bool:
        if self.most is not None and tensor.ByteSize() > self.most:
            return True
        listed = {field.number for field, _ in tensor.ListFields()}
        return self.partial and listed.isdisjoint(PAYLOAD_FIELDS)

    def _field(self, field: Field, value: Any) -> Json:
        if hasattr(value, "GetEntryClass"):  # a map
            inside = field.message_type.fields_by_name["value"]
            return {str(key): self._scalar(inside, value[key]) for key in sorted(value)}
        if isinstance(value, _SCALARS) or hasattr(value, "DESCRIPTOR"):
            return self._scalar(field, value)
        return [self._scalar(field, each) for each in value]

    def _scalar(self, field: Field, value: Any) -> Json:
        if field.type == _MESSAGE:
            return self.fields(value)
        if field.type == _BYTES:
            return b64encode(value).decode()
        if field.type == _ENUM:
            known = field.enum_type.values_by_number.get(value)
            return value if known is None else known.name
        return number_to_json(value) if field.type in _FLOATS else value


def number_to_json(value: float) -> float | str:
    """A float, as a string where JSON does not have it."""
    return value if math.isfinite(value) else str(value)


# --- from JSON ----------------------------------------------------------------------------------


def content_from_json(document: Json) -> Content[Any]:
    """The message that ``{"message": name, "value": {...}}`` holds.

    Raises FileError for a serialized message that is damaged, and whatever Python does for another
    document that is none; ``whole()`` raises FileError where elements were left out.
    """
    kind: type[Message] = getattr(schema, document["message"])
    message = _filled(kind, document["value"])
    return Content(message, _refuse if _omits(document["value"]) else None)


def _refuse() -> Message:
    raise FileError(
        "the diff lacks the elements of a big tensor", remedy="write it with --full-values"
    )


def _omits(found: Json) -> bool:
    """Whether elements were left out anywhere."""
    if isinstance(found, dict):
        return found.get("omitted") is True or any(map(_omits, found.values()))
    return isinstance(found, list) and any(map(_omits, found))


def _filled(kind: type[Message], document: dict[str, Json]) -> Any:
    if "serialized" in document:
        data = b64decode(document["serialized"])
        return parse_binary(MemorySource(data, ""), kind.DESCRIPTOR.name, data)
    message = kind()
    _fill(message, document)
    return message


def _fill(message: Message, document: dict[str, Json]) -> None:
    descriptors = message.DESCRIPTOR.fields_by_name
    for name, value in document.items():
        if name == "omitted":
            continue
        field, holder = descriptors[name], getattr(message, name)
        if hasattr(holder, "GetEntryClass"):
            _fill_map(field, holder, value)
        elif isinstance(value, list):
            if field.type == _MESSAGE:
                for each in value:
                    _fill(holder.add(), each)
            else:
                holder.extend(_read_scalar(field, each) for each in value)
        elif field.type == _MESSAGE:
            holder.SetInParent()
            _fill(holder, value)
        else:
            setattr(message, name, _read_scalar(field, value))


def _fill_map(field: Field, holder: Any, document: dict[str, Json]) -> None:
    key_field, inside = (field.message_type.fields_by_name[name] for name in ("key", "value"))
    for text, value in document.items():
        key = text if key_field.type == _STRING else int(text)
        if inside.type == _MESSAGE:
            _fill(holder[key], value)
        else:
            holder[key] = _read_scalar(inside, value)


def _read_scalar(field: Field, value: Json) -> Any:
    if field.type == _BYTES:
        return b64decode(value)
    if field.type == _ENUM and isinstance(value, str):
        return field.enum_type.values_by_name[value].number
    return float(value) if field.type in _FLOATS else value
