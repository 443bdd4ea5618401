"""Shape rules for the ops of TensorFlow's control_flow_ops.cc."""

from __future__ import annotations

from collections.abc import Sequence

from pbtool.facts import Fact, Handle
from pbtool.infer.patterns import patterns
from pbtool.infer.registry import handle_rule, shape_rule
from pbtool.shapes import SCALAR, UNKNOWN, Shape

patterns("""
    S -> S
        Exit NextIteration RefEnter RefExit RefNextIteration
    S ; [] -> S*
        RefSwitch Switch _SwitchN
    [] -> []
        LoopCond
""")


@shape_rule("Enter")
def enter(data: Fact, *, is_constant: bool) -> Shape:
    """The input, if the loop does not change it; nothing is known of what goes round."""
    return data.shape if is_constant else UNKNOWN


@shape_rule("Merge RefMerge")
def merge(inputs: Sequence[Fact]) -> list[Shape]:
    """Whichever input comes first: what all of them have in common, and the input's number."""
    return [in_common([fact.shape for fact in inputs]), SCALAR]


def in_common(shapes: Sequence[Shape]) -> Shape:
    """What all shapes have in common, where any of them may be the one."""
    first = shapes[0].dims
    columns = [{dim} for dim in first or ()]
    for shape in shapes:
        if first is None or shape.dims is None or len(shape.dims) != len(first):
            return UNKNOWN
        for column, dim in zip(columns, shape.dims, strict=True):
            column.add(dim)
    return Shape(column.pop() if len(column) == 1 else None for column in columns)


@shape_rule("RefSelect")
def ref_select(index: Fact, inputs: Sequence[Fact]) -> Shape:
    """The shape of all inputs, where it is known and the same."""
    index.shape.with_rank(0)
    first = inputs[0].shape
    return first if all(first.is_full and fact.shape == first for fact in inputs) else UNKNOWN


@handle_rule("RefSwitch Switch _SwitchN")
def switched_handles(data: Fact, pred: Fact) -> list[tuple[Handle, ...] | None]:
    """What the data refers to."""
    return [data.handles] * 2
