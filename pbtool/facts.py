"""What is known of a tensor before the graph runs: its dtype, its shape, sometimes its elements."""

from __future__ import annotations

from typing import NamedTuple

from pbtool import dtypes
from pbtool.errors import ShapeError
from pbtool.shapes import Shape

Element = int | float | bool

# A value has at most this many elements. It bounds the work on weights, which no shape depends on.
MAX_ELEMENTS = 256


class Value(NamedTuple):
    """The elements of a small constant tensor, in row-major order.

    Shape arithmetic needs them: what ``Reshape`` and ``Fill`` are asked for is computed in the
    graph. Plain tuples serve better than numpy here: most hold one to four integers.
    """

    dims: tuple[int, ...]
    elements: tuple[Element, ...]


class Handle(NamedTuple):
    """What a resource or variant tensor refers to, such as a variable: one dtype and shape."""

    dtype: int
    shape: Shape


class Fact(NamedTuple):
    """What is known of one tensor. A dtype of 0 means that not even the type is known.

    ``handles`` is what a resource or variant refers to (a variable one tensor, a dataset one for
    each component); None where that is not known.

    ``as_shape`` is what a vector of sizes states where it comes from one of the few ops that
    TensorFlow looks through although not all sizes are known, such as ``Pack``; an error where
    whoever reads the vector as a shape is refused; None for all other tensors. Read it with
    ``shape_functions.shape_from``.
    """

    dtype: int
    shape: Shape
    value: Value | None = None
    handles: tuple[Handle, ...] | None = None
    as_shape: Shape | ShapeError | None = None

    def __str__(self) -> str:
        return f"{dtypes.name(self.dtype) if self.dtype else '?'}{self.shape}"
