"""Every line of the rule tables is what our rules answer."""

from __future__ import annotations

import pytest

from tests.rule_engine import Verdict, check, our_engine
from tests.rule_table import parse_row, read_tables, write_answer

ROWS = read_tables()


@pytest.mark.parametrize("line", ROWS.values(), ids=[f"{at} {text}" for at, text in ROWS.items()])
def test_rule(line):
    verdict, ours = check(our_engine, parse_row(line))
    assert verdict == Verdict.EQUAL, f"{verdict}: we say {write_answer(ours)}"
