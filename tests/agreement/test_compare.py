"""``compare`` and ``run`` on graphs that TensorFlow executes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("tensorflow")

from pbtool import cli
from tests.graphs import nodes
from tests.test_corpus import run

EXAMPLES = Path(cli.__file__).parents[1] / "examples"

pytestmark = pytest.mark.filterwarnings("ignore")  # TensorFlow's own

LINES = """
    x = Placeholder() dtype=1
    n = Neg(x) T=1
    {middle}
    y = Exp(m) T=1
"""


def graph_file(path: Path, middle: str) -> str:
    path.write_bytes(nodes(LINES.format(middle=middle)).SerializeToString())
    return str(path)


@pytest.fixture
def pair(tmp_path: Path) -> tuple[str, str]:
    return (
        graph_file(tmp_path / "a.pb", "m = Square(n) T=1"),
        graph_file(tmp_path / "b.pb", "m = Abs(n) T=1"),
    )


# --- compare ------------------------------------------------------------------------------------


def test_equal_models(pair: tuple[str, str]) -> None:
    status, output, _ = run("compare", pair[0], pair[0], "--shape", "x=3,4", "--runs", "2")
    assert status == 0
    assert "equal" in output


def test_different_models(pair: tuple[str, str]) -> None:
    status, output, errors = run("compare", *pair, "--shape", "x=3", "--format", "json")
    assert (status, errors) == (1, "")
    (tensor,) = json.loads(output)["tensors"]
    assert tensor["name"] == "y"
    assert 0 < tensor["max_abs"] < np.e
    assert tensor["max_ulp"] > 1000
    assert run("compare", *pair, "--shape", "x=3", "--atol", "3")[0] == 0
    assert run("compare", *pair, "--feed", "x=1")[0] == 0  # 1 squared is 1
    assert run("compare", *pair, "--feed", "x=2", "--atol", "1")[0] == 1


def test_the_first_tensor_that_deviates(pair: tuple[str, str]) -> None:
    status, output, _ = run("compare", *pair, "--shape", "x=3", "--all")
    assert status == 1
    assert "the first that deviates is m:0" in output
    assert "1 of 3 common tensors equal" in output


def test_outputs_of_one_model_only(tmp_path: Path, pair: tuple[str, str]) -> None:
    other = nodes(LINES.format(middle="m = Square(n) T=1") + "z = Log(m) T=1")
    (tmp_path / "c.pb").write_bytes(other.SerializeToString())
    status, output, _ = run("compare", pair[0], str(tmp_path / "c.pb"), "--shape", "x=3")
    assert status == 1
    assert "only the second model has z:0" in output


def test_what_does_not_fit_is_one_sentence(tmp_path: Path, pair: tuple[str, str]) -> None:
    other = nodes("w = Placeholder() dtype=3\n y = Neg(w) T=3")
    (tmp_path / "c.pb").write_bytes(other.SerializeToString())
    status, _, errors = run("compare", pair[0], str(tmp_path / "c.pb"))
    assert status == 2
    assert "an input is in one of the models only: x:0" in errors


# --- run ----------------------------------------------------------------------------------------


def test_arrays_in_and_out(tmp_path: Path, pair: tuple[str, str]) -> None:
    np.save(tmp_path / "x.npy", np.array([1.0, -2.0]))  # float64, which TensorFlow would refuse
    words = ["run", pair[0], "--feed", f"x=@{tmp_path / 'x.npy'}", "--fetch", "m,y"]
    assert run(*words, "-o", str(tmp_path / "o.npz"))[0] == 0
    with np.load(tmp_path / "o.npz") as arrays:
        assert arrays["m:0"].tolist() == [1, 4]
        assert arrays["y:0"].dtype == np.float32
    assert run(*words, "-o", str(tmp_path / "folder"))[0] == 0
    assert np.load(tmp_path / "folder" / "m_0.npy").tolist() == [1, 4]
    document = json.loads(run(*words, "--format", "json")[1])
    assert document["outputs"][0]["values"] == [1, 4]


def test_inner_tensors_are_fed_and_then_need_nothing(pair: tuple[str, str]) -> None:
    status, output, _ = run("run", pair[0], "--feed", "m=[0, 1]", "--fetch", "y")
    assert status == 0
    assert output.startswith("y:0  float32[2]\n")


def test_latency_and_trace(tmp_path: Path, pair: tuple[str, str]) -> None:
    trace = tmp_path / "trace.json"
    words = ["run", pair[0], "--feed", "x=[1]", "--repeat", "3", "--trace", str(trace)]
    status, output, _ = run(*words)
    assert status == 0
    assert "3 runs: " in output
    names = {
        each.get("args", {}).get("name") for each in json.loads(trace.read_text())["traceEvents"]
    }
    assert "y" in names
    assert len(json.loads(run(*words, "--format", "json")[1])["latency"]["milliseconds"]) == 5


def test_the_same_seed_makes_the_same_values(pair: tuple[str, str]) -> None:
    words = ["run", pair[0], "--feed", "x=random", "--shape", "x=2,2"]
    assert run(*words) == run(*words)
    assert run(*words) != run(*words, "--seed", "1")


def test_unfed_inputs_are_asked_for(pair: tuple[str, str]) -> None:
    status, _, errors = run("run", pair[0])
    assert status == 2
    assert "these inputs are not fed: x:0 float32[...]; add --feed x=VALUE" in errors


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ("f = Const() dtype=7\n r = ReadFile(f)", "r (ReadFile reads files)"),
        ("f = Const() dtype=7\n r = WriteFile(f, f)", "r (WriteFile writes files)"),
        ("p = PyFunc() Tout=1", "p (PyFunc runs Python of the process)"),
    ],
)
def test_what_reaches_outside_is_refused(lines: str, sentence: str, tmp_path: Path) -> None:
    graph = nodes(lines)
    path = tmp_path / "g.pb"
    path.write_bytes(graph.SerializeToString())
    status, _, errors = run("run", str(path), "--fetch", graph.node[-1].name)
    assert status == 2
    assert sentence in errors
    assert "--allow-unsafe" in errors


def test_a_file_is_read_when_that_is_allowed(tmp_path: Path) -> None:
    graph = nodes("f = Const() dtype=7\n r = ReadFile(f)")
    (tmp_path / "secret").write_text("hello")
    value = graph.node[0].attr["value"].tensor
    value.dtype = 7
    value.tensor_shape.SetInParent()
    value.string_val.append(str(tmp_path / "secret").encode())
    (tmp_path / "g.pb").write_bytes(graph.SerializeToString())
    words = ["run", str(tmp_path / "g.pb"), "--fetch", "r"]
    assert run(*words)[0] == 2
    assert "hello" in run(*words, "--allow-unsafe")[1]


def test_tensorflows_refusal_is_one_sentence(pair: tuple[str, str]) -> None:
    status, _, errors = run(
        "run", pair[0], "--feed", "n=[1]", "--feed", "x=[[1, 2]]", "--fetch", "y"
    )
    assert (status, errors) == (0, "")
    status, _, errors = run("run", pair[0], "--feed", "x=abc")
    assert status == 2
    assert len(errors.splitlines()) == 1


def test_variables_without_values_are_explained() -> None:
    words = ["run", str(EXAMPLES / "unfrozen.pb"), "--feed", "var1=1"]
    status, _, errors = run(*words)
    assert status == 2
    assert "uninitialized value" in errors
    assert "--checkpoint" in errors
    assert "1051" in run(*words, "--checkpoint", str(EXAMPLES / "model.ckpt"))[1]
    assert "1051" in run(*words, "--initializers", "var2/Assign,var3/Assign")[1]


def test_logs_stay_out() -> None:
    words = ["run", str(EXAMPLES / "frozen.pb"), "--feed", "var1=1"]
    done = subprocess.run(
        [sys.executable, "-m", "pbtool", *words],
        capture_output=True,
        text=True,
        cwd=EXAMPLES.parent,
        check=True,
    )
    assert (done.stdout, done.stderr) == ("sum_operation:0  int32[]\n1051\n", "")
