"""What is known of a tensor before the graph runs: its dtype, its shape, sometimes its elements."""

from __future__ import annotations

from typing import NamedTuple

from pbtool.shapes import Shape

Element = int | float | complex | bool | bytes | None  # None: this element is not known

# A value has at most this many elements. It bounds the work on weights, which no shape depends on.
MAX_ELEMENTS = 256


class Value(NamedTuple):
    """The elements of a small tensor, in row-major order; those that are not known are None.

    Shape arithmetic needs them: what ``Reshape`` and ``Fill`` are asked for is computed in the
    graph. Plain tuples serve better than numpy here: most hold one to four integers, and an
    element may be unknown.
    """

    dims: tuple[int, ...]
    elements: tuple[Element, ...]

    @property
    def is_full(self) -> bool:
        """Whether every element is known."""
        return None not in self.elements


class Handle(NamedTuple):
    """What a resource or variant tensor refers to, such as a variable: one dtype and shape."""

    dtype: int
    shape: Shape


class Fact(NamedTuple):
    """What is known of one tensor. A dtype of 0 means that not even the type is known.

    ``handles`` is what a resource or variant refers to (a variable one tensor, a dataset one for
    each component); None where that is not known.
    """

    dtype: int
    shape: Shape
    value: Value | None = None
    handles: tuple[Handle, ...] | None = None
