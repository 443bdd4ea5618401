"""What our rules answer to one node, and how that compares with TensorFlow's answer."""

from __future__ import annotations

from typing import Any

from pbtool import dtypes
from pbtool.errors import ShapeError
from pbtool.graph import Graph
from pbtool.infer import Inference
from pbtool.shapes import Shape
from tests.rule_table import Answer, Case, Output, graph_def


class Verdict:
    """How our answer compares with TensorFlow's; from harmless to wrong."""

    EQUAL = "equal"
    VAGUER = "vaguer"  # we know less
    ACCEPTS = "accepts"  # we accept what TensorFlow refuses
    FINER = "finer"  # we say more
    REJECTS = "rejects"  # we refuse what TensorFlow accepts
    CONTRADICTION = "contradiction"
    CRASH = "crash"  # a rule raised something else than ShapeError

    ALL = (EQUAL, VAGUER, ACCEPTS, FINER, REJECTS, CONTRADICTION, CRASH)


def answer(case: Case, *, values: bool = False) -> Answer:
    """The shapes that our rules infer, None where they refuse the inputs.

    With ``values`` also the elements of a single integer output, as far as shapes see them.
    """
    graph = Graph(graph_def(case))
    inference = Inference(graph)
    facts = inference.facts(graph)["x"]
    if inference.problems:
        return None
    assert facts is not None
    outputs = [Output(fact.shape) for fact in facts]
    if values and facts:
        first = facts[0]
        has_sizes = first.dtype in (dtypes.INT32, dtypes.INT64) and first.shape.rank in (0, 1)
        if first.value and has_sizes:
            outputs[0] = Output(first.shape, as_sizes(first.value.elements))
    return tuple(outputs)


def as_sizes(elements: tuple[Any, ...]) -> tuple[Any, ...] | None:
    """The elements as a shape would have them; None where no element is known.

    -1 stands for an unknown size; what is less makes no shape at all, written as -2.
    """
    sizes = tuple(None if element == -1 else element for element in elements)
    if any(size is not None and size < -1 for size in sizes):
        return (-2,)
    return sizes if any(size is not None for size in sizes) else None


def compare(ours: Answer, theirs: Answer) -> str:
    """The verdict: one word for all outputs, the worst of them."""
    if ours is None or theirs is None:
        return (
            Verdict.EQUAL
            if ours is theirs
            else Verdict.REJECTS
            if ours is None
            else Verdict.ACCEPTS
        )
    if len(ours) != len(theirs):
        return Verdict.CONTRADICTION
    verdicts = [Verdict.EQUAL]
    for one, other in zip(ours, theirs, strict=True):
        verdicts.append(_compare_shapes(one.shape, other.shape))
        verdicts.append(_compare_shapes(Shape(one.elements), Shape(other.elements)))
    return max(verdicts, key=Verdict.ALL.index)


def _compare_shapes(ours: Shape, theirs: Shape) -> str:
    if ours == theirs:
        return Verdict.EQUAL
    try:
        merged = ours.merge(theirs)
    except ShapeError:
        return Verdict.CONTRADICTION
    return Verdict.VAGUER if merged == theirs else Verdict.FINER
