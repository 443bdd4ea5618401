"""Where our rules are allowed to differ from TensorFlow's shape functions, and why.

This is the only list. Each line is one of a rule table: what TensorFlow answers, and we do not.
The fuzz tolerates the verdict for the ops of those lines. A line that we meanwhile answer as
TensorFlow does fails a test, so that the list only shrinks.
"""

from __future__ import annotations

from typing import NamedTuple

from tests.rule_engine import Verdict
from tests.rule_table import Row, parse_row


class Difference(NamedTuple):
    """A verdict that is tolerated for the ops of some lines of a rule table."""

    verdict: str
    reason: str
    lines: str

    def rows(self) -> dict[str, Row]:
        """Each line that shows the difference, and what it states."""
        lines = filter(None, map(str.strip, self.lines.splitlines()))
        return {line: parse_row(line) for line in lines}


DIFFERENCES: tuple[Difference, ...] = ()


def tolerated(op: str) -> set[str]:
    """The verdicts that are tolerated for an op."""
    return {
        difference.verdict
        for difference in DIFFERENCES
        if any(row.case.op == op for row in difference.rows().values())
    }


NEVER = frozenset({Verdict.CONTRADICTION, Verdict.CRASH})  # nothing excuses these
