"""Rules for the ops of TensorFlow's array_ops.cc that take elements by index, and put them back."""

from __future__ import annotations

from pbtool.errors import ShapeError
from pbtool.facts import Fact
from pbtool.infer import slices
from pbtool.infer.registry import shape_rule
from pbtool.infer.shape_functions import (
    check_sparse,
    dimension_from,
    element_count,
    known_int,
    known_ints,
    of_same_rank,
    replace,
    resolve_axis,
    shape_from,
    subtract,
)
from pbtool.shapes import SCALAR, UNKNOWN, Dimension, Shape, merge_dimensions

# --- slices ---


@shape_rule("RiscSlice Slice")
def slice_(input: Fact, begin: Fact, size: Fact) -> Shape:
    """``size`` elements along each axis; -1 takes all from ``begin``."""
    rank = begin.shape.with_rank(1).merge(size.shape.with_rank(1))[0]
    shape = input.shape if rank is None else input.shape.with_rank(rank)
    starts, sizes = shape_from(begin), known_ints(size)
    if sizes is None:
        stated = shape_from(size)
        if stated.rank is None:
            return of_same_rank(shape)
        starts.with_rank(stated.rank)
        return stated
    if min(sizes, default=0) < -1:
        raise ShapeError(f"sizes must not be below -1, as in {sizes}")
    every = zip(shape.with_rank(len(sizes)), starts.with_rank(len(sizes)), sizes, strict=True)
    return Shape(subtract(dim, start) if size == -1 else size for dim, start, size in every)


@shape_rule("StridedSlice")
def strided_slice(
    input: Fact,
    begin: Fact,
    end: Fact,
    strides: Fact,
    *,
    begin_mask: int,
    end_mask: int,
    ellipsis_mask: int,
    new_axis_mask: int,
    shrink_axis_mask: int,
) -> Shape:
    """``input[begin:end:strides]``, where bits of the masks stand for what is no number.

    That is an omitted begin or end, an ellipsis, a new axis, or an index which drops its axis.
    """
    vectors = [fact.shape.with_rank(1) for fact in (begin, end, strides)]
    count = vectors[0].merge(vectors[1]).merge(vectors[2])[0]
    dims, steps = input.shape.dims, known_ints(strides)
    if dims is None or count is None or steps is None:
        return UNKNOWN  # before TensorFlow reads begin and end, which may be malformed
    starts, stops = known_ints(begin), known_ints(end)
    output: list[Dimension] = []
    for axis, entry in slices.axes(len(dims), count, ellipsis_mask, new_axis_mask):
        if axis is None:
            output.append(1)
        elif entry is None:
            output.append(dims[axis])
        else:
            is_index = slices.has(shrink_axis_mask, entry)
            masked = slices.has(begin_mask, entry), slices.has(end_mask, entry)
            bounds = None if starts is None or stops is None else (starts[entry], stops[entry])
            size = _sliced(dims[axis], bounds, steps[entry], masked, is_index)
            if not is_index:
                output.append(size)
    return Shape(output)


def _sliced(
    dim: Dimension,
    bounds: tuple[int, int] | None,
    step: int,
    masked: tuple[bool, bool],
    is_index: bool,
) -> Dimension:
    """The size of a range of a dimension, or 1 for an index into it."""
    if step == 0:
        raise ShapeError("strides must not be zero")
    if dim is None:
        return None
    if is_index:
        if step < 0:
            raise ShapeError("an index takes a stride of 1")
        if bounds is not None and not -dim <= bounds[0] < dim:
            raise ShapeError(f"index {bounds[0]} is out of range for a dimension of {dim}")
        return 1
    if bounds is None:
        return len(range(dim)[::step]) if all(masked) else None
    start, stop = (None if mask else bound for mask, bound in zip(masked, bounds, strict=True))
    return len(range(dim)[start:stop:step])


# --- gathering ---


@shape_rule("Gather")
def gather(params: Fact, indices: Fact) -> Shape:
    """A slice of ``params`` for each index."""
    return indices.shape + params.shape.at_least(1)[1:]


@shape_rule("GatherV2")
def gather_v2(params: Fact, indices: Fact, axis: Fact, *, batch_dims: int) -> Shape:
    """``params`` with one axis replaced by the dimensions of ``indices``, batches apart."""
    table, at = params.shape.at_least(1), known_int(axis)
    if at is None:
        return _gathered_from_somewhere(table.rank, indices.shape.rank, batch_dims)
    table.at_least(-at if at < 0 else at + 1)
    inner = indices.shape.at_least(abs(batch_dims))[batch_dims:]
    table.at_least((batch_dims if batch_dims >= 0 else (indices.shape.rank or 0) + batch_dims) + 1)
    behind = SCALAR if at == -1 else table[at + 1 :]
    return table[:at] + inner + behind


def _gathered_from_somewhere(table: int | None, indices: int | None, batch_dims: int) -> Shape:
    """A shape of which only the rank can be told, because the axis is not known."""
    if table is None or indices is None or batch_dims >= table + indices:
        return UNKNOWN
    return Shape([None] * (table + indices - 1 - batch_dims))


@shape_rule("GatherNd")
def gather_nd(params: Fact, indices: Fact) -> Shape:
    """A slice for each index; the last dimension of ``indices`` is one index into ``params``."""
    if params.handles:
        raise ShapeError("a handle is gathered from by ResourceGatherNd")
    return gather_slices(params.shape, indices.shape)


def gather_slices(params: Shape, indices: Shape) -> Shape:
    """What GatherNd takes from a tensor or a variable of this shape."""
    depth = indices.at_least(1)[-1]
    if depth is None or params.rank is None:
        return UNKNOWN
    return indices[:-1] + params.at_least(depth)[depth:]


# --- scattering ---


@shape_rule("ScatterNd")
def scatter_nd(indices: Fact, updates: Fact, shape: Fact) -> Shape:
    """The given shape, into which the updates fit."""
    return _scattered(shape_from(shape), indices.shape, updates.shape.at_least(1))


@shape_rule(
    "ScatterNdNonAliasingAdd TensorScatterAdd TensorScatterMax TensorScatterMin TensorScatterSub"
    " TensorScatterUpdate"
)
def tensor_scatter(tensor: Fact, indices: Fact, updates: Fact) -> Shape:
    """The tensor, into which the updates fit."""
    return _scattered(tensor.shape.at_least(1), indices.shape, updates.shape)


def _scattered(output: Shape, indices: Shape, updates: Shape) -> Shape:
    check_scatter(output, indices.at_least(1), updates)
    return output


def check_scatter(output: Shape, indices: Shape, updates: Shape) -> None:
    """Raise ShapeError when slices of ``updates``, put at ``indices``, do not fit the output.

    A scalar fits everywhere.
    """
    if element_count(output) == 0 and (element_count(indices) or element_count(updates)):
        raise ShapeError(f"nothing can be put into shape {output}")
    depth = indices[-1]
    if indices.rank is None or updates.rank in (None, 0) or depth is None:
        return
    outer = indices.rank - 1
    indices[:-1].merge(updates[:outer])
    output[depth:].merge(updates[outer:])


# --- searching ---


@shape_rule("EditDistance")
def edit_distance(
    hypothesis_indices: Fact,
    hypothesis_values: Fact,
    hypothesis_shape: Fact,
    truth_indices: Fact,
    truth_values: Fact,
    truth_shape: Fact,
) -> Shape:
    """A distance for each pair of sequences, which lie along the last dimension."""
    check_sparse(hypothesis_indices, hypothesis_values, hypothesis_shape)
    check_sparse(truth_indices, truth_values, truth_shape)
    ours, theirs = known_ints(hypothesis_shape), known_ints(truth_shape)
    if ours is None or theirs is None:
        return UNKNOWN
    if len(ours) != len(theirs) or len(ours) < 2:
        raise ShapeError(f"{list(ours)} and {list(theirs)} must be shapes of one rank, 2 or more")
    longest = map(max, ours[:-1], theirs[:-1])
    return Shape(None if size < 0 else size for size in longest)


@shape_rule("ListDiff")
def list_diff(x: Fact, y: Fact) -> list[Shape]:
    """The elements that only the first vector has, and where they are."""
    x.shape.with_rank(1)
    y.shape.with_rank(1)
    return [Shape([None])] * 2


@shape_rule("LowerBound UpperBound")
def bound(sorted_inputs: Fact, values: Fact) -> Shape:
    """A position for each value."""
    sorted_inputs.shape.with_rank(2)
    return values.shape.with_rank(2) if values.shape.rank is not None else UNKNOWN


@shape_rule("OneHot")
def one_hot(indices: Fact, depth: Fact, on_value: Fact, off_value: Fact, *, axis: int) -> Shape:
    """The indices with a dimension for the classes inserted."""
    if axis < -1:
        raise ShapeError(f"axis must be at least -1, not {axis}")
    classes = dimension_from(depth)
    if indices.shape.rank is None:
        return UNKNOWN
    at = axis % (indices.shape.rank + 1)
    return indices.shape[:at] + Shape([classes]) + indices.shape[at:]


@shape_rule("Unique")
def unique(x: Fact) -> list[Shape]:
    """The distinct elements of a vector, and for each element which one it is."""
    x.shape.with_rank(1)
    return [Shape([None]), x.shape]


@shape_rule("UniqueV2")
def unique_v2(x: Fact, axis: Fact) -> list[Shape]:
    """The distinct slices along an axis, and for each slice which one it is."""
    return [of_same_rank(x.shape), Shape([_slices(x.shape, axis)])]


def _slices(shape: Shape, axis: Fact) -> Dimension:
    """How many slices there are along an axis, which may be left out for a vector."""
    axes = None if shape.rank is None else known_ints(axis)
    if axes is None:
        return None
    axis.shape.with_rank(1)
    if len(axes) > 1:
        raise ShapeError(f"there can be one axis, not {list(axes)}")
    return shape[resolve_axis(axes[0], len(shape.known_dims))] if axes else shape.with_rank(1)[0]


@shape_rule("UniqueWithCounts")
def unique_with_counts(x: Fact) -> list[Shape]:
    """Distinct elements, which one each element is, and how often each occurs."""
    return [Shape([None]), x.shape, Shape([None])]


@shape_rule("UniqueWithCountsV2")
def unique_with_counts_v2(x: Fact, axis: Fact) -> list[Shape]:
    """Distinct slices along an axis, which one each slice is, and how often each occurs."""
    return [*unique_v2(x, axis), Shape([None])]


@shape_rule("UnravelIndex")
def unravel_index(indices: Fact, dims: Fact) -> Shape:
    """The coordinates of each index, one column each."""
    rank = dims.shape.with_rank(1)[0]
    if indices.shape.rank == 0:
        return Shape([rank])
    return UNKNOWN if indices.shape.rank is None else Shape([rank, element_count(indices.shape)])


@shape_rule("Where")
def where(input: Fact) -> Shape:
    """The coordinates of each element that is true."""
    return Shape([None, input.shape.rank])


# --- reversing ---


@shape_rule("Reverse")
def reverse(tensor: Fact, dims: Fact) -> Shape:
    """The tensor, reversed along the axes whose flag is set."""
    rank = dims.shape.with_rank(1)[0]
    return (tensor.shape if rank is None else tensor.shape.with_rank(rank)).at_most(8)


@shape_rule("ReverseV2")
def reverse_v2(tensor: Fact, axis: Fact) -> Shape:
    """The tensor, reversed along axes of which none is named twice."""
    axis.shape.with_rank(1)
    rank = tensor.shape.at_most(8).rank
    axes = () if rank is None else [resolve_axis(each, rank) for each in known_ints(axis) or ()]
    if len(set(axes)) < len(axes):
        raise ShapeError(f"an axis is named twice in {axes}")
    return tensor.shape


@shape_rule("ReverseSequence")
def reverse_sequence(input: Fact, seq_lengths: Fact, *, seq_dim: int, batch_dim: int) -> Shape:
    """The input, reversed along ``seq_dim`` up to a length for each row of ``batch_dim``."""
    lengths = seq_lengths.shape.with_rank(1)
    if input.shape.rank is None:
        return UNKNOWN
    input.shape.at_least(max(seq_dim, batch_dim) + 1)
    if batch_dim < 0:
        raise ShapeError(f"batch_dim must not be negative, as {batch_dim} is")
    batch = merge_dimensions(input.shape[batch_dim], lengths[0])
    return replace(input.shape, batch_dim, batch)
