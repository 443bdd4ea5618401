"""Shape rules for ops of TensorFlow's xla_ops.cc whose result has a shape of its own."""

from __future__ import annotations

from collections.abc import Sequence

from pbtool.errors import ShapeError
from pbtool.facts import Fact
from pbtool.infer.messages import check as check_message
from pbtool.infer.messages import numbers
from pbtool.infer.registry import shape_rule
from pbtool.infer.rules.linalg import einsum
from pbtool.infer.shape_functions import (
    add,
    divide,
    known_int,
    known_ints,
    merge_all,
    of_same_rank,
    shape_from,
)
from pbtool.shapes import UNKNOWN, Dimension, Shape, merge_dimensions


@shape_rule("XlaDot XlaDotV2")
def xla_dot(lhs: Fact, rhs: Fact, *, dimension_numbers: str) -> Shape:
    """Batch dimensions, and then those of both sides that are not summed over."""
    a, b = lhs.shape, rhs.shape
    if a.rank is None or b.rank is None:
        return UNKNOWN
    given = numbers(dimension_numbers)
    summed_a, summed_b, batch_a, batch_b = (given.get(field, []) for field in (1, 2, 3, 4))
    paired(a, summed_a, b, summed_b)
    batch = paired(a, batch_a, b, batch_b)
    return batch + without(a, summed_a + batch_a) + without(b, summed_b + batch_b)


def paired(a: Shape, axes_of_a: Sequence[int], b: Shape, axes_of_b: Sequence[int]) -> Shape:
    """The dimensions at those axes, which must be the same in both shapes."""
    if len(axes_of_a) != len(axes_of_b):
        raise ShapeError(f"axes {axes_of_a} and {axes_of_b} cannot be paired")
    pairs = zip(axes_of_a, axes_of_b, strict=True)
    return Shape(merge_dimensions(a[i], b[j]) for i, j in pairs)


def without(shape: Shape, axes: Sequence[int]) -> Shape:
    """The shape without the dimensions at those axes."""
    return Shape(dim for axis, dim in enumerate(shape) if axis not in axes)


@shape_rule("XlaEinsum")
def xla_einsum(a: Fact, b: Fact, *, equation: str) -> Shape:
    """An Einsum of two inputs."""
    return einsum([a, b], equation=equation)


@shape_rule("XlaGather")
def xla_gather(
    operand: Fact, start_indices: Fact, slice_sizes: Fact, *, dimension_numbers: str
) -> Shape:
    """Slices of the operand, one for each index vector."""
    check_message(dimension_numbers)
    sizes, indices = known_ints(slice_sizes), start_indices.shape
    if sizes is None or not operand.shape.is_full or indices.rank is None:
        return UNKNOWN
    given = numbers(dimension_numbers)
    offsets, collapsed, mapped = (given.get(field, []) for field in (1, 2, 3))
    vector = given.get(4, [0])[-1]
    check_slices(Shape(sizes), operand.shape, collapsed)
    check_axes(mapped, operand.shape.rank)
    if vector != indices.rank or len(mapped) != 1:  # else each index is a vector of its own
        merge_dimensions(indices[vector], len(mapped))
    batch, window = without(indices, [vector]), without(Shape(sizes), collapsed)
    rank = len(batch.known_dims) + len(offsets)
    check_axes(offsets, rank)
    if sorted(offsets) != offsets or len(offsets) != window.rank:
        raise ShapeError(f"the dimensions {offsets} cannot hold slices of {window}")
    rest, part = iter(batch), iter(window)
    return Shape(next(part if axis in offsets else rest) for axis in range(rank))


def check_slices(sizes: Shape, operand: Shape, collapsed: list[int]) -> None:
    """Raise ShapeError where slices of these sizes cannot be taken."""
    check_axes(collapsed, len(sizes.known_dims))
    dims = enumerate(zip(sizes, operand.with_rank(len(sizes.known_dims)), strict=True))
    for axis, (size, dim) in dims:
        if not 0 <= (size or 0) <= (1 if axis in collapsed else dim or 0):
            raise ShapeError(f"a slice of {sizes} does not fit {operand}")


def check_axes(axes: Sequence[int], rank: int | None) -> None:
    """Raise ShapeError for an axis that is not there, or there twice."""
    if len(set(axes)) < len(axes) or not all(0 <= axis < (rank or 0) for axis in axes):
        raise ShapeError(f"the dimensions {list(axes)} are not some of rank {rank}")


@shape_rule("XlaPad")
def xla_pad(
    input: Fact,
    padding_value: Fact,
    padding_low: Fact,
    padding_high: Fact,
    padding_interior: Fact,
) -> Shape:
    """The input with so much in front of, behind and between its elements."""
    if input.shape.rank is None:
        return UNKNOWN
    padding_value.shape.with_rank(0)
    paddings = [known_ints(fact) for fact in (padding_low, padding_high, padding_interior)]
    low, high, between = paddings
    if low is None or high is None or between is None:
        return of_same_rank(input.shape)
    if not len(low) == len(high) == len(between) == input.shape.rank:
        raise ShapeError(f"the paddings do not fit a shape of rank {input.shape.rank}")
    if min(between, default=0) < 0:
        raise ShapeError("there cannot be less than nothing between elements")
    return Shape(map(_padded, input.shape, low, high, between))


def _padded(dim: Dimension, low: int, high: int, between: int) -> Dimension:
    return None if dim is None else add(low + dim + max(dim - 1, 0) * between, high)


@shape_rule("XlaReduceScatter")
def xla_reduce_scatter(input: Fact, group_assignment: Fact, scatter_dimension: Fact) -> Shape:
    """The input, of which each member of a group gets a part along one axis."""
    if input.shape.rank is None:
        return UNKNOWN
    if group_assignment.shape.rank != 2:
        raise ShapeError(f"groups must be rows of a matrix, not of {group_assignment.shape}")
    if scatter_dimension.value is None:
        return UNKNOWN
    axis, members = known_int(scatter_dimension), group_assignment.shape[1]
    dims = enumerate(input.shape)
    return Shape(shared(dim, members) if place == axis else dim for place, dim in dims)


def shared(dim: Dimension, members: Dimension) -> Dimension:
    """The size of one of so many equal parts."""
    return None if members is None else divide(dim, members)


@shape_rule("XlaRngBitGenerator")
def xla_rng_bit_generator(algorithm: Fact, initial_state: Fact, shape: Fact) -> list[Shape]:
    """The next state, and random bits of the given shape."""
    algorithm.shape.with_rank(0)
    return [initial_state.shape.with_rank(1), shape_from(shape)]


@shape_rule("XlaReduce")
def xla_reduce(input: Fact, init_value: Fact, *, dimensions_to_reduce: tuple[int, ...]) -> Shape:
    """The input without the dimensions that are reduced."""
    return of_same_rank(reduced(input.shape, dimensions_to_reduce))


@shape_rule("XlaVariadicReduce")
def xla_variadic_reduce(
    input: Sequence[Fact], init_value: Sequence[Fact], *, dimensions_to_reduce: tuple[int, ...]
) -> list[Shape]:
    """The inputs without the dimensions that are reduced; the first of known rank counts."""
    ranks = [of_same_rank(fact.shape) for fact in input if fact.shape.rank is not None]
    return [reduced((ranks or [UNKNOWN])[0], dimensions_to_reduce)] * len(input)


@shape_rule("XlaVariadicReduceV2")
def xla_variadic_reduce_v2(
    inputs: Sequence[Fact], init_values: Sequence[Fact], *, dimensions_to_reduce: tuple[int, ...]
) -> list[Shape]:
    """The inputs, all of one shape, without the dimensions that are reduced."""
    shape = merge_all([fact.shape for fact in inputs])
    return [reduced(shape, dimensions_to_reduce)] * len(inputs)


def reduced(shape: Shape, axes: Sequence[int]) -> Shape:
    """The shape without the dimensions at those axes, which must exist."""
    if shape.rank is None:
        return UNKNOWN
    check_axes(axes, shape.rank)
    return without(shape, axes)
