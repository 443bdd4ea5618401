from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pbtool.source import MemorySource, open_source
from pbtool.splice import Piece, Splice, piece, resolved, size

LEFT, RIGHT = MemorySource(b"abcdefgh"), MemorySource(b"01234567")


def test_pieces_follow_one_another() -> None:
    splice = Splice([Piece(LEFT, 1, 3), piece(b"--"), Piece(RIGHT, 6, 8)], "made")
    assert (splice.name, splice.size) == ("made", 6)
    assert splice.read(0, 6) == b"bc--67"
    assert splice.read(4, 100) == b"67"
    assert splice.read(6, 9) == b""


def test_pieces_that_touch_are_one_and_empty_ones_are_none() -> None:
    parts = [Piece(LEFT, 0, 2), Piece(LEFT, 2, 2), Piece(LEFT, 2, 5), Piece(LEFT, 6, 7)]
    splice = Splice(parts, "")
    assert list(splice.pieces(0, splice.size)) == [Piece(LEFT, 0, 5), Piece(LEFT, 6, 7)]
    assert size(parts) == splice.size == 6
    assert Splice([], "").read(0, 1) == b""


def test_a_splice_of_a_splice_reads_where_that_does(tmp_path: Path) -> None:
    path = tmp_path / "data"
    path.write_bytes(b"0123456789")
    file = open_source(str(path))
    inner = Splice([Piece(file, 0, 4), Piece(LEFT, 0, 4), Piece(file, 4, 8)], "")
    outer = Splice([Piece(inner, 2, 6), Piece(inner, 7, 11)], "")
    assert list(resolved(Piece(outer, 0, outer.size))) == [
        Piece(file, 2, 4),
        Piece(LEFT, 0, 2),
        Piece(LEFT, 3, 4),
        Piece(file, 4, 7),
    ]
    assert outer.read(1, 7) == b"3abd45"


@given(st.data())
def test_any_part_reads_as_of_the_whole(data: st.DataObject) -> None:
    spans = st.tuples(st.sampled_from([LEFT, RIGHT]), st.integers(0, 8), st.integers(0, 8))
    parts = [Piece(s, min(a, b), max(a, b)) for s, a, b in data.draw(st.lists(spans))]
    splice = Splice(parts, "")
    whole = b"".join(each.source.read(each.start, each.end) for each in parts)
    start, end = data.draw(st.integers(0, 40)), data.draw(st.integers(0, 40))
    assert splice.read(start, end) == whole[start:end]
    nested = Splice([Piece(splice, min(start, splice.size), splice.size)], "")
    assert nested.read(0, nested.size) == whole[start:]


@pytest.mark.parametrize("end", [0, 3, 6])
def test_an_empty_part_is_empty(end: int) -> None:
    assert list(Splice([Piece(LEFT, 0, 6)], "").pieces(end, end)) == []
