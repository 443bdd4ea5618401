"""The numbers in small serialized messages, such as XLA's ops carry in their attrs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from pbtool.errors import ShapeError
from pbtool.varint import read_varint


def numbers(serialized: str) -> dict[int, list[int]]:
    """The numbers in each field, as far as the message can be read.

    The string is what an attr became: bytes, decoded as UTF-8 with ``surrogateescape``. Of a field
    that holds another message, the numbers make no sense.
    """
    result: dict[int, list[int]] = {}
    with suppress(IndexError):
        for field, found in _fields(serialized.encode(errors="surrogateescape")):
            result.setdefault(field, []).extend(found)
    return result


def check(serialized: str) -> None:
    """Raise ShapeError for a message that cannot be read to its end."""
    try:
        for _ in _fields(serialized.encode(errors="surrogateescape")):
            pass
    except IndexError:
        raise ShapeError("the message in an attr is damaged") from None


def _fields(data: bytes) -> Iterator[tuple[int, list[int]]]:
    position = 0
    while position < len(data):
        tag, position = read_varint(data, position)
        value, position = read_varint(data, position)
        if tag & 7 == 0:
            yield tag >> 3, [value]
        elif tag & 7 == 2 and position + value <= len(data):  # packed: as many bytes
            yield tag >> 3, _packed(data[position : position + value])
            position += value
        else:
            raise IndexError(f"no field can be read at byte {position}")


def _packed(data: bytes) -> list[int]:
    found = []
    position = 0
    with suppress(IndexError):
        while position < len(data):
            value, position = read_varint(data, position)
            found.append(value)
    return found
