"""Shape rules for the ops of io_ops.cc."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pbtool.errors import ShapeError
from pbtool.facts import Fact
from pbtool.infer.patterns import patterns
from pbtool.infer.registry import shape_rule
from pbtool.infer.shape_functions import check_rank
from pbtool.shapes import UNKNOWN, Shape, merge_dimensions

patterns("""
    -> [2]
        FixedLengthRecordReader IdentityReader LMDBReader TFRecordReader TextLineReader
        WholeFileReader
    -> []
        FixedLengthRecordReaderV2 IdentityReaderV2 TFRecordReaderV2 TextLineReaderV2
        WholeFileReaderV2
    [2] -> []
        ReaderNumRecordsProduced ReaderNumWorkUnitsCompleted ReaderSerializeState
    [] -> []
        ReadFile ReaderNumRecordsProducedV2 ReaderNumWorkUnitsCompletedV2 ReaderSerializeStateV2
    [] ; [] -> []
        ShardedFilespec
    [] ; [] ; [] -> []
        ShardedFilename
    [2] ; [2] -> [] ; []
        ReaderRead
    [] ; [] -> [] ; []
        ReaderReadV2
    [?] ; [?] ; [] -> [?] ; [?]
        ReaderReadUpTo
    [] ; [] ; [] -> [?] ; [?]
        ReaderReadUpToV2
    [] | [?] -> [?]
        MatchingFiles
    [] ; [] -> _
        Restore
    [2] ->
        ReaderReset
    [] ->
        ReaderResetV2
    [2] ; [] ->
        ReaderRestoreState
    [] ; [] ->
        ReaderRestoreStateV2 WriteFile
    [?] ; [] ->
        MergeV2Checkpoints
""")


@shape_rule("Save")
def save(filename: Fact, tensor_names: Fact, data: Sequence[Fact]) -> None:
    """A name for each tensor."""
    filename.shape.with_rank(0)
    merge_dimensions(tensor_names.shape.with_rank(1)[0], len(data))


@shape_rule("SaveSlices SaveV2")
def save_slices(
    filename: Fact, tensor_names: Fact, shapes_and_slices: Fact, data: Sequence[Fact]
) -> None:
    """A name and a slice for each tensor."""
    save(filename, tensor_names, data)
    save(filename, shapes_and_slices, data)


@shape_rule("RestoreSlice")
def restore_slice(
    file_pattern: Fact,
    tensor_name: Fact,
    shape_and_slice: Fact,
    *,
    texts: tuple[tuple[bytes, ...] | None, ...],
) -> Shape:
    """A slice of a tensor, where a constant says which."""
    check_rank(0, file_pattern, tensor_name, shape_and_slice)
    return _slice_shape(texts[2][0]) if texts[2] else UNKNOWN


@shape_rule("RestoreV2")
def restore_v2(
    prefix: Fact,
    tensor_names: Fact,
    shape_and_slices: Fact,
    *,
    texts: tuple[tuple[bytes, ...] | None, ...],
    dtypes: tuple[int, ...],
) -> list[Shape]:
    """Slices of tensors, where a constant says which."""
    prefix.shape.with_rank(0)
    slices = shape_and_slices.shape.merge(tensor_names.shape).with_rank(1)
    if texts[2] is None:
        return [UNKNOWN] * len(dtypes)
    if slices[0] != len(dtypes):
        raise ShapeError(f"{slices[0]} slices are given for {len(dtypes)} tensors")
    stated = texts[2] or (b"",)
    return [_slice_shape(stated[min(at, len(stated) - 1)]) for at in range(len(dtypes))]


def _slice_shape(text: bytes) -> Shape:
    """The shape of a slice, such as ``4 30 0,2:-``: the sizes, then start and size, or all."""
    *sizes, last = text.split(b" ")
    places = last.split(b":")
    if not text:
        return UNKNOWN
    if not sizes or len(sizes) != len(places):
        raise ShapeError(f"{text!r} is no slice of a tensor")
    try:
        return Shape(_slice_sizes(sizes, places))
    except ValueError:
        raise ShapeError(f"{text!r} is no slice of a tensor") from None


def _slice_sizes(sizes: list[bytes], places: list[bytes]) -> Iterator[int]:
    for size, place in zip(map(int, sizes), places, strict=True):
        if place == b"-":
            yield size
            continue
        start, length = map(int, place.split(b","))
        if start < 0 or length <= 0 or start + length > size:
            raise ShapeError(f"{length} elements from {start} are no part of {size}")
        yield length
