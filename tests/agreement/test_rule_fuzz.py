"""Random nodes of every op that has a rule, for TensorFlow's shape functions and for ours."""

from __future__ import annotations

import os

import pytest

pytest.importorskip("tensorflow")

from tests.agreement.rule_fuzz import describe, fuzz_all, ops_with_rules
from tests.agreement.rule_oracle import tensorflow_engine
from tests.known_differences import DIFFERENCES, tolerated
from tests.rule_engine import Verdict, ask, compare, tells_elements

CASES = int(os.environ.get("PBTOOL_FUZZ_CASES") or 50)  # for each op: about a minute in all

LINES = [row for each in DIFFERENCES for row in each.rows().items()]


@pytest.mark.parametrize("op", ops_with_rules())
def test_random_nodes(op):
    (tally,) = fuzz_all([op], CASES, seed=0, processes=1)
    excused = {Verdict.EQUAL} | tolerated(op)
    report = "\n".join(describe(tally))
    assert not tally.aborted, report
    assert tally.counts.keys() <= excused, report
    assert tally.accepted, f"no case was accepted; a rule table needs a line of {op}\n{report}"


@pytest.mark.parametrize(("line", "row"), LINES, ids=[line for line, _ in LINES])
def test_known_difference_states_what_tensorflow_answers(line, row):
    theirs = ask(tensorflow_engine, row.case, elements=tells_elements(row.case.op))
    assert compare(theirs, row.answer) == Verdict.EQUAL
