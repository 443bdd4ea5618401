"""The verb ``info`` where golden files do not tell: many files, damaged ones, and its speed."""

from __future__ import annotations

import io
import itertools
import json
import sys
from pathlib import Path

import pytest

from pbtool import cli, schema
from pbtool.console import Console
from pbtool.render.info import page
from pbtool.render.info_brief import line
from pbtool.render.info_json import document
from pbtool.verbs import info as verb
from tests.corpus import FOLDER, needs_corpus

EXAMPLES = Path(__file__).parent.parent / "examples"
KEYS = [
    *("file", "kind", "encoding", "bytes", "nodes", "function_nodes", "functions", "ops"),
    *("inputs", "outputs", "variables", "constants", "unknown_ops", "dropped_ops"),
    *("control_flow", "devices", "dangling_inputs", "versions", "meta_graphs", "checkpoint"),
    *("op_declarations", "warnings"),
]


def info(*words: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    status = cli.main(["info", *words], stdin=io.StringIO(), stdout=out, stderr=err)
    return status, out.getvalue(), err.getvalue()


def models() -> list[Path]:
    if not FOLDER.is_dir():
        return []
    rows = [line.split("\t") for line in (FOLDER / "MANIFEST.tsv").read_text().splitlines()[1:]]
    graphs = (
        "GraphDef",
        "SavedModel",
        "MetaGraphDef",
        "TensorBundle-index",
        "Checkpoint-V1",
        "OpL",
    )
    return [FOLDER / name for name, kind, *_ in rows if kind.startswith(graphs)]


@needs_corpus
@pytest.mark.parametrize("path", models(), ids=lambda path: path.name)
def test_a_model_of_the_corpus_has_a_page_a_line_and_a_document(path: Path) -> None:
    if "unparsable" in path.name:
        assert info(str(path))[0] == 2
        return
    console = Console(None, None, None)
    name, summary, interface = verb.tell(str(path), None, console)
    lines = list(page(name, summary, interface, console.style, None, full=False))
    lines.append(line(name, summary, interface, console.style, 0))
    assert all(text.isprintable() for text in lines)
    assert 4 < len(lines) < 70
    found = json.loads(json.dumps(document(name, summary, interface)))
    assert list(found) == KEYS
    assert bool(found["outputs"]) == bool(found["nodes"])


def test_the_keys_are_the_same_for_every_kind() -> None:
    paths = [str(EXAMPLES / name) for name in ("frozen.pb", "model.ckpt", "model.ckpt.meta")]
    _, out, _ = info(*paths, "--format", "json")
    assert [list(document) for document in json.loads(out)] == [KEYS] * 3


def test_one_model_is_an_object() -> None:
    _, out, _ = info(str(EXAMPLES / "frozen.pb"), "--format", "json")
    assert json.loads(out)["outputs"][0]["name"] == "sum_operation:0"


def test_a_file_that_cannot_be_read_does_not_hide_the_others(tmp_path: Path) -> None:
    bad = tmp_path / "bad.pb"
    bad.write_bytes(b"")
    good = str(EXAMPLES / "frozen.pb")
    status, out, err = info(good, str(bad), good, "--brief")
    assert status == 2
    assert [line.split()[0] for line in out.splitlines()] == [good, good]
    assert err.count("\n") == 1
    assert str(bad) in err


def test_a_file_cut_between_two_nodes_is_told(tmp_path: Path) -> None:
    graph = schema.GraphDef.FromString((EXAMPLES / "frozen.pb").read_bytes())
    del graph.node[2:4]
    graph.ClearField("versions")
    cut = tmp_path / "cut.pb"
    cut.write_bytes(graph.SerializeToString())
    _, out, _ = info(str(cut))
    assert "name no node" in out
    assert "versions      none" in out


@pytest.mark.parametrize("loops", [False, True])
def test_the_work_is_linear_in_the_nodes(tmp_path: Path, *, loops: bool) -> None:
    def calls(count: int) -> int:
        """How many functions are called: the same on every machine."""
        graph = schema.GraphDef()
        graph.node.add(name="x", op="Placeholder")
        for number in range(count):
            node = graph.node.add(name=f"n{number}", op="AddV2")
            node.input.append(f"n{number - 1}" if number else "x")
            node.input.append(f"n{number + 1}" if loops and number % 2 else "x")
            graph.node.add(name=f"end{number}", op="Neg", input=[node.name])
        path = tmp_path / "graph.pb"
        path.write_bytes(graph.SerializeToString())
        counted = itertools.count()
        sys.setprofile(lambda _frame, event, _argument: next(counted) if "call" in event else 0)
        try:
            assert info(str(path), "--brief")[0] == 0
        finally:
            sys.setprofile(None)
        return next(counted)

    calls(10)  # what is loaded once
    assert calls(2_000) < 11 * calls(200)
