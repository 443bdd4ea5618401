"""What many shape rules share: broadcasting, axes, shapes computed by the graph itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pbtool.errors import ShapeError
from pbtool.shapes import UNKNOWN, Dimension, Shape, merge_dimensions

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
    if scalar.value is None:
        return None
    element = scalar.value.elements[0]
    return element if isinstance(element, int) else None


def shape_from(vector: Fact) -> Shape:
    """The shape that a vector of sizes states: -1 and elements that are not known are unknown.

    Where no element is known, the length of the vector still tells the rank.
    """
    length = vector.shape.with_rank(1)[0]
    if vector.value is None:
        return UNKNOWN if length is None else Shape([None] * length)
    dims: list[Dimension] = []
    for element in vector.value.elements:
        size = element if isinstance(element, int) else -1
        if size < -1:
            raise ShapeError(f"size {size} is negative")
        dims.append(None if size == -1 else size)
    return Shape(dims)
