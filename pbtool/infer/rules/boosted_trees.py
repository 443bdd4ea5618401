"""Shape rules for the ops of boosted_trees_ops.cc."""

from __future__ import annotations

from collections.abc import Sequence

from pbtool.facts import Fact
from pbtool.infer.patterns import patterns
from pbtool.infer.registry import shape_rule
from pbtool.infer.shape_functions import add, check_same, dimension_of
from pbtool.shapes import Dimension, Shape, merge_dimensions

patterns("""
    -> []
        BoostedTreesEnsembleResourceHandleOp BoostedTreesQuantileStreamResourceHandleOp
    -> [?,4]*
        BoostedTreesFlushQuantileSummaries
    [] -> []
        IsBoostedTreesEnsembleInitialized IsBoostedTreesQuantileStreamResourceInitialized
    [] -> [?]*
        BoostedTreesQuantileStreamResourceGetBucketBoundaries
    [] -> [] ; []
        BoostedTreesSerializeEnsemble
    [] -> [] ; [] ; [] ; [] ; [2]
        BoostedTreesGetEnsembleStates
    [] ; [] ->
        BoostedTreesQuantileStreamResourceFlush
    [] ; [] ; [] ->
        BoostedTreesCreateEnsemble BoostedTreesCreateQuantileStreamResource
        BoostedTreesDeserializeEnsemble
    [] ; [?,?] ->
        BoostedTreesQuantileStreamResourceAddSummaries
    _ ; [n,k] ; [n,k] ; [] ; [] -> []
        BoostedTreesCenterBias
    [?] ; [?] ; [] -> [?,4]*
        BoostedTreesMakeQuantileSummaries
""")

VECTOR = Shape([None])


def check_ranks(ranks: Sequence[int], facts: Sequence[Fact]) -> None:
    """Raise ShapeError for a tensor that is not of its rank."""
    for rank, fact in zip(ranks, facts, strict=True):
        fact.shape.with_rank(rank)


@shape_rule("BoostedTreesAggregateStats")
def aggregate_stats(
    node_ids: Fact,
    gradients: Fact,
    hessians: Fact,
    feature: Fact,
    *,
    max_splits: int,
    num_buckets: int,
) -> Shape:
    """Sums by node, feature and bucket; one bucket more is for missing values."""
    gradient, hessian, features = columns(node_ids, (gradients, hessians, feature))
    return Shape([max_splits, features, num_buckets + 1, add(gradient, hessian)])


@shape_rule("BoostedTreesSparseAggregateStats")
def sparse_aggregate_stats(
    node_ids: Fact,
    gradients: Fact,
    hessians: Fact,
    feature_indices: Fact,
    feature_values: Fact,
    feature_shape: Fact,
) -> list[Shape]:
    """The same as a sparse tensor."""
    columns(node_ids, (gradients, hessians))
    columns(feature_values, (feature_indices,))
    feature_shape.shape.merge(Shape([2]))
    return [Shape((None, 4)), VECTOR, Shape([4])]


def columns(vector: Fact, matrices: Sequence[Fact]) -> list[Dimension]:
    """The number of columns of each matrix, which must have as many rows as the vector."""
    rows = vector.shape.with_rank(1)[0]
    for fact in matrices:
        merge_dimensions(rows, fact.shape.with_rank(2)[0])
    return [fact.shape[1] for fact in matrices]


@shape_rule("BoostedTreesMakeStatsSummary")
def make_stats_summary(
    node_ids: Fact,
    gradients: Fact,
    hessians: Fact,
    bucketized_features_list: Sequence[Fact],
    *,
    max_splits: int,
    num_buckets: int,
) -> Shape:
    """Sums of gradients and hessians, by feature, node and bucket."""
    nodes = node_ids.shape.with_rank(1)
    merge_dimensions(nodes[0], gradients.shape.with_rank(2)[0])
    gradients.shape.merge(hessians.shape.with_rank(2))
    for fact in bucketized_features_list:
        nodes.merge(fact.shape)
    return Shape([len(bucketized_features_list), max_splits, num_buckets, 2])


@shape_rule("BoostedTreesBucketize")
def bucketize(float_values: Sequence[Fact], bucket_boundaries: Sequence[Fact]) -> list[Shape]:
    """A bucket for each value; there are as many values of each feature as of the first."""
    shapes = [fact.shape.with_rank(1) for fact in float_values]
    for shape in shapes:
        shapes[0].merge(shape)
    return shapes


def examples(features: Sequence[Fact]) -> list[Dimension]:
    """The number of examples that each feature has values of."""
    shapes = [fact.shape.at_most(2) for fact in features]
    # TensorFlow reads past the end of a scalar's shape.
    return [None if shape.rank == 0 else shape[0] for shape in shapes]


def same_examples(features: Sequence[Fact]) -> Dimension:
    """That number, which must be the first one for all, as the last feature says it."""
    rows = examples(features)
    for other in rows:
        merge_dimensions(rows[0], other)
    return rows[-1]


@shape_rule("BoostedTreesPredict")
def predict(
    tree_ensemble_handle: Fact, bucketized_features: Sequence[Fact], *, logits_dimension: int
) -> Shape:
    """The logits of each example."""
    return Shape([same_examples(bucketized_features), dimension_of(logits_dimension)])


@shape_rule("BoostedTreesExampleDebugOutputs")
def example_debug_outputs(tree_ensemble_handle: Fact, bucketized_features: Sequence[Fact]) -> Shape:
    """A message for each example."""
    return Shape([same_examples(bucketized_features)])


@shape_rule("BoostedTreesTrainingPredict")
def training_predict(
    tree_ensemble_handle: Fact,
    cached_tree_ids: Fact,
    cached_node_ids: Fact,
    bucketized_features: Sequence[Fact],
    *,
    logits_dimension: int,
) -> list[Shape]:
    """The logits of each example, and a tree and a node."""
    cached_tree_ids.shape.with_rank(1).merge(cached_node_ids.shape.with_rank(1))
    rows = examples(bucketized_features)[-1]
    return [Shape([rows, dimension_of(logits_dimension)]), Shape([rows]), Shape([rows])]


@shape_rule("BoostedTreesCalculateBestFeatureSplit")
def calculate_best_feature_split(
    node_id_range: Fact, stats_summary: Fact, *scalars: Fact, logits_dimension: int
) -> list[Shape]:
    """Of each node: its id, gain, feature and threshold, what goes left and right, and how."""
    node_id_range.shape.merge(Shape([2]))
    check_ranks((4, 0, 0, 0, 0), (stats_summary, *scalars))
    return split(logits_dimension)


@shape_rule("BoostedTreesSparseCalculateBestFeatureSplit")
def sparse_calculate_best_feature_split(
    node_id_range: Fact, *others: Fact, logits_dimension: int
) -> list[Shape]:
    """The same."""
    node_id_range.shape.merge(Shape([2]))
    check_ranks((2, 1, 1, 0, 0, 0, 0), others)
    return split(logits_dimension)


@shape_rule("BoostedTreesCalculateBestFeatureSplitV2")
def calculate_best_feature_split_v2(
    node_id_range: Fact,
    stats_summaries_list: Sequence[Fact],
    *others: Fact,
    logits_dimension: int,
) -> list[Shape]:
    """The same, of several features; their ids come second."""
    node_id_range.shape.merge(Shape([2]))
    check_same(4, stats_summaries_list)
    check_ranks((1, 1, 0, 0, 0, 0), others)
    return [VECTOR, *split(logits_dimension)]


def split(logits_dimension: int) -> list[Shape]:
    """What describes the splits of some nodes."""
    contributions = Shape([None, logits_dimension])
    return [VECTOR] * 4 + [contributions] * 2 + [VECTOR]


@shape_rule("BoostedTreesCalculateBestGainsPerFeature")
def calculate_best_gains_per_feature(
    node_id_range: Fact, stats_summary_list: Sequence[Fact], *others: Fact, max_splits: int
) -> list[Shape]:
    """Of each feature: the nodes, their gains and thresholds, what goes left, and right."""
    node_id_range.shape.merge(Shape([2]))
    check_same(3, stats_summary_list)
    for fact in stats_summary_list[:1]:
        fact.shape.merge(Shape([max_splits, None, 2]))
    check_ranks((0, 0, 0), others[:3])
    count = len(stats_summary_list)
    return [VECTOR] * 3 * count + [Shape([None, 1])] * 2 * count


@shape_rule("BoostedTreesUpdateEnsemble")
def update_ensemble(
    tree_ensemble_handle: Fact,
    feature_ids: Fact,
    node_ids: Sequence[Fact],
    gains: Sequence[Fact],
    thresholds: Sequence[Fact],
    left_node_contribs: Sequence[Fact],
    right_node_contribs: Sequence[Fact],
    *others: Fact,
) -> None:
    """Nothing: of each feature, there is as much for as many nodes."""
    feature_ids.shape.merge(Shape([len(node_ids)]))
    lists = (node_ids, gains, thresholds, left_node_contribs, right_node_contribs)
    for nodes, *values, left, right in zip(*lists, strict=True):
        for fact in values:
            nodes.shape.with_rank(1).merge(fact.shape)
        contributions = nodes.shape.with_rank(1) + Shape([1])
        left.shape.merge(contributions)
        right.shape.merge(contributions)


@shape_rule("BoostedTreesQuantileStreamResourceDeserialize")
def quantile_stream_resource_deserialize(
    quantile_stream_resource_handle: Fact, bucket_boundaries: Sequence[Fact]
) -> None:
    """Nothing; only the first input is checked to be a scalar, although none is one."""
    check_ranks((0, 0), (quantile_stream_resource_handle, bucket_boundaries[0]))
