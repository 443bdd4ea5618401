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


DIFFERENCES: tuple[Difference, ...] = (
    Difference(
        Verdict.ACCEPTS,
        "only the executed op reads this attr; a wrong value does not change the shape",
        """
        ExtractGlimpseV2 noise=a  [...] ; [...] ; [...] -> error
        """,
    ),
    Difference(
        Verdict.ACCEPTS,
        "sizes of parts are only checked against a known size of what is split",
        """
        SplitV  [?] ; 2,2 ; [...] -> error
        """,
    ),
    Difference(
        Verdict.VAGUER,
        "the sizes of parts are used once the axis is known",
        """
        SplitV num_split=2  [?] ; 3,-1 ; [...] -> [3] ; [?]
        """,
    ),
    Difference(
        Verdict.VAGUER,
        "the sizes of a matrix are not computed from its diagonals alone",
        """
        MatrixDiagV3  [?] ; =2 ; [...] ; [...] ; [...] -> [1,1]
        """,
    ),
    Difference(
        Verdict.VAGUER,
        "TensorFlow says rank 4 where it knows no sizes, but what comes out has rank 5",
        """
        ExtractVolumePatches  [...] -> [?,?,?,?]
        """,
    ),
    Difference(
        Verdict.VAGUER,
        "constants that no shape depends on are not evaluated",
        """
        Pow  3.0,3 ; =-1.0 -> [2]=0,0
        NotEqual T=int32 incompatible_shape_error=false  3,5 ; 3,1,4 -> []=1
        """,
    ),
)


def tolerated(op: str) -> set[str]:
    """The verdicts that are tolerated for an op."""
    return {
        difference.verdict
        for difference in DIFFERENCES
        if any(row.case.op == op for row in difference.rows().values())
    }


NEVER = frozenset({Verdict.CONTRADICTION, Verdict.CRASH})  # nothing excuses these
