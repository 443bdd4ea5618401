"""Checks of checkpoints: that every tensor is there, whole, and in a place of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pbtool import dtypes
from pbtool.checks.finding import Found
from pbtool.errors import COPY_AGAIN, PbtoolError

if TYPE_CHECKING:
    from pbtool.checkpoint import Checkpoint


def missing_shards(checkpoint: Checkpoint) -> Iterator[Found]:
    """Files of the checkpoint that are not there."""
    for path in checkpoint.missing_shards:
        yield Found(None, f"the file {path!r} is missing", "copy it there, beside the index")


def short_shards(checkpoint: Checkpoint) -> Iterator[Found]:
    """Files that are shorter than the index says, or longer."""
    ends: dict[str, int] = {}
    for path, _, end, _ in _spans(checkpoint):
        ends[path] = max(ends.get(path, 0), end)
    for path, end in sorted(ends.items()):
        size = _size(path)
        if size is None or size == end:
            continue
        what = "is cut short" if size < end else "is longer than its tensors"
        sentence = f"{path!r} {what}: it has {size:,} bytes, the index tells of {end:,}"
        yield Found(None, sentence, COPY_AGAIN, severity="" if size < end else "warning")


def overlaps(checkpoint: Checkpoint) -> Iterator[Found]:
    """Tensors that lie on the same bytes."""
    last_path, last_end, last_name = "", 0, ""
    for path, start, end, name in sorted(_spans(checkpoint)):
        if path == last_path and start < last_end and start < end:
            sentence = f"overlaps {last_name!r} at byte {start:,} of {path!r}"
            yield Found(name, sentence, "the index is damaged")
        if path != last_path or end > last_end:
            last_path, last_end, last_name = path, end, name


def odd_sizes(checkpoint: Checkpoint) -> Iterator[Found]:
    """Tensors of another size than their type and shape take."""
    from pbtool import tensors  # numpy, which costs more than the check of a graph

    for name, entry in checkpoint.entries.items():
        if entry.is_partitioned or entry.size is None or not entry.shape.is_full:
            continue
        size = tensors.payload_bytes(entry.dtype, entry.shape)
        if size is not None and size != entry.size:
            what = f"{dtypes.name(entry.dtype)}{entry.shape}"
            yield Found(name, f"takes {entry.size:,} bytes, but {what} would take {size:,}")


def damaged_tensors(checkpoint: Checkpoint) -> Iterator[Found]:
    """Tensors that cannot be read: their checksum, their size or their strings are wrong."""
    there = {path for path in checkpoint.files if _size(path) is not None}
    for name, entry in checkpoint.entries.items():
        row = dtypes.BY_NUMBER.get(entry.dtype)
        if (row is not None and not row.numpy) or not there:
            continue  # only TensorFlow decodes variants
        try:
            checkpoint.tensor(name)
        except PbtoolError as error:
            if "missing" not in error.message:  # another check's
                yield Found(name, error.message, error.remedy)


def _spans(checkpoint: Checkpoint) -> Iterator[tuple[str, int, int, str]]:
    """Where each piece lies: the path of its file, the first byte and the one behind the last."""
    for name, entry in checkpoint.entries.items():
        for piece in entry.pieces:
            if piece.offset is not None and piece.size is not None:
                path = checkpoint.file_of(piece)
                yield path, piece.offset, piece.offset + piece.size, name


def _size(path: str) -> int | None:
    try:
        return Path(path).stat().st_size
    except OSError:
        return None
