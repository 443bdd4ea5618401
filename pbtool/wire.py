"""The protobuf wire format: where each field lies, without parsing what is in it.

It serves two ends. ``skeleton`` cuts the payloads of big tensors out of a serialized message, so
that protobuf parses a gigabyte of weights as a few kilobytes of structure. ``fields`` and ``spans``
find single nodes and tensors again in the bytes when someone asks for them, or copies them.

The format is described in protobuf's documentation, "Encoding".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from pbtool.errors import PbtoolError
from pbtool.source import Source
from pbtool.varint import OverlongVarintError, encode_varint, read_varint

VARINT, FIXED64, LENGTH_DELIMITED, START_GROUP, END_GROUP, FIXED32 = range(6)
_FIXED_SIZES = {FIXED32: 4, FIXED64: 8}  # bytes

FIRST_WINDOW, LAST_WINDOW = 1 << 9, 1 << 16  # bytes read at once: they grow while no field is long
SMALL = 1 << 12  # fields up to this many bytes are kept as they are
MAX_DEPTH = 100  # protobuf's own limit on nested messages

# The ways from a file's outermost message down to a tensor: {message: {field: message inside}}.
# A test compares it with the schema.
DESCENT: dict[str, dict[int, str]] = {
    "SavedModel": {2: "MetaGraphDef"},
    "MetaGraphDef": {2: "GraphDef"},
    "GraphDef": {1: "NodeDef", 2: "FunctionDefLibrary"},
    "FunctionDefLibrary": {1: "FunctionDef"},
    "FunctionDef": {3: "NodeDef", 5: "AttrEntry"},
    "NodeDef": {5: "AttrEntry"},
    "AttrEntry": {2: "AttrValue"},  # an entry of a map field: key = 1, value = 2
    "AttrValue": {1: "ListValue", 8: "TensorProto", 10: "NameAttrList"},
    "ListValue": {8: "TensorProto", 9: "NameAttrList"},
    "NameAttrList": {2: "AttrEntry"},
}

# The fields of a TensorProto that hold its elements, from tensor_content to float8_val.
TENSOR_CONTENT = 4
PAYLOAD_FIELDS = frozenset({TENSOR_CONTENT, *range(5, 19)} - {14, 15})


class Field(NamedTuple):
    """One field of a message: its number, wire type, and where it lies in the source.

    ``start`` is its tag's offset; its payload is ``[payload, end)``, without the length before it.
    """

    number: int
    wire_type: int
    start: int
    payload: int
    end: int


class WireError(PbtoolError):
    """Bytes that are not in protobuf's wire format, or end too early.

    ``offset`` is where; ``truncated`` says that the data end too early, within ``field`` if at
    least its length is there.
    """

    def __init__(
        self, message: str, offset: int, *, truncated: bool = False, field: Field | None = None
    ) -> None:
        super().__init__(message)
        self.offset = offset
        self.truncated = truncated
        self.field = field


def fields(source: Source, start: int, end: int, least: int = 0) -> Iterator[Field]:
    """The fields of the message that lies in ``[start, end)``, in order.

    Payloads are stepped over, not read, and fields of less than ``least`` bytes are left out.
    Raises WireError where the bytes are no message, and where a field reaches beyond ``end``.
    """
    window, base, limit = b"", start, start  # window holds the bytes [base, limit)
    step = FIRST_WINDOW
    position = start
    while position < end:
        # A tag and a length take 10 bytes each at most.
        if position + 20 > limit and limit < end:
            step = FIRST_WINDOW if position > limit else min(2 * step, LAST_WINDOW)
            base = position
            window = source.read(base, min(base + step, end))
            limit = base + len(window)
        offset = position - base
        try:
            tag = window[offset]
            offset += 1
            if tag >= 0x80:
                tag, offset = read_varint(window, offset - 1)
            wire_type = tag & 7
            if wire_type == LENGTH_DELIMITED:
                length = window[offset]
                offset += 1
                if length >= 0x80:
                    length, offset = read_varint(window, offset - 1)
                payload = base + offset
                stop = payload + length
            elif wire_type == VARINT:
                payload = base + offset
                _, offset = read_varint(window, offset)
                stop = base + offset
            elif wire_type in _FIXED_SIZES:
                payload = base + offset
                stop = payload + _FIXED_SIZES[wire_type]
            else:  # TensorFlow's files have no groups, and nothing else exists
                raise WireError(f"no protobuf field begins at byte {position:,}", position)
        except IndexError as error:
            raise _broken_off(error, base, end) from None
        if tag < 8:
            raise WireError(f"no protobuf field begins at byte {position:,}", position)
        if stop > end:
            raise WireError(
                f"a field at byte {position:,} says that it ends at byte {stop:,}, "
                f"but the data end at byte {end:,}",
                position,
                truncated=True,
                field=Field(tag >> 3, wire_type, position, payload, stop),
            )
        if stop - payload >= least:
            yield Field(tag >> 3, wire_type, position, payload, stop)
        position = stop


def _broken_off(error: IndexError, base: int, end: int) -> WireError:
    """What an error of reading in a window that begins at ``base`` says of data up to ``end``."""
    if isinstance(error, OverlongVarintError):
        return WireError("a varint is longer than ten bytes", base + error.position)
    return WireError("the data end within a field", end, truncated=True)


def encode_length_delimited(number: int, payload: bytes) -> bytes:
    """A length-delimited field: tag, length and payload."""
    tag = encode_varint(number << 3 | LENGTH_DELIMITED)
    return b"".join((tag, encode_varint(len(payload)), payload))


def spans(source: Source, start: int, end: int, *path: int) -> Iterator[tuple[int, int]]:
    """Where the payloads of the length-delimited fields at ``path`` lie, as (start, end).

    ``path`` is one field number a level: ``spans(source, 0, source.size, 2, 1)`` finds the
    functions of a GraphDef.
    """
    number, *rest = path
    for field in fields(source, start, end):
        if field.number == number and field.wire_type == LENGTH_DELIMITED:
            if rest:
                yield from spans(source, field.payload, field.end, *rest)
            else:
                yield field.payload, field.end


def attr_span(source: Source, start: int, end: int, attr: str) -> tuple[int, int] | None:
    """Where the AttrValue of one attr of the NodeDef in ``[start, end)`` lies."""
    key = attr.encode()
    found = None
    for entry_start, entry_end in spans(source, start, end, 5):
        name, value = b"", None
        for field in fields(source, entry_start, entry_end):
            if field.number == 1 and field.end - field.payload == len(key):
                name = source.read(field.payload, field.end)
            elif field.number == 2:
                value = field.payload, field.end
        if name == key:
            found = value  # of a key that stands twice, the last counts
    return found


def skeleton(source: Source, message: str) -> bytes:
    """The serialized message without the elements of its big tensors.

    ``message`` is a key of the table above, such as "GraphDef". What comes back parses as that
    message; a tensor with more than ``SMALL`` bytes of elements has its dtype and shape in it but
    no values.
    """
    return b"".join(_strip(source, 0, source.size, message, 0))


def _strip(source: Source, start: int, end: int, message: str, depth: int) -> Iterator[bytes]:
    """The parts of the stripped message: runs of bytes that are kept, and rebuilt fields."""
    inside = DESCENT.get(message, {})
    is_tensor = message == "TensorProto"
    kept = start
    for field in fields(source, start, end, SMALL + 1):
        if is_tensor:
            if field.number in PAYLOAD_FIELDS:
                yield source.read(kept, field.start)
                kept = field.end
        elif field.number in inside and field.wire_type == LENGTH_DELIMITED and depth < MAX_DEPTH:
            parts = _strip(source, field.payload, field.end, inside[field.number], depth + 1)
            stripped = b"".join(parts)
            if len(stripped) < field.end - field.payload:
                yield source.read(kept, field.start)
                yield encode_length_delimited(field.number, stripped)
                kept = field.end
    yield source.read(kept, end)


class Damage(NamedTuple):
    """Where a message stops being one, whether because the data end, and in which node."""

    offset: int
    truncated: bool
    node: str


def find_damage(source: Source, message: str) -> Damage | None:
    """The first place where the bytes are no such message; None where the wire format is kept."""
    return _find_damage(source, 0, source.size, message, "", 0)


def _find_damage(
    source: Source, start: int, end: int, message: str, node: str, depth: int
) -> Damage | None:
    inside = DESCENT.get(message, {}) if depth < MAX_DEPTH else {}
    try:
        for field in fields(source, start, end):
            if message == "NodeDef" and field.number == 1:
                node = source.read(field.payload, min(field.end, field.payload + SMALL)).decode(
                    errors="backslashreplace"
                )
            if field.number in inside and field.wire_type == LENGTH_DELIMITED:
                damage = _find_damage(
                    source, field.payload, field.end, inside[field.number], node, depth + 1
                )
                if damage:
                    return damage
    except WireError as error:
        cut = error.field
        if cut and cut.number in inside and cut.wire_type == LENGTH_DELIMITED:
            inner = _find_damage(source, cut.payload, end, inside[cut.number], node, depth + 1)
            if inner:
                return inner
        return Damage(error.offset, end == source.size and error.truncated, node)
    return None
