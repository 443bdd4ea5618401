"""Rules for the ops of TensorFlow's math_ops.cc on quantized tensors.

With a quantized tensor come the two ends of the range that its numbers stand for: scalars, or for
ops "per channel" vectors.
"""

from __future__ import annotations

from pbtool.facts import Fact
from pbtool.infer.patterns import patterns
from pbtool.infer.registry import shape_rule
from pbtool.infer.rules.math import mat_mul
from pbtool.infer.shape_functions import broadcast, check_rank
from pbtool.shapes import SCALAR, Shape

patterns("""
    S ; [] ; [] -> S ; [] ; []
        QuantizeDownAndShrinkRange
    S ; [] ; [] ; [] ; [] -> S ; [] ; []
        Requantize
    S ; [?] ; [?] ; [] ; [] -> S ; [] ; []
        RequantizePerChannel
    _ ; [] ; [] -> [] ; []
        RequantizationRange
    _ ; [?] ; [?] -> [] ; []
        RequantizationRangePerChannel
""")


def with_range(shape: Shape, *ends: Fact) -> list[Shape]:
    """A tensor and its range, where all ends of ranges are to be scalars."""
    check_rank(0, *ends)
    return [shape, SCALAR, SCALAR]


@shape_rule("QuantizedAdd")
def quantized_add(
    x: Fact, y: Fact, min_x: Fact, max_x: Fact, min_y: Fact, max_y: Fact
) -> list[Shape]:
    """Elementwise on two inputs."""
    return with_range(broadcast(x.shape, y.shape), min_x, max_x, min_y, max_y)


@shape_rule("QuantizedMul")
def quantized_mul(x: Fact, y: Fact, *ranges: Fact) -> list[Shape]:
    """Elementwise on two inputs."""
    return with_range(broadcast(x.shape, y.shape))


@shape_rule("QuantizedMatMul")
def quantized_mat_mul(
    a: Fact, b: Fact, *ranges: Fact, transpose_a: bool, transpose_b: bool
) -> list[Shape]:
    """[m, k] times [k, n] is [m, n]."""
    product = mat_mul(a, b, transpose_a=transpose_a, transpose_b=transpose_b)
    return with_range(product, *ranges)
