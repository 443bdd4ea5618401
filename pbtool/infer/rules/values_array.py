"""Constants rearranged: the kernels of TensorFlow's array ops, for small tensors."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from pbtool.errors import ShapeError
from pbtool.facts import Element, Value
from pbtool.infer import slices
from pbtool.infer.arrays import (
    broadcast_to,
    concatenate,
    drop,
    insert,
    integer,
    integers,
    reshape,
    scalar,
    sizes,
    take,
    transpose,
    vector,
)
from pbtool.infer.registry import value_rule

# --- the same elements ---


@value_rule("EnsureShape Enter Identity NextIteration PreventGradient Snapshot StopGradient")
def identity(input: Value) -> Value:
    """The input."""
    return input


@value_rule("IdentityN")
def identity_n(input: Sequence[Value]) -> list[Value]:
    """The inputs."""
    return list(input)


@value_rule("Switch")
def switch(data: Value, pred: Value) -> list[Value | None]:
    """The data, at one of two outputs."""
    return [None, data] if integer(pred) else [data, None]


@value_rule("ExpandDims")
def expand_dims(input: Value, dim: Value) -> Value:
    """A dimension of 1 inserted."""
    return insert(input, range(len(input.dims) + 1)[integer(dim)])


@value_rule("Reshape")
def reshaped(tensor: Value, shape: Value) -> Value:
    """The elements in another shape."""
    return reshape(tensor, integers(shape))


@value_rule("Squeeze")
def squeeze(input: Value, *, squeeze_dims: tuple[int, ...]) -> Value:
    """Dimensions of 1 dropped."""
    axes = {range(len(input.dims))[axis] for axis in squeeze_dims}
    axes = axes or {axis for axis, dim in enumerate(input.dims) if dim == 1}
    return reshape(input, [dim for axis, dim in enumerate(input.dims) if axis not in axes])


# --- joined and parted ---


@value_rule("Pack")
def pack(values: Sequence[Value], *, axis: int) -> Value:
    """Stacked along a new axis."""
    at = range(len(values[0].dims) + 1)[axis]
    return concatenate([insert(value, at) for value in values], at)


@value_rule("Concat")
def concat(concat_dim: Value, values: Sequence[Value]) -> Value:
    """Joined along an axis."""
    return concatenate(values, integer(concat_dim))


@value_rule("ConcatV2")
def concat_v2(values: Sequence[Value], axis: Value) -> Value:
    """Joined along an axis."""
    return concatenate(values, integer(axis))


@value_rule("ConcatOffset")
def concat_offset(concat_dim: Value, shape: Sequence[Value]) -> list[Value]:
    """Where each tensor begins in their concatenation."""
    if any(len(each.dims) != 1 for each in shape):
        raise ShapeError("shapes must be vectors")
    shapes = [integers(each) for each in shape]
    axis = range(shape[0].dims[0])[scalar(concat_dim)]
    rest = [[size for at, size in enumerate(sizes) if at != axis] for sizes in shapes]
    if rest.count(rest[0]) < len(rest):
        raise ShapeError("the tensors do not fit together")
    offsets = accumulate([0, *(sizes[axis] for sizes in shapes[:-1])])
    return [
        vector(offset if at == axis else 0 for at in range(len(shapes[0]))) for offset in offsets
    ]


@value_rule("Unpack")
def unpack(value: Value, *, axis: int) -> list[Value]:
    """The slices along an axis."""
    at = range(len(value.dims))[axis]
    return [drop(take(value, at, [i]), at) for i in range(value.dims[at])]


@value_rule("Split")
def split(split_dim: Value, value: Value, *, num_split: int) -> list[Value]:
    """Equal parts along an axis."""
    axis = range(len(value.dims))[integer(split_dim)]
    return _parts(value, axis, [value.dims[axis] // num_split] * num_split)


@value_rule("SplitV")
def split_v(value: Value, size_splits: Value, split_dim: Value) -> list[Value]:
    """Parts of given sizes along an axis."""
    axis = range(len(value.dims))[integer(split_dim)]
    sizes = integers(size_splits)
    rest = value.dims[axis] - sum(size for size in sizes if size != -1)
    return _parts(value, axis, [rest if size == -1 else size for size in sizes])


def _parts(value: Value, axis: int, sizes: Sequence[int]) -> list[Value]:
    ends = accumulate(sizes)
    return [
        take(value, axis, range(end - size, end)) for size, end in zip(sizes, ends, strict=True)
    ]


# --- taken by position ---


@value_rule("Slice")
def slice_(input: Value, begin: Value, size: Value) -> Value:
    """``size`` elements from ``begin`` along each axis."""
    taken = input
    for axis, (start, count) in enumerate(zip(integers(begin), integers(size), strict=True)):
        if not 0 <= start <= input.dims[axis]:
            raise ShapeError(f"{start} lies outside a dimension of {input.dims[axis]}")
        end = input.dims[axis] if count == -1 else start + count
        taken = take(taken, axis, range(start, end))
    return taken


@value_rule("StridedSlice")
def strided_slice(
    input: Value,
    begin: Value,
    end: Value,
    strides: Value,
    *,
    begin_mask: int,
    end_mask: int,
    ellipsis_mask: int,
    new_axis_mask: int,
    shrink_axis_mask: int,
) -> Value:
    """``input[begin:end:strides]``."""
    starts, stops, steps = integers(begin), integers(end), integers(strides)
    taken = input
    dims: list[int] = []
    for axis, entry in slices.axes(len(input.dims), len(steps), ellipsis_mask, new_axis_mask):
        if axis is None:
            dims.append(1)
        elif entry is None:
            dims.append(input.dims[axis])
        elif slices.has(shrink_axis_mask, entry):
            taken = take(taken, axis, [range(input.dims[axis])[starts[entry]]])
        else:
            start = None if slices.has(begin_mask, entry) else starts[entry]
            stop = None if slices.has(end_mask, entry) else stops[entry]
            taken = take(taken, axis, range(input.dims[axis])[start : stop : steps[entry]])
            dims.append(taken.dims[axis])
    return reshape(taken, dims)


@value_rule("Gather")
def gather(params: Value, indices: Value) -> Value:
    """A slice for each index."""
    taken = take(params, 0, integers(indices))
    return reshape(taken, indices.dims + params.dims[1:])


@value_rule("GatherV2")
def gather_v2(params: Value, indices: Value, axis: Value, *, batch_dims: int) -> Value | None:
    """Slices along an axis, one for each index."""
    if batch_dims:
        return None
    at = range(len(params.dims))[integer(axis)]
    taken = take(params, at, integers(indices))
    return reshape(taken, params.dims[:at] + indices.dims + params.dims[at + 1 :])


@value_rule("Tile")
def tile(input: Value, multiples: Value) -> Value:
    """Repeated along each axis."""
    taken = input
    for axis, times in enumerate(sizes(multiples)):
        taken = take(taken, axis, list(range(input.dims[axis])) * times)
    return taken


@value_rule("BroadcastTo")
def broadcast(input: Value, shape: Value) -> Value:
    """Repeated along the dimensions of 1."""
    return broadcast_to(input, sizes(shape))


@value_rule("Pad")
def pad(input: Value, paddings: Value) -> Value:
    """Zeros around it."""
    return _padded(input, integers(paddings), 0)


@value_rule("PadV2")
def pad_v2(input: Value, paddings: Value, constant_values: Value) -> Value:
    """Constants around it."""
    if constant_values.dims:
        raise ShapeError("the padding must be a scalar")
    return _padded(input, integers(paddings), constant_values.elements[0])


def _padded(value: Value, paddings: list[int], fill: Element) -> Value:
    for axis, (before, after) in enumerate(zip(paddings[::2], paddings[1::2], strict=True)):
        positions = [*[None] * before, *range(value.dims[axis]), *[None] * after]
        value = take(value, axis, positions, fill)
    return value


@value_rule("Transpose")
def transposed(x: Value, perm: Value) -> Value:
    """Dimensions in another order."""
    return transpose(x, [range(len(x.dims))[axis] for axis in integers(perm)])


@value_rule("Reverse")
def reverse(tensor: Value, dims: Value) -> Value:
    """Reversed along the axes whose flag is set."""
    return reverse_v2(tensor, vector(axis for axis, flag in enumerate(dims.elements) if flag))


@value_rule("ReverseV2")
def reverse_v2(tensor: Value, axis: Value) -> Value:
    """Reversed along axes."""
    for each in integers(axis):
        at = range(len(tensor.dims))[each]
        tensor = take(tensor, at, range(tensor.dims[at])[::-1])
    return tensor
