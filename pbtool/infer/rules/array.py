"""Rules for the ops of TensorFlow's array_ops.cc that make, join, part and rearrange tensors."""

from __future__ import annotations

from collections.abc import Sequence

from pbtool import dtypes as types
from pbtool.errors import ShapeError
from pbtool.facts import Fact
from pbtool.infer.registry import shape_rule
from pbtool.infer.shape_functions import (
    add,
    axis_from,
    checked,
    divide,
    element_count,
    known_int,
    known_ints,
    merge_all,
    multiply,
    of_same_rank,
    replace,
    resolve_axis,
    shape_from,
    subtract,
)
from pbtool.schema import TensorProto
from pbtool.shapes import (
    LARGEST_DIMENSION,
    UNKNOWN,
    Dimension,
    Shape,
    count_elements,
    merge_dimensions,
)


@shape_rule("Bitcast")
def bitcast(input: Fact, *, T: int, type: int) -> Shape:
    """Parts or joins elements: the last dimension makes up for a difference in size."""
    old, new = types.BY_NUMBER[T].size, types.BY_NUMBER[type].size
    if old == new or old * new == 0:
        return input.shape
    if old > new:
        return input.shape + Shape([old // new])
    merge_dimensions(input.shape.at_least(1)[-1], new // old)
    return input.shape[:-1]


@shape_rule("BroadcastArgs")
def broadcast_args(s0: Fact, s1: Fact) -> Shape:
    """The longer of two vectors."""
    a, b = s0.shape.with_rank(1)[0], s1.shape.with_rank(1)[0]
    return Shape([None if a is None or b is None else max(a, b)])


@shape_rule("BroadcastGradientArgs")
def broadcast_gradient_args(s0: Fact, s1: Fact) -> list[Shape]:
    """Two vectors of axes."""
    s0.shape.with_rank(1)
    s1.shape.with_rank(1)
    return [Shape([None])] * 2


@shape_rule("BroadcastTo")
def broadcast_to(input: Fact, shape: Fact) -> Shape:
    """The given shape; sizes above 1 are those of the input."""
    output = shape_from(shape)
    if output.dims is None or input.shape.dims is None:
        return output
    dims = input.shape.at_most(len(output.dims)).known_dims
    front = Shape(output.dims[: len(output.dims) - len(dims)])
    back = Shape(dim if dim is not None and dim > 1 else None for dim in dims)
    return front + Shape(output.dims[len(front.known_dims) :]).merge(back)


@shape_rule("Concat")
def concat(concat_dim: Fact, values: Sequence[Fact]) -> Shape:
    """Tensors joined along an axis."""
    axis = known_int(concat_dim)
    shapes = [value.shape for value in values]
    if axis is None:
        return _of_one_rank(shapes)
    shapes = [shape.at_least(-axis if axis < 0 else axis + 1) for shape in shapes]
    # With a negative axis and unknown ranks, nothing can be said of the dimensions in front.
    front = merge_all([shape[:axis] for shape in shapes])
    back = merge_all([shape[axis + 1 :] if axis != -1 else Shape(()) for shape in shapes])
    total: Dimension = 0
    for shape in shapes:
        total = add(total, shape[axis])
    return front + Shape([total]) + back


def _of_one_rank(shapes: Sequence[Shape]) -> Shape:
    rank = merge_all([of_same_rank(shape) for shape in shapes])
    if rank.rank == 0:
        raise ShapeError("scalars cannot be concatenated")
    return rank


@shape_rule("ConcatOffset")
def concat_offset(concat_dim: Fact, shape: Sequence[Fact]) -> list[Shape]:
    """For each vector of sizes one of offsets."""
    return [fact.shape for fact in shape]


@shape_rule("ConcatV2 RiscConcat")
def concat_v2(values: Sequence[Fact], axis: Fact) -> Shape:
    """Tensors joined along an axis."""
    return concat(axis, values)


@shape_rule("Const")
def const(*, value: TensorProto) -> Shape:
    """The shape of the tensor in the attr."""
    # TensorFlow: that the rank be unknown counts for nothing here.
    sizes = [dim.size for dim in value.tensor_shape.dim]
    if min(sizes, default=0) < 0:
        raise ShapeError(f"the shape of a constant must be known, not {sizes}")
    shape = Shape(sizes)
    if (shape.elements or 0) > LARGEST_DIMENSION:
        raise ShapeError(f"a constant cannot have the shape {sizes}: those are too many elements")
    return shape


@shape_rule("EnsureShape")
def ensure_shape(input: Fact, *, shape: Shape) -> Shape:
    """The input, which must have the given shape."""
    if shape.rank is None and input.shape.rank is not None:
        raise ShapeError("the shape to ensure must be known where that of the input is")
    return shape.merge(input.shape)


@shape_rule("ExpandDims")
def expand_dims(input: Fact, dim: Fact) -> Shape:
    """The input with a dimension of 1 inserted."""
    axis = known_ints(dim)
    if axis is not None and len(axis) != 1:
        raise ShapeError(f"'dim' must have one element, not {len(axis)}")
    if axis is None or input.shape.rank is None:
        return UNKNOWN
    at = resolve_axis(axis[0], input.shape.rank + 1)
    return input.shape[:at] + Shape([1]) + input.shape[at:]


@shape_rule("Fingerprint")
def fingerprint(data: Fact, method: Fact, *, texts: tuple[tuple[bytes, ...] | None, ...]) -> Shape:
    """A row of bytes for each row of the data, eight with the only method there is."""
    method.shape.with_rank(0)
    if texts[1] not in (None, (b"farmhash64",)):
        raise ShapeError(f"there is no fingerprint by {texts[1]}")
    return Shape([data.shape.at_least(1)[0], None if texts[1] is None else 8])


@shape_rule("Fill")
def fill(dims: Fact, value: Fact) -> Shape:
    """The given shape, filled with a scalar."""
    dims.shape.with_rank(1)
    value.shape.with_rank(0)
    if any(size < 0 for size in known_ints(dims) or ()):
        raise ShapeError("sizes must not be negative")
    return shape_from(dims)


@shape_rule("IdentityN")
def identity_n(input: Sequence[Fact]) -> list[Shape]:
    """The shapes of the inputs."""
    return [fact.shape for fact in input]


@shape_rule("InvertPermutation")
def invert_permutation(x: Fact) -> Shape:
    """A vector of the same length."""
    return x.shape.with_rank(1)


@shape_rule("Pack")
def pack(values: Sequence[Fact], *, axis: int) -> Shape:
    """Tensors of one shape, stacked along a new axis."""
    item = merge_all([value.shape for value in values])
    if item.rank is None:
        return UNKNOWN
    axis = resolve_axis(axis, item.rank + 1)
    return item[:axis] + Shape([len(values)]) + item[axis:]


@shape_rule("ParallelConcat")
def parallel_concat(values: Sequence[Fact], *, shape: Shape) -> Shape:
    """Tensors of one row each, joined to the given shape."""
    if not all(known.is_full for known in (shape, *(value.shape for value in values))):
        raise ShapeError("all shapes must be known")
    merge_all([replace(shape.at_least(1), 0, 1), *(value.shape for value in values)])
    return shape


@shape_rule("Placeholder")
def placeholder(*, shape: Shape, producer: int) -> Shape:
    """The shape that is asked for."""
    # Up to graph version 21, a Placeholder of any shape was written as one of shape [].
    return UNKNOWN if producer <= 21 and shape.rank == 0 else shape


@shape_rule("PlaceholderWithDefault")
def placeholder_with_default(input: Fact, *, shape: Shape) -> Shape:
    """The given shape, which the default must have, too."""
    input.shape.merge(shape)
    return shape


@shape_rule("Reshape")
def reshape(tensor: Fact, shape: Fact) -> Shape:
    """The given shape; one unknown dimension follows from the number of elements."""
    output = shape_from(shape)
    if output.dims is None or tensor.shape.dims is None:
        return output
    gaps, size = _gaps(output.dims)
    input_gaps, input_size = _gaps(tensor.shape.dims)
    if gaps > 1 or input_gaps > 1:
        return output
    if gaps < input_gaps:
        divide(size, input_size)
    elif gaps > input_gaps:
        missing = divide(input_size, size)
        return Shape(missing if dim is None else dim for dim in output.dims)
    elif gaps == 0 and size != input_size:
        raise ShapeError(f"{tensor.shape} cannot be reshaped to {output}")
    return output


def _gaps(dims: Sequence[Dimension]) -> tuple[int, int]:
    """How many dimensions are needed to know the number of elements, and the product of the rest.

    One zero says it all.
    """
    known = [dim for dim in dims if dim is not None]
    return (0, 0) if 0 in known else (len(dims) - len(known), checked(count_elements(known)))


@shape_rule("Shape")
def shape(input: Fact) -> Shape:
    """A vector with one size for each dimension."""
    return Shape([input.shape.rank])


@shape_rule("ShapeN")
def shape_n(input: Sequence[Fact]) -> list[Shape]:
    """Vectors with one size for each dimension."""
    return [shape(fact) for fact in input]


@shape_rule("Split")
def split(split_dim: Fact, value: Fact, *, num_split: int) -> list[Shape]:
    """Equal parts of a tensor along an axis."""
    axis = axis_from(split_dim, value.shape.rank)
    if axis is None:
        return [of_same_rank(value.shape)] * num_split
    return [replace(value.shape, axis, divide(value.shape[axis], num_split))] * num_split


@shape_rule("SplitV")
def split_v(value: Fact, size_splits: Fact, split_dim: Fact, *, num_split: int) -> list[Shape]:
    """Parts of given sizes along an axis; a size of -1 takes what is left."""
    shape, axis = value.shape, axis_from(split_dim, value.shape.rank)
    sizes = known_ints(size_splits)
    if shape.rank == 0:
        raise ShapeError("a scalar cannot be split")
    if shape.rank is None:
        return [UNKNOWN] * num_split
    if sizes is None:
        return [of_same_rank(shape) if axis is None else replace(shape, axis, None)] * num_split
    # Where the axis is not known, TensorFlow takes it for the last.
    axis = shape.rank - 1 if axis is None else axis
    return [replace(shape, axis, size) for size in _split_sizes(shape[axis], sizes, num_split)]


def _split_sizes(whole: Dimension, sizes: Sequence[int], count: int) -> Sequence[Dimension]:
    if len(sizes) != count:
        raise ShapeError(f"{len(sizes)} sizes are given for {count} parts")
    open_ended = sizes.count(-1)
    rest = subtract(whole, sum(size for size in sizes if size != -1))
    if min(sizes) < -1 or open_ended > 1 or (open_ended == 0 and rest not in (0, None)):
        raise ShapeError(f"a dimension of {whole} cannot be split into {sizes}")
    return [rest if size == -1 else size for size in sizes]


@shape_rule("Squeeze")
def squeeze(input: Fact, *, squeeze_dims: tuple[int, ...]) -> Shape:
    """The input without the given dimensions, or without all dimensions of 1."""
    dims = input.shape.dims
    if dims is None or (None in dims and not squeeze_dims):
        return UNKNOWN
    axes = {resolve_axis(axis, len(dims)) for axis in squeeze_dims}
    for axis in axes:
        merge_dimensions(dims[axis], 1)
    axes = axes or {axis for axis, dim in enumerate(dims) if dim == 1}
    return Shape(dim for axis, dim in enumerate(dims) if axis not in axes)


@shape_rule("Tile")
def tile(input: Fact, multiples: Fact) -> Shape:
    """The input repeated along each axis."""
    times = shape_from(multiples)
    if input.shape.rank is not None:
        multiples.shape.merge(Shape([input.shape.rank]))
        times = times.with_rank(input.shape.rank)
    if times.rank is None:
        return UNKNOWN
    return Shape(map(multiply, input.shape.with_rank(times.rank), times))


@shape_rule("ConjugateTranspose Transpose")
def transpose(x: Fact, perm: Fact) -> Shape:
    """The dimensions in another order."""
    order = known_ints(perm)
    rank = x.shape.rank
    if rank is None:
        rank = element_count(perm.shape)
        # A permutation of one element may stand for a scalar or for a vector.
        if rank is None or rank < 2:
            return UNKNOWN
    dims = x.shape.with_rank(rank).known_dims
    merge_dimensions(element_count(perm.shape.with_rank(1)), rank)
    if order is None:
        return Shape([None] * rank)
    return Shape(dims[resolve_axis(axis, rank)] for axis in order)


@shape_rule("Unpack")
def unpack(value: Fact, *, num: int, axis: int) -> list[Shape]:
    """Slices along an axis, which is dropped."""
    if value.shape.rank is None:
        return [UNKNOWN] * num
    axis = resolve_axis(axis, value.shape.rank)
    merge_dimensions(value.shape[axis], num)
    return [value.shape[:axis] + value.shape[axis + 1 :]] * num
