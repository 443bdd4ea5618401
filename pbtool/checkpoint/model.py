"""A checkpoint as a mapping from names to tensors, whatever the format of its files."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from pbtool import dtypes
from pbtool.checkpoint.crc32c import mask
from pbtool.checkpoint.slices import Slice
from pbtool.errors import COPY_AGAIN, FileError, NotFoundError, PbtoolError, TensorError
from pbtool.shapes import count_elements

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from pbtool.schema import VersionDef
    from pbtool.shapes import Shape


class Piece(NamedTuple):
    """One stored stretch of a tensor: all of it, or one part of a partitioned variable.

    ``shard`` is the number of the file that it lies in. ``size`` is in bytes, as stored;
    ``checksum`` is the masked CRC-32C of them. A checkpoint of the first format finds its pieces by
    key: offset, size and checksum are None.
    """

    slice: Slice
    shard: int
    offset: int | None = None
    size: int | None = None
    checksum: int | None = None

    def verify(self, checksum: int) -> None:
        """Raise FileError unless the stored bytes, whose CRC-32C this is, are what was written."""
        if mask(checksum) != self.checksum:
            raise FileError(
                f"the checksum of the {self.size:,} bytes at byte {self.offset:,} does not match: "
                "the shard is damaged",
                remedy=COPY_AGAIN,
            )


class Entry(NamedTuple):
    """One tensor of a checkpoint, as its index states it.

    ``dtype`` is a number of ``pbtool.dtypes``; ``size`` the bytes of all its pieces, None where the
    index does not tell (strings in the first format).
    """

    name: str
    dtype: int
    shape: Shape
    size: int | None
    pieces: tuple[Piece, ...]

    @property
    def shards(self) -> tuple[int, ...]:
        """The numbers of the files that it lies in; more than one only if it is partitioned."""
        return tuple(sorted({piece.shard for piece in self.pieces}))

    @property
    def is_partitioned(self) -> bool:
        """Whether it was saved in parts."""
        return len(self.pieces) != 1 or not self.pieces[0].slice.is_whole


class Store(Protocol):
    """The files that a checkpoint's values lie in, as one format keeps them."""

    @property
    def keeps_elements(self) -> bool:
        """Whether numbers lie there as a TensorProto's ``tensor_content`` has them."""

    def path(self, shard: int) -> str:
        """The path of the file with this number."""

    def read(self, entry: Entry, piece: Piece, shape: tuple[int, ...]) -> NDArray[Any]:
        """The values of one piece, which has this shape; raises FileError for damage."""

    def windows(self, piece: Piece, size: int) -> Iterator[bytes]:
        """The bytes of one piece, so many at a time, where elements lie one behind the other."""


class Checkpoint:
    """An opened checkpoint: it lists its tensors, and reads one when asked.

    ``kind`` is ``TensorBundle``, or ``CheckpointV1`` for the format before TensorFlow 1.0.
    ``path`` is the file that was read to list the tensors, ``files`` are all files that are there,
    and ``missing_shards`` those that tensors lie in and that are not. ``entries`` come in the order
    of their names' bytes. No file stays open.
    """

    def __init__(
        self,
        *,
        kind: str,
        prefix: str,
        files: Sequence[str],
        missing_shards: Sequence[str],
        num_shards: int,
        versions: VersionDef,
        entries: Mapping[str, Entry],
        store: Store,
    ) -> None:
        self.kind = kind
        self.prefix = prefix
        self.path = files[0]
        self.files = tuple(files)
        self.missing_shards = tuple(missing_shards)
        self.num_shards = num_shards
        self.versions = versions
        self.entries = entries
        self._store = store

    def tensor(self, name: str) -> NDArray[Any]:
        """The values of a tensor, in its shape; of the numpy type that ``pbtool.dtypes`` names.

        Partitioned variables come whole. Checksums are verified. Raises NotFoundError for a name
        that is not in ``entries``, FileError where the files are damaged or not there, and
        TensorError for types that have no values (variants).
        """
        entry = self.entries.get(name)
        if entry is None:
            raise self._not_found(name)
        dtype = dtypes.BY_NUMBER.get(entry.dtype)
        place = f"{self.path}, tensor {name!r}"
        if dtype is None or not dtype.numpy:
            raise TensorError(
                f"a tensor of type {dtypes.name(entry.dtype)} has no values that can be read",
                place=place,
                remedy="only TensorFlow decodes the objects that it holds" if dtype else "",
            )
        try:
            return self._whole(entry)
        except PbtoolError as error:
            error.place = error.place or place
            raise
        except (MemoryError, ValueError) as error:  # ValueError: numpy's limits of rank and size
            sentence = f"an array cannot hold {dtype.name}{entry.shape} here ({error})"
            raise TensorError(sentence, place=place) from None

    def layout(self, name: str) -> list[tuple[int, Piece]] | None:
        """The pieces of a tensor, and where in all its bytes those of each begin.

        None where the files do not have the bytes so: of strings, in the first format, in the order
        of another machine, and of parts that are not rows one below the other.
        """
        entry = self.entries[name]
        dtype = dtypes.BY_NUMBER.get(entry.dtype)
        if not self._store.keeps_elements or not (dtype and dtype.size):
            return None
        return _rows(entry) if entry.is_partitioned else [(0, entry.pieces[0])]

    def windows(self, name: str, piece: Piece, size: int) -> Iterator[bytes]:
        """The bytes of a piece of ``layout``, ``size`` at a time; none are verified.

        Raises FileError where the shard is not there or too short.
        """
        with self._place(self.entries[name], piece):
            yield from self._store.windows(piece, size)

    def verify(self, name: str, piece: Piece, checksum: int) -> None:
        """Raise FileError unless the bytes of a piece have this CRC-32C."""
        with self._place(self.entries[name], piece):
            piece.verify(checksum)

    def stored(self, name: str) -> tuple[str, int, int] | None:
        """The file in which the elements of a tensor lie as ``tensor_content`` has them, where they
        start there and where they end. None where they have to be decoded.
        """
        entry = self.entries[name]
        dtype = dtypes.BY_NUMBER.get(entry.dtype)
        if entry.is_partitioned or not self._store.keeps_elements or not (dtype and dtype.size):
            return None
        piece = entry.pieces[0]
        if piece.offset is None or piece.size is None:
            return None
        return self.file_of(piece), piece.offset, piece.offset + piece.size

    def file_of(self, piece: Piece) -> str:
        """The path of the file that a piece of a tensor lies in."""
        return self._store.path(piece.shard)

    def _whole(self, entry: Entry) -> NDArray[Any]:
        shape = _sizes(entry.shape)
        if not entry.is_partitioned:
            return self._part(entry, entry.pieces[0], shape)
        ranges = [piece.slice.within(shape) for piece in entry.pieces]
        parts = [tuple(each.stop - each.start for each in part) for part in ranges]
        saved, stated = sum(map(count_elements, parts)), count_elements(shape)
        if saved != stated:  # before memory is taken for all of them
            raise FileError(f"its parts have {saved} elements, not the {stated} of {entry.shape}")
        import numpy as np

        whole = np.empty(shape, dtypes.BY_NUMBER[entry.dtype].numpy)
        filled = np.zeros(shape, bool)
        for piece, part, part_shape in zip(entry.pieces, ranges, parts, strict=True):
            if filled[part].any():
                raise FileError("two of its parts overlap: the index is damaged")
            filled[part] = True
            whole[part] = self._part(entry, piece, part_shape)
        whole.flags.writeable = False
        return whole

    def _part(self, entry: Entry, piece: Piece, shape: tuple[int, ...]) -> NDArray[Any]:
        with self._place(entry, piece):
            return self._store.read(entry, piece, shape)

    @contextmanager
    def _place(self, entry: Entry, piece: Piece) -> Iterator[None]:
        """Tell of errors in which file, and with which tensor, they happened."""
        try:
            yield
        except PbtoolError as error:
            error.place = f"{self.file_of(piece)}, tensor {entry.name!r}"
            raise

    def _not_found(self, name: str) -> NotFoundError:
        from difflib import get_close_matches

        near = get_close_matches(name, self.entries, 3)
        return NotFoundError(
            f"no tensor is named {name!r}",
            place=self.path,
            remedy=f"did you mean {' or '.join(map(repr, near))}?" if near else "",
        )

    def __repr__(self) -> str:
        return f"<Checkpoint {self.prefix!r}: {self.kind}, {len(self.entries):,} tensors>"


def _rows(entry: Entry) -> list[tuple[int, Piece]] | None:
    """Parts of a tensor that are rows one below the other, and where each begins; else None."""
    if not (entry.shape.dims and entry.shape.dims[0] and entry.size):
        return None
    row = entry.size // entry.shape.dims[0]
    found, end = [], 0
    for piece in sorted(entry.pieces):
        first, *others = piece.slice.extents or [(-1, 0)]
        if first[0] * row != end or not Slice(tuple(others)).is_whole:
            return None
        found.append((end, piece))
        end += piece.size or 0
    return found


def _sizes(shape: Shape) -> tuple[int, ...]:
    sizes = tuple(size for size in shape.dims or () if size is not None)
    if not shape.is_full:
        raise FileError(f"a saved tensor cannot have the shape {shape}: the index is damaged")
    return sizes
