"""Shape rules for the ops of TensorFlow's data_flow_ops.cc, but for tensor arrays."""

from __future__ import annotations

from collections.abc import Sequence

from pbtool.facts import Fact
from pbtool.infer.patterns import patterns
from pbtool.infer.registry import shape_rule
from pbtool.infer.shape_functions import dimension_from, known_ints
from pbtool.shapes import UNKNOWN, Dimension, Shape

patterns("""
    -> []
        AccumulatorNumAccumulated FIFOQueueV2 GetSessionHandle GetSessionHandleV2
        MapIncompleteSize MapSize OrderedMapIncompleteSize OrderedMapSize PaddingFIFOQueueV2
        PriorityQueueV2 QueueIsClosed QueueIsClosedV2 RandomShuffleQueueV2
        ResourceAccumulatorNumAccumulated StageSize
    -> [2]
        Barrier ConditionalAccumulator FIFOQueue FakeQueue PaddingFIFOQueue PriorityQueue
        RandomShuffleQueue ResourceConditionalAccumulator SparseConditionalAccumulator Stack StackV2
    S -> S
        QueueSizeV2
    _ ; S -> S
        StackPush StackPushV2
    [] ->
        DeleteSessionTensor
    [] -> _
        GetSessionTensor
    [2] ->
        BarrierClose QueueClose StackClose StackCloseV2
    [2] -> []
        BarrierIncompleteSize BarrierReadySize QueueSize
    _ ; [] ->
        AccumulatorApplyGradient AccumulatorSetGlobalStep ResourceAccumulatorApplyGradient
        ResourceAccumulatorSetGlobalStep SparseAccumulatorApplyGradient
    _ ; [] -> _
        AccumulatorTakeGradient ResourceAccumulatorTakeGradient
    _ ; [] -> _ ; _ ; _
        SparseAccumulatorTakeGradient
    [2] ; [n] ; [n,_] ->
        BarrierInsertMany
""")


@shape_rule("DynamicPartition")
def dynamic_partition(data: Fact, partitions: Fact, *, num_partitions: int) -> list[Shape]:
    """Parts of the data: what a number in ``partitions`` says goes where."""
    if partitions.shape.rank is None:
        return [UNKNOWN] * num_partitions
    return [Shape([None]) + without_prefix(data.shape, partitions.shape)] * num_partitions


def without_prefix(shape: Shape, prefix: Shape) -> Shape:
    """What comes behind a prefix of known rank, with which the shape must begin."""
    rank = len(prefix.known_dims)
    shape.at_least(rank)[:rank].merge(prefix)
    return shape[rank:]


@shape_rule("DynamicStitch ParallelDynamicStitch")
def dynamic_stitch(indices: Sequence[Fact], data: Sequence[Fact]) -> Shape:
    """Data put together: each index is the place of a slice."""
    item = UNKNOWN
    for places, slices in zip(indices, data, strict=True):
        if places.shape.rank is not None:
            item = item.merge(without_prefix(slices.shape, places.shape))
    return Shape([_length(indices)]) + item


def _length(indices: Sequence[Fact]) -> Dimension:
    """One more than the highest index."""
    known = [known_ints(fact) for fact in indices]
    if None in known:
        return None
    return 1 + max(-1, -1, *(place for places in known for place in places or ()))


@shape_rule("QueueDequeueV2")
def queue_dequeue_v2(handle: Fact, *, dtypes: tuple[int, ...]) -> list[Shape]:
    """The components of an element, as far as the handle tells them."""
    return components(handle, len(dtypes))


def components(handle: Fact, count: int) -> list[Shape]:
    """The components of an element, as far as the handle tells them."""
    handles = handle.handles or ()
    return [known.shape for known in handles] if len(handles) == count else [UNKNOWN] * count


@shape_rule("QueueDequeueManyV2")
def queue_dequeue_many_v2(handle: Fact, n: Fact, *, dtypes: tuple[int, ...]) -> list[Shape]:
    """The components of so many elements, as far as the handle tells them."""
    rows = Shape([dimension_from(n)])
    return [rows + shape for shape in components(handle, len(dtypes))]


@shape_rule("QueueDequeueUpToV2")
def queue_dequeue_up_to_v2(handle: Fact, n: Fact, *, dtypes: tuple[int, ...]) -> list[Shape]:
    """The components of some elements, as far as the handle tells them."""
    return [Shape([None]) + shape for shape in components(handle, len(dtypes))]
