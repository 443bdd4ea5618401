"""Shape rules for the ops of TensorFlow's experimental_dataset_ops.cc."""

from __future__ import annotations

from collections.abc import Sequence

from pbtool.errors import ShapeError
from pbtool.facts import Fact
from pbtool.infer.patterns import patterns
from pbtool.infer.registry import shape_rule
from pbtool.shapes import SCALAR, Shape

patterns("""
    S -> S
        CheckPinned
    -> []
        AutoShardDataset ChooseFastestBranchDataset ChooseFastestDataset CompressElement
        ComputeBatchSize DataServiceDataset DataServiceDatasetV2 DataServiceDatasetV3
        DataServiceDatasetV4 DatasetFromGraph DirectedInterleaveDataset DummyIterationCounter
        ExperimentalAutoShardDataset ExperimentalChooseFastestDataset
        ExperimentalDatasetCardinality ExperimentalDirectedInterleaveDataset
        ExperimentalGroupByReducerDataset ExperimentalGroupByWindowDataset
        ExperimentalIgnoreErrorsDataset ExperimentalIteratorGetDevice ExperimentalLMDBDataset
        ExperimentalMapDataset ExperimentalMaxIntraOpParallelismDataset
        ExperimentalNonSerializableDataset ExperimentalParallelInterleaveDataset
        ExperimentalParseExampleDataset ExperimentalPrivateThreadPoolDataset
        ExperimentalRebatchDataset ExperimentalScanDataset ExperimentalSetStatsAggregatorDataset
        ExperimentalStatsAggregatorHandle ExperimentalStatsAggregatorSummary
        ExperimentalTakeWhileDataset ExperimentalThreadPoolDataset ExperimentalThreadPoolHandle
        ExperimentalUnbatchDataset ExperimentalUniqueDataset GroupByReducerDataset
        GroupByWindowDataset IgnoreErrorsDataset IndexFlatMapDataset IteratorGetDevice
        IteratorGetModelProto LMDBDataset LegacyParallelInterleaveDatasetV2 ListDataset
        MaxIntraOpParallelismDataset NonSerializableDataset ParallelInterleaveDataset
        ParseExampleDataset ParseExampleDatasetV2 PrivateThreadPoolDataset RebatchDataset
        RebatchDatasetV2 RegisterDataset RegisterDatasetV2 ScanDataset SetStatsAggregatorDataset
        SnapshotNestedDatasetReader StatsAggregatorHandle StatsAggregatorHandleV2
        StatsAggregatorSummary TakeWhileDataset ThreadPoolDataset ThreadPoolHandle UnbatchDataset
        UniqueDataset WeightedFlatMapDataset
    [] -> []
        ListSnapshotChunksDataset LoadDataset SnapshotChunkDataset
    _ ; [] ->
        SaveDataset
    [] ; [] ->
        InitializeTableFromDataset
    _ ; [] -> []
        AssertCardinalityDataset BytesProducedStatsDataset ExperimentalBytesProducedStatsDataset
        ExperimentalLatencyStatsDataset LatencyStatsDataset SaveDatasetV2 SnapshotDataset
        SnapshotDatasetV2
    [] ; [] -> []
        ExperimentalRandomDataset ExperimentalSleepDataset RandomDataset SleepDataset
        SnapshotDatasetReader
    _ ; [?] -> []
        AssertNextDataset AssertPrevDataset ExperimentalAssertNextDataset
    [] | [?] -> []
        ExperimentalMatchingFilesDataset MatchingFilesDataset
    [] ; [] ; [] -> []
        ExperimentalSqlDataset RandomDatasetV2 SqlDataset
    _ ; [] ; [?] -> []
        DenseToSparseBatchDataset ExperimentalDenseToSparseBatchDataset
    _ ; [] ; [] ; [] -> []
        ExperimentalSlidingWindowDataset GlobalShuffleDataset SamplingDataset SlidingWindowDataset
    _ ; _ ; [] ; [] ; [] -> []
        ExperimentalMapAndBatchDataset MapAndBatchDataset
""")


@shape_rule("CSVDataset CSVDatasetV2 ExperimentalCSVDataset")
def csv_dataset(
    filenames: Fact,
    compression_type: Fact,
    buffer_size: Fact,
    header: Fact,
    field_delim: Fact,
    use_quote_delim: Fact,
    na_value: Fact,
    select_cols: Fact,
    record_defaults: Sequence[Fact],
    *exclude_cols: Fact,
) -> Shape:
    """A dataset of the records of files."""
    filenames.shape.at_most(1)
    for scalar in (compression_type, buffer_size, header, field_delim, use_quote_delim, na_value):
        scalar.shape.with_rank(0)
    for vector in (select_cols, *exclude_cols):
        vector.shape.with_rank(1)
    check_defaults(record_defaults)
    return SCALAR


def check_defaults(record_defaults: Sequence[Fact]) -> None:
    """Raise ShapeError unless each field of a CSV record has one default value at most."""
    for default in record_defaults:
        if default.shape.at_most(1).rank == 1 and (default.shape[0] or 0) > 1:
            raise ShapeError("a field of a CSV record has one default value at most")
