"""Rules for the ops of TensorFlow's math_ops.cc."""

from __future__ import annotations

from pbtool.facts import Fact
from pbtool.infer.registry import shape_rule
from pbtool.shapes import Shape, merge_dimensions


@shape_rule("MatMul")
def mat_mul(a: Fact, b: Fact, *, transpose_a: bool, transpose_b: bool) -> Shape:
    """[m, k] times [k, n] is [m, n]."""
    m, k = a.shape.with_rank(2).flipped(transpose_a)
    k_, n = b.shape.with_rank(2).flipped(transpose_b)
    merge_dimensions(k, k_)
    return Shape((m, n))
