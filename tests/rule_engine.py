"""What an engine answers to a case; our engine's answer; and how two answers compare."""

from __future__ import annotations

from collections.abc import Callable

from pbtool.errors import ShapeError
from pbtool.graph import Graph
from pbtool.infer import Inference
from pbtool.infer.registry import AS_SHAPE_RULES, SHAPE_VALUE_RULES, VALUE_RULES
from pbtool.schema import GraphDef
from pbtool.shapes import Shape
from tests.case_graph import OFFSET, ask_for_elements, can_ask_for_elements, graph_def
from tests.rule_case import Answer, Case, Output

# The dtypes and shapes of the outputs of a graph's last node; None where a node is refused.
Engine = Callable[[GraphDef], "list[tuple[int, Shape]] | None"]

# What stands for the elements of a tensor that no op may read as a shape.
NO_SHAPE = (-2,)


def ask(engine: Engine, case: Case, *, elements: bool = False) -> Answer:
    """The shapes of the outputs of a case's node, None where the engine refuses it.

    With ``elements`` also those of the first output, as far as a shape function would see them.
    """
    outputs = engine(graph_def(case))
    if outputs is None:
        return None
    answer = [Output(shape) for _, shape in outputs]
    if elements and outputs and can_ask_for_elements(*outputs[0]):
        answer[0] = answer[0]._replace(elements=_elements(engine, case, *outputs[0]))
    return tuple(answer)


def _elements(
    engine: Engine, case: Case, dtype: int, shape: Shape
) -> tuple[int | None, ...] | None:
    sizes: list[int | None] = []
    for offset in (0, OFFSET):  # a negative size is refused: then the constants are read shifted
        graph = graph_def(case)
        ask_for_elements(graph, dtype, shape, offset=bool(offset))
        outputs = engine(graph)
        if outputs is not None:
            sizes = [None if dim is None else dim - offset for dim in outputs[0][1].dims or ()]
            if offset and all(size is None for size in sizes):
                return NO_SHAPE
            break
    return tuple(sizes) if any(size is not None for size in sizes) else None


def our_engine(graph: GraphDef) -> list[tuple[int, Shape]] | None:
    """Our rules."""
    ours = Graph(graph)
    inference = Inference(ours)
    facts = inference.facts(ours)[graph.node[-1].name]
    if inference.problems:
        return None
    return [(fact.dtype, fact.shape) for fact in facts or ()]


def tells_elements(op: str) -> bool:
    """Whether there is a rule for the elements of the op's output."""
    return any(op in rules for rules in (VALUE_RULES, SHAPE_VALUE_RULES, AS_SHAPE_RULES))


class Verdict:
    """How our answer compares with TensorFlow's; in ``ALL`` from harmless to wrong."""

    EQUAL = "equal"
    VAGUER = "vaguer"  # we know less
    ACCEPTS = "accepts"  # we accept what TensorFlow refuses
    FINER = "finer"  # we say more
    REJECTS = "rejects"  # we refuse what TensorFlow accepts
    CONTRADICTION = "contradiction"
    CRASH = "crash"  # a rule raised something else than ShapeError

    ALL = (EQUAL, VAGUER, ACCEPTS, FINER, REJECTS, CONTRADICTION, CRASH)


def compare(ours: Answer, theirs: Answer) -> str:
    """The verdict: one word for all outputs, the worst of them."""
    if ours is None or theirs is None:
        if ours == theirs:
            return Verdict.EQUAL
        return Verdict.REJECTS if ours is None else Verdict.ACCEPTS
    if len(ours) != len(theirs):
        return Verdict.CONTRADICTION
    verdicts = [Verdict.EQUAL]
    for one, other in zip(ours, theirs, strict=True):
        verdicts.append(_compare_shapes(one.shape, other.shape))
        verdicts.append(_compare_shapes(_as_shape(one.elements), _as_shape(other.elements)))
    return max(verdicts, key=Verdict.ALL.index)


def _as_shape(elements: tuple[int | None, ...] | None) -> Shape:
    """The elements as a shape; the number of those of which none is known does not count."""
    return Shape(elements if any(element is not None for element in elements or ()) else None)


def _compare_shapes(ours: Shape, theirs: Shape) -> str:
    if ours == theirs:
        return Verdict.EQUAL
    try:
        merged = ours.merge(theirs)
    except ShapeError:
        return Verdict.CONTRADICTION
    return Verdict.VAGUER if merged == theirs else Verdict.FINER
