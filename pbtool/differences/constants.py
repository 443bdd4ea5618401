"""Whether two attrs that hold tensors hold the same values, and what differs where they do not.

A tensor that was left in its file is compared there, window by window, as long as both lie there
as raw bytes; everything else is decoded.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from pbtool import dtypes, schema, wire
from pbtool.body import functions_in
from pbtool.differences.changes import Changed, Comparison, Content
from pbtool.errors import TensorError

if TYPE_CHECKING:
    from pbtool.body import Region
    from pbtool.differences.elements import Part
    from pbtool.differences.options import Tolerance
    from pbtool.differences.shared_bytes import SharedBytes
    from pbtool.schema import AttrValue, TensorProto

MOST_DECODED = 1 << 16  # bytes of a constant up to which its encoding does not matter to a match


class Constant(NamedTuple):
    """An attr, mostly one with a tensor: its value, and where it lies if it was left there."""

    content: Content[AttrValue]
    region: Region | None

    @property
    def tensor(self) -> TensorProto:
        """The tensor, perhaps without its elements."""
        return self.content.message.tensor

    def whole(self) -> TensorProto:
        """The tensor with its elements."""
        return self.content.whole().tensor

    @property
    def shape(self) -> tuple[int, ...]:
        """The sizes, as the file states them."""
        return tuple(dim.size for dim in self.tensor.tensor_shape.dim)


def is_constant(value: AttrValue) -> bool:
    """Whether an attr holds one tensor."""
    return value.WhichOneof("value") == "tensor"


def encodings(value: AttrValue) -> str:
    """The fields of its tensors that hold elements, with the bytes or numbers in each."""
    return "; ".join(
        ", ".join(
            f"{field.name}[{len(elements)}]"
            for field, elements in tensor.ListFields()
            if field.number in wire.PAYLOAD_FIELDS
        )
        for tensor in _tensors_in(value)
    )


def same_values(old: Content[AttrValue], new: Content[AttrValue]) -> bool:
    """Whether two attrs are the same, tensors inside their lists and functions by value."""
    return old == new or _decoded_attr(old.whole()) == _decoded_attr(new.whole())


def _decoded_attr(value: AttrValue) -> bytes:
    """An attr, serialized with all its tensors in one encoding."""
    copy = schema.AttrValue.FromString(value.SerializeToString())
    _decode_tensors(copy)
    return copy.SerializeToString(deterministic=True)


def decoded(tensor: TensorProto) -> TensorProto:
    """The tensor with all elements written out. Raises TensorError for what has no values."""
    from pbtool import tensors

    return tensors.to_proto(tensors.to_numpy(tensor), tensor.dtype)


def _decode_tensors(value: AttrValue) -> None:
    for tensor in _tensors_in(value):
        # Of a tensor that cannot be decoded, the encoding is all there is to compare.
        with suppress(TensorError):
            tensor.CopyFrom(decoded(tensor))


def _tensors_in(value: AttrValue) -> Iterator[TensorProto]:
    """The tensors of an attr, also those inside the attrs of its functions."""
    yield from [value.tensor] if value.HasField("tensor") else value.list.tensor
    for function in functions_in(value):
        for name in sorted(function.attr):
            yield from _tensors_in(function.attr[name])


def compare_constants(
    name: str, old: Constant, new: Constant, shared: SharedBytes | None, tolerance: Tolerance
) -> Changed | None:
    """The change from one constant to the other; None where they are the same."""
    changed = Changed("attr", name, old.content, new.content)
    if (old.tensor.dtype, old.shape) != (new.tensor.dtype, new.shape):
        return changed
    if shared and old.region and new.region and shared.same(old.region, new.region):
        return None
    try:
        comparison = _in_files(old, new, shared, tolerance)
        if comparison is None:
            comparison = _decoded(old, new, tolerance)
    except TensorError:
        same = old.content == new.content
        return None if same else changed
    return changed._replace(comparison=comparison) if comparison.different else None


def _decoded(old: Constant, new: Constant, tolerance: Tolerance) -> Comparison:
    from pbtool import tensors
    from pbtool.differences.elements import compare

    return compare(tensors.to_numpy(old.whole()), tensors.to_numpy(new.whole()), tolerance)


def _in_files(
    old: Constant, new: Constant, shared: SharedBytes | None, tolerance: Tolerance
) -> Comparison | None:
    """The comparison of two tensors that lie in their files as raw elements; None for others."""
    row = dtypes.BY_NUMBER.get(old.tensor.dtype)
    if not (shared and old.region and new.region and row and row.size and row.numpy):
        return None
    a, b = _raw(old.region), _raw(new.region)
    if a is None or b is None or a[1] - a[0] != b[1] - b[0]:
        return None
    from pbtool.differences.elements import compare_parts
    from pbtool.tensors import element_count

    if element_count(old.shape) * row.size != a[1] - a[0]:
        return None
    parts = _parts(a, b[0] - a[0], old.tensor.dtype, row.size, shared)
    return compare_parts(parts, old.shape, tolerance)


def _raw(region: Region) -> tuple[int, int] | None:
    """Where the elements of an attr's tensor lie, if that is one ``tensor_content``."""
    source = region.source
    found: list[wire.Field] = []
    for tensor in wire.spans(source, region.start, region.end, 8):
        fields = wire.fields(source, *tensor)
        found += [field for field in fields if field.number in wire.PAYLOAD_FIELDS]
    if len(found) == 1 and found[0].number == wire.TENSOR_CONTENT:
        return found[0].payload, found[0].end
    return None


def _parts(
    a: tuple[int, int], shift: int, dtype: int, size: int, shared: SharedBytes
) -> Iterator[Part]:
    """The elements of raw tensors that are not known to be the same."""
    from pbtool.differences.elements import CHUNK, Part
    from pbtool.tensors import from_bytes

    step = CHUNK * size
    done = start = a[0]
    for begin, stop in shared.uncovered(*a, shift):
        begin = max(done, start + (begin - start) // size * size)
        done = start + -(-(stop - start) // size) * size
        for at in range(begin, done, step):
            end = min(at + step, done)
            sides = (shared.a.read(at, end), shared.b.read(at + shift, end + shift))
            if sides[0] != sides[1]:
                old, new = (from_bytes(side, dtype, ((end - at) // size,)) for side in sides)
                yield Part((at - start) // size, old, new)
