"""Shape rules for the ops of TensorFlow's state_ops.cc: variables that are references."""

from __future__ import annotations

from pbtool.errors import ShapeError
from pbtool.facts import Fact
from pbtool.infer.patterns import patterns
from pbtool.infer.registry import shape_rule
from pbtool.infer.rules.array_index import check_scatter
from pbtool.shapes import SCALAR, UNKNOWN, Shape

patterns("""
    S -> S
        DestroyTemporaryVariable
    S ; S -> S
        AssignAdd AssignSub
    [] -> []
        CountUpTo
    -> []
        IsVariableInitialized
""")


@shape_rule("Assign")
def assign(ref: Fact, value: Fact, *, validate_shape: bool) -> Shape:
    """The value, which must have the variable's shape if that is to be validated."""
    return ref.shape.merge(value.shape) if validate_shape else value.shape


@shape_rule("ResourceCountUpTo")
def resource_count_up_to(resource: Fact, *, T: int) -> Shape:
    """The scalar that the resource refers to, which must be known."""
    if not resource.handles:
        raise ShapeError("it is not known what the resource refers to")
    if resource.handles[0].dtype != T:
        raise ShapeError("the variable has another dtype")
    return resource.handles[0].shape.with_rank(0)


@shape_rule("""
    ScatterAdd ScatterDiv ScatterMax ScatterMin ScatterMul ScatterSub ScatterUpdate
""")
def scatter(ref: Fact, indices: Fact, updates: Fact) -> Shape:
    """The variable, of which slices are updated, each by one of its own or all by a scalar."""
    check_updates(ref.shape, indices.shape, updates.shape)
    return ref.shape


def check_updates(variable: Shape, indices: Shape, updates: Shape) -> None:
    """Raise ShapeError unless there is a slice of the variable for each index, or a scalar."""
    slices = indices + variable[1:]
    if updates.rank != 0:
        updates.merge(slices)


@shape_rule("ScatterNdAdd ScatterNdMax ScatterNdMin ScatterNdSub ScatterNdUpdate")
def scatter_nd(ref: Fact, indices: Fact, updates: Fact) -> Shape:
    """The variable, of which elements or slices are updated."""
    check_scatter(ref.shape, indices.shape.at_least(1), updates.shape.at_least(1))
    return ref.shape


@shape_rule("Variable")
def variable(*, shape: Shape) -> Shape:
    """The shape in the attr, where a scalar stands for an unknown shape."""
    return UNKNOWN if shape == SCALAR else shape
