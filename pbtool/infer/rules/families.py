"""Behaviours that many ops share, and the list of ops that have each.

Most ops of most graphs are one word in a list here.
"""

from __future__ import annotations

from pbtool.facts import Fact
from pbtool.infer.registry import shape_rule
from pbtool.infer.shape_functions import broadcast
from pbtool.shapes import Shape

UNCHANGED = """
    Abs Cast Elu Exp Identity Neg Relu Relu6 Rsqrt Sigmoid Sqrt Tanh
"""

BROADCAST = """
    Add AddV2 Equal Greater Less Maximum Minimum Mul NotEqual Pow RealDiv Sub
"""


@shape_rule(UNCHANGED)
def unchanged(x: Fact) -> Shape:
    """The shape of the only input."""
    return x.shape


@shape_rule(BROADCAST)
def elementwise(x: Fact, y: Fact) -> Shape:
    """Elementwise on two inputs, by numpy's broadcasting rules."""
    return broadcast(x.shape, y.shape)
