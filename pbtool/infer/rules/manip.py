"""Rules for the ops of TensorFlow's manip_ops.cc."""

from __future__ import annotations

from pbtool.facts import Fact
from pbtool.infer.registry import shape_rule
from pbtool.shapes import Shape


@shape_rule("Roll")
def roll(input: Fact, shift: Fact, axis: Fact) -> Shape:
    """The input, whose elements wander along axes: each shift belongs to an axis."""
    shift.shape.at_most(1).merge(axis.shape.at_most(1))
    return input.shape.at_least(1)
