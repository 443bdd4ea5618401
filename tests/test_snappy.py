"""Snappy blocks: every kind of element, and every way to be damaged."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pbtool.checkpoint import snappy as module
from pbtool.checkpoint.snappy import decompress
from pbtool.errors import FileError
from tests.checkpoint_writer import snappy, snappy_copy, snappy_literal, varint

LONG = bytes(range(256)) * 280  # further back than two bytes of offset reach


@pytest.mark.parametrize(
    ("elements", "expected"),
    [
        ([], b""),
        ([snappy_literal(b"a")], b"a"),
        ([snappy_literal(b"x" * 60)], b"x" * 60),  # the longest whose length is in the tag
        ([snappy_literal(b"x" * 61)], b"x" * 61),
        ([snappy_literal(b"x" * 257)], b"x" * 257),
        ([snappy_literal(LONG)], LONG),  # three bytes of length
        ([b"\xfc\x02\0\0\0abc"], b"abc"),  # four
        ([snappy_literal(b"abcdefgh"), snappy_copy(8, 4)], b"abcdefghabcd"),
        ([snappy_literal(b"abcdefgh"), snappy_copy(4, 11)], b"abcdefghefghefghefg"),
        ([snappy_literal(b"ab"), snappy_copy(1, 64)], b"a" + b"b" * 65),
        ([snappy_literal(b"ab"), snappy_copy(2, 2)], b"abab"),
        ([snappy_literal(LONG[:2047]), snappy_copy(2047, 5)], LONG[:2047] + LONG[:5]),
        ([snappy_literal(LONG[:2048]), snappy_copy(2048, 5)], LONG[:2048] + LONG[:5]),
        ([snappy_literal(LONG), snappy_copy(len(LONG), 64)], LONG + LONG[:64]),
    ],
)
def test_elements(elements, expected):
    assert decompress(varint(len(expected)) + b"".join(elements)) == expected


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "ends in the middle"),
        (b"\x80", "ends in the middle"),
        (b"\x80" * 11, "ends in the middle"),
        (b"\x03\x08ab", "ends in the middle"),  # of a literal
        (b"\x03\xf0", "ends in the middle"),  # of a literal's length
        (b"\x05\0a\x01", "ends in the middle"),  # of a copy's offset
        (b"\x05\0a\x12\x01", "ends in the middle"),
        (b"\x05\0a\x13\x01\0\0", "ends in the middle"),
        (b"\x05\0a\x01\0", "before its beginning"),  # an offset of zero
        (b"\x05\0a\x01\x02", "before its beginning"),
        (b"\x02\0a", "other than the 2 bytes"),
        (b"\x00\0a", "other than the 0 bytes"),
    ],
)
def test_damage_is_told(data, sentence):
    with pytest.raises(FileError, match=sentence):
        decompress(data)


def test_a_bomb_stops_at_the_length_that_it_declares(monkeypatch):
    bomb = varint(10) + snappy_literal(b"a") + snappy_copy(1, 64) * 1000
    read = []
    element = module._element
    monkeypatch.setattr(module, "_element", lambda *call: read.append(1) or element(*call))
    with pytest.raises(FileError, match="other than the 10 bytes"):
        decompress(bomb)
    assert len(read) == 2


@given(
    st.lists(st.sampled_from([b"weights", b"bias/", b"\0\0\0\0", b"Adam", b"\xff"]), max_size=90)
)
@example([b"\0" * 3000])
@example([LONG])
def test_what_is_compressed_comes_back(pieces):
    data = b"".join(pieces)
    assert decompress(snappy(data)) == data


@given(st.binary(max_size=60))
def test_arbitrary_bytes_raise_nothing_else(data):
    try:
        result = decompress(data)
    except FileError:
        return
    assert len(result) <= 22 * len(data)
