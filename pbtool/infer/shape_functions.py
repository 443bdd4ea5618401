"""What many shape rules share: broadcasting, axes, shapes computed by the graph itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from pbtool import dtypes
from pbtool.errors import ShapeError
from pbtool.shapes import (
    LARGEST_DIMENSION,
    MAX_RANK,
    SCALAR,
    UNKNOWN,
    Dimension,
    Shape,
    merge_dimensions,
)

if TYPE_CHECKING:
    from pbtool.facts import Fact


def broadcast(a: Shape, b: Shape) -> Shape:
    """The shape of an elementwise operation on two tensors, by numpy's broadcasting rules."""
    if a.dims is None or b.dims is None:
        return UNKNOWN
    if a.dims == b.dims:
        return a
    try:
        return Shape(_broadcast_dimensions(x, y) for x, y in aligned(a.dims, b.dims))
    except ShapeError:
        raise ShapeError(f"shapes {a} and {b} cannot be broadcast together") from None


def aligned(
    a: Sequence[Dimension], b: Sequence[Dimension]
) -> Iterator[tuple[Dimension, Dimension]]:
    """The dimensions of two shapes side by side, the last with the last; a missing one is 1."""
    rank = max(len(a), len(b))
    left = (1,) * (rank - len(a)) + tuple(a)
    right = (1,) * (rank - len(b)) + tuple(b)
    return zip(left, right, strict=True)


def _broadcast_dimensions(a: Dimension, b: Dimension) -> Dimension:
    if a == 1:
        return b
    if b == 1:
        return a
    if a is None or b is None:
        # Next to a size above 1, the unknown one must be that size or 1; of 0, TensorFlow says
        # nothing.
        return a or b or None
    return merge_dimensions(a, b)


def merge_all(shapes: list[Shape]) -> Shape:
    """What all the shapes together say of the one shape that they are."""
    result = UNKNOWN
    for shape in shapes:
        result = result.merge(shape)
    return result


def element_count(shape: Shape) -> Dimension:
    """The number of elements; unlike in ``Shape.elements``, one known zero decides it."""
    return 0 if 0 in (shape.dims or ()) else shape.elements


def add(a: Dimension, b: Dimension) -> Dimension:
    """The sum of two dimensions."""
    return None if a is None or b is None else checked(a + b)


def subtract(a: Dimension, b: Dimension) -> Dimension:
    """The difference of two dimensions, which must not be negative."""
    if a is None or b is None:
        return None
    if a < b:
        raise ShapeError(f"{b} cannot be taken from a dimension of {a}")
    return a - b


def multiply(a: Dimension, b: Dimension) -> Dimension:
    """The product of two dimensions; zero times an unknown one is zero."""
    if a == 0 or b == 0:
        return 0
    return None if a is None or b is None else checked(a * b)


def smaller(a: Dimension, b: Dimension) -> Dimension:
    """The smaller of two dimensions; where one is zero, the other need not be known."""
    if a == 0 or b == 0:
        return 0
    return None if a is None or b is None else min(a, b)


def divide(a: Dimension, divisor: int) -> Dimension:
    """A dimension divided by a number that must divide it."""
    if a is None or divisor == 1:
        return a
    if divisor <= 0 or a % divisor:
        raise ShapeError(f"dimension {a} cannot be divided evenly by {divisor}")
    return a // divisor


def checked(dim: int) -> int:
    """A dimension that was computed; raises ShapeError where no tensor has it."""
    if not 0 <= dim <= LARGEST_DIMENSION:
        raise ShapeError(f"a dimension cannot be {dim:,}")
    return dim


def replace(shape: Shape, axis: int, dim: Dimension) -> Shape:
    """The shape with another dimension at an axis, which counts from the front."""
    return shape[:axis] + Shape([dim]) + shape[axis + 1 :]


def of_same_rank(shape: Shape) -> Shape:
    """Unknown dimensions, as many as the shape has."""
    return UNKNOWN if shape.rank is None else Shape([None] * shape.rank)


def resolve_axis(axis: int, rank: int) -> int:
    """The axis counted from the front; a negative one counts from the back."""
    if not -rank <= axis < rank:
        raise ShapeError(f"axis {axis} is out of range for rank {rank}")
    return axis % rank


def check_rank(rank: int, *facts: Fact) -> None:
    """Raise ShapeError for a tensor that cannot be of that rank."""
    for fact in facts:
        fact.shape.with_rank(rank)


def check_same(rank: int, facts: Sequence[Fact]) -> None:
    """Raise ShapeError unless each tensor can have the shape of the first, of that rank."""
    shapes = [fact.shape for fact in facts]
    for shape in shapes:
        shapes[0].with_rank(rank).merge(shape)


def sparse_tensor(rank: Dimension, count: Dimension = None) -> list[Shape]:
    """The indices, the values and the shape of a sparse tensor with so many elements."""
    return [Shape([count, rank]), Shape([count]), Shape([rank])]


def check_sparse(indices: Fact, values: Fact, shape: Fact) -> None:
    """Raise ShapeError when three tensors cannot make a SparseTensor."""
    rows, columns = indices.shape.with_rank(2)
    merge_dimensions(rows, values.shape.with_rank(1)[0])
    merge_dimensions(columns, shape.shape.with_rank(1)[0])


def known_int(scalar: Fact) -> int | None:
    """The integer that a scalar holds, where it is known."""
    scalar.shape.with_rank(0)
    return None if scalar.value is None else int(scalar.value.elements[0])


def dimension_of(number: int | None) -> Dimension:
    """The size that a number states, if it is known; -1 is an unknown size."""
    return None if number == -1 else number


def checked_dimension_of(number: int) -> Dimension:
    """The same, of a number that may be less than that by mistake."""
    if number < -1:
        raise ShapeError(f"size {number} is negative")
    return dimension_of(number)


def dimension_from(scalar: Fact) -> Dimension:
    """The size that a scalar states. What is not known is not checked, not even to be a scalar."""
    size = None if scalar.value is None else known_int(scalar)
    if size is not None and size < 0:
        raise ShapeError(f"size {size} is negative")
    return size


def positive_dimension_from(scalar: Fact) -> Dimension:
    """The size that a scalar states, which cannot be 0."""
    scalar.shape.with_rank(0)
    size = dimension_from(scalar)
    if size == 0:
        raise ShapeError("a size must be positive")
    return size


def axis_from(scalar: Fact, rank: int | None) -> int | None:
    """The axis that a scalar states, counted from the front; None where that is not known.

    What is not known is not checked, not even to be a scalar.
    """
    axis = None if scalar.value is None else known_int(scalar)
    if axis is None or rank is None:
        return None if axis is None or axis < 0 else axis
    return resolve_axis(axis, rank)


def known_ints(fact: Fact) -> tuple[int, ...] | None:
    """The integers that a tensor of any shape holds, where they are known."""
    return None if fact.value is None else tuple(map(int, fact.value.elements))


def shape_from(vector: Fact) -> Shape:
    """The shape that a vector of sizes states; -1 is an unknown size.

    Where no element is known, the length of the vector still tells the rank.
    """
    stated = partial_shape(vector)
    return _from_elements(vector) if stated.rank is None else stated


def partial_shape(vector: Fact) -> Shape:
    """What an op that TensorFlow looks through knows of the shape that its input states.

    It is vaguer than ``shape_from``: behind such an op, a constant does not replace what the op
    fails to tell.
    """
    if vector.shape.with_rank(1)[0] == 0:
        return SCALAR
    if isinstance(vector.as_shape, ShapeError):
        raise vector.as_shape
    return _from_elements(vector) if vector.as_shape is None else vector.as_shape


def _from_elements(vector: Fact) -> Shape:
    length = vector.shape.with_rank(1)[0]
    if length is not None and length > MAX_RANK:  # nobody has memory for such a shape
        return UNKNOWN
    sizes = known_ints(vector)
    if sizes is None:
        return UNKNOWN if length is None else Shape([None] * length)
    if vector.dtype not in (dtypes.INT32, dtypes.INT64):
        raise ShapeError(f"a size must be an int32 or int64, not {dtypes.name(vector.dtype)}")
    return Shape(map(checked_dimension_of, sizes))
