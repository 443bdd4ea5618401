"""Rules for TensorFlow's nn_ops.cc, but for convolutions, pools, normalization and quantization."""

from __future__ import annotations

from math import log

from pbtool.errors import ShapeError
from pbtool.facts import Fact
from pbtool.infer.patterns import patterns
from pbtool.infer.registry import shape_rule
from pbtool.infer.shape_functions import (
    broadcast,
    dimension_from,
    dimension_of,
    replace,
    resolve_axis,
)
from pbtool.shapes import Dimension, Shape

patterns("""
    [S,n] -> [S,n]
        LogSoftmax Softmax
    S ; S -> S
        EluGrad LeakyReluGrad Relu6Grad ReluGrad SeluGrad SoftplusGrad SoftsignGrad
    _ -> []
        L2Loss
    S -> S ; S
        IsotonicRegression
    [n,?] ; [n] -> [n]
        InTopK InTopKV2
    [n,k] ; [n] -> [n] ; [n,k]
        SparseSoftmaxCrossEntropyWithLogits
    [a,b] -> [a,b]
        MakeUnique
    [n,?] -> [n]
        KthOrderStatistic
""")


@shape_rule("SoftmaxCrossEntropyWithLogits")
def softmax_cross_entropy(features: Fact, labels: Fact) -> list[Shape]:
    """A loss for each row, and a gradient for each element."""
    try:
        logits = features.shape.with_rank(2).merge(labels.shape.with_rank(2))
    except ShapeError:
        logits = broadcast(features.shape, labels.shape)
        if logits.rank != 2:
            raise
    return [logits[:1], logits]


# --- the largest elements ---


@shape_rule("TopK")
def top_k(input: Fact, *, k: int) -> list[Shape]:
    """The largest elements of each row, and where they are."""
    return [_largest(input.shape.at_least(1), k)] * 2


@shape_rule("TopKV2")
def top_k_v2(input: Fact, k: Fact) -> list[Shape]:
    """The largest elements of each row, and where they are."""
    return [_largest(input.shape.at_least(1), dimension_from(k))] * 2


def _largest(shape: Shape, count: Dimension) -> Shape:
    row = shape[-1]
    if row is not None and count is not None and row < count:
        raise ShapeError(f"a row of {row} elements has not {count}")
    return shape[:-1] + Shape([count])


@shape_rule("TopKUnique TopKWithUnique")
def top_k_unique(input: Fact, *, k: int) -> list[Shape]:
    """The largest elements of each row, and where they are."""
    return [Shape([input.shape.with_rank(2)[0], dimension_of(k)])] * 2


@shape_rule("NthElement")
def nth_element(input: Fact, n: Fact) -> Shape:
    """An element of each row."""
    place, row = dimension_from(n), input.shape.at_least(1)[-1]
    if place is not None and row is not None and row <= place:
        raise ShapeError(f"a row of {row} elements has no element {place}")
    return input.shape[:-1]


@shape_rule("ApproxTopK")
def approx_top_k(
    input: Fact,
    *,
    k: int,
    reduction_dimension: int,
    recall_target: float,
    reduction_input_size_override: int,
    aggregate_to_topk: bool,
) -> list[Shape]:
    """About the largest elements along an axis, and where they are."""
    if input.shape.rank is None:
        raise ShapeError("the rank must be known")
    axis = resolve_axis(reduction_dimension, input.shape.rank)
    size = input.shape[axis]
    if not 0 < recall_target <= 1:
        raise ShapeError(f"a recall of {recall_target} is none")
    if size is None or size < k:
        raise ShapeError(f"of a dimension of {size}, the {k} largest elements are asked for")
    if not aggregate_to_topk:
        whole = size if reduction_input_size_override < 0 else reduction_input_size_override
        k = _approximation(size, whole, k, recall_target, 1024 if input.shape.rank == 1 else 128)
    return [replace(input.shape, axis, k)] * 2


def _approximation(size: int, whole: int, k: int, recall: float, tile: int) -> int:
    """How many elements are enough to find the largest among, with the given recall.

    The computation and its numbers are those of XLA for TPUs, which have tiles of numbers.
    """
    if size <= tile or recall == 1 or k == 0:
        return size
    if k == 1:
        return tile
    enough = min(max(int((1 - k) / log(recall)), tile), size)
    halvings = (whole // enough).bit_length() - 1
    if halvings <= 0:
        return size
    tiles = -(-size // tile)
    return -(-tiles >> halvings) * tile
