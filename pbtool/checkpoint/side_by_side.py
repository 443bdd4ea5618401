"""Where the bytes of one tensor differ between two checkpoints, without holding either whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pbtool.checkpoint.crc32c import crc32c

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pbtool.checkpoint.model import Checkpoint, Piece


class Window(NamedTuple):
    """Bytes of a tensor that differ, of which the first is number ``start``."""

    start: int
    old: bytes
    new: bytes


def unlike_windows(a: Checkpoint, b: Checkpoint, name: str, size: int) -> Iterator[Window] | None:
    """The windows of ``size`` bytes in which a tensor's elements differ; both are read once.

    None where one side does not have them one behind the other, or in other parts than the other.
    Raises FileError, at the latest behind the last window, where one of the two is damaged.
    """
    old, new = a.layout(name), b.layout(name)
    if old is None or new is None or _sizes(old) != _sizes(new):
        return None
    return (
        window._replace(start=start + window.start)
        for (start, before), (_, after) in zip(old, new, strict=True)
        for window in _unlike(a, b, name, (before, after), size)
    )


def _sizes(layout: list[tuple[int, Piece]]) -> list[tuple[int, int | None]]:
    return [(start, piece.size) for start, piece in layout]


def _unlike(
    a: Checkpoint, b: Checkpoint, name: str, pieces: tuple[Piece, Piece], size: int
) -> Iterator[Window]:
    """The windows of one piece; they begin where they do in it."""
    old_checksum = new_checksum = 0
    sides = a.windows(name, pieces[0], size), b.windows(name, pieces[1], size)
    for number, (old, new) in enumerate(zip(*sides, strict=True)):
        # What is the same on both sides, and behind the same, has the same checksum.
        same = old == new and old_checksum == new_checksum
        old_checksum = crc32c(old, old_checksum)
        new_checksum = old_checksum if same else crc32c(new, new_checksum)
        if old != new:
            yield Window(number * size, old, new)
    a.verify(name, pieces[0], old_checksum)
    b.verify(name, pieces[1], new_checksum)
