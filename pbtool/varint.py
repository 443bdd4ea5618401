"""Varints: numbers of seven bits a byte, lowest first; all bytes but the last have the top bit."""

from __future__ import annotations

from collections.abc import Sequence


class OverlongVarintError(IndexError):
    """A varint of more than ten bytes, which end at ``position``: 64 bits are all there are."""

    def __init__(self, position: int) -> None:
        super().__init__("a varint is longer than ten bytes")
        self.position = position


def read_varint(data: Sequence[int], position: int) -> tuple[int, int]:
    """The number at ``position``, and where it ends.

    Raises IndexError where the data end within it, and OverlongVarintError, which is one, where it
    does not end.
    """
    value = data[position]
    if value < 0x80:
        return value, position + 1
    value &= 0x7F
    for shift in range(7, 70, 7):
        position += 1
        byte = data[position]
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position + 1
    raise OverlongVarintError(position + 1)


def encode_varint(value: int) -> bytes:
    """A non-negative number as a varint."""
    result = bytearray()
    while value >= 0x80:
        result.append(value & 0x7F | 0x80)
        value >>= 7
    result.append(value)
    return bytes(result)
