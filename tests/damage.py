"""Damage of model files that knows the structure of what it damages."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Callable
from typing import Any

from pbtool import opdefs, wire
from pbtool.checkpoint.sstable import Table
from pbtool.source import MemorySource
from pbtool.varint import encode_varint
from tests.checkpoint_writer import snappy, table

Damage = Callable[[random.Random, bytes], bytes]

NASTY = (
    b"",
    b"\0",
    b"\xff\xfe",
    b"\x1b[31m",
    b"a\nb",
    b"../../x",
    b"=1+1",
    b"<script>",
    b"^x",
    b"x:99999999999",
    b"x" * 5000,
    b"x:" + b"9" * 5000,
    b"x_" + b"9" * 5000,
    "\u202e".encode(),
)
OPS = tuple(sorted(name.encode() for name in opdefs.table()))
EXTREME = (0, 1, 127, 128, (1 << 31) - 1, 1 << 31, (1 << 63) - 1, 1 << 63, (1 << 64) - 1)

TEXT_STRINGS = (b'""', b'"x"', b'"^out"')
TEXT_NAMES = (b"DT_INT8", b"true", b"inf")
TEXT_NUMBERS = (b"0", b"7", b"-1", b"1e400", b"99999999999")
JSON_VALUES = ("", "x", "^out", "AAA=", "99999999999", -1, 1 << 63, 1e400, None, True, [], {})


def damaged_message(chance: random.Random, data: bytes) -> bytes:
    """A serialized message with a few changes at any depth; lengths around them are put right."""
    for _ in range(_times(chance)):
        data = _change(chance, data)
    return data


def damaged_text(chance: random.Random, data: bytes) -> bytes:
    """A text with changes in a few of its lines."""
    for _ in range(_times(chance)):
        data = _change_line(chance, data)
    return data


def damaged_json(chance: random.Random, data: bytes) -> bytes:
    """A JSON document with a few changes at any depth, or one that is none any more."""
    if chance.random() < 0.2:
        return scrambled(chance, data)
    document = json.loads(data)
    for _ in range(_times(chance)):
        document = _change_value(chance, document)
    return json.dumps(document, indent=1).encode()


def damaged_table(chance: random.Random, data: bytes) -> bytes:
    """A checkpoint's table whose entries or blocks changed, all checksums right."""
    if chance.random() < 0.1:
        return scrambled(chance, data)
    entries = list(Table(MemorySource(data)).items())
    for _ in range(_times(chance)):
        at = chance.randrange(len(entries))
        key, value = entries[at]
        choices = ([], [(key, value)] * 2, [(scrambled(chance, key), value)])
        changed = [(key, _change(chance, value))]
        entries[at : at + 1] = chance.choice((*choices, *[changed] * 4))
        entries = entries or [(b"", b"")]
    compressions: tuple[Callable[[bytes], bytes] | None, ...] = (
        None,
        None,
        snappy,
        lambda content: scrambled(chance, snappy(content)),
        lambda content: snappy(scrambled(chance, content)),
    )
    return table(entries, compress=chance.choice(compressions))


def damaged_gzip(chance: random.Random, data: bytes) -> bytes:
    """Damaged gzip data, or damaged data in sound ones."""
    if chance.random() < 0.5:
        return scrambled(chance, data)
    return gzip.compress(damaged_message(chance, gzip.decompress(data)), mtime=0)


def scrambled(chance: random.Random, data: bytes) -> bytes:
    """Bytes with a change that knows nothing of their structure."""
    at, end = sorted(chance.randrange(len(data) + 1) for _ in range(2))
    piece = chance.choice((b"", chance.randbytes(end - at), chance.choice(NASTY), data[at:end] * 2))
    return chance.choice((data[:at] + piece + data[end:], data[:at], data[end:]))


def _times(chance: random.Random) -> int:
    return chance.choice((1, 1, 1, 2, 4))


def _change(chance: random.Random, data: bytes) -> bytes:
    """One change of a message or string; of what is neither, any."""
    fields = _fields(data)
    if not fields or chance.random() < 0.03:
        return scrambled(chance, data)
    field = chance.choice(fields)
    inside = data[field.payload : field.end]
    if field.wire_type == wire.LENGTH_DELIMITED and inside and chance.random() < 0.8:
        changed = wire.encode_length_delimited(field.number, _change(chance, inside))
    else:
        changed = chance.choice(_CHANGES)(chance, data, field)
    return data[: field.start] + changed + data[field.end :]


def _fields(data: bytes) -> list[wire.Field]:
    try:
        return list(wire.fields(MemorySource(data), 0, len(data)))
    except wire.WireError:
        return []


Change = Callable[[random.Random, bytes, wire.Field], bytes]


def _twice(chance: random.Random, data: bytes, field: wire.Field) -> bytes:
    return data[field.start : field.end] * chance.choice((2, 2, 3, 300))


def _number(chance: random.Random, data: bytes, field: wire.Field) -> bytes:
    tag = encode_varint(field.number << 3 | wire.VARINT)
    return tag + encode_varint(chance.choice(EXTREME))


def _bytes(chance: random.Random, data: bytes, field: wire.Field) -> bytes:
    return wire.encode_length_delimited(field.number, chance.choice(NASTY))


def _op(chance: random.Random, data: bytes, field: wire.Field) -> bytes:
    return wire.encode_length_delimited(field.number, chance.choice(OPS))


def _renumbered(chance: random.Random, data: bytes, field: wire.Field) -> bytes:
    number = chance.choice((field.number + 1, max(field.number - 1, 1), 99, 1 << 28))
    return wire.encode_length_delimited(number, data[field.payload : field.end])


def _nested(chance: random.Random, data: bytes, field: wire.Field) -> bytes:
    inside = data[field.start : field.end]
    for _ in range(chance.choice((1, 5, 150))):
        inside = wire.encode_length_delimited(field.number, inside)
    return inside


def _lying(chance: random.Random, data: bytes, field: wire.Field) -> bytes:
    tag = encode_varint(field.number << 3 | wire.LENGTH_DELIMITED)
    return tag + encode_varint(chance.choice(EXTREME)) + data[field.payload : field.end]


_CHANGES: tuple[Change, ...] = (
    lambda chance, data, field: b"",
    _twice,
    _number,
    _bytes,
    _op,
    _renumbered,
    _nested,
    _lying,
)


def _change_line(chance: random.Random, data: bytes) -> bytes:
    lines = data.split(b"\n")
    # Mostly a line that holds a value: without a bracket nothing can be parsed.
    values = [at for at, line in enumerate(lines) if b": " in line]
    at = chance.choice(values) if values and chance.random() < 0.8 else chance.randrange(len(lines))
    key, colon, value = lines[at].partition(b": ")
    kinds = (TEXT_STRINGS, TEXT_NAMES, TEXT_NUMBERS)
    # Of its own kind mostly: another one seldom comes further than the parser.
    kind = kinds[0 if value.startswith(b'"') else 1 if value[:1].isalpha() else 2]
    changed = [key + colon + chance.choice(chance.choice((kind, *kinds)))]
    choices = ([], [lines[at]] * 2, *[changed] * 6, [scrambled(chance, lines[at])])
    lines[at : at + 1] = chance.choice(choices)
    return b"\n".join(lines)


def _change_value(chance: random.Random, value: Any) -> Any:
    """One change of a JSON value, most often of something within it."""
    if not value or not isinstance(value, dict | list) or chance.random() < 0.03:
        # Of its own type every other time: another one seldom comes further than the parser.
        alike = [other for other in JSON_VALUES if type(other) is type(value)]
        return chance.choice(chance.choice((alike or JSON_VALUES, JSON_VALUES)))
    pairs = list(value.items() if isinstance(value, dict) else enumerate(value))
    at = chance.randrange(len(pairs))
    key, inside = pairs[at]
    other = chance.choice(pairs)
    changed = [(key, _change_value(chance, inside))]
    choices = ([], [(key, other[1])], [(other[0], inside)], [pairs[at]] * 2)
    pairs[at : at + 1] = chance.choice((*choices, *[changed] * 12))
    return dict(pairs) if isinstance(value, dict) else [inside for _, inside in pairs]
