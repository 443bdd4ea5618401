"""What an engine answers to a case; our engine's answer; and how two answers compare."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pbtool.errors import ShapeError
from pbtool.facts import Handle
from pbtool.graph import Graph
from pbtool.infer import Inference, rules
from pbtool.infer.registry import AS_SHAPE_RULES, SHAPE_VALUE_RULES, VALUE_RULES
from pbtool.schema import GraphDef
from pbtool.shapes import Shape
from tests.case_graph import OFFSET, ask_for_elements, can_ask_for_elements, graph_def
from tests.rule_case import Answer, Case, Output
from tests.rule_table import Row

rules.load_all()  # whether the index has them is tested elsewhere

# The dtype of each output of a graph's last node, and what is known of it; None where a node is
# refused.
Engine = Callable[[GraphDef], "list[tuple[int, Output]] | None"]

# What stands for the elements of a tensor that no op may read as a shape.
NO_SHAPE = (-2,)


def ask(engine: Engine, case: Case, *, elements: bool = False) -> Answer:
    """What the engine knows of the outputs of a case's node, None where it refuses it.

    With ``elements`` also those of the first output, as far as a shape function would see them.
    """
    outputs = engine(graph_def(case))
    if outputs is None:
        return None
    answer = [output for _, output in outputs]
    if elements and outputs:
        dtype, first = outputs[0]
        if can_ask_for_elements(dtype, first.shape):
            answer[0] = first._replace(elements=_elements(engine, case, dtype, first.shape))
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
            dims = outputs[0][1].shape.dims or ()
            sizes = [None if dim is None else dim - offset for dim in dims]
            if offset and not _is_known(sizes):
                return NO_SHAPE
            break
    return tuple(sizes) if _is_known(sizes) else None


def _is_known(elements: Sequence[int | None] | None) -> bool:
    return any(element is not None for element in elements or ())


def check(engine: Engine, row: Row) -> tuple[str, Answer]:
    """The verdict on an engine's answer to a table's line, as far as the line states it."""
    answer = ask(engine, row.case, elements=any(output.elements for output in row.answer or ()))
    if answer and not any(output.handles for output in row.answer or ()):
        answer = tuple(output._replace(handles=None) for output in answer)
    return compare(answer, row.answer), answer


def our_engine(graph: GraphDef) -> list[tuple[int, Output]] | None:
    """Our rules."""
    ours = Graph(graph)
    inference = Inference(ours)
    facts = inference.facts(ours)[graph.node[-1].name]
    if inference.problems:
        return None
    return [(fact.dtype, Output(fact.shape, fact.handles)) for fact in facts or ()]


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
        verdicts.append(_compare_handles(one.handles, other.handles))
        verdicts.append(_compare_elements(one.elements, other.elements))
    return max(verdicts, key=Verdict.ALL.index)


def _compare_handles(ours: tuple[Handle, ...] | None, theirs: tuple[Handle, ...] | None) -> str:
    if ours is None or theirs is None:
        if ours == theirs:
            return Verdict.EQUAL
        return Verdict.VAGUER if ours is None else Verdict.FINER
    if [handle.dtype for handle in ours] != [handle.dtype for handle in theirs]:
        return Verdict.CONTRADICTION
    verdicts = [
        _compare_shapes(one.shape, other.shape) for one, other in zip(ours, theirs, strict=True)
    ]
    return max(verdicts, key=Verdict.ALL.index, default=Verdict.EQUAL)


def _compare_elements(
    ours: tuple[int | None, ...] | None, theirs: tuple[int | None, ...] | None
) -> str:
    """As if they were shapes; the number of those of which none is known does not count."""
    return _compare_shapes(
        Shape(ours if _is_known(ours) else None), Shape(theirs if _is_known(theirs) else None)
    )


def _compare_shapes(ours: Shape, theirs: Shape) -> str:
    if ours == theirs:
        return Verdict.EQUAL
    try:
        merged = ours.merge(theirs)
    except ShapeError:
        return Verdict.CONTRADICTION
    return Verdict.VAGUER if merged == theirs else Verdict.FINER
