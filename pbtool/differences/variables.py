"""What changed between the tensors of two checkpoints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pbtool import dtypes, schema
from pbtool.checkpoint import unlike_windows
from pbtool.differences.changes import Added, Changed, Content, Removed
from pbtool.errors import PbtoolError, TensorError
from pbtool.shapes import count_elements

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pbtool.checkpoint import Checkpoint, Window
    from pbtool.differences.changes import Change, Comparison
    from pbtool.differences.elements import Part
    from pbtool.differences.options import Options, Tolerance


def diff_variables(a: Checkpoint, b: Checkpoint, options: Options) -> Iterator[Change]:
    """The changes that turn one checkpoint's tensors into the other's, by their names."""
    for name in sorted({*a.entries, *b.entries}):
        if not options.wants(name):
            continue
        if name not in b.entries:
            yield Removed("variable", name, _variable(a, name))
        elif name not in a.entries:
            yield Added("variable", name, _variable(b, name))
        elif change := _changed(a, b, name, options):
            yield change


def _variable(checkpoint: Checkpoint, name: str) -> Content[schema.TensorProto]:
    """A tensor of a checkpoint, whose elements are read when asked for."""
    entry = checkpoint.entries[name]
    tensor = schema.TensorProto(dtype=entry.dtype)
    for size in entry.shape.dims or ():
        tensor.tensor_shape.dim.add(size=-1 if size is None else size)

    def load() -> schema.TensorProto:
        from pbtool import tensors

        return tensors.to_proto(checkpoint.tensor(name), entry.dtype)

    return Content(tensor, load)


def _changed(a: Checkpoint, b: Checkpoint, name: str, options: Options) -> Changed | None:
    old, new = a.entries[name], b.entries[name]
    changed = Changed("variable", name, _variable(a, name), _variable(b, name))
    if (old.dtype, old.shape) != (new.dtype, new.shape):
        return changed
    if options.ignores("weights"):
        return None
    try:
        comparison = _compared(a, b, name, options.tolerance)
    except PbtoolError as error:
        if not (isinstance(error, TensorError) or _is_missing(a, name) or _is_missing(b, name)):
            raise
        # What has no values that can be read: the checksums of its pieces must do.
        same = [each.checksum for each in old.pieces] == [each.checksum for each in new.pieces]
        return None if same else changed
    return changed._replace(comparison=comparison) if comparison.different else None


def _is_missing(checkpoint: Checkpoint, name: str) -> bool:
    """Whether a file that a tensor lies in is not there."""
    paths = {checkpoint.file_of(piece) for piece in checkpoint.entries[name].pieces}
    return not paths.isdisjoint(checkpoint.missing_shards)


def _compared(a: Checkpoint, b: Checkpoint, name: str, tolerance: Tolerance) -> Comparison:
    from pbtool.differences.elements import CHUNK, compare, compare_parts

    entry = a.entries[name]
    row = dtypes.BY_NUMBER.get(entry.dtype)
    sizes = tuple(size for size in entry.shape.dims or () if size is not None)
    if row and row.numpy and row.size and count_elements(sizes) * row.size == entry.size:
        windows = unlike_windows(a, b, name, CHUNK * row.size)
        if windows is not None:
            return compare_parts(_parts(windows, entry.dtype, row.size), sizes, tolerance)
    return compare(a.tensor(name), b.tensor(name), tolerance)


def _parts(windows: Iterator[Window], dtype: int, size: int) -> Iterator[Part]:
    from pbtool.differences.elements import Part
    from pbtool.tensors import from_bytes

    for start, *sides in windows:
        old, new = (from_bytes(side, dtype, (len(side) // size,)) for side in sides)
        yield Part(start // size, old, new)
