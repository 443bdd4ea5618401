"""The shards of a TensorBundle: files of nothing but elements, found through the index."""

from __future__ import annotations

from contextlib import closing
from itertools import accumulate, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from pbtool import dtypes
from pbtool.checkpoint.crc32c import crc32c, mask
from pbtool.errors import COPY_AGAIN, FileError
from pbtool.shapes import count_elements
from pbtool.source import FileSource
from pbtool.varint import read_varint

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from pbtool.checkpoint.model import Entry, Piece

ByteOrder = Literal["little", "big"]


class Shards(NamedTuple):
    """The shards beside an index, whose path alone their names come from.

    ``byte_order`` is that of the machine that wrote them.
    """

    prefix: str
    number: int
    byte_order: ByteOrder

    @property
    def keeps_elements(self) -> bool:
        """Whether numbers lie in the shards in the order of bytes that a TensorProto has."""
        return self.byte_order == "little"

    def path(self, shard: int) -> str:
        """The path of a shard."""
        return f"{self.prefix}.data-{shard:05d}-of-{self.number:05d}"

    def read(self, entry: Entry, piece: Piece, shape: tuple[int, ...]) -> NDArray[Any]:
        """The values of one piece, which has this shape, its checksum verified.

        Raises FileError where the shard is not there, too short, or damaged.
        """
        decode = _strings if entry.dtype == dtypes.STRING else _elements
        data = b"".join(_windows(self.path(piece.shard), piece, piece.size or 1))
        return decode(data, piece, entry.dtype, shape, self.byte_order)

    def windows(self, piece: Piece, size: int) -> Iterator[bytes]:
        """The bytes of one piece, so many at a time; their checksum is not verified.

        Raises FileError where the shard is not there or too short.
        """
        return _windows(self.path(piece.shard), piece, size)


def _windows(path: str, piece: Piece, step: int) -> Iterator[bytes]:
    """The bytes of a piece, ``step`` at a time."""
    start, size = piece.offset or 0, piece.size or 0
    try:
        # Not unpacked where it looks like gzip: elements may begin with any bytes.
        with Path(path).open("rb") as file:
            source = FileSource(file, path)
    except FileNotFoundError:
        raise FileError(
            "this shard of the checkpoint is missing", remedy="copy it there, beside the index"
        ) from None
    except OSError as error:
        raise FileError(error.strerror or str(error)) from None
    with closing(source):
        end = start + size
        if start < 0 or size < 0 or end > source.size:
            raise FileError(
                f"bytes {start:,} to {end:,} are not in this shard, which has {source.size:,}",
                remedy=COPY_AGAIN,
            )
        for at in range(start, end, step):
            yield source.read(at, min(at + step, end))


def _elements(
    data: bytes, piece: Piece, dtype: int, shape: tuple[int, ...], byte_order: ByteOrder
) -> NDArray[Any]:
    """The values of elements that lie one behind the other."""
    piece.verify(crc32c(data))
    from pbtool import tensors

    return tensors.from_bytes(_little(data, dtype) if byte_order == "big" else data, dtype, shape)


def _little(data: bytes, dtype: int) -> bytes:
    """Elements of the other byte order."""
    import numpy as np

    row = dtypes.BY_NUMBER[dtype]
    width = row.size // 2 if row.name.startswith("complex") else row.size
    if len(data) % width:  # not a whole number of elements: let the size be complained of
        return data
    swapped: bytes = np.frombuffer(data, f"u{width}").byteswap().tobytes()
    return swapped


def _strings(
    data: bytes, piece: Piece, _: int, shape: tuple[int, ...], byte_order: ByteOrder
) -> NDArray[Any]:
    """The values of strings: their lengths as varints, a checksum of the lengths, their bytes.

    A checksum takes a length as four bytes, or eight where it needs them: TensorFlow's
    ``WriteStringTensor``.
    """
    count = count_elements(shape)
    if count > len(data):
        raise FileError(f"{len(data):,} bytes hold no {count:,} strings: the index is damaged")
    lengths, position = [], 0
    try:
        for _ in range(count):
            length, position = read_varint(data, position)
            lengths.append(length)
    except IndexError:
        raise FileError("the lengths of the strings are damaged", remedy=COPY_AGAIN) from None
    words = (length.to_bytes(4 if length < 1 << 32 else 8, byte_order) for length in lengths)
    checksum = crc32c(b"".join(words))
    begin = position + 4
    stored = data[position:begin]
    if stored and mask(checksum) != int.from_bytes(stored, byte_order):
        raise FileError("the lengths of the strings are damaged", remedy=COPY_AGAIN)
    piece.verify(crc32c(memoryview(data)[begin:], crc32c(stored, checksum)))
    if begin + sum(lengths) != max(begin, len(data)):
        raise FileError("the strings are not as long as their lengths say", remedy=COPY_AGAIN)
    import numpy as np

    values = np.empty(count, object)
    values[:] = [data[start:end] for start, end in pairwise(accumulate(lengths, initial=begin))]
    values.flags.writeable = False
    return values.reshape(shape)
