"""Shape rules for the ops of TensorFlow's functional_ops.cc and script_ops.cc.

The engine looks into the functions that ``PartitionedCall`` and its like call. Nothing looks into
the branches of an ``If`` or the body of a ``While``: their attrs state what comes out.
"""

from __future__ import annotations

from collections.abc import Sequence

from pbtool import dtypes as types
from pbtool.errors import ShapeError
from pbtool.facts import Fact
from pbtool.infer.patterns import patterns
from pbtool.infer.registry import shape_rule
from pbtool.shapes import UNKNOWN, Shape

patterns("""
    -> []
        DeviceIndex ToBool
""")


@shape_rule("Case If StatelessCase StatelessIf")
def branch(*inputs: Fact, output_shapes: list[Shape], dtypes: tuple[int, ...]) -> list[Shape]:
    """What the attr states."""
    return output_shapes or [UNKNOWN] * len(dtypes)


@shape_rule("StatelessWhile While")
def while_(input: Sequence[Fact], *, output_shapes: list[Shape]) -> list[Shape]:
    """What the attr states, or else the inputs."""
    return output_shapes or [fact.shape for fact in input]


@shape_rule("_While")
def old_while(input: Sequence[Fact]) -> list[Shape]:
    """The inputs."""
    return [fact.shape for fact in input]


@shape_rule("SymbolicGradient")
def symbolic_gradient(input: Sequence[Fact], *, dtypes: tuple[int, ...]) -> list[Shape]:
    """The gradients of the first inputs: of a resource, of what it refers to."""
    if len(input) < len(dtypes):
        raise ShapeError("a gradient function takes at least as many inputs as it has outputs")
    return [_differentiated(fact) for fact in input[: len(dtypes)]]


def _differentiated(fact: Fact) -> Shape:
    if fact.dtype != types.RESOURCE:
        return fact.shape
    return fact.handles[0].shape if fact.handles else UNKNOWN
