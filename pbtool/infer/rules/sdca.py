"""Shape rules for the ops of sdca_ops.cc."""

from __future__ import annotations

from collections.abc import Sequence

from pbtool.facts import Fact
from pbtool.infer.patterns import patterns
from pbtool.infer.registry import shape_rule
from pbtool.shapes import Shape

patterns("""
    [n] -> [n,2]
        SdcaFprint
""")


@shape_rule("SdcaOptimizer SdcaOptimizerV2")
def sdca_optimizer(
    sparse_example_indices: Sequence[Fact],
    sparse_feature_indices: Sequence[Fact],
    sparse_feature_values: Sequence[Fact],
    dense_features: Sequence[Fact],
    example_weights: Fact,
    example_labels: Fact,
    sparse_indices: Sequence[Fact],
    sparse_weights: Sequence[Fact],
    dense_weights: Sequence[Fact],
    *others: Fact,
) -> list[Shape]:
    """Four numbers of each example, and changes of all weights."""
    return [Shape((None, 4)), *(fact.shape for fact in (*sparse_weights, *dense_weights))]
