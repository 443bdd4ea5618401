"""The sorted table of keys and values that TensorFlow's checkpoints are kept in.

It is LevelDB's table format: blocks of entries in the order of their keys, an index block with one
entry for each of them, and a footer that says where the index is. Every block ends with its
compression and its checksum. LevelDB's ``doc/table_format.md`` describes it; TensorFlow writes no
filter blocks and an empty metaindex.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pbtool.checkpoint.crc32c import crc32c, mask
from pbtool.checkpoint.snappy import decompress
from pbtool.errors import COPY_AGAIN, FileError
from pbtool.recognize import TABLE_FOOTER, is_table
from pbtool.varint import read_varint

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pbtool.source import Source

_TRAILER_SIZE = 5  # behind a block: a byte for its compression, and its masked checksum
_PLAIN, _SNAPPY = 0, 1

# Keys are written whole at least every 16th entry, so that they take at most 16 times their bytes.
_MOST_EXPANSION = 16


class _Handle(NamedTuple):
    """Where a block lies in the file, its trailer left out."""

    offset: int
    size: int


class _Span(NamedTuple):
    """One block by its place in the index: ``last_key`` is no less than any key in it."""

    last_key: bytes
    handle: _Handle


class Table:
    """The entries of a table, read a block at a time.

    Raises FileError, here and in every method, where the file is not a table or is damaged.
    """

    def __init__(self, source: Source) -> None:
        if not is_table(source):
            raise FileError("not a table, which a checkpoint's index is", place=source.name)
        self._source = source
        footer = source.read(source.size - TABLE_FOOTER, source.size)
        try:
            _, position = _handle(footer, 0)  # of the metaindex, which is empty
            index, _ = _handle(footer, position)
        except IndexError:
            raise self._damaged("the footer", source.size - TABLE_FOOTER) from None
        self._spans = self._read_index(index)

    def items(self) -> Iterator[tuple[bytes, bytes]]:
        """All keys and values, in the order of the keys."""
        for span in self._spans:
            yield from self._entries(span.handle)

    def get(self, key: bytes) -> bytes | None:
        """The value of a key, or None; reads the one block that may hold it."""
        from bisect import bisect_left

        position = bisect_left(self._spans, key, key=lambda span: span.last_key)
        for span in self._spans[position : position + 1]:
            for found, value in self._entries(span.handle):
                if found == key:
                    return value
        return None

    def _read_index(self, handle: _Handle) -> list[_Span]:
        spans = []
        end = 0
        for last_key, value in self._entries(handle):
            try:
                block, _ = _handle(value, 0)
            except IndexError:
                raise self._damaged("the index block", handle.offset) from None
            # An index that names a block twice could make a small file as long as it likes.
            if block.offset < end:
                raise self._damaged("the order of blocks", block.offset)
            end = block.offset + block.size
            spans.append(_Span(last_key, block))
        return spans

    def _entries(self, handle: _Handle) -> Iterator[tuple[bytes, bytes]]:
        try:
            yield from _entries(self._block(handle))
        except IndexError:
            raise self._damaged("a block", handle.offset) from None

    def _block(self, handle: _Handle) -> bytes:
        """The content of a block, verified and uncompressed."""
        offset, end = handle.offset, handle.offset + handle.size
        if end + _TRAILER_SIZE > self._source.size:
            raise FileError(
                f"a block of {handle.size} bytes at byte {offset} ends after the file, at byte "
                f"{self._source.size}",
                place=self._source.name,
                remedy=COPY_AGAIN,
            )
        data = memoryview(self._source.read(offset, end + _TRAILER_SIZE))
        content, kind, stored = data[: handle.size], data[handle.size], data[handle.size + 1 :]
        if mask(crc32c(data[: handle.size + 1])) != int.from_bytes(stored, "little"):
            raise FileError(
                f"the checksum of the block at byte {offset} does not match: the file is damaged",
                place=self._source.name,
                remedy=COPY_AGAIN,
            )
        if kind == _PLAIN:
            return bytes(content)
        if kind == _SNAPPY:
            try:
                return decompress(bytes(content))
            except FileError as error:
                raise self._damaged(f"a block ({error.message})", offset) from None
        raise FileError(
            f"the block at byte {offset} is compressed in an unknown way ({kind})",
            place=self._source.name,
        )

    def _damaged(self, what: str, offset: int) -> FileError:
        sentence = f"{what} at byte {offset} is damaged"
        return FileError(sentence, place=self._source.name, remedy=COPY_AGAIN)


def _entries(block: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The keys and values of a block; raises IndexError where it is malformed.

    The block ends with the offsets of the entries whose key is whole, and their number: what
    seeking in it needs. A key begins with as many bytes of the key before as the entry says.
    """
    restarts = int.from_bytes(block[-4:], "little")
    end = len(block) - 4 - 4 * restarts
    if end < 0:
        raise IndexError
    position, expanded, key = 0, 0, b""
    while position < end:
        shared, position = read_varint(block, position)
        unshared, position = read_varint(block, position)
        size, position = read_varint(block, position)
        value = position + unshared
        expanded += shared
        if shared > len(key) or value + size > end or expanded > _MOST_EXPANSION * end:
            raise IndexError
        key = key[:shared] + block[position:value]
        position = value + size
        yield key, block[value:position]


def _handle(data: bytes, position: int) -> tuple[_Handle, int]:
    """The block handle at ``position`` and where it ends; raises IndexError where it is cut off."""
    offset, position = read_varint(data, position)
    size, position = read_varint(data, position)
    return _Handle(offset, size), position
