"""Shape rules for ops of TensorFlow's tpu_*_ops.cc, dtensor_ops.cc and sparse_core_ops.cc."""

from __future__ import annotations

from collections.abc import Sequence

from pbtool.errors import ShapeError
from pbtool.facts import Fact
from pbtool.infer.patterns import patterns
from pbtool.infer.registry import shape_rule
from pbtool.infer.shape_functions import divide, known_int, replace
from pbtool.shapes import UNKNOWN, Shape, merge_dimensions

patterns("""
    -> [?]
        ConfigureAndInitializeGlobalTPU
    -> [?,?]
        ComputeDedupDataTupleMask ComputeDedupDataTupleMaskV2
    [] -> []
        CollateTPUEmbeddingMemory ConfigureTPUEmbeddingMemory _ConfigureDistributedTPU
    [] -> [?]
        _InitializeHostForDistributedTPU
    [?] -> []
        KernelLabelRequired _WaitForDistributedTPU
    -> [] ; [3]*
        _TPUCompileMlir
    -> [?] ; [?] ; [?]
        ConvertToCooTensor
    -> [?]*
        ConvertToListOfSparseCoreCooTensors
    -> [?] ; [?] ; [?] ; [] ; [?] ; [] ; []
        GetMinibatchSplitsWithPhysicalReplica
    -> [] ; []
        GetStatsFromListOfSparseCoreCooTensors
""")


@shape_rule("AllToAll")
def all_to_all(
    input: Fact,
    group_assignment: Fact,
    *,
    concat_dimension: int,
    split_dimension: int,
    split_count: int,
) -> Shape:
    """One dimension is parted among replicas, along another their parts are joined."""
    shape, rank = input.shape, input.shape.rank
    if rank is None:
        return UNKNOWN
    merge_dimensions(group_assignment.shape.with_rank(2)[1], split_count)
    if not (0 <= concat_dimension < rank and 0 <= split_dimension < rank and split_count > 0):
        raise ShapeError(f"{split_count} parts of {shape} cannot be exchanged")
    joined, parted = shape[concat_dimension], shape[split_dimension]
    if joined is None or parted is None:
        return UNKNOWN
    if concat_dimension == split_dimension:
        return shape
    shape = replace(shape, concat_dimension, joined * split_count)
    return replace(shape, split_dimension, divide(parted, split_count))


@shape_rule("DTensorReduceScatter")
def dtensor_reduce_scatter(input: Fact, group_assignment: Fact, scatter_dimension: Fact) -> Shape:
    """The input, of which one dimension is shared out among the devices of a group."""
    shape = input.shape
    if shape.rank is None:
        return UNKNOWN
    if group_assignment.shape.rank is None:
        raise ShapeError("the rank of the groups must be known")
    devices = group_assignment.shape.with_rank(2)[1]
    axis = None if scatter_dimension.value is None else known_int(scatter_dimension)
    if axis is None:
        return UNKNOWN
    if not 0 <= axis < shape.rank:
        return shape
    parted = shape[axis]
    return replace(shape, axis, None if devices is None else divide(parted, devices))


@shape_rule("InfeedDequeueTuple")
def infeed_dequeue_tuple(*, shapes: list[Shape], dtypes: tuple[int, ...]) -> list[Shape]:
    """The shapes in the attr."""
    return (shapes + [UNKNOWN] * len(dtypes))[: len(dtypes)]


@shape_rule("_ScopedAllocatorSplit")
def scoped_allocator_split(
    concat: Fact, split: Sequence[Fact], *, shapes: list[Shape], dtypes: tuple[int, ...]
) -> list[Shape]:
    """The shapes in the attr."""
    if not shapes:
        raise ShapeError("no shapes are given")
    return infeed_dequeue_tuple(shapes=shapes, dtypes=dtypes)
