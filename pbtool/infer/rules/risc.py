"""Shape rules for the ops of risc_ops.cc, that are not those of other ops by another name."""

from __future__ import annotations

from pbtool.errors import ShapeError
from pbtool.facts import Fact
from pbtool.infer.registry import shape_rule
from pbtool.shapes import Shape


@shape_rule("""
    RiscAdd RiscBinaryComparison RiscDiv RiscMax RiscMin RiscMul RiscPow RiscRem RiscSub
""")
def risc_binary(x: Fact, y: Fact) -> Shape:
    """The shape of the first input, of which the other must be, too: nothing is broadcast."""
    if x.shape.rank != y.shape.rank:
        raise ShapeError(f"shapes {x.shape} and {y.shape} differ in rank")
    x.shape.merge(y.shape)
    return x.shape
