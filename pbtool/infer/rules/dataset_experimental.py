"""Shape rules for the ops of TensorFlow's experimental_dataset_ops.cc."""

from __future__ import annotations

from collections.abc import Sequence

from pbtool.facts import Fact
from pbtool.infer.patterns import patterns
from pbtool.infer.registry import shape_rule
from pbtool.infer.rules.parsing import check_defaults
from pbtool.infer.shape_functions import check_rank
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
    check_rank(0, compression_type, buffer_size, header, field_delim, use_quote_delim, na_value)
    check_rank(1, select_cols, *exclude_cols)
    check_defaults(record_defaults)
    return SCALAR
