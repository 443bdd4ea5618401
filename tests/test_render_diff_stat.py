"""How much changed: totals, and scopes with their counts."""

from __future__ import annotations

from pbtool import schema
from pbtool.differences import (
    Added,
    Change,
    Changed,
    Comparison,
    Content,
    Diff,
    Edited,
    Removed,
    Renamed,
)
from pbtool.render import diff_stat
from tests.changes import A, B, edited, many, node, stat


def test_totals() -> None:
    versions = Changed("field", "versions", Content(schema.GraphDef()), Content(schema.GraphDef()))
    changed = Changed("attr", "value", None, None, Comparison(1, 1, 1.0, 1.0, ()))
    found = Diff(
        A,
        B,
        [
            versions,
            Added("node", "a", node("a")),
            Added("node", "b", node("b")),
            Renamed("scope", "x/", "y/", 5),
            edited("c", changed, changed, Changed("device", "device", "", "x")),
            Edited(
                "function",
                "f",
                "f",
                (Removed("node", "n", node("n")), versions._replace(name="ret")),
            ),
            Added("function", "g", Content(schema.FunctionDef())),
        ],
    )
    assert diff_stat.totals(found) == [
        "2 nodes added, 5 renamed, 1 changed, 1 removed (2 constants, 1 device)",
        "versions changed",
        "1 function changed, 1 added",
    ]


def test_bars_fit_the_terminal() -> None:
    changes: list[Change] = [Added("node", f"big/{n}", node("n")) for n in range(500)]
    changes += [Removed("node", f"small/{n}", node("n")) for n in range(50)]
    changes += many(["small/x"], Changed("op", "op", "A", "B"))
    lines = stat(*changes, width=60)
    assert max(map(len, lines[:-1])) <= 60
    assert lines[0].startswith(" big/   | 500 +++++")
    assert lines[1] == " small/ |  51 -----~"
    assert len(stat(*changes, full=True)) == 552
