"""What many shape rules share: broadcasting, axes, shapes computed by the graph itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pbtool import dtypes
from pbtool.errors import ShapeError
from pbtool.shapes import SCALAR, UNKNOWN, Dimension, Shape, merge_dimensions

if TYPE_CHECKING:
    from pbtool.facts import Fact


def broadcast(a: Shape, b: Shape) -> Shape:
    """The shape of an elementwise operation on two tensors, by numpy's broadcasting rules."""
    if a.dims is None or b.dims is None:
        return UNKNOWN
    rank = max(len(a.dims), len(b.dims))
    left = (1,) * (rank - len(a.dims)) + a.dims
    right = (1,) * (rank - len(b.dims)) + b.dims
    try:
        return Shape(map(_broadcast_dimensions, left, right))
    except ShapeError:
        raise ShapeError(f"shapes {a} and {b} cannot be broadcast together") from None


def _broadcast_dimensions(a: Dimension, b: Dimension) -> Dimension:
    if a == 1:
        return b
    if b == 1:
        return a
    # Next to a size above 1, the unknown one must be that size or 1.
    return merge_dimensions(a, b)


def merge_all(shapes: list[Shape]) -> Shape:
    """What all the shapes together say of the one shape that they are."""
    result = UNKNOWN
    for shape in shapes:
        result = result.merge(shape)
    return result


def resolve_axis(axis: int, rank: int) -> int:
    """The axis counted from the front; a negative one counts from the back."""
    if not -rank <= axis < rank:
        raise ShapeError(f"axis {axis} is out of range for rank {rank}")
    return axis % rank if rank else 0


def known_int(scalar: Fact) -> int | None:
    """The integer that a scalar holds, where it is known."""
    scalar.shape.with_rank(0)
    return None if scalar.value is None else int(scalar.value.elements[0])


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
    sizes = known_ints(vector)
    if sizes is None:
        return UNKNOWN if length is None else Shape([None] * length)
    if vector.dtype not in (dtypes.INT32, dtypes.INT64):
        raise ShapeError(f"a size must be an int32 or int64, not {dtypes.name(vector.dtype)}")
    for size in sizes:
        if size < -1:
            raise ShapeError(f"size {size} is negative")
    return Shape([None if size == -1 else size for size in sizes])
