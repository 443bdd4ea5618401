"""Shape rules for the ops of count_ops.cc: a sparse tensor of how often each value is in a row."""

from __future__ import annotations

from pbtool.facts import Fact
from pbtool.infer.registry import shape_rule
from pbtool.infer.shape_functions import sparse_tensor
from pbtool.shapes import Shape


@shape_rule("DenseCountSparseOutput")
def dense_count(values: Fact, weights: Fact) -> list[Shape]:
    """A sparse tensor of the rank of the values."""
    shape = values.shape
    if 0 not in (weights.shape.dims or ()):  # else there are no weights
        shape = shape.merge(weights.shape)
    return sparse_tensor(shape.rank)


@shape_rule("SparseCountSparseOutput")
def sparse_count(indices: Fact, values: Fact, dense_shape: Fact, weights: Fact) -> list[Shape]:
    """A sparse tensor of the same rank."""
    return sparse_tensor(indices.shape.with_rank(2)[1])


@shape_rule("RaggedCountSparseOutput")
def ragged_count(splits: Fact, values: Fact, weights: Fact) -> list[Shape]:
    """A sparse tensor of the rank of the ragged one."""
    return sparse_tensor(None if values.shape.rank is None else values.shape.rank + 1)
