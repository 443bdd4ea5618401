"""The verb: what it writes where, and what is left when it is interrupted."""

from __future__ import annotations

import gzip
import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from google.protobuf import text_format

import pbtool
from pbtool import cli, schema
from tests.corpus import FOLDER, needs_corpus
from tests.graphs import graph_def
from tests.test_corpus import manifest

EXAMPLES = Path(__file__).parent.parent / "examples"


def run(*words: str, given: bytes = b"") -> tuple[int, bytes, str]:
    out, errors = io.BytesIO(), io.StringIO()
    streams = {
        "stdin": io.TextIOWrapper(io.BytesIO(given)),
        "stdout": io.TextIOWrapper(out, encoding="utf-8"),
        "stderr": errors,
    }
    status = cli.main(words, **streams)
    streams["stdout"].flush()
    return status, out.getvalue(), errors.getvalue()


FROZEN = str(EXAMPLES / "frozen.pb")


def test_all_of_a_graph_is_its_file() -> None:
    status, out, errors = run("prune", FROZEN, "--outputs", "*")
    assert (status, out) == (0, Path(FROZEN).read_bytes())
    assert "kept      all 7 nodes" in errors


def test_every_dress_of_a_graph_is_read(tmp_path: Path) -> None:
    data = Path(FROZEN).read_bytes()
    proto = schema.GraphDef.FromString(data)
    meta = schema.MetaGraphDef(graph_def=proto)
    meta.meta_info_def.tags.append("serve")
    info = meta.signature_def["serving_default"].outputs["sum"]
    info.name, info.dtype = "sum_operation:0", 3
    saved = schema.SavedModel(saved_model_schema_version=1, meta_graphs=[meta])
    expected = run("prune", FROZEN, "--outputs", "sum_operation")[1]
    assert len(expected) > 100
    for given in (
        data,
        gzip.compress(data),
        text_format.MessageToString(proto).encode(),
        meta.SerializeToString(),
        saved.SerializeToString(),
    ):
        status, out, _ = run("prune", "-", "--outputs", "sum_operation", given=given)
        assert status == 0
        pruned = schema.GraphDef.FromString(out)
        assert pruned == schema.GraphDef.FromString(expected)
    status, out, _ = run(
        "prune", "-", "--signature", "serving_default", given=saved.SerializeToString()
    )
    assert status == 0
    assert schema.GraphDef.FromString(out) == schema.GraphDef.FromString(expected)
    status, _, errors = run("prune", "-", given=saved.SerializeToString())
    assert status == 2
    assert "try --signature serving_default" in errors
    status, _, errors = run("prune", "-", "--signature", "x", given=saved.SerializeToString())
    assert "there is no signature 'x'; there are: serving_default" in errors


@pytest.mark.parametrize(
    ("name", "options", "is_text"),
    [
        ("out.pb", [], False),
        ("out.pbtxt", [], True),
        ("out.pb", ["--format", "text"], True),
        ("out.txt", ["--format", "binary"], False),
    ],
)
def test_the_ending_or_the_format_says_what_is_written(
    tmp_path: Path, name: str, options: list[str], is_text: bool
) -> None:
    path = tmp_path / name
    assert run("prune", FROZEN, "--outputs", "*", "-o", str(path), *options)[0] == 0
    assert (path.read_bytes() != Path(FROZEN).read_bytes()) == is_text
    assert pbtool.load(path).graph.proto == pbtool.load(FROZEN).graph.proto


def test_the_report_goes_where_the_graph_does_not(tmp_path: Path) -> None:
    path = str(tmp_path / "out.pb")
    status, out, errors = run("prune", FROZEN, "--outputs", "var2", "-o", path)
    assert (status, out) == (0, b"")
    assert "kept      1 of 7 nodes" in errors
    status, out, errors = run("prune", FROZEN, "--outputs", "var2", "--dry-run", "-o", "/no/where")
    assert (status, errors) == (0, "")
    assert b"kept      1 of 7 nodes" in out
    words = ("prune", FROZEN, "--outputs", "var2", "--format", "json", "-o", path)
    status, out, errors = run(*words)
    assert (status, errors, json.loads(out)["written"]) == (0, "", path)


@pytest.mark.parametrize("words", [("--keep", "var2"), ("--bypass",)])
def test_an_option_that_would_be_overlooked_is_refused(words: tuple[str, ...]) -> None:
    status, _, errors = run("prune", FROZEN, "--outputs", "var2", "--dry-run", *words)
    assert status == 2
    assert f"{words[0]} means nothing alone; add --remove" in errors


def test_an_error_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "out.pb"
    path.write_bytes(b"old")
    assert run("prune", FROZEN, "--outputs", "nothing", "-o", str(path))[0] == 2
    assert path.read_bytes() == b"old"
    assert run("prune", FROZEN, "--outputs", "var2", "--dry-run", "-o", str(path))[0] == 0
    assert path.read_bytes() == b"old"


def test_a_model_may_be_pruned_in_place(tmp_path: Path) -> None:
    path = tmp_path / "model.pb"
    path.write_bytes(Path(FROZEN).read_bytes())
    assert run("prune", str(path), "--outputs", "var2", "-o", str(path))[0] == 0
    assert len(pbtool.load(path).graph) == 1


def test_unknown_fields_do_not_become_text(tmp_path: Path) -> None:
    data = graph_def('node { name: "a" op: "NoOp" }').SerializeToString() + b"\xfa\x3e\x03odd"
    status, out, errors = run("prune", "-", "--outputs", "a", given=data)
    assert (status, out) == (0, data)
    status, _, errors = run("prune", "-", "--outputs", "a", "--format", "text", given=data)
    assert "text cannot hold fields that TensorFlow's schema lacks" in errors


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs signals")
def test_whenever_it_is_killed_the_file_is_old_or_new(tmp_path: Path) -> None:
    graph = graph_def('node { name: "a" op: "NoOp" }')
    for number in range(20):
        node = graph.node.add(name=f"w{number}", op="Const")
        node.attr["value"].tensor.tensor_content = os.urandom(4 << 20)
    (tmp_path / "big.pb").write_bytes(graph.SerializeToString())
    del graph.node[0]
    new = graph.SerializeToString()
    target = tmp_path / "target.pb"
    words = [sys.executable, "-m", "pbtool", "prune", str(tmp_path / "big.pb")]
    words += ["--outputs", "w*", "-o", str(target)]
    environment = {**os.environ, "PYTHONPATH": str(EXAMPLES.parent)}
    caught = 0
    for delay in (0, 0.001, 0.005, 0.02, 0.05):
        target.write_bytes(b"old")
        process = subprocess.Popen(words, stderr=subprocess.DEVNULL, env=environment)
        while process.poll() is None and not list(tmp_path.glob(".pbtool-*")):
            time.sleep(0.0005)
        time.sleep(delay)
        process.kill()
        process.wait()
        content = target.read_bytes()
        assert content in (b"old", new)
        caught += content == b"old"
        for passing in tmp_path.glob(".pbtool-*"):
            passing.unlink()
    assert caught  # at least once it was killed while it wrote
    subprocess.run(words, check=True, stderr=subprocess.DEVNULL, env=environment)
    assert target.read_bytes() == new


# --- real files ---------------------------------------------------------------------------------

KINDS = {"GraphDef", "GraphDef-text", "MetaGraphDef", "SavedModel", "SavedModel-text"}
REFUSED = {
    "GraphDef-text-invalid": "line 7, column 7",
    "TensorBundle-index": "holds no graph",
    "OpList-text": "holds no graph",
    "git-lfs-pointer": "git lfs pull",
}


@needs_corpus
@pytest.mark.parametrize(
    "row", [row for row in manifest() if row["kind"] in KINDS], ids=lambda row: row["path"]
)
def test_real_files_are_pruned_to_all_that_they_are(row: dict[str, str]) -> None:
    path = FOLDER / row["path"]
    status, out, _ = run("prune", str(path), "--outputs", "*", "--all-functions")
    assert status == 0
    if row["kind"] == "GraphDef":
        assert out == path.read_bytes()
    assert schema.GraphDef.FromString(out) == pbtool.load(path).graph.proto


@needs_corpus
@pytest.mark.parametrize(
    "row", [row for row in manifest() if row["kind"] in REFUSED], ids=lambda row: row["path"]
)
def test_what_is_no_graph_gets_one_sentence(row: dict[str, str]) -> None:
    status, out, errors = run("prune", str(FOLDER / row["path"]), "--outputs", "x")
    assert (status, out) == (2, b"")
    assert errors.count("error: ") == 1
    assert REFUSED[row["kind"]] in errors.splitlines()[-1]
