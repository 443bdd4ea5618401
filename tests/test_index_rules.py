"""The index of the rules and the table of the ops' shapes are what the rules give."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from pbtool import opdefs
from pbtool.infer import rules
from pbtool.infer.registry import SHAPE_RULES, TABLES

rules.load_all()
RULES = {op for table in TABLES for op in table}

ROOT = Path(__file__).resolve().parent.parent

pytestmark = pytest.mark.skipif(
    not (ROOT / "docs").is_dir(), reason="the documentation is not here"
)


@pytest.fixture
def script(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "scripts")
    return importlib.import_module("index_rules")


def test_index_is_up_to_date(script):
    code = f"import sys; sys.path.insert(0, {str(ROOT / 'scripts')!r})"
    code += "; import index_rules; print(index_rules.index(), end='')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    index = Path(rules.__file__).parents[2] / rules.INDEX
    assert index.read_text("utf-8") == done.stdout, "run scripts/index_rules.py"
    assert {op for line in done.stdout.splitlines() for op in line.split()[1:]} == RULES


def test_table_is_up_to_date(script):
    written = (ROOT / script.TABLE).read_text("utf-8")
    assert written == script.table(script.recorded()), "run scripts/index_rules.py"


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
