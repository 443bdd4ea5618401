"""The list of known differences only shrinks."""

from __future__ import annotations

import pytest

from tests.known_differences import DIFFERENCES, NEVER
from tests.rule_engine import ask, compare, our_engine, tells_elements

LINES = [(each, *row) for each in DIFFERENCES for row in each.rows().items()]


@pytest.mark.parametrize(("difference", "line", "row"), LINES, ids=[line for _, line, _ in LINES])
def test_difference_is_still_there(difference, line, row):
    ours = ask(our_engine, row.case, elements=tells_elements(row.case.op))
    assert compare(ours, row.answer) == difference.verdict, f"take {line!r} from the list"


def test_every_difference_has_a_reason_and_a_verdict_that_can_be_excused():
    for difference in DIFFERENCES:
        assert len(difference.reason.split()) > 3
        assert difference.verdict not in NEVER
        assert difference.rows()
