"""Which ops TensorFlow's own shape functions say nothing about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pbtool import opdefs
from tests.agreement.case_generator import Generator
from tests.agreement.isolation import MayAsk, isolated
from tests.agreement.rule_fuzz import examples
from tests.agreement.rule_oracle import InvalidCaseError, tensorflow_engine
from tests.case_graph import graph_def
from tests.rule_table import write_case


def without_shapes(ops: Sequence[str], cases: int, processes: int = 1) -> Iterator[str]:
    """Yield each op of which TensorFlow gave not even the rank of an output, in any random node.

    Ops without outputs, and those of which no node was accepted, are not among them.
    """

    def work(op: str, may_ask: MayAsk) -> bool:
        return _says_nothing(op, cases, may_ask)

    for done in isolated(work, ops, processes):
        if done.result:
            yield done.op


def _says_nothing(op: str, cases: int, may_ask: MayAsk) -> bool:
    op_def = opdefs.table()[op]
    if not op_def.output_arg:
        return False
    generator = Generator(op_def, 0, examples().get(op, ()))
    accepted = 0
    for _ in range(cases):
        case = generator.next()
        outputs = None
        if may_ask(write_case(case)):
            try:
                outputs = tensorflow_engine(graph_def(case))
            except InvalidCaseError:
                continue
        if outputs is not None:
            accepted += 1
            generator.accepted(case, [output.shape for _, output in outputs])
            if any(output.shape.rank is not None for _, output in outputs):
                return False
    return accepted > 0
