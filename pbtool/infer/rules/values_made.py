"""Constants made from sizes and from other constants: more kernels of array ops."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

from pbtool.dtypes import BOOL
from pbtool.errors import ShapeError
from pbtool.facts import MAX_ELEMENTS, Value
from pbtool.infer.arrays import full, integer, integers, sizes, vector
from pbtool.infer.registry import value_rule


@value_rule("Fill")
def fill(dims: Value, value: Value) -> Value:
    """One element everywhere."""
    return full(sizes(dims), value.elements[0])


@value_rule("ZerosLike")
def zeros_like(x: Value) -> Value:
    """Zeros."""
    return full(x.dims, 0)


@value_rule("OnesLike")
def ones_like(x: Value) -> Value:
    """Ones."""
    return full(x.dims, 1)


# Of a constant these are known even where its shape is not: how many elements Unique leaves is
# found out by evaluating it.


@value_rule("Rank")
def rank(input: Value) -> Value:
    """The number of dimensions."""
    return Value((), (len(input.dims),))


@value_rule("Shape")
def shape(input: Value) -> Value:
    """The sizes."""
    return vector(input.dims)


@value_rule("Size")
def size(input: Value) -> Value:
    """The number of elements."""
    return Value((), (len(input.elements),))


@value_rule("ShapeN")
def shape_n(input: Sequence[Value]) -> list[Value]:
    """The sizes of constants; of other tensors TensorFlow does not evaluate them."""
    return [vector(value.dims) for value in input]


@value_rule("Range")
def range_(start: Value, limit: Value, delta: Value) -> Value | None:
    """Integers in equal steps."""
    if isinstance(start.elements[0], float):
        return None
    steps = range(integer(start), integer(limit), integer(delta))
    return vector(steps) if len(steps) <= MAX_ELEMENTS else None


@value_rule("InvertPermutation")
def invert_permutation(x: Value) -> Value:
    """The position of each number."""
    order = integers(x)
    if sorted(order) != list(range(len(order))):
        raise ShapeError(f"{order} is no permutation")
    return vector(map(order.index, range(len(order))))


@value_rule("ListDiff")
def list_diff(x: Value, y: Value, *, dtypes: tuple[int, ...]) -> list[Value] | None:
    """What only the first vector has, and where; TensorFlow has no kernel for booleans."""
    if dtypes[0] == BOOL:
        return None
    places = [place for place, element in enumerate(x.elements) if element not in y.elements]
    return [vector(x.elements[place] for place in places), vector(places)]


@value_rule("Unique")
def unique(x: Value) -> list[Value]:
    """The distinct elements, and which one each is."""
    distinct = list(dict.fromkeys(x.elements))
    return [vector(distinct), vector(map(distinct.index, x.elements))]


@value_rule("Where")
def where(input: Value) -> Value:
    """The places of what is not zero."""
    every = zip(product(*map(range, input.dims)), input.elements, strict=True)
    places = [place for place, element in every if element]
    return Value((len(places), len(input.dims)), tuple(at for place in places for at in place))
