"""Behaviours that many ops share, and the list of ops that have each.

Most ops of most graphs are one word in a list here.
"""

from __future__ import annotations

from pbtool.facts import Fact
from pbtool.infer.registry import shape_rule
from pbtool.infer.shape_functions import broadcast
from pbtool.shapes import SCALAR, Shape

UNCHANGED = """
    Abs Cast CheckNumerics CheckNumericsV2 DebugGradientIdentity DebugGradientRefIdentity DeepCopy
    Elu Exp FakeQuantWithMinMaxArgs GuaranteeConst Identity Neg OnesLike PreventGradient
    QuantizeAndDequantize RefIdentity Relu Relu6 Rsqrt Sigmoid Snapshot Sqrt StopGradient Tanh
    ZerosLike
"""

BROADCAST = """
    Add AddV2 Equal Greater Less Maximum Minimum Mul NotEqual Pow RealDiv Sub
"""


FIRST_UNCHANGED = """
    FakeQuantWithMinMaxArgsGradient InplaceAdd InplaceSub InplaceUpdate MatrixBandPart
    StridedSliceAssign TensorStridedSliceUpdate _ParallelConcatUpdate
"""

EXPLICIT = "ImmutableConst PlaceholderV2 _ParallelConcatStart"

SCALARS = "Rank Size"


@shape_rule(UNCHANGED)
def unchanged(x: Fact) -> Shape:
    """The shape of the only input."""
    return x.shape


@shape_rule(FIRST_UNCHANGED)
def first_unchanged(x: Fact, *others: Fact) -> Shape:
    """The shape of the first input."""
    return x.shape


@shape_rule(EXPLICIT)
def explicit(*, shape: Shape) -> Shape:
    """The shape in the attr."""
    return shape


@shape_rule(SCALARS)
def scalar(*inputs: Fact) -> Shape:
    """A scalar, whatever the inputs."""
    return SCALAR


@shape_rule(BROADCAST)
def elementwise(x: Fact, y: Fact) -> Shape:
    """Elementwise on two inputs, by numpy's broadcasting rules."""
    return broadcast(x.shape, y.shape)
