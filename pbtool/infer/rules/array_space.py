"""Rules for the ops of TensorFlow's array_ops.cc that pad, or move blocks between dimensions."""

from __future__ import annotations

from collections.abc import Sequence

from pbtool.errors import ShapeError
from pbtool.facts import Fact
from pbtool.infer.registry import shape_rule
from pbtool.infer.shape_functions import (
    add,
    dimension_of,
    divide,
    known_ints,
    multiply,
    of_same_rank,
    subtract,
)
from pbtool.shapes import UNKNOWN, Dimension, Shape, product

Margin = tuple[int, int]  # what is added (or cut off) before and after


def _margins(pairs: Fact) -> list[Margin] | None:
    """The rows of a constant of two columns, none of which may be negative."""
    numbers = known_ints(pairs)
    if numbers is None:
        return None
    if min(numbers, default=0) < 0:
        raise ShapeError(f"paddings and crops must not be negative, as in {numbers}")
    return list(zip(numbers[::2], numbers[1::2], strict=True))


# --- padding ---


@shape_rule("MirrorPad Pad")
def pad(input: Fact, paddings: Fact) -> Shape:
    """Each dimension grows by its two paddings."""
    shape, margins = _padded(input.shape, paddings), _margins(paddings)
    if margins is None:
        return of_same_rank(shape)
    return Shape(add(dim, sum(margin)) for dim, margin in zip(shape, margins, strict=True))


@shape_rule("PadV2")
def pad_v2(input: Fact, paddings: Fact, constant_values: Fact) -> Shape:
    """Each dimension grows by its two paddings."""
    return pad(input, paddings)


@shape_rule("MirrorPadGrad")
def mirror_pad_grad(input: Fact, paddings: Fact) -> Shape:
    """Each dimension shrinks by its two paddings."""
    if paddings.shape.with_rank(2)[0] is None:
        return UNKNOWN
    shape, margins = _padded(input.shape, paddings), _margins(paddings)
    if margins is None:
        return of_same_rank(shape)
    return Shape(subtract(dim, sum(margin)) for dim, margin in zip(shape, margins, strict=True))


def _padded(shape: Shape, paddings: Fact) -> Shape:
    """The input's shape, which has as many dimensions as the paddings have rows."""
    rows = paddings.shape.merge(Shape([shape.rank, 2]))[0]
    return shape if rows is None else shape.with_rank(rows)


# --- between batch and space ---


@shape_rule("SpaceToBatch")
def space_to_batch(input: Fact, paddings: Fact, *, block_size: int) -> Shape:
    """Blocks of rows and columns become batches."""
    blocks = (block_size, block_size)
    return _to_batch(input.shape.with_rank(4), blocks, 2, paddings)


@shape_rule("SpaceToBatchND")
def space_to_batch_nd(input: Fact, block_shape: Fact, paddings: Fact) -> Shape:
    """Blocks of the dimensions behind the first become batches."""
    return _to_batch(input.shape, known_ints(block_shape), _count(block_shape), paddings)


@shape_rule("BatchToSpace")
def batch_to_space(input: Fact, crops: Fact, *, block_size: int) -> Shape:
    """Batches become blocks of rows and columns."""
    blocks = (block_size, block_size)
    return _to_space(input.shape.with_rank(4), blocks, 2, crops)


@shape_rule("BatchToSpaceND")
def batch_to_space_nd(input: Fact, block_shape: Fact, crops: Fact) -> Shape:
    """Batches become blocks of the dimensions behind the first."""
    return _to_space(input.shape, known_ints(block_shape), _count(block_shape), crops)


def _count(block_shape: Fact) -> int:
    count = block_shape.shape[0] if block_shape.shape.rank == 1 else None
    if count is None:
        raise ShapeError("block_shape must be a vector of known length")
    return count


def _to_batch(shape: Shape, blocks: Sequence[int] | None, count: int, paddings: Fact) -> Shape:
    shape, batch = _blocked(shape, blocks, count, paddings)
    margins = _margins(paddings)
    for block in blocks or ():
        batch = multiply(batch, block)
    spatial: list[Dimension] = [None] * count
    if blocks is not None and margins is not None:
        padded = [add(shape[axis + 1], sum(margin)) for axis, margin in enumerate(margins)]
        spatial = [divide(dim, block) for dim, block in zip(padded, blocks, strict=True)]
    return Shape([batch, *spatial]) + shape[1 + count :]


def _to_space(shape: Shape, blocks: Sequence[int] | None, count: int, crops: Fact) -> Shape:
    shape, batch = _blocked(shape, blocks, count, crops)
    margins = _margins(crops)
    for block in blocks or ():
        batch = divide(batch, block)
    spatial: list[Dimension] = [None] * count
    if blocks is not None and margins is not None:
        whole = [multiply(shape[axis + 1], block) for axis, block in enumerate(blocks)]
        spatial = [subtract(dim, sum(margin)) for dim, margin in zip(whole, margins, strict=True)]
    return Shape([batch, *spatial]) + shape[1 + count :]


def _blocked(
    shape: Shape, blocks: Sequence[int] | None, count: int, margins: Fact
) -> tuple[Shape, Dimension]:
    """The input's shape and batch size, after the checks that both directions share."""
    margins.shape.merge(Shape([count, 2]))
    if blocks is not None and min(blocks, default=1) < 1:
        raise ShapeError(f"blocks must be positive, as in {tuple(blocks)}")
    shape = shape.at_least(count + 1)
    return shape, shape[0] if blocks is not None or count == 0 else None


# --- between depth and space ---

# Where the rows, the columns and the channels are. The last dimension of NCHW_VECT_C holds four
# channels as one.
_LAYOUTS = {"NHWC": (1, 2, 3), "NCHW": (2, 3, 1), "NCHW_VECT_C": (2, 3, 1)}


def _pixels(images: Shape, data_format: str) -> list[Dimension]:
    if data_format != "NCHW_VECT_C":
        return list(images.with_rank(4))
    return [*images.with_rank(5)[:4], 4]


@shape_rule("SpaceToDepth")
def space_to_depth(input: Fact, *, block_size: int, data_format: str) -> Shape:
    """Blocks of rows and columns become channels."""
    rows, columns, channels = _LAYOUTS[data_format]
    dims = _pixels(input.shape, data_format)
    for axis in (rows, columns):
        dims[axis] = divide(dims[axis], block_size)
    dims[channels] = multiply(dims[channels], block_size**2)
    return Shape(dims)


@shape_rule("DepthToSpace")
def depth_to_space(input: Fact, *, block_size: int, data_format: str) -> Shape:
    """Channels become blocks of rows and columns."""
    rows, columns, channels = _LAYOUTS[data_format]
    dims = _pixels(input.shape, data_format)
    for axis in (rows, columns):
        dims[axis] = multiply(dims[axis], block_size)
    dims[channels] = divide(dims[channels], block_size**2)
    return Shape(dims)


# --- patches ---


@shape_rule("ExtractImagePatches")
def extract_image_patches(
    images: Fact,
    *,
    ksizes: tuple[int, ...],
    strides: tuple[int, ...],
    rates: tuple[int, ...],
    padding: str,
) -> Shape:
    """A flattened patch of pixels for each position of a window of rows and columns."""
    _check_lengths(4, ksizes, strides, rates)
    windows = [size + (size - 1) * (rate - 1) for size, rate in zip(ksizes, rates, strict=True)]
    return _patches(images.shape.with_rank(4), ksizes, windows, strides, padding)


@shape_rule("ExtractVolumePatches")
def extract_volume_patches(
    input: Fact, *, ksizes: tuple[int, ...], strides: tuple[int, ...], padding: str
) -> Shape:
    """A flattened patch of voxels for each position of a window of planes, rows and columns."""
    _check_lengths(5, ksizes, strides)
    return _patches(input.shape.with_rank(5), ksizes, ksizes, strides, padding)


def _check_lengths(rank: int, *attrs: tuple[int, ...]) -> None:
    for attr in attrs:
        if len(attr) != rank:
            raise ShapeError(f"{rank} numbers are needed where {list(attr)} are given")


def _patches(
    shape: Shape, sizes: Sequence[int], windows: Sequence[int], strides: Sequence[int], padding: str
) -> Shape:
    batch, *spatial, channels = shape
    depth = multiply(channels, dimension_of(product(sizes[1:-1])))
    known = [dim for dim in spatial if dim is not None]
    if len(known) == len(spatial):
        moves = zip(known, windows[1:-1], strides[1:-1], strict=True)
        return Shape([batch, *(_positions(*move, padding) for move in moves), depth])
    # One unknown dimension makes TensorFlow give up on all of them; even of the three of volumes it
    # says that there are two.
    return Shape([batch, None, None, depth])


def _positions(dim: int, window: int, stride: int, padding: str) -> int:
    """How often a window fits into a dimension."""
    if stride <= 0:
        raise ShapeError(f"a stride must be positive, not {stride}")
    if padding == "SAME":
        return -(-dim // stride)
    slack = dim - window + stride
    if slack <= -stride:
        raise ShapeError(f"a window of {window} does not fit into a dimension of {dim}")
    return max(slack, 0) // stride
