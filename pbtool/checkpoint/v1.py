"""The format of checkpoints before TensorFlow 1.0, which ``Saver(write_version=1)`` still writes.

A checkpoint is one table, or several that hold different tensors: ``PREFIX-00000-of-00002`` and so
on. Under the empty key are the names, types and shapes of its tensors and the parts that they were
saved in, under the key of each part its values.
"""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any, NamedTuple

from pbtool import dtypes
from pbtool.checkpoint.messages import check_version, parse
from pbtool.checkpoint.model import Checkpoint, Entry, Piece
from pbtool.checkpoint.slices import Slice, join_key, name_code
from pbtool.checkpoint.sstable import Table
from pbtool.errors import FileError
from pbtool.schema import SavedSliceMeta, SavedTensorSliceMeta, SavedTensorSlices
from pbtool.shapes import Shape, count_elements
from pbtool.source import open_source

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray


def read_v1(prefix: str, paths: Mapping[int, str], missing: Sequence[str]) -> Checkpoint:
    """The checkpoint in these files, which are given by their numbers."""
    entries: dict[str, Entry] = {}
    for shard, path in paths.items():
        meta = _meta(path)
        check_version(meta.versions, path)
        for tensor in meta.tensor:
            _add(entries, tensor, shard, path)
    return Checkpoint(
        kind="CheckpointV1",
        prefix=prefix,
        files=list(paths.values()),
        missing_shards=missing,
        num_shards=len(paths) + len(missing),
        versions=meta.versions,
        entries=dict(sorted(entries.items(), key=lambda item: item[0].encode())),
        store=Tables(paths),
    )


def _meta(path: str) -> SavedTensorSliceMeta:
    return _value(path, b"").meta


def _add(entries: dict[str, Entry], tensor: SavedSliceMeta, shard: int, path: str) -> None:
    """Add what one file holds of a tensor; others may hold other parts of it."""
    shape = Shape.from_proto(tensor.shape)
    pieces = [Piece(Slice.from_proto(part), shard) for part in tensor.slice]
    known = entries.get(tensor.name)
    if known is not None:
        if (known.dtype, known.shape) != (tensor.type, shape):
            raise FileError(
                f"the files of this checkpoint do not agree on the tensor {tensor.name!r}",
                place=path,
                remedy="they may be of different checkpoints",
            )
        pieces = [*known.pieces, *pieces]
    entries[tensor.name] = Entry(
        tensor.name, tensor.type, shape, _size(tensor.type, shape), tuple(pieces)
    )


def _size(dtype: int, shape: Shape) -> int | None:
    """The bytes that the elements take in memory: no file of this format says what they take there.

    None where that is not known, and for more than there can be.
    """
    row, elements = dtypes.BY_NUMBER.get(dtype), shape.elements
    if row is None or row.size == 0 or elements is None or elements >= 1 << 63:
        return None
    return row.size * elements


class Tables(NamedTuple):
    """The files by their numbers."""

    paths: Mapping[int, str]
    keeps_elements: bool = False  # they lie in blocks, which may be compressed

    def path(self, shard: int) -> str:
        """The path of a file."""
        return self.paths[shard]

    def read(self, entry: Entry, piece: Piece, shape: tuple[int, ...]) -> NDArray[Any]:
        """The values of one piece, which has this shape; raises FileError for damage."""
        from pbtool import tensors

        key = join_key(name_code(entry.name.encode()), piece.slice.code())
        # The writer leaves out what the first entry says already.
        tensor = _value(self.path(piece.shard), key).data.data
        tensor.dtype = entry.dtype
        tensor.ClearField("tensor_content")
        tensor.ClearField("tensor_shape")
        for size in shape:
            tensor.tensor_shape.dim.add(size=size)
        listed, stated = tensors.count_listed(tensor), count_elements(shape)
        if listed != stated:
            raise FileError(f"{listed} values are saved for {stated} elements")
        return tensors.to_numpy(tensor)

    def windows(self, _piece: Piece, _size: int) -> Iterator[bytes]:
        """Nothing: values lie in messages here, which are read whole."""
        return iter(())


def _value(path: str, key: bytes) -> SavedTensorSlices:
    with closing(open_source(path)) as source:
        value = Table(source).get(key)
    if value is None:
        raise FileError("the table lacks an entry that its first one names", place=path)
    return parse(SavedTensorSlices, key, value, path)
