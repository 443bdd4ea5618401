"""The snappy block format: what compressed blocks of a table hold.

A block is its uncompressed length, then literals and copies of what was already put out.
"""

from __future__ import annotations

from pbtool.errors import FileError
from pbtool.varint import read_varint

_LITERAL, _COPY_1, _COPY_2 = 0, 1, 2  # the two low bits of a tag; 3 is a copy with a 4-byte offset


def decompress(data: bytes) -> bytes:
    """The uncompressed bytes of a snappy block; ``FileError`` where it is damaged.

    Memory grows with what the block really holds, at most 22 times its size, not with the length
    that it declares.
    """
    try:
        declared, position = read_varint(data, 0)
        output = bytearray()
        while position < len(data) and len(output) <= declared:
            position = _element(data, position, output)
    except IndexError:
        raise FileError("a snappy block ends in the middle of an element") from None
    if len(output) != declared:
        raise FileError(f"a snappy block holds other than the {declared} bytes that it declares")
    return bytes(output)


def _element(data: bytes, position: int, output: bytearray) -> int:
    """Put out the literal or copy at ``position``; where the next one begins."""
    tag = data[position]
    kind, upper = tag & 3, tag >> 2
    position += 1
    if kind == _LITERAL:
        if upper >= 60:  # the length stands in the next 1 to 4 bytes
            width = upper - 59
            upper = _number(data, position, width)
            position += width
        end = position + upper + 1
        if end > len(data):
            raise IndexError
        output += data[position:end]
        return end
    if kind == _COPY_1:
        _copy(output, (tag >> 5) << 8 | data[position], (upper & 7) + 4)
        return position + 1
    width = 2 if kind == _COPY_2 else 4
    _copy(output, _number(data, position, width), upper + 1)
    return position + width


def _number(data: bytes, position: int, width: int) -> int:
    if position + width > len(data):
        raise IndexError
    return int.from_bytes(data[position : position + width], "little")


def _copy(output: bytearray, offset: int, length: int) -> None:
    """Repeat what lies ``offset`` bytes back; it may reach into what it puts out itself."""
    if not 0 < offset <= len(output):
        raise FileError("a snappy block copies from before its beginning")
    begin = len(output) - offset
    pattern = output[begin : begin + length]
    if offset < length:
        pattern = (pattern * (length // offset + 1))[:length]
    output += pattern
