"""Rules for the ops of TensorFlow's math_ops.cc that reduce along axes or over segments."""

from __future__ import annotations

from pbtool.facts import Fact
from pbtool.infer.patterns import patterns
from pbtool.infer.registry import shape_rule
from pbtool.infer.shape_functions import (
    dimension_from,
    known_int,
    known_ints,
    of_same_rank,
    resolve_axis,
)
from pbtool.shapes import SCALAR, UNKNOWN, Shape

# Rows of the data are combined in segments, of which nobody knows the number beforehand.
patterns("""
    [?,S] ; [?] -> [?,S]
        SegmentMax SegmentMean SegmentMin SegmentProd SegmentSum
    [?,S] ; [n] ; [n] -> [?,S]
        SparseSegmentMean SparseSegmentSqrtN SparseSegmentSum
""")


@shape_rule("All Any EuclideanNorm Max Mean Min Prod ReduceJoin Sum")
def reduction(input: Fact, reduction_indices: Fact, *, keep_dims: bool, producer: int) -> Shape:
    """The input without the given axes, or with a dimension of 1 in their place."""
    if producer >= 21:
        reduction_indices.shape.at_most(1)
    axes, dims = known_ints(reduction_indices), input.shape.dims
    if axes is None or dims is None:
        return of_same_rank(input.shape) if keep_dims else UNKNOWN
    reduced = {resolve_axis(axis, len(dims)) for axis in axes}
    if keep_dims:
        return Shape(1 if axis in reduced else dim for axis, dim in enumerate(dims))
    return Shape(dim for axis, dim in enumerate(dims) if axis not in reduced)


@shape_rule("ArgMax ArgMin")
def arg_max(input: Fact, dimension: Fact) -> Shape:
    """The input without one axis."""
    axis, rank = known_int(dimension), input.shape.rank
    if rank is None:
        return UNKNOWN
    if rank <= 1:
        return SCALAR
    if axis is None:
        return Shape([None] * (rank - 1))
    axis = resolve_axis(axis, rank)
    return input.shape[:axis] + input.shape[axis + 1 :]


@shape_rule("UnsortedSegmentJoin UnsortedSegmentMax UnsortedSegmentMin UnsortedSegmentProd")
@shape_rule("SegmentMaxV2 SegmentMinV2 SegmentProdV2 SegmentSumV2 UnsortedSegmentSum")
def unsorted_segment(data: Fact, segment_ids: Fact, num_segments: Fact) -> Shape:
    """A slice for each segment; the first dimensions of the data are those of the ids."""
    num_segments.shape.with_rank(0)
    rank = segment_ids.shape.rank
    if rank is None:
        return UNKNOWN
    data.shape.at_least(rank)[:rank].merge(segment_ids.shape)
    return Shape([dimension_from(num_segments)]) + data.shape[rank:]


@shape_rule(
    "SparseSegmentMeanWithNumSegments SparseSegmentSqrtNWithNumSegments"
    " SparseSegmentSumWithNumSegments"
)
def sparse_segment(data: Fact, indices: Fact, segment_ids: Fact, num_segments: Fact) -> Shape:
    """A slice for each segment."""
    num_segments.shape.with_rank(0)
    indices.shape.with_rank(1).merge(segment_ids.shape.with_rank(1))
    return Shape([dimension_from(num_segments)]) + data.shape.at_least(1)[1:]


@shape_rule("SparseSegmentMeanGrad SparseSegmentSqrtNGrad SparseSegmentSumGrad")
def sparse_segment_grad(grad: Fact, indices: Fact, segment_ids: Fact, output_dim0: Fact) -> Shape:
    """As many slices as the data had."""
    return sparse_segment(grad, indices, segment_ids, output_dim0)


@shape_rule("SparseSegmentMeanGradV2 SparseSegmentSqrtNGradV2 SparseSegmentSumGradV2")
def sparse_segment_grad_v2(
    grad: Fact, indices: Fact, segment_ids: Fact, dense_output_dim0: Fact
) -> list[Shape]:
    """As many slices as there are distinct indices, and these indices."""
    indices.shape.with_rank(1).merge(segment_ids.shape.with_rank(1))
    dense_output_dim0.shape.with_rank(0)
    return [Shape([None]) + grad.shape.at_least(1)[1:], Shape([None])]
