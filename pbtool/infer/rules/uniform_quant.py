"""Shape rules for the ops of uniform_quant_ops.cc.

What is quantized has a scale and a zero point: one of each, or one for each slice along an axis.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pbtool.errors import ShapeError
from pbtool.facts import Fact
from pbtool.infer.messages import numbers
from pbtool.infer.registry import AsOp, shape_rule
from pbtool.infer.rules.math import matrix_product
from pbtool.infer.shape_functions import divide
from pbtool.shapes import UNKNOWN, Dimension, Shape, merge_dimensions


def _check_scales(scales: Fact, zero_points: Fact, slices: Dimension) -> None:
    """Raise ShapeError unless these are two scalars, or two vectors with a number for each slice.

    Nothing is compared with a size that is not known.
    """
    _check_vectors(scales, zero_points)
    ranks = scales.shape.rank, zero_points.shape.rank
    if ranks in ((0, 1), (1, 0)):
        raise ShapeError(f"scales {scales.shape} and zero points {zero_points.shape} do not fit")
    if ranks == (1, 1) and slices is not None:
        merge_dimensions(scales.shape[0], slices)
        merge_dimensions(zero_points.shape[0], slices)


def _check_vectors(*facts: Fact) -> None:
    for fact in facts:
        fact.shape.at_most(1)


@shape_rule("UniformQuantizedDot")
def uniform_quantized_dot(
    lhs: Fact,
    rhs: Fact,
    lhs_scales: Fact,
    lhs_zero_points: Fact,
    rhs_scales: Fact,
    rhs_zero_points: Fact,
    output_scales: Fact,
    output_zero_points: Fact,
) -> Shape:
    """[m, k] times [k, n] is [m, n]."""
    lhs_scales.shape.with_rank(0)
    lhs_zero_points.shape.with_rank(0)
    output = uniform_quantized_dot_hybrid(lhs, rhs, rhs_scales, rhs_zero_points)
    _check_scales(output_scales, output_zero_points, output[1])
    return output


@shape_rule("UniformQuantizedDotHybrid")
def uniform_quantized_dot_hybrid(
    lhs: Fact, rhs: Fact, rhs_scales: Fact, rhs_zero_points: Fact
) -> Shape:
    """[m, k] times [k, n] is [m, n]."""
    output = matrix_product(lhs.shape.with_rank(2), rhs.shape.with_rank(2), False, False)
    _check_scales(rhs_scales, rhs_zero_points, output[1])
    return output


# --- convolutions ---


@shape_rule("UniformQuantizedConvolution")
def uniform_quantized_convolution(
    lhs: Fact,
    rhs: Fact,
    lhs_scales: Fact,
    lhs_zero_points: Fact,
    rhs_scales: Fact,
    rhs_zero_points: Fact,
    output_scales: Fact,
    output_zero_points: Fact,
    *,
    dimension_numbers: str,
    as_op: AsOp,
) -> Shape:
    """A feature for each filter; which axes are what, ``dimension_numbers`` says."""
    lhs_scales.shape.with_rank(0)
    lhs_zero_points.shape.with_rank(0)
    inputs = lhs, rhs, rhs_scales, rhs_zero_points
    (output,) = as_op("UniformQuantizedConvolutionHybrid", inputs)
    _check_vectors(output_scales, output_zero_points)
    if output.is_full:
        axis = _axes(dimension_numbers, len(output.known_dims)).output.features
        _check_scales(output_scales, output_zero_points, output[axis])
    return output


@shape_rule("UniformQuantizedConvolutionHybrid")
def uniform_quantized_convolution_hybrid(
    lhs: Fact,
    rhs: Fact,
    rhs_scales: Fact,
    rhs_zero_points: Fact,
    *,
    window_strides: Sequence[int],
    padding: str,
    explicit_padding: Sequence[int],
    lhs_dilation: Sequence[int],
    rhs_dilation: Sequence[int],
    batch_group_count: int,
    feature_group_count: int,
    dimension_numbers: str,
) -> Shape:
    """A feature for each filter; which axes are what, ``dimension_numbers`` says."""
    _check_vectors(rhs_scales, rhs_zero_points)
    image, filters = lhs.shape.at_least(2), rhs.shape.at_least(2)
    rank = image.rank if filters.rank is None else filters.rank
    if rank is None:
        return UNKNOWN
    image, filters = image.with_rank(rank), filters.with_rank(rank)
    if not (image.is_full and filters.is_full):
        return Shape([None] * rank)
    axes = _axes(dimension_numbers, rank)
    batch, features = (image[axis] for axis in axes.lhs[:2])
    per_group, depth = (filters[axis] for axis in axes.rhs[:2])
    merge_dimensions(divide(features, feature_group_count), per_group)
    divide(depth, feature_group_count)
    divide(depth, batch_group_count)
    if feature_group_count > 1 and batch_group_count > 1:
        raise ShapeError("either features or batches are parted in groups")
    _check_scales(rhs_scales, rhs_zero_points, depth)
    sizes = [divide(batch, batch_group_count), depth]
    sliding = _Sliding(window_strides, padding, explicit_padding, lhs_dilation, rhs_dilation)
    sizes += sliding.positions(
        [image[axis] or 0 for axis in axes.lhs.spatial],
        [filters[axis] or 0 for axis in axes.rhs.spatial],
    )
    output: list[Dimension] = [0] * rank
    for axis, size in zip((*axes.output[:2], *axes.output.spatial), sizes, strict=True):
        output[axis] = size
    return Shape(output)


class _Place(NamedTuple):
    """Which axes are what; of filters, the first are the input features."""

    batch: int
    features: int
    spatial: tuple[int, ...]


class _Axes(NamedTuple):
    """Where the dimensions of an image, of filters and of the output are."""

    lhs: _Place
    rhs: _Place
    output: _Place


def _axes(dimension_numbers: str, rank: int) -> _Axes:
    """What a UniformQuantizedConvolutionDimensionNumbersAttr in protobuf's format says."""
    spatial = tuple(range(2, rank))
    if not spatial:
        raise ShapeError("there is nothing to convolve along")
    if not dimension_numbers:
        place = _Place(0, 1, spatial)
        return _Axes(place, _Place(1, 0, spatial), place)
    given = numbers(dimension_numbers)
    places = [
        _Place(
            given.get(first, [0])[-1],
            given.get(first + 1, [0])[-1],
            tuple(given.get(first + 2, ())),
        )
        for first in (1, 4, 7)
    ]
    for place in places:
        if len(place.spatial) != rank - 2 or max(*place[:2], *place.spatial) >= rank:
            raise ShapeError(f"the dimensions of rank {rank} are not {place}")
    return _Axes(*places)


class _Sliding(NamedTuple):
    """How the window moves along each spatial axis."""

    strides: Sequence[int]
    padding: str
    explicit: Sequence[int]
    lhs_dilation: Sequence[int]
    rhs_dilation: Sequence[int]

    def positions(self, dims: Sequence[int], windows: Sequence[int]) -> Iterator[int]:
        """How often a window fits into each dimension."""
        paddings = self._paddings(2 * len(dims))
        lists = [given or (1,) * len(dims) for given in (self.strides, *self[3:])]
        if any(len(each) != len(dims) or min(each) <= 0 for each in lists):
            raise ShapeError(f"{len(dims)} positive numbers are needed where {lists} are given")
        for axis, (stride, left, right) in enumerate(zip(*lists, strict=True)):
            dim, window = _dilated(dims[axis], left), _dilated(windows[axis], right)
            padding = sum(paddings[2 * axis : 2 * axis + 2])
            if self.padding == "SAME":
                padding = max((-(-dim // stride) - 1) * stride + window - dim, 0)
            count = -(-(dim + padding - window + 1) // stride)
            if count < 0:
                raise ShapeError(f"a window of {window} does not fit into a dimension of {dim}")
            yield count

    def _paddings(self, length: int) -> Sequence[int]:
        if self.padding not in ("EXPLICIT", "SAME", "VALID"):
            raise ShapeError(f"a padding cannot be {self.padding!r}")
        paddings = self.explicit or (0,) * length
        if len(paddings) != length or bool(self.explicit) != (self.padding == "EXPLICIT"):
            raise ShapeError(f"{list(paddings)} do not fit a padding of {self.padding}")
        return paddings


def _dilated(size: int, dilation: int) -> int:
    return (size - 1) * dilation + 1 if size else 0
