"""Shape rules for the ops of sparse_ops.cc.

A sparse tensor of n elements and rank d is three tensors: indices ``[n,d]``, values ``[n]`` and the
shape ``[d]``.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import fmod

from pbtool.errors import ShapeError
from pbtool.facts import Fact
from pbtool.infer.patterns import patterns
from pbtool.infer.registry import shape_rule
from pbtool.infer.shape_functions import (
    add,
    check_sparse,
    dimension_of,
    element_count,
    known_ints,
    merge_all,
    shape_from,
)
from pbtool.shapes import UNKNOWN, Dimension, Shape, merge_dimensions

patterns("""
    [?,?] ; [?] ; [?] -> []
        AddSparseToTensorsMap
    [?,?] ; [?] ; [?] -> [?]
        AddManySparseToTensorsMap
    [?] -> [?,?] ; [?] ; [?]
        TakeManySparseFromTensorsMap
    [?,?] ; [?] ; [?] -> [3]
        SerializeSparse
    [?,?] ; [?] ; [?] -> [?,3]
        SerializeManySparse
    [S,3] -> [?,?] ; [?] ; [?]
        DeserializeSparse
    [?,3] -> [?,?] ; [?] ; [?]
        DeserializeManySparse

    _ ; _ ; [d] -> [?,d] ; [?] ; [d]
        SparseAdd
    _ ; [n,?] ; [m,?] -> [n] ; [m]
        SparseAddGrad
    -> [?,2] ; [?] ; [2]
        SparseCross SparseCrossHashed SparseCrossV2
    [n,?] -> [n]
        SparseDenseCwiseAdd SparseDenseCwiseDiv SparseDenseCwiseMul
    [n] ; [?] -> [n] ; []
        SparseFillEmptyRowsGrad
    [n,d] ; [m] ; [?] -> [n,d] ; [m]
        SparseReorder
    [n,?] ; [?] ; [d] -> [n,d] ; [d]
        SparseReshape
    _ ; [n,?] -> [n]
        SparseSliceGrad
    [?,?] ; [n] ; [?] -> [n]
        SparseSoftmax
    [?,?] ; [?] ; [?] ; [?,?] ; [?] ; [?] -> [?,?] ; [?]
        SparseSparseMaximum SparseSparseMinimum
    _ ; _ ; _ ; S -> S
        SparseTensorDenseAdd
""")


@shape_rule("SparseConcat")
def sparse_concat(
    indices: Sequence[Fact], values: Sequence[Fact], shapes: Sequence[Fact]
) -> list[Shape]:
    """The elements of all inputs; a sparse tensor of their rank."""
    count: Dimension = 0
    for each, value in zip(indices, values, strict=True):
        rows = merge_dimensions(each.shape.with_rank(2)[0], value.shape.with_rank(1)[0])
        count = add(count, rows)
    columns = merge_all([each.shape.with_rank(2)[1:] for each in indices])
    rank = merge_all([each.shape.with_rank(1) for each in shapes])
    return [Shape([count]) + columns, Shape([count]), rank]


@shape_rule("SparseFillEmptyRows")
def sparse_fill_empty_rows(
    indices: Fact, values: Fact, dense_shape: Fact, default_value: Fact
) -> list[Shape]:
    """A sparse tensor of that rank; which rows were empty, and where each element went."""
    check_sparse(indices, values, dense_shape)
    default_value.shape.with_rank(0)
    rank = dense_shape.shape.with_rank(1)[0]
    rows = shape_from(dense_shape).at_least(1)[0]
    count = merge_dimensions(indices.shape[0], values.shape[0])
    return [Shape([None, rank]), Shape([None]), Shape([rows]), Shape([count])]


@shape_rule("SparseReduceMax SparseReduceSum")
def sparse_reduce(
    input_indices: Fact,
    input_values: Fact,
    input_shape: Fact,
    reduction_axes: Fact,
    *,
    keep_dims: bool,
) -> Shape:
    """The shape without the axes, where both are constant."""
    sizes, axes = known_ints(input_shape), known_ints(reduction_axes)
    if sizes is None or axes is None:
        return UNKNOWN
    rank = len(sizes)
    if not rank:
        raise ShapeError("a sparse tensor has at least one dimension")
    # An axis wraps around as C++ divides: below -rank, the remainder is negative, and ignored.
    reduced = {int(fmod(axis + rank, rank)) for axis in axes}
    dims = list(map(dimension_of, sizes))
    if keep_dims:
        return Shape(1 if axis in reduced else dim for axis, dim in enumerate(dims))
    return Shape(dim for axis, dim in enumerate(dims) if axis not in reduced)


@shape_rule("SparseSlice")
def sparse_slice(indices: Fact, values: Fact, shape: Fact, start: Fact, size: Fact) -> list[Shape]:
    """A sparse tensor of the same rank."""
    return [Shape([None, element_count(shape.shape)]), Shape([None]), shape.shape]


@shape_rule("SparseSplit")
def sparse_split(
    split_dim: Fact, indices: Fact, values: Fact, shape: Fact, *, num_split: int
) -> list[Shape]:
    """Sparse tensors of the same rank."""
    return [
        each
        for part in sparse_slice(indices, values, shape, split_dim, split_dim)
        for each in [part] * num_split
    ]


@shape_rule("SparseTensorDenseMatMul")
def sparse_tensor_dense_mat_mul(
    a_indices: Fact, a_values: Fact, a_shape: Fact, b: Fact, *, adjoint_a: bool, adjoint_b: bool
) -> Shape:
    """The product of two matrices, of which one is sparse."""
    a_indices.shape.with_rank(2)
    a_values.shape.with_rank(1)
    rows, inner = shape_from(a_shape).with_rank(2).flipped(adjoint_a)
    inner_b, columns = b.shape.with_rank(2).flipped(adjoint_b)
    merge_dimensions(inner, inner_b)
    return Shape([rows, columns])


@shape_rule("SparseToDense")
def sparse_to_dense(
    sparse_indices: Fact, output_shape: Fact, sparse_values: Fact, default_value: Fact
) -> Shape:
    """The shape that is asked for."""
    return shape_from(output_shape)
