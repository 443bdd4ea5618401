"""A source made of pieces of other sources: what a file is after an edit, without a copy of it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from pbtool.source import MemorySource, Source


class Piece(NamedTuple):
    """The bytes from ``start`` up to ``end`` of a source."""

    source: Source
    start: int
    end: int


def piece(data: bytes) -> Piece:
    """Bytes of their own as a piece."""
    return Piece(MemorySource(data), 0, len(data))


def size(pieces: Iterable[Piece]) -> int:
    """The bytes of all pieces together."""
    return sum(end - start for _, start, end in pieces)


class Splice:
    """Pieces, one behind the other. Pieces that touch in their source become one.

    A piece of another splice is taken from where that has it, so that edits of edits cost no more.
    """

    def __init__(self, pieces: Iterable[Piece], name: str) -> None:
        self.name = name
        self._pieces = list(_joined(each for one in pieces for each in resolved(one)))
        self._ends: list[int] = []
        self.size = 0
        for _, start, end in self._pieces:
            self.size += end - start
            self._ends.append(self.size)

    def pieces(self, start: int, end: int) -> Iterator[Piece]:
        """What the bytes from ``start`` up to ``end`` are made of."""
        number = bisect_right(self._ends, start)
        while start < min(end, self.size):
            source, first, last = self._pieces[number]
            first = last - (self._ends[number] - start)
            last = min(last, first + end - start)
            yield Piece(source, first, last)
            start += last - first
            number += 1

    def read(self, start: int, end: int) -> bytes:
        """The bytes from ``start`` up to ``end``; fewer where the source ends before."""
        parts = [source.read(*span) for source, *span in self.pieces(start, end)]
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def close(self) -> None:
        """Nothing to release: the sources may have other users."""


def resolved(piece: Piece) -> Iterator[Piece]:
    """The pieces of files and memory that a piece is made of."""
    if isinstance(piece.source, Splice):
        yield from piece.source.pieces(piece.start, piece.end)
    elif piece.start < piece.end:
        yield piece


def _joined(pieces: Iterator[Piece]) -> Iterator[Piece]:
    last = next(pieces, None)
    if last is None:
        return
    for each in pieces:
        if each.source is last.source and each.start == last.end:
            last = last._replace(end=each.end)
        else:
            yield last
            last = each
    yield last
