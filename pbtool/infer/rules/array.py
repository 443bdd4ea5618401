"""Rules for the ops of TensorFlow's array_ops.cc."""

from __future__ import annotations

from collections.abc import Sequence

from pbtool.errors import ShapeError
from pbtool.facts import Fact
from pbtool.infer.registry import shape_rule
from pbtool.infer.shape_functions import merge_all, resolve_axis
from pbtool.schema import TensorProto
from pbtool.shapes import UNKNOWN, Shape


@shape_rule("Const")
def const(*, value: TensorProto) -> Shape:
    """The shape of the tensor in the attr."""
    shape = Shape.from_proto(value.tensor_shape)
    if not shape.is_full:
        raise ShapeError(f"the shape of a constant must be known, not {shape}")
    return shape


@shape_rule("Placeholder")
def placeholder(*, shape: Shape, producer: int) -> Shape:
    """The shape that is asked for."""
    # Up to graph version 21, a Placeholder of any shape was written as one of shape [].
    return UNKNOWN if producer <= 21 and shape.rank == 0 else shape


@shape_rule("Pack")
def pack(values: Sequence[Fact], *, axis: int) -> Shape:
    """Tensors of one shape, stacked along a new axis."""
    item = merge_all([value.shape for value in values])
    if item.rank is None:
        return UNKNOWN
    axis = resolve_axis(axis, item.rank + 1)
    return item[:axis] + Shape([len(values)]) + item[axis:]


@shape_rule("Shape")
def shape(input: Fact) -> Shape:
    """A vector with one size for each dimension."""
    return Shape([input.shape.rank])
