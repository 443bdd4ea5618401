"""Constants and partly known sizes: what TensorFlow evaluates before a graph runs.

TensorFlow tells two things of a tensor before the graph runs. It evaluates constants: any subgraph
of stateless ops whose inputs are all constant, where ``Shape``, ``Rank``, ``Size`` and one element
of a ``Shape`` are constant as soon as the sizes in question are known. And where a vector of sizes
is read as a shape, it looks through eight ops although not all sizes are constant.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from pbtool.dtypes import INT32, INT64
from pbtool.errors import ShapeError
from pbtool.facts import Fact, Value
from pbtool.infer import constants
from pbtool.infer.registry import as_shape_rule, shape_value_rule
from pbtool.infer.shape_functions import known_int, partial_shape
from pbtool.schema import TensorProto
from pbtool.shapes import LARGEST_DIMENSION, SCALAR, UNKNOWN, Dimension, Shape

SIZES = (INT32, INT64)


@shape_value_rule("Const")
def const(*, value: TensorProto, dtype: int) -> Value | None:
    """The tensor in the attr, if it is small; its bytes where it is of another type than stated."""
    held = constants.value(value)
    return held if value.dtype == dtype else constants.reinterpreted(held, value.dtype, dtype)


# --- what shapes alone tell ---


def _sizes(sizes: Sequence[Dimension], dims: tuple[int, ...], dtype: int) -> Value | None:
    """A tensor of sizes; None where one is not known."""
    # TensorFlow refuses a graph where someone asks for a size that is too large for its dtype.
    limit = LARGEST_DIMENSION if dtype == INT64 else LARGEST_INT32
    known = tuple(size for size in sizes if size is not None and size <= limit)
    return Value(dims, known) if len(known) == len(sizes) else None


LARGEST_INT32 = (1 << 31) - 1


@shape_value_rule("Shape")
def shape(input: Fact, *, dtypes: tuple[int, ...]) -> Value | None:
    """All sizes, where every one is known."""
    dims = input.shape.dims
    return None if dims is None else _sizes(dims, (len(dims),), dtypes[0])


@shape_value_rule("Rank")
def rank(input: Fact) -> Value | None:
    """The number of dimensions."""
    return _sizes([input.shape.rank], (), INT32)


@shape_value_rule("Size")
def size(input: Fact, *, dtypes: tuple[int, ...]) -> Value | None:
    """The number of elements."""
    return _sizes([input.shape.elements], (), dtypes[0])


@shape_value_rule("StridedSlice")
def one_size(
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
    dtypes: tuple[int, ...],
    sources: tuple[str, ...],
) -> Value | None:
    """``tf.shape(x)[i]``: one size is enough, if ``i`` is written down as a constant."""
    masks = begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_axis_mask
    if sources[:2] != ("Shape", "Const") or masks != (0, 0, 0, 0, 1):
        return None
    if input.as_shape is None or begin.value is None or len(begin.value.elements) != 1:
        return None
    index = int(begin.value.elements[0])
    sizes = partial_shape(input)
    rank = sizes.rank or 0
    return _sizes([sizes[index]], (), dtypes[0]) if -rank <= index < rank else None


@shape_value_rule("Unpack")
def each_size(
    value: Fact, *, axis: int, dtypes: tuple[int, ...], sources: tuple[str, ...]
) -> list[Value | None] | None:
    """``tf.unstack(tf.shape(x))``: each size that is known."""
    if sources != ("Shape",) or axis != 0:
        return None
    sizes = partial_shape(value)
    if sizes.rank != len(dtypes):
        return None
    return [_sizes([size], (), dtype) for size, dtype in zip(sizes, dtypes, strict=True)]


# --- vectors of sizes, of which some are known ---


@as_shape_rule("Shape")
def shape_as_shape(input: Fact) -> Shape:
    """The shape itself."""
    return input.shape


@as_shape_rule("ShapeN")
def shapes_as_shapes(input: Sequence[Fact]) -> list[Shape]:
    """The shapes themselves."""
    return [fact.shape for fact in input]


@as_shape_rule("VariableShape")
def variable_as_shape(input: Fact) -> Shape:
    """The shape of the variable that the handle refers to."""
    return input.handles[0].shape if input.handles else UNKNOWN


@as_shape_rule("Pack")
def pack_as_shape(values: Sequence[Fact], *, dtypes: tuple[int, ...]) -> Shape:
    """A size from each scalar; any negative one is unknown."""
    sizes = [known_int(value) if dtypes[0] in SIZES else None for value in values]
    return Shape([None if size is None or size < 0 else size for size in sizes])


class _BrokenOffError(ShapeError):
    """One of the vectors cannot be read as sizes."""

    def __init__(self, message: str, before: Shape) -> None:
        super().__init__(message)
        self.before = before  # what those before it state


@as_shape_rule("Concat")
def concat_as_shape(concat_dim: Fact, values: Sequence[Fact]) -> Shape:
    """One vector after the other, unknown as soon as one is."""
    stated = SCALAR
    for value in values:
        try:
            sizes = partial_shape(value)
        except ShapeError as error:
            raise _BrokenOffError(error.message, stated) from None
        if sizes.rank is None:
            return UNKNOWN
        stated += sizes
    return stated


@as_shape_rule("ConcatV2")
def concat_v2_as_shape(values: Sequence[Fact], axis: Fact) -> Shape:
    """One vector after the other, unknown as soon as one is."""
    return concat_as_shape(axis, values)


@as_shape_rule("Cast")
def cast_as_shape(x: Fact, *, dtypes: tuple[int, ...]) -> Shape | None:
    """The sizes that are cast, if they stay sizes; a constant speaks for itself."""
    if x.value is not None and min(x.value.elements, default=0) > -2:
        return None
    try:
        sizes = partial_shape(x)
    except _BrokenOffError as error:
        sizes = error.before  # TensorFlow takes that for all
    except ShapeError:
        return UNKNOWN
    if dtypes[0] in SIZES or sizes.dims is None:
        return sizes
    return Shape([None] * len(sizes.dims))


@as_shape_rule("StridedSlice")
def slice_as_shape(
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
    """Some of the sizes, for one range whose ends are constant."""
    if {begin_mask, end_mask} - {0, 1} or ellipsis_mask or new_axis_mask or shrink_axis_mask:
        return UNKNOWN
    if any(fact.shape[0] != 1 for fact in (begin, end, strides)):
        return UNKNOWN
    start = 0 if begin_mask else _element(begin)
    stop = sys.maxsize if end_mask else _element(end)
    step = _element(strides)
    if start is None or stop is None or step is None:
        return UNKNOWN
    return _every(partial_shape(input), start, stop, step)


def _element(vector: Fact) -> int | None:
    return None if vector.value is None else int(vector.value.elements[0])


def _every(sizes: Shape, start: int, stop: int, step: int) -> Shape:
    # Unlike a StridedSlice that is executed, TensorFlow refuses here what lies out of range, and
    # begins at the front even where a negative step and no begin are given.
    if sizes.dims is None:
        return UNKNOWN
    rank = len(sizes.dims)
    if step < 0 and start >= rank:
        start = rank - 1
    start, stop = (min(i, rank) + (rank if i < 0 else 0) for i in (start, stop))
    if min(start, stop) < 0 or (start - stop) * step > 0:
        raise ShapeError(f"{rank} sizes cannot be sliced from {start} to {stop} by {step}")
    return Shape(sizes.dims[i] for i in range(start, stop, step))
