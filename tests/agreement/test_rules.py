"""Every line of the rule tables is what TensorFlow answers."""

from __future__ import annotations

import pytest

pytest.importorskip("tensorflow")

from tests.agreement.rule_oracle import tensorflow_engine
from tests.rule_engine import Verdict, check
from tests.rule_table import parse_row, read_tables, write_answer

ROWS = read_tables()


@pytest.mark.parametrize("line", ROWS.values(), ids=[f"{at} {text}" for at, text in ROWS.items()])
def test_rule(line):
    verdict, theirs = check(tensorflow_engine, parse_row(line))
    assert verdict == Verdict.EQUAL, f"TensorFlow says {write_answer(theirs)}"
