"""Random nodes of every op that has a rule, for TensorFlow's shape functions and for ours."""

from __future__ import annotations

import os

import pytest

pytest.importorskip("tensorflow")

from pbtool.shapes import Shape
from tests.agreement.execution import executions
from tests.agreement.isolation import CHUNK
from tests.agreement.rule_fuzz import describe, fuzz_all, ops_with_rules
from tests.agreement.rule_oracle import tensorflow_engine
from tests.known_differences import DIFFERENCES, tolerated
from tests.rule_engine import Verdict, ask, compare, our_engine, tells_elements
from tests.rule_table import parse_row

CASES = int(os.environ.get("PBTOOL_FUZZ_CASES") or 40)  # for each op: about a minute in all

OPS = ops_with_rules()
GROUPS = [OPS[start : start + CHUNK] for start in range(0, len(OPS), CHUNK)]
LINES = [row for each in DIFFERENCES for row in each.rows().items()]
FINER = [
    row for each in DIFFERENCES if each.verdict == Verdict.FINER for row in each.rows().items()
]


@pytest.mark.parametrize("ops", GROUPS, ids=[f"{ops[0]}..{ops[-1]}" for ops in GROUPS])
def test_random_nodes(ops):
    findings = [line for tally in fuzz_all(ops, CASES) for line in _findings(tally)]
    if findings:
        pytest.fail("\n".join(findings), pytrace=False)


def _findings(tally):
    if not tally.accepted:
        yield f"no case of {tally.op} was accepted: a rule table needs a line of it"
    if tally.counts.keys() - {Verdict.EQUAL} - tolerated(tally.op):
        yield from describe(tally)


@pytest.mark.parametrize(("line", "row"), LINES, ids=[line for line, _ in LINES])
def test_known_difference_states_what_tensorflow_answers(line, row):
    theirs = ask(tensorflow_engine, row.case, elements=tells_elements(row.case.op))
    assert compare(theirs, row.answer) == Verdict.EQUAL


def is_true(case, answer):
    """Whether the answer is true of what comes out when the node is executed."""
    runs = list(executions(case, tries=100))
    assert runs, "the node could not be executed"
    claims = [output.shape for output in answer]
    return all(all(map(Shape.refines, shapes, claims)) for shapes in runs)


@pytest.mark.parametrize(("line", "row"), FINER, ids=[line for line, _ in FINER])
def test_execution_proves_what_we_say_beyond_tensorflow(line, row):
    assert is_true(row.case, ask(our_engine, row.case))


@pytest.mark.parametrize(
    ("line", "truth"), [("Add [?,2] ; [2] -> [?,2]", True), ("Add [?] ; [1] -> [3]", False)]
)
def test_execution_tells_truth(line, truth):
    assert is_true(*parse_row(line)) is truth
