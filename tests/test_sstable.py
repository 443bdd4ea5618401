"""Tables: what was written is read, and what is damaged is told with its place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pbtool.checkpoint.sstable import Table
from pbtool.errors import FileError
from pbtool.recognize import is_table
from pbtool.source import MemorySource
from tests.checkpoint_writer import (
    MAGIC,
    block,
    footer,
    handle,
    snappy,
    stored_block,
    table,
    varint,
)

ITEMS = [
    (b"", b"header"),
    (b"dense/bias", b"1"),
    (b"dense/kernel", b"2" * 300),
    (b"dense/kernel/Adam", b""),
    (b"dense_1/bias", b"4"),
    (b"\x00part\x00\x01\x01\x01\x80\x81", b"5"),
    (b"z\xff", b"6"),
]


def read(data):
    return Table(MemorySource(data, "model.index"))


@pytest.mark.parametrize("per_block", [1, 3, 100])
@pytest.mark.parametrize("compress", [None, snappy], ids=["plain", "snappy"])
@pytest.mark.parametrize("restart_interval", [1, 2, 16])
def test_entries_come_in_order_and_are_found(per_block, compress, restart_interval):
    data = table(ITEMS, per_block=per_block, compress=compress, restart_interval=restart_interval)
    assert list(read(data).items()) == sorted(ITEMS)
    assert all(read(data).get(key) == value for key, value in ITEMS)
    for missing in (b"\0", b"a", b"dense/kerne", b"dense/kernel/Adam_1", b"z\xff\0", b"\xff"):
        assert read(data).get(missing) is None


def test_an_empty_table_has_no_entries():
    assert list(read(table([])).items()) == []
    assert read(table([])).get(b"") is None


@given(st.dictionaries(st.binary(max_size=9), st.binary(max_size=9), max_size=40))
def test_any_entries_come_back(entries):
    data = table(entries.items())
    assert dict(read(data).items()) == entries
    assert [key for key, _ in read(data).items()] == sorted(entries)


def test_only_the_block_with_the_key_is_read():
    data = bytearray(table(ITEMS, per_block=1))
    data[data.index(b"header")] ^= 1
    assert read(bytes(data)).get(b"dense/bias") == b"1"
    with pytest.raises(FileError, match="the block at byte 0 does not match"):
        read(bytes(data)).get(b"")


def test_a_table_is_known_by_its_end():
    assert is_table(MemorySource(table(ITEMS)))
    assert not is_table(MemorySource(table(ITEMS)[:-1]))
    assert not is_table(MemorySource(MAGIC))


# --- damage -------------------------------------------------------------------------------------


def one_block(content, kind=0, index=None):
    """A table of one block, which may be anything."""
    stored = stored_block(content, kind)
    entries = [(b"z", handle(0, stored))] if index is None else index
    stored_index = stored_block(block(entries, 1))
    return stored + stored_index + footer(handle(len(stored), stored_index))


ONE_RESTART = b"\0\0\0\0\1\0\0\0"
GOOD = block([(b"key", b"value")])


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "not a table"),
        (b"x" * 100, "not a table"),
        (table(ITEMS)[:-3], "not a table"),
        (bytes(8) + b"\xff" * 40 + MAGIC, "the footer at byte 8 is damaged"),
        (
            footer(varint(3) + varint(1 << 40)),
            "a block of 1099511627776 bytes at byte 3 ends after",
        ),
        (footer(varint(0) + varint(44)), "a block of 44 bytes at byte 0 ends after"),
        (footer(varint(0) + varint(43)), "the block at byte 0 does not match"),
        (footer(varint(1 << 62) + varint(1)), "at byte 4611686018427387904 ends after the file"),
        (one_block(GOOD, 2), "at byte 0 is compressed in an unknown way \\(2\\)"),
        (one_block(b"\x09\0a", 1), "other than the 9 bytes that it declares\\) at byte 0"),
        (one_block(b""), "a block at byte 0 is damaged"),
        (one_block(b"\xff\xff\xff\xff"), "a block at byte 0 is damaged"),  # restarts
        (one_block(b"\1\0\0" + ONE_RESTART), "a block at byte 0 is damaged"),  # shares a first key
        (one_block(b"\0\1\x7f" + GOOD), "a block at byte 0 is damaged"),  # a value beyond the block
        (one_block(b"\0\x7f\1" + GOOD), "a block at byte 0 is damaged"),
        (one_block(b"\0\1" + b"\xff" * 11 + GOOD), "a block at byte 0 is damaged"),
        (one_block(b"\0\1\3abc" + ONE_RESTART), "a block at byte 0 is damaged"),
        (one_block(GOOD, index=[(b"z", b"\x80")]), "the index block at byte 24 is damaged"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_damage_is_told_with_its_place(data, sentence):
    with pytest.raises(FileError, match=sentence) as raised:
        list(read(data).items())
    assert str(raised.value).startswith("model.index: ")


def test_a_block_that_the_index_names_twice_is_refused():
    """It would make a small file as long as it likes."""
    stored = stored_block(GOOD)
    twice = [(b"y", handle(0, stored)), (b"z", handle(0, stored))]
    with pytest.raises(FileError, match="the order of blocks at byte 0"):
        read(one_block(GOOD, index=twice))


def test_keys_that_expand_without_end_are_refused():
    """Each entry of three bytes repeats a key of thousands."""
    entries = b"\0" + varint(5000) + b"\0" + b"k" * 5000 + (varint(5000) + b"\0\0") * 5000
    data = one_block(entries + ONE_RESTART)
    with pytest.raises(FileError, match="a block at byte 0 is damaged"):
        list(read(data).items())


@given(st.data())
def test_a_changed_byte_is_told_or_does_not_matter(data):
    content = bytearray(table(ITEMS))
    position = data.draw(st.integers(0, len(content) - 1))
    content[position] ^= data.draw(st.integers(1, 255))
    try:
        items = list(read(bytes(content)).items())
    except FileError:
        return
    assert items == sorted(ITEMS)


@given(st.binary(max_size=80), st.integers(0, 1))
def test_arbitrary_blocks_raise_nothing_else(content, kind):
    try:
        list(read(one_block(content, kind)).items())
    except FileError as error:
        assert error.place == "model.index"


@given(st.binary(max_size=40))
def test_arbitrary_footers_raise_nothing_else(handles):
    data = stored_block(GOOD) + handles.ljust(40, b"\0") + MAGIC
    try:
        list(read(data).items())
    except FileError as error:
        assert error.place == "model.index"
