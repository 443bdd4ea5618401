"""The rules, in files named after TensorFlow's own: ``array`` for ``array_ops.cc``, and so on.

A file is imported when an op is met that it has rules for: a graph needs a few of them, and all
together take longer to import than a small graph to list. ``scripts/index_rules.py`` writes down
which ops each file has rules for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path

INDEX = "_data/rule_modules.txt"  # in the package; a line a module: its name, then its ops


def load(op: str) -> None:
    """Register the rules of an op, if there are any."""
    for module in _index().get(op, ()):
        import_module(f"{__name__}.{module}")


def load_all() -> None:
    """Register the rules of every op, also those that the index does not have yet."""
    for module in modules():
        import_module(f"{__name__}.{module}")


def modules() -> list[str]:
    """The names of the files of rules."""
    names = (path.stem for path in Path(__file__).parent.glob("*.py"))
    return sorted(name for name in names if name != "__init__")


@cache
def _index() -> Mapping[str, Iterable[str]]:
    index: dict[str, list[str]] = {}
    path = Path(__file__).parents[2] / INDEX
    for line in path.read_text("utf-8").splitlines():
        module, *ops = line.split()
        for op in ops:
            index.setdefault(op, []).append(module)
    return index
