"""Write down which rules there are.

    python scripts/index_rules.py [--ask CASES]

``pbtool/_data/rule_modules.txt`` tells the engine which files of rules an op needs, and
``docs/ops.md`` tells readers what pbtool says about the shapes of each op's outputs.

With --ask the installed tensorflow is asked anew which ops its own shape functions say nothing
about: an op is one of them if they knew not even the rank of an output in any of so many random
nodes. The answer is kept in ``docs/ops_without_shapes.txt``, so that the table can be written
without tensorflow.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from pbtool import opdefs
from pbtool.infer import registry, rules
from pbtool.infer.registry import SHAPE_RULES

ROOT = Path(__file__).resolve().parent.parent
INDEX = f"pbtool/{rules.INDEX}"
TABLE = "docs/ops.md"
SILENT = "docs/ops_without_shapes.txt"

HEADER = """\
# What is known of each op's shapes

<!-- Written by scripts/index_rules.py from the rules in pbtool/infer/rules. -->

Types of outputs are known for every op. Shapes need a rule for each op; this is what the rules say,
for the {count} ops of TensorFlow {version} and for those of earlier versions that were dropped.

| | ops |
|---|---:|
"""

SILENT_HEADER = """\
# Ops of which TensorFlow's own shape functions know not even the rank of an output, whatever the
# inputs. Written by scripts/index_rules.py --ask {cases}.
"""


class Coverage(NamedTuple):
    """What is known of the shapes of one op's outputs."""

    op: str
    kind: str  # a key of KINDS
    text: str


KINDS = {
    "rule": "there is a rule",
    "silent": "TensorFlow itself says nothing",
    "none": "no outputs",
    "open": "no rule yet",
    "dropped": "dropped before TensorFlow {version}, with a rule",
    "lost": "dropped before TensorFlow {version}, without a rule",
}


def coverage(silent: set[str]) -> Iterator[Coverage]:
    """Yield what is known of each op, by name."""
    rules.load_all()
    for op, op_def in sorted(opdefs.table().items()):
        rule = SHAPE_RULES.get(op)
        last = opdefs.versions()[op].last
        if last:
            kind = "dropped" if rule else "lost"
        elif not op_def.output_arg:
            kind = "none"
        elif rule:
            kind = "rule"
        else:
            kind = "silent" if op in silent else "open"
        text = KINDS[kind]
        if rule:
            text = (rule.__doc__ or "").partition("\n\n")[0]
        elif last:
            text = "no rule"
        if last:
            text += f" (until TensorFlow {last})"
        yield Coverage(op, kind, " ".join(text.split()))


def table(silent: set[str]) -> str:
    """The text of ``docs/ops.md``."""
    rows = list(coverage(silent))
    version = opdefs.versions()["tensorflow"].last
    current = sum(not opdefs.versions()[row.op].last for row in rows)
    lines = [HEADER.format(count=current, version=version).rstrip("\n")]
    for kind, text in KINDS.items():
        count = sum(row.kind == kind for row in rows)
        lines.append(f"| {text.format(version=version)} | {count} |")
    lines += ["", "| op | shapes of its outputs |", "|---|---|"]
    lines += [f"| `{row.op}` | {row.text.replace('|', '&#124;')} |" for row in rows]
    return "\n".join(lines) + "\n"


def index() -> str:
    """The text of the index: a line for each file of rules with the ops it has rules for.

    To be asked before any rule is imported: an op belongs to the file whose import brings it.
    """
    found: dict[str, set[str]] = {}
    for module in rules.modules():
        _register(module, found)
    lines = (f"{module} {' '.join(sorted(ops))}\n" for module, ops in sorted(found.items()) if ops)
    return "".join(lines)


def _register(module: str, found: dict[str, set[str]]) -> None:
    """Import a file of rules, after those that it builds on, and note what comes with it."""
    if module in found:
        return
    found[module] = set()
    path = Path(rules.__file__).with_name(f"{module}.py")
    for statement in ast.parse(path.read_text("utf-8")).body:
        if isinstance(statement, ast.ImportFrom) and statement.module:
            parent, _, name = statement.module.rpartition(".")
            if parent == rules.__name__:
                _register(name, found)
    before = [set(table) for table in registry.TABLES]
    importlib.import_module(f"{rules.__name__}.{module}")
    for table, known in zip(registry.TABLES, before, strict=True):
        found[module] |= table.keys() - known


def recorded() -> set[str]:
    """The ops of which TensorFlow was found to say nothing."""
    lines = (ROOT / SILENT).read_text("utf-8").splitlines()
    return {line for line in lines if not line.startswith("#")}


def ask(cases: int) -> str:
    """The text of ``docs/ops_without_shapes.txt``, after asking the installed tensorflow."""
    sys.path.insert(0, str(ROOT))
    from tests.agreement.rule_oracle import op_names
    from tests.agreement.shape_survey import without_shapes

    ops = sorted(without_shapes(sorted(op_names()), cases))
    return SILENT_HEADER.format(cases=cases) + "".join(f"{op}\n" for op in ops)


def main() -> None:
    """Write both, and before them the ops that TensorFlow says nothing about if asked to."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--ask", type=int, metavar="CASES", help="random nodes of each op")
    cases = parser.parse_args().ask
    if cases:
        (ROOT / SILENT).write_text(ask(cases), "utf-8")
    (ROOT / INDEX).write_text(index(), "utf-8")
    (ROOT / TABLE).write_text(table(recorded()), "utf-8")


if __name__ == "__main__":
    main()
