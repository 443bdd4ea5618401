"""Every line of the rule tables is what our rules answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import rule_engine, rule_table
from tests.rule_engine import Verdict

ROWS = dict(rule_table.read_tables(Path(__file__).parent / "rules"))


@pytest.mark.parametrize("line", ROWS.values(), ids=[f"{at} {text}" for at, text in ROWS.items()])
def test_rule(line):
    case, answer = rule_table.parse_row(line)
    states_values = answer is not None and any(output.elements for output in answer)
    ours = rule_engine.answer(case, values=states_values)
    verdict = rule_engine.compare(ours, answer)
    assert verdict == Verdict.EQUAL, f"{verdict}: we say {rule_table.write_answer(ours)}"
