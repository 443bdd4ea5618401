"""What numpy does, for the few elements of a Value, without the time that importing it takes.

Elements are computed without limits; ``constants.narrow`` rounds them to a dtype afterwards.
Functions raise ShapeError, LookupError or ArithmeticError where the operation makes no sense.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import product as every
from math import prod
from typing import Any

from pbtool.errors import ShapeError
from pbtool.facts import Element, Value
from pbtool.infer.shape_functions import broadcast
from pbtool.shapes import Shape


def vector(elements: Iterable[Element]) -> Value:
    """A tensor of rank 1."""
    items = tuple(elements)
    return Value((len(items),), items)


def full(dims: Sequence[int], element: Element) -> Value:
    """A tensor with the same element everywhere."""
    return Value(tuple(dims), (element,) * prod(dims))


def integer(value: Value) -> int:
    """The number in a tensor of one element, of any rank."""
    (element,) = value.elements
    return int(element)


def scalar(value: Value) -> int:
    """The number in a tensor of rank 0."""
    if value.dims:
        raise ShapeError(f"a scalar is needed, not {value.dims}")
    return integer(value)


def integers(value: Value) -> list[int]:
    """All elements, as integers."""
    return [int(element) for element in value.elements]


def sizes(value: Value) -> list[int]:
    """All elements, none of which may be negative."""
    if min(value.elements, default=0) < 0:
        raise ShapeError(f"sizes must not be negative, as in {list(value.elements)}")
    return integers(value)


def reshape(value: Value, dims: Sequence[int]) -> Value:
    """The same elements in another shape, of which one dimension may be -1."""
    if -1 in dims:
        rest = prod(dim for dim in dims if dim != -1)
        dims = [len(value.elements) // rest if dim == -1 else dim for dim in dims]
    if prod(dims) != len(value.elements) or min(dims, default=0) < 0:
        raise ShapeError(f"{len(value.elements)} elements do not make {list(dims)}")
    return Value(tuple(dims), value.elements)


def take(value: Value, axis: int, positions: Sequence[int | None], fill: Element = 0) -> Value:
    """The slices at these positions along an axis; for None a slice of ``fill``."""
    size, inner = value.dims[axis], prod(value.dims[axis + 1 :])
    if any(position is not None and not 0 <= position < size for position in positions):
        raise ShapeError(f"a position is out of range for a dimension of {size}")
    elements: list[Element] = []
    for row in range(prod(value.dims[:axis])):
        for position in positions:
            at = (row * size + (position or 0)) * inner
            elements += (fill,) * inner if position is None else value.elements[at : at + inner]
    dims = (*value.dims[:axis], len(positions), *value.dims[axis + 1 :])
    return Value(dims, tuple(elements))


def drop(value: Value, axis: int) -> Value:
    """The tensor without a dimension of 1."""
    return reshape(value, value.dims[:axis] + value.dims[axis + 1 :])


def insert(value: Value, axis: int) -> Value:
    """The tensor with a dimension of 1 before an axis."""
    return reshape(value, (*value.dims[:axis], 1, *value.dims[axis:]))


def concatenate(values: Sequence[Value], axis: int) -> Value:
    """Tensors joined along an axis."""
    first = values[0].dims
    axis = range(len(first))[axis]
    around = first[:axis], first[axis + 1 :]
    if any((value.dims[:axis], value.dims[axis + 1 :]) != around for value in values):
        raise ShapeError(f"tensors of shapes {[value.dims for value in values]} cannot be joined")
    outer = prod(first[:axis])
    elements: list[Element] = []
    for row in range(outer):
        for value in values:
            length = len(value.elements) // outer
            elements += value.elements[row * length : (row + 1) * length]
    total = sum(value.dims[axis] for value in values)
    return Value((*first[:axis], total, *first[axis + 1 :]), tuple(elements))


def transpose(value: Value, order: Sequence[int]) -> Value:
    """The tensor with its dimensions in another order."""
    if sorted(order) != list(range(len(value.dims))):
        raise ShapeError(f"{list(order)} is no order of {len(value.dims)} dimensions")
    strides = [prod(value.dims[axis + 1 :]) for axis in order]
    dims = tuple(value.dims[axis] for axis in order)
    places = every(*map(range, dims))
    return Value(
        dims, tuple(value.elements[sum(map(int.__mul__, place, strides))] for place in places)
    )


def broadcast_to(value: Value, dims: Sequence[int]) -> Value:
    """The tensor repeated along new dimensions and those of 1, by numpy's rules."""
    value = reshape(value, (1,) * (len(dims) - len(value.dims)) + value.dims)
    for axis, dim in enumerate(dims):
        if value.dims[axis] != dim:
            if value.dims[axis] != 1:
                raise ShapeError(f"a dimension of {value.dims[axis]} cannot become {dim}")
            value = take(value, axis, [0] * dim)
    return value


def elementwise(function: Callable[..., Any], *values: Value) -> Value:
    """A function of single elements, by numpy's broadcasting rules."""
    shape = Shape(())
    for value in values:
        shape = broadcast(shape, Shape(value.dims))
    dims = tuple(dim or 0 for dim in shape)
    columns = (broadcast_to(value, dims).elements for value in values)
    return Value(dims, tuple(map(function, *columns)))


def along(
    value: Value, axis: int, function: Callable[[Sequence[Element]], Iterable[Element]]
) -> Value:
    """Each line of elements along an axis, as a function changes it that keeps its length."""
    axis = range(len(value.dims))[axis]
    inner, length = prod(value.dims[axis + 1 :]), prod(value.dims[axis:])
    elements = list(value.elements)
    for start in range(0, len(elements), length or 1):
        for first in range(start, start + inner):
            line = slice(first, start + length, inner)
            elements[line] = function(elements[line])
    return Value(value.dims, tuple(elements))


def reduce(
    value: Value, axes: Iterable[int], keep_dims: bool, function: Callable[[list[Any]], Any]
) -> Value:
    """A function of all elements that differ in their place along the axes only."""
    rank = len(value.dims)
    listed = [range(rank)[axis] for axis in axes]
    gone = set(listed)
    if len(gone) < len(listed):
        raise ShapeError(f"an axis stands twice in {listed}")
    kept = [axis for axis in range(rank) if axis not in gone]
    dims = tuple(value.dims[axis] for axis in kept)
    groups: dict[tuple[int, ...], list[Element]] = {place: [] for place in every(*map(range, dims))}
    for place, element in zip(every(*map(range, value.dims)), value.elements, strict=True):
        groups[tuple(place[axis] for axis in kept)].append(element)
    if keep_dims:
        dims = tuple(1 if axis in gone else dim for axis, dim in enumerate(value.dims))
    return Value(dims, tuple(map(function, groups.values())))
