from __future__ import annotations

from pbtool.render import compare
from pbtool.render.layout import Layout

HOSTILE = "a\x1b[31m"


def test_names_of_outputs_steer_no_terminal() -> None:
    told = compare.Compared({}, (HOSTILE,), (HOSTILE,), (HOSTILE,), 1)
    lines = list(compare.lines(Layout(lambda text, _: text, None, full=True), told, (), every=True))
    assert lines[0] == r"only the first model has a\x1b[31m"
    assert lines[1] == r"only the second model has a\x1b[31m"
    assert lines[-1] == r"the first that deviates is a\x1b[31m"
