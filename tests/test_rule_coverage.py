"""The table of the ops' shapes is what the rules give."""

from __future__ import annotations

import importlib
from collections import Counter
from pathlib import Path

import pytest

from pbtool import opdefs
from pbtool.infer.registry import SHAPE_RULES

ROOT = Path(__file__).resolve().parent.parent

pytestmark = pytest.mark.skipif(
    not (ROOT / "docs").is_dir(), reason="the documentation is not here"
)


@pytest.fixture
def script(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "scripts")
    return importlib.import_module("write_rule_coverage")


def test_table_is_up_to_date(script):
    written = (ROOT / script.TABLE).read_text("utf-8")
    assert written == script.table(script.recorded()), "run scripts/write_rule_coverage.py"


def test_every_op_has_one_row(script):
    rows = list(script.coverage(script.recorded()))
    assert [row.op for row in rows] == sorted(opdefs.table())
    kinds = Counter(row.kind for row in rows)
    with_outputs = [op for op in SHAPE_RULES if opdefs.table()[op].output_arg]
    assert kinds["rule"] + kinds["dropped"] == len(with_outputs)


def test_where_tensorflow_says_nothing_no_rule_is_needed(script):
    open_ops = {row.op for row in script.coverage(set()) if row.kind == "open"}
    silent = {row.op for row in script.coverage(script.recorded()) if row.kind == "silent"}
    assert silent == open_ops & script.recorded()
    assert script.recorded() <= opdefs.table().keys()
