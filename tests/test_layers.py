"""The layers of pbtool: a module imports only from rows above its own.

To add a module, write its name into a row; a package is one entry, and its modules may import each
other. Imports for the type checker alone (under ``if TYPE_CHECKING``) are not counted.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import pbtool

ROWS = """
    errors dtypes ops varint progress nearest quantity
    shapes narrow_types output options
    schema source
    wire facts splice
    opdefs tensors tensor_summary signatures topology
    body recognize
    instances
    graph checkpoint parsing
    model editing
    files
    writing
    conversion infer selection reach gathers
    listing lookup summary pins explanation differences
    interface view pruning checks
    execution
    render
    console opening git
    verbs
    completion
    cli
"""

BESIDE = {"backend"}  # reached from the functions of verbs, and imports what it likes

# Who may know protobuf's classes; everybody else knows messages only by their fields.
PROTOBUF = {"schema", "checkpoint", "parsing", "writing", "conversion"}

ROW = {name: number for number, row in enumerate(ROWS.strip().splitlines()) for name in row.split()}
PACKAGE = Path(pbtool.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))
TOP = {"__init__", "__main__"}  # the library's face and the process: above every row


def entry(path: Path) -> str:
    """The name in the table that a module's file belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[str]:
    """The full names of the modules that a file imports when it runs, wherever it does."""
    unseen: list[ast.AST] = [ast.parse(path.read_text(encoding="utf-8"))]
    while unseen:
        node = unseen.pop()
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            unseen.extend(node.orelse)
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            assert node.module is not None
            # ``from pbtool import graph`` imports a module, ``from pbtool.graph import Graph`` one
            # name of it; with the name, both begin with the module's own.
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        unseen.extend(ast.iter_child_nodes(node))


def imported_entries(path: Path) -> set[str]:
    """The names in the table that a file imports from."""
    names = (name.split(".") for name in imports(path))
    return {name[1] for name in names if name[0] == "pbtool" and len(name) > 1} & known()


def known() -> set[str]:
    return {entry(path) for path in MODULES}


def test_every_module_has_one_row_and_every_row_its_modules() -> None:
    assert len(ROW) == len(ROWS.split()), "a module stands in two rows"
    assert known() - TOP - BESIDE == set(ROW)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_come_from_rows_above(path: Path) -> None:
    own = entry(path)
    if own in TOP | BESIDE:
        return
    wrong = {name for name in imported_entries(path) - {own} - BESIDE if ROW[name] >= ROW[own]}
    assert not wrong, f"{own} is not below {sorted(wrong)}"


def users(package: str) -> set[str]:
    """The entries that import a package from outside pbtool."""
    return {
        entry(path)
        for path in MODULES
        if any(name == package or name.startswith(f"{package}.") for name in imports(path))
    }


def test_few_modules_know_protobuf() -> None:
    assert users("google") - BESIDE == PROTOBUF


def test_only_the_backend_knows_tensorflow() -> None:
    assert users("tensorflow") <= BESIDE


def test_the_backend_is_reached_only_from_the_functions_of_verbs() -> None:
    for path in MODULES:
        if "backend" not in imported_entries(path) or entry(path) == "backend":
            continue
        assert entry(path) == "verbs", f"{path} imports the backend"
        top = ast.parse(path.read_text(encoding="utf-8")).body
        direct = [
            ast.unparse(node) for node in top if isinstance(node, ast.Import | ast.ImportFrom)
        ]
        assert not [line for line in direct if "backend" in line]


def test_the_description_for_people_names_every_module() -> None:
    description = Path(__file__).parent.parent / "ARCHITECTURE.md"
    if not description.exists():
        pytest.skip("the tests are away from the sources")
    named = set(re.findall(r"`(\w+)/?`", description.read_text(encoding="utf-8")))
    assert not known() - TOP - named
