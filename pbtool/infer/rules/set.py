"""Shape rules for the ops of set_ops.cc: the sets are the rows of a tensor, dense or sparse."""

from __future__ import annotations

from pbtool.errors import ShapeError
from pbtool.facts import Fact
from pbtool.infer.registry import shape_rule
from pbtool.infer.shape_functions import check_sparse, sparse_tensor
from pbtool.shapes import Shape, merge_dimensions


@shape_rule("DenseToDenseSetOperation")
def dense_to_dense_set_operation(set1: Fact, set2: Fact) -> list[Shape]:
    """Two tensors of the same rows."""
    first, second = set1.shape.at_least(2), set2.shape.at_least(2)
    first[:-1].merge(second[:-1])
    return sparse_tensor(first.rank if second.rank is None else second.rank)


@shape_rule("DenseToSparseSetOperation")
def dense_to_sparse_set_operation(
    set1: Fact, set2_indices: Fact, set2_values: Fact, set2_shape: Fact
) -> list[Shape]:
    """Two tensors of the same rank."""
    check_sparse(set2_indices, set2_values, set2_shape)
    rank = merge_dimensions(set1.shape.at_least(2).rank, set2_shape.shape.with_rank(1)[0])
    return sparse_tensor(rank)


@shape_rule("SparseToSparseSetOperation")
def sparse_to_sparse_set_operation(
    set1_indices: Fact,
    set1_values: Fact,
    set1_shape: Fact,
    set2_indices: Fact,
    set2_values: Fact,
    set2_shape: Fact,
) -> list[Shape]:
    """Two sparse tensors of the same rank."""
    check_sparse(set1_indices, set1_values, set1_shape)
    check_sparse(set2_indices, set2_values, set2_shape)
    rank = merge_dimensions(set1_shape.shape.with_rank(1)[0], set2_shape.shape.with_rank(1)[0])
    if rank is not None and rank < 2:
        raise ShapeError(f"sets are the rows of a tensor, which cannot be of rank {rank}")
    return sparse_tensor(rank)
