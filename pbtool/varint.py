"""Varints: numbers of seven bits a byte, lowest first; all bytes but the last have the top bit."""

from __future__ import annotations

from collections.abc import Sequence


def read_varint(data: Sequence[int], position: int) -> tuple[int, int]:
    """The number at ``position``, and where it ends.

    Raises IndexError where the data end within it, and for more than ten bytes: 64 bits.
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
    raise IndexError("a varint is longer than ten bytes")
