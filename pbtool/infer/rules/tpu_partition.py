"""Shape rules for the ops that run graphs on TPUs, and part tensors and variables among these."""

from __future__ import annotations

from collections.abc import Sequence

from pbtool.dtypes import RESOURCE
from pbtool.errors import ShapeError
from pbtool.facts import Fact, Handle
from pbtool.infer.patterns import patterns
from pbtool.infer.registry import handle_rule, shape_rule
from pbtool.infer.rules.xla import stated
from pbtool.infer.shape_functions import divide, merge_all, multiply, replace
from pbtool.shapes import SCALAR, UNKNOWN, Shape, count_elements

patterns("""
    -> []
        Prelinearize PrelinearizeTuple ShutdownTPUSystem TPUCompilationResult TPURoundRobin
        WorkerHeartbeat
    -> [?]
        TPUOrdinalSelector
    -> [3]
        _XlaCompileMlirPlaceholderProgramKey
    [] -> [?]
        TpuHandleToProtoKey
    S -> S*
        TPUReplicatedOutput
""")


@shape_rule("OutfeedDequeueTuple")
def outfeed_dequeue_tuple(*, shapes: list[Shape]) -> list[Shape]:
    """The shapes in the attr."""
    return shapes


@shape_rule("OutfeedDequeueTupleV2")
def outfeed_dequeue_tuple_v2(device_ordinal: Fact, *, shapes: list[Shape]) -> list[Shape]:
    """The shapes in the attr."""
    if device_ordinal.shape.rank != 0:
        raise ShapeError("the device must be known to be a scalar")
    return shapes


@shape_rule("TPUCompile")
def tpu_compile(
    dynamic_shapes: Sequence[Fact],
    guaranteed_constants: Sequence[Fact],
    *,
    num_computations: int,
) -> list[Shape]:
    """A status, and of each computation a program and whether it may modify variables."""
    return [SCALAR, *[Shape([3])] * num_computations, *[SCALAR] * num_computations]


@shape_rule("TPUDummyInput")
def tpu_dummy_input(*, shape: Shape) -> Shape:
    """The shape in the attr."""
    return stated(shape)


@shape_rule("TPUAnnotateTensorsWithDynamicShape TPUCopyWithDynamicShape")
def tensors_unchanged(tensors: Sequence[Fact], *others: Sequence[Fact]) -> list[Shape]:
    """The shapes of the tensors."""
    return [fact.shape for fact in tensors]


@shape_rule("TPUReplicatedInput")
def tpu_replicated_input(inputs: Sequence[Fact]) -> Shape:
    """The shape that all replicas have."""
    return merge_all([fact.shape for fact in inputs])


@handle_rule("TPUReplicatedInput")
def of_replicas(inputs: Sequence[Fact], *, T: int) -> tuple[Handle, ...] | None:
    """What the last replica refers to of which that is known."""
    known = [fact.handles for fact in inputs if fact.handles is not None]
    return known[-1] if known and T == RESOURCE else None


@shape_rule("TPUPartitionedInput")
def tpu_partitioned_input(inputs: Sequence[Fact], *, T: int, partition_dim: int) -> Shape:
    """Equal parts joined along a dimension; of variables, what they refer to is joined."""
    shape = merge_all([fact.shape for fact in inputs])
    if partition_dim < -1:
        raise ShapeError(f"parts cannot be joined along dimension {partition_dim}")
    return shape if T == RESOURCE else joined(shape, partition_dim, len(inputs))


def joined(shape: Shape, axis: int, count: int) -> Shape:
    """The shape of so many parts joined along an axis; -1 is for a single one."""
    if axis == -1 or shape.at_least(axis + 1).rank is None:
        return shape
    return replace(shape, axis, multiply(shape[axis], count))


@handle_rule("TPUPartitionedInput")
def of_parts(inputs: Sequence[Fact], *, T: int, partition_dim: int) -> tuple[Handle, ...] | None:
    """The variable that the parts make."""
    shape = same_shape(inputs)
    first = inputs[0].handles
    if T != RESOURCE or first is None or partition_dim == -1:
        return first
    return (Handle(first[0].dtype, joined(shape, partition_dim, len(inputs))),)


def same_shape(variables: Sequence[Fact]) -> Shape:
    """The shape of which all variables are, which must be fully known, if the last one tells it."""
    known = {fact.handles[0].shape for fact in variables if fact.handles}
    last = variables[-1].handles
    if not all(shape.is_full for shape in known) or (last and len(known) > 1):
        raise ShapeError(f"the parts of a variable are of shapes {', '.join(map(str, known))}")
    return last[0].shape if last else UNKNOWN


@shape_rule("TPUPartitionedInputV2")
def tpu_partitioned_input_v2(
    inputs: Sequence[Fact], *, partition_dims: tuple[int, ...], is_packed: bool
) -> Shape:
    """Parts of the first one's shape, so many along each dimension."""
    if is_packed and len(inputs) > 1:
        raise ShapeError("parts that are packed come as one input")
    return repeated(inputs[0].shape, partition_dims, 0 if is_packed else len(inputs))


@handle_rule("TPUPartitionedInputV2")
def of_parts_v2(
    inputs: Sequence[Fact], *, T: int, partition_dims: tuple[int, ...], is_packed: bool
) -> tuple[Handle, ...] | None:
    """The variable that the parts make."""
    shape = same_shape(inputs)
    first = inputs[0].handles
    if T != RESOURCE or not first:
        return None
    total = 0 if is_packed else len(inputs)
    return (Handle(first[0].dtype, repeated(shape, partition_dims, total)),)


def repeated(shape: Shape, counts: Sequence[int], total: int) -> Shape:
    """The shape of parts, so many along each dimension; behind these, the number of copies."""
    if not counts:
        return shape
    check_counts(shape, counts, total)
    if shape.rank is None:
        return UNKNOWN
    if min(counts[: shape.rank], default=0) < -1:
        raise ShapeError(f"parts cannot be counted as {list(counts)}")
    dims = zip(shape, counts, strict=False)
    return Shape(None if count < 0 else multiply(dim, count) for dim, count in dims)


def check_counts(shape: Shape, counts: Sequence[int], total: int) -> None:
    """Raise ShapeError unless there are so many parts in all, along the dimensions of a shape."""
    if total and count_elements(counts) != total:
        raise ShapeError(f"{list(counts)} does not make {total} parts")
    shape.at_most(len(counts))


@shape_rule("TPUPartitionedOutput")
def tpu_partitioned_output(
    inputs: Fact, *, T: int, num_splits: int, partition_dim: int
) -> list[Shape]:
    """Equal parts along a dimension; -1 is for all of it, in each output."""
    shape = parted(inputs, T)
    if partition_dim < -1:
        raise ShapeError(f"nothing can be parted along dimension {partition_dim}")
    if partition_dim >= 0 and shape.at_least(partition_dim + 1).rank is not None:
        shape = replace(shape, partition_dim, divide(shape[partition_dim], num_splits))
    return [shape] * num_splits


@shape_rule("TPUPartitionedOutputV2")
def tpu_partitioned_output_v2(
    inputs: Fact, *, T: int, num_splits: int, partition_dims: tuple[int, ...]
) -> list[Shape]:
    """Equal parts, so many along each dimension."""
    shape = parted(inputs, T)
    check_counts(shape, partition_dims, num_splits)
    if shape.rank is None:
        return [UNKNOWN] * num_splits
    dims = zip(shape, partition_dims, strict=False)
    return [Shape(divide(dim, count) for dim, count in dims)] * num_splits


def parted(tensor: Fact, T: int) -> Shape:
    """The shape of a tensor, which cannot be a variable."""
    if T == RESOURCE:
        raise ShapeError("a variable cannot be parted")
    return tensor.shape
