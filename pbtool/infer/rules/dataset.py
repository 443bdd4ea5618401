"""Shape rules for the ops of TensorFlow's dataset_ops.cc and optional_ops.cc."""

from __future__ import annotations

from collections.abc import Sequence

from pbtool.facts import Fact, Handle
from pbtool.infer.patterns import patterns
from pbtool.infer.registry import handle_rule, shape_rule
from pbtool.infer.shape_functions import merge_all
from pbtool.shapes import Shape

patterns("""
    -> []
        AnonymousIterator AnonymousIteratorV3 AnonymousMultiDeviceIteratorV3 ConcatenateDataset
        DatasetCardinality DatasetFingerprint DatasetToGraph DatasetToGraphV2 DummyMemoryCache
        DummySeedGenerator FilterByLastComponentDataset FilterDataset FinalizeDataset
        FlatMapDataset GeneratorDataset GetOptions InterleaveDataset Iterator
        IteratorFromStringHandle IteratorFromStringHandleV2 IteratorGetNextAsOptional
        IteratorToStringHandle IteratorV2 MapDataset ModelDataset MultiDeviceIterator
        MultiDeviceIteratorFromStringHandle MultiDeviceIteratorInit
        MultiDeviceIteratorToStringHandle OneShotIterator OptimizeDataset OptimizeDatasetV2
        OptionalFromValue OptionalHasValue OptionalNone OptionsDataset ParallelFilterDataset
        ParallelInterleaveDatasetV2 ParallelInterleaveDatasetV3 ParallelInterleaveDatasetV4
        ParallelMapDataset ParallelMapDatasetV2 RewriteDataset SparseTensorSliceDataset
        TensorDataset TensorSliceDataset UnwrapDatasetVariant WindowOp WrapDatasetVariant
        ZipDataset
    -> [?]
        SerializeIterator
    -> [] ; []
        AnonymousIteratorV2 AnonymousMemoryCache AnonymousMultiDeviceIterator
        AnonymousRandomSeedGenerator AnonymousSeedGenerator
    _ ; [] -> []
        BatchDataset CacheDataset PaddedBatchDataset PrefetchDataset RepeatDataset SkipDataset
        TakeDataset
    _ ; [] ; [] -> []
        BatchDatasetV2 CacheDatasetV2 ShardDataset ShuffleDatasetV2
    [] ; [] ; [] -> []
        RangeDataset
    _ ; [] ; [] ; [] -> []
        ParallelBatchDataset ShuffleDataset
    [] | [?] ; [] ; [] -> []
        TFRecordDataset TextLineDataset
    _ ; [] ; _ ; _ ; [] -> []
        PaddedBatchDatasetV2
    _ ; [] ; [] ; [] ; [] -> []
        ShuffleAndRepeatDataset ShuffleDatasetV3 WindowDataset
    _ ; [] ; [] ; [] ; [] ; [] -> []
        ShuffleAndRepeatDatasetV2
    [] | [?] ; [] ; [] ; [] ; [] -> []
        FixedLengthRecordDataset FixedLengthRecordDatasetV2
    [] | [?] ; [] ; [] ; [] | [?] -> []
        TFRecordDatasetV2
""")


@shape_rule("""
    DatasetToSingleElement GetElementAtIndex IteratorGetNext IteratorGetNextSync
    MultiDeviceIteratorGetNextFromShard OptionalGetValue ReduceDataset UncompressElement
""")
def element(source: Fact, *others: Fact, output_shapes: list[Shape]) -> list[Shape]:
    """The components of an element, as the attr states them."""
    source.shape.with_rank(0)
    return output_shapes


@handle_rule("OptionalFromValue")
def optional_from_value(components: Sequence[Fact]) -> tuple[Handle, ...]:
    """The components."""
    return tuple(Handle(fact.dtype, fact.shape) for fact in components)


@shape_rule("MapDefun")
def map_defun(
    arguments: Sequence[Fact], captured_inputs: Sequence[Fact], *, output_shapes: list[Shape]
) -> list[Shape]:
    """What the attr states, as often as the arguments have rows."""
    rows = merge_all([Shape([fact.shape.at_least(1)[0]]) for fact in arguments])
    return [rows + shape for shape in output_shapes]
