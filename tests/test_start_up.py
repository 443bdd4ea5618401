"""What a command imports. Start-up time is a law, and modules are what it is made of.

Times vary between machines, so the tests name modules instead: each of these costs some
milliseconds, and numpy a tenth of a second.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import pbtool
from pbtool import schema

SCRIPT = """
import sys
before = set(sys.modules)
from pbtool import cli
status = cli.main()
print("|", status, *sorted(set(sys.modules) - before))
"""

HEAVY = """
    asyncio dataclasses difflib email http importlib.metadata importlib.resources inspect json
    logging numpy shutil socket subprocess tabulate tempfile tensorflow traceback unittest
    urllib.request xml
"""
NEVER = set(HEAVY.split())


def imported(*words: str, status: str = "0") -> set[str]:
    """The modules that a command line imports, beyond those of a bare Python."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *words],
        env={**os.environ, "PYTHONPATH": str(Path(pbtool.__file__).parent.parent)},
        capture_output=True,
        text=True,
        check=True,
    )
    found, *modules = done.stdout.rpartition("|")[2].split()
    assert found == status, done.stderr
    return set(modules)


def absent(modules: set[str], unwanted: set[str]) -> None:
    found = {name for name in modules for heavy in unwanted if f"{name}.".startswith(f"{heavy}.")}
    assert not found


@pytest.fixture
def small_graph(tmp_path: Path) -> str:
    graph = schema.GraphDef()
    node = graph.node.add(name="a", op="Placeholder")
    node.attr["dtype"].type = 1
    path = tmp_path / "small.pb"
    path.write_bytes(graph.SerializeToString())
    return str(path)


@pytest.mark.parametrize("words", ["--version", "--help", "completion bash", "completion --help"])
def test_the_frame_alone_knows_no_messages(words: str) -> None:
    absent(imported(*words.split()), NEVER | {"google.protobuf", "pbtool.schema", "pbtool.files"})


def test_help_imports_no_verb_but_its_own() -> None:
    verbs = {name for name in imported("--help") if name.startswith("pbtool.verbs.")}
    assert verbs == set()
    verbs = {name for name in imported("list", "--help") if name.startswith("pbtool.verbs.")}
    assert verbs == {"pbtool.verbs.list"}


@pytest.mark.parametrize("form", ["text", "names", "csv"])
def test_listing_a_small_graph_imports_little(small_graph: str, form: str) -> None:
    absent(imported("list", small_graph, "--format", form), NEVER)


def test_listing_imports_the_rules_of_its_ops_alone(small_graph: str) -> None:
    rules = {
        name for name in imported("list", small_graph) if name.startswith("pbtool.infer.rules.")
    }
    assert rules == {"pbtool.infer.rules.array"}


def test_pruning_imports_little(small_graph: str) -> None:
    absent(imported("prune", small_graph, "--outputs", "a", "--dry-run"), NEVER)


def test_showing_a_node_without_tensors_imports_little(small_graph: str) -> None:
    absent(imported("show", small_graph, "a"), NEVER)


def test_counting_what_changed_imports_little(small_graph: str, tmp_path: Path) -> None:
    other = tmp_path / "other.pb"
    other.write_bytes(Path(small_graph).read_bytes().replace(b"Placeholder", b"Placeholdez"))
    unwanted = {"numpy", "tensorflow", "pbtool.infer", "pbtool.view"}
    absent(imported("diff", small_graph, str(other), "--stat", status="1"), unwanted)
