"""Shape rules for the ops of ragged_array_ops.cc, ragged_conversion_ops.cc and ragged_math_ops.cc.

A ragged tensor is its values, one after the other, and for each ragged dimension a vector that
tells which of them belong to which row: one element more than there are rows.
"""

from __future__ import annotations

from collections.abc import Sequence

from pbtool.errors import ShapeError
from pbtool.facts import Fact
from pbtool.infer.patterns import patterns
from pbtool.infer.registry import shape_rule
from pbtool.infer.rules.tensor_list import element_shape_from
from pbtool.infer.shape_functions import (
    add,
    check_rank,
    element_count,
    of_same_rank,
    sparse_tensor,
    subtract,
)
from pbtool.shapes import SCALAR, UNKNOWN, Dimension, Shape, merge_dimensions

patterns("""
    [n] ; [n] ; [] ; [] -> [?] ; [?] ; [?] ; [n]
        RaggedFillEmptyRows
    [n] ; [?] -> [n] ; []
        RaggedFillEmptyRowsGrad
""")


@shape_rule("RaggedCross")
def ragged_cross(
    ragged_values: Sequence[Fact],
    ragged_row_splits: Sequence[Fact],
    sparse_indices: Sequence[Fact],
    sparse_values: Sequence[Fact],
    sparse_shape: Sequence[Fact],
    dense_inputs: Sequence[Fact],
) -> list[Shape]:
    """A ragged tensor with as many rows as the ragged and the dense inputs have."""
    if len(ragged_values) != len(ragged_row_splits) or len(sparse_indices) != len(sparse_values):
        raise ShapeError("a ragged or sparse input lacks some of its tensors")
    splits: Dimension = None
    for fact in ragged_row_splits:
        splits = merge_dimensions(splits, fact.shape.with_rank(1)[0])
    for fact in dense_inputs:
        splits = merge_dimensions(splits, add(fact.shape.with_rank(2)[0], 1))
    return [Shape([None]), Shape([splits])]


@shape_rule("RaggedGather")
def ragged_gather(
    params_nested_splits: Sequence[Fact],
    params_dense_values: Fact,
    indices: Fact,
    *,
    OUTPUT_RAGGED_RANK: int,
) -> list[Shape]:
    """A ragged tensor of some of the rows."""
    check_rank(1, *params_nested_splits)
    values = params_dense_values.shape.at_least(1)
    indices.shape.with_rank(OUTPUT_RAGGED_RANK + 1 - len(params_nested_splits))
    return [Shape([None])] * OUTPUT_RAGGED_RANK + [Shape([None]) + values[1:]]


@shape_rule("RaggedRange")
def ragged_range(starts: Fact, limits: Fact, deltas: Fact) -> list[Shape]:
    """A row of numbers for each start, limit and step; of these, a scalar serves all rows."""
    shapes = [fact.shape.at_most(1) for fact in (starts, limits, deltas)]
    rows: Dimension = 1 if all(shape.rank == 0 for shape in shapes) else None
    for shape in shapes:
        if shape.rank == 1:
            rows = merge_dimensions(rows, shape[0])
    return [Shape([add(rows, 1)]), Shape([None])]


# --- conversions ---


@shape_rule("RaggedTensorFromVariant")
def ragged_tensor_from_variant(
    encoded_ragged: Fact, *, input_ragged_rank: int, output_ragged_rank: int
) -> list[Shape]:
    """A ragged tensor; a variant holds what has the ragged rank of the input."""
    if input_ragged_rank >= 0:
        encoded_ragged.shape.with_rank(output_ragged_rank - input_ragged_rank)
    return [Shape([None])] * output_ragged_rank + [UNKNOWN]


@shape_rule("RaggedTensorToSparse")
def ragged_tensor_to_sparse(rt_nested_splits: Sequence[Fact], rt_dense_values: Fact) -> list[Shape]:
    """A sparse tensor of all values."""
    check_rank(1, *rt_nested_splits)
    values = rt_dense_values.shape.at_least(1)
    rank = None if values.rank is None else values.rank + len(rt_nested_splits)
    count = element_count(values)
    return sparse_tensor(rank, count)


@shape_rule("RaggedTensorToTensor")
def ragged_tensor_to_tensor(
    shape: Fact,
    values: Fact,
    default_value: Fact,
    row_partition_tensors: Sequence[Fact],
    *,
    row_partition_types: list[str],
) -> Shape:
    """The given shape, as far as it is known, and that of a value."""
    ragged_rank = _ragged_rank(row_partition_types, row_partition_tensors)
    _check_default(default_value.shape, values.shape)
    rows = Shape([None] * ragged_rank) + of_same_rank(values.shape[:1])
    return element_shape_from(shape).merge(rows + values.shape[1:])


def _ragged_rank(types: Sequence[str], tensors: Sequence[Fact]) -> int:
    """How many dimensions row partitions make ragged."""
    if len(types) != len(tensors) or not types:
        raise ShapeError(f"{len(tensors)} row partitions are of {len(types)} types")
    sized = types[0] == "FIRST_DIM_SIZE"
    if types[sized : sized + 1] != (["VALUE_ROWIDS"] if sized else ["ROW_SPLITS"]):
        raise ShapeError(f"row partitions cannot begin with {' and '.join(types[:2])}")
    if not {"VALUE_ROWIDS", "ROW_SPLITS"}.issuperset(types[sized:]):
        raise ShapeError(f"row partitions cannot be {' and '.join(types)}")
    for number, tensor in enumerate(tensors):
        tensor.shape.with_rank(0 if sized and number == 0 else 1)
    return len(types) - sized


def _check_default(default: Shape, values: Shape) -> None:
    """The default for missing values must be broadcast to each of the values."""
    if default.dims is None or values.dims is None:
        return
    default.at_most(len(values.dims) - 1)
    for own, other in zip(default.dims, values.dims[1:], strict=False):
        if own != 1:
            merge_dimensions(own, other)


@shape_rule("RaggedTensorToVariant")
def ragged_tensor_to_variant(
    rt_nested_splits: Sequence[Fact], rt_dense_values: Fact, *, batched_input: bool
) -> Shape:
    """A variant, or, of a batch, one for each row."""
    check_rank(1, *rt_nested_splits)
    rt_dense_values.shape.at_least(1)
    # Where there are no splits, TensorFlow takes the values for them.
    splits = [*rt_nested_splits, rt_dense_values][0].shape
    return Shape([subtract(splits[0], 1)]) if batched_input else SCALAR


@shape_rule("RaggedTensorToVariantGradient")
def ragged_tensor_to_variant_gradient(
    encoded_ragged_grad: Fact, row_splits: Fact, dense_values_shape: Fact
) -> Shape:
    """The given shape."""
    return element_shape_from(dense_values_shape)
