"""Partially known shapes.

A ``Shape`` is a tuple of dimensions, each a size or ``None`` for unknown, or it is ``UNKNOWN`` when
not even the rank is known. It absorbs ignorance: indexing, slicing or adding to an unknown shape
gives what can still be said, so that shape rules need no special cases. What cannot be true raises
``ShapeError``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, overload

from pbtool.errors import ShapeError

if TYPE_CHECKING:
    from pbtool.schema import TensorShapeProto

Dimension = int | None  # a size, or None when it is not known

LARGEST_DIMENSION = (1 << 63) - 1  # and the most elements that a tensor has
MAX_RANK = 254  # dimensions, TensorFlow's limit for a tensor


class Shape:
    """The shape of a tensor, as far as it is known.

    >>> Shape((None, 224, 3))
    Shape('[?,224,3]')
    >>> Shape((None, 224, 3))[1:] + Shape((5,))
    Shape('[224,3,5]')
    """

    __slots__ = ("dims",)

    dims: tuple[Dimension, ...] | None

    def __init__(self, dims: Iterable[Dimension] | None = None) -> None:
        self.dims = None if dims is None else tuple(dims)

    @classmethod
    def from_proto(cls, proto: TensorShapeProto) -> Shape:
        """The shape that a TensorShapeProto states; a negative size means unknown."""
        if proto.unknown_rank:
            return UNKNOWN
        return cls([None if dim.size < 0 else dim.size for dim in proto.dim])

    @classmethod
    def parse(cls, text: str) -> Shape:
        """The shape that ``str`` writes: ``[?,224]``, ``[]``, ``[...]``; spaces are allowed.

        Raises ShapeError for anything else.
        """
        inner = text.strip()
        if not (inner.startswith("[") and inner.endswith("]")):
            raise ShapeError(f"{text!r} is not a shape", remedy="write it as [?,224,3]")
        inner = inner[1:-1].strip()
        if inner == "...":
            return UNKNOWN
        words = [word.strip() for word in inner.split(",")] if inner else []
        try:
            dims = [None if word in ("?", "None", "-1") else int(word) for word in words]
        except ValueError:
            dims = [-1]
        if any(dim is not None and dim < 0 for dim in dims):
            raise ShapeError(f"{text!r} is not a shape", remedy="write it as [?,224,3]")
        return cls(dims)

    @property
    def rank(self) -> int | None:
        """The number of dimensions, or None."""
        return None if self.dims is None else len(self.dims)

    @property
    def known_dims(self) -> tuple[Dimension, ...]:
        """The dimensions of a shape whose rank is known; raises ShapeError when it is not."""
        if self.dims is None:
            raise ShapeError("the rank of this shape is not known")
        return self.dims

    @property
    def is_full(self) -> bool:
        """Whether the rank and every dimension are known."""
        return self.dims is not None and None not in self.dims

    @property
    def elements(self) -> int | None:
        """The number of elements, or None where a dimension is unknown.

        A known zero does not decide it: TensorFlow, too, says unknown for ``[0,?]``.
        """
        if self.dims is None:
            return None
        return product(self.dims)

    def with_rank(self, rank: int) -> Shape:
        """This shape if it can have that rank, unknown dimensions if nothing is known."""
        if self.dims is None:
            return Shape([None] * rank)
        if len(self.dims) != rank:
            raise ShapeError(f"shape {self} must be of rank {rank}")
        return self

    def at_least(self, rank: int) -> Shape:
        """This shape, which must not have fewer dimensions than ``rank``."""
        if self.dims is not None and len(self.dims) < rank:
            raise ShapeError(f"shape {self} must be at least of rank {rank}")
        return self

    def at_most(self, rank: int) -> Shape:
        """This shape, which must not have more dimensions than ``rank``."""
        if self.dims is not None and len(self.dims) > rank:
            raise ShapeError(f"shape {self} must be at most of rank {rank}")
        return self

    def merge(self, other: Shape) -> Shape:
        """What both shapes together say; raises ShapeError when they contradict each other."""
        if self.dims is None:
            return other
        if other.dims is None or self.dims == other.dims:
            return self
        if len(self.dims) != len(other.dims):
            raise ShapeError(f"shapes {self} and {other} differ in rank")
        try:
            return Shape(map(merge_dimensions, self.dims, other.dims))
        except ShapeError:
            raise ShapeError(f"shapes {self} and {other} cannot be the same") from None

    def flipped(self, flip: bool) -> Shape:
        """This shape, with its last two dimensions exchanged if ``flip`` is true."""
        return self[:-2] + self[:-3:-1] if flip else self

    def refines(self, other: Shape) -> bool:
        """Whether everything that ``other`` says is true of this shape too."""
        if other.dims is None:
            return True
        if self.dims is None or len(self.dims) != len(other.dims):
            return False
        return all(
            theirs in (None, ours) for ours, theirs in zip(self.dims, other.dims, strict=True)
        )

    @overload
    def __getitem__(self, index: int) -> Dimension: ...
    @overload
    def __getitem__(self, index: slice) -> Shape: ...
    def __getitem__(self, index: int | slice) -> Dimension | Shape:
        if isinstance(index, slice):
            return UNKNOWN if self.dims is None else Shape(self.dims[index])
        if self.dims is None:
            return None
        if not -len(self.dims) <= index < len(self.dims):
            raise ShapeError(f"shape {self} has no dimension {index}")
        return self.dims[index]

    def __iter__(self) -> Iterator[Dimension]:
        return iter(self.known_dims)

    def __add__(self, other: Shape) -> Shape:
        if self.dims is None or other.dims is None:
            return UNKNOWN
        return Shape(self.dims + other.dims)

    def __eq__(self, other: object) -> bool:
        return self.dims == other.dims if isinstance(other, Shape) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.dims)

    def __bool__(self) -> bool:
        # () is a scalar, not "nothing": whoever asks must say what is meant.
        raise TypeError("a Shape has no truth value; compare its rank with None or 0")

    def __str__(self) -> str:
        if self.dims is None:
            return "[...]"
        return f"[{','.join('?' if dim is None else str(dim) for dim in self.dims)}]"

    def __repr__(self) -> str:
        return f"Shape('{self}')"


UNKNOWN = Shape(None)
SCALAR = Shape(())


def merge_dimensions(a: Dimension, b: Dimension) -> Dimension:
    """The dimension that is both; raises ShapeError when they are two different sizes."""
    if a is None or a == b:
        return b
    if b is None:
        return a
    raise ShapeError(f"dimensions {a} and {b} are not equal")


def product(dims: Iterable[Dimension]) -> Dimension:
    """The product of dimensions, unknown as soon as one is; counted as ``count_elements`` does."""
    sizes = tuple(dims)
    return None if None in sizes else count_elements(size or 0 for size in sizes)


def count_elements(sizes: Iterable[int]) -> int:
    """The elements of a tensor of these sizes.

    Beyond what TensorFlow counts, it is some number that is too large: all digits of the product of
    a million sizes would take hours.
    """
    result = 1
    for size in sizes:
        result *= size
        if result > LARGEST_DIMENSION:
            break
    return result
