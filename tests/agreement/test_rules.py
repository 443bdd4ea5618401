"""Every line of the rule tables is what TensorFlow answers."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("tensorflow")

from tests import rule_engine, rule_table
from tests.agreement import rule_oracle
from tests.rule_engine import Verdict

ROWS = dict(rule_table.read_tables(Path(__file__).parent.parent / "rules"))


@pytest.mark.parametrize("line", ROWS.values(), ids=[f"{at} {text}" for at, text in ROWS.items()])
def test_rule(line):
    case, answer = rule_table.parse_row(line)
    states_values = answer is not None and any(output.elements for output in answer)
    theirs = rule_oracle.answer(case, values=states_values)
    verdict = rule_engine.compare(answer, theirs)
    assert verdict == Verdict.EQUAL, f"TensorFlow says {rule_table.write_answer(theirs)}"
