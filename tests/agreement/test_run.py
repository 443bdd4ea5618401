"""``run`` on graphs that TensorFlow executes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("tensorflow")

from pbtool import cli, files
from pbtool.backend import preparing
from pbtool.execution.big_constants import constants_apart
from pbtool.graph import Graph
from pbtool.tensors import to_proto
from tests.agreement.modules import Dense, saved
from tests.graphs import nodes
from tests.test_corpus import run

EXAMPLES = Path(cli.__file__).parents[1] / "examples"

pytestmark = pytest.mark.filterwarnings("ignore")  # TensorFlow's own

LINES = """
    x = Placeholder() dtype=1
    n = Neg(x) T=1
    m = Square(n) T=1
    y = Exp(m) T=1
"""


@pytest.fixture
def model(tmp_path: Path) -> str:
    (tmp_path / "m.pb").write_bytes(nodes(LINES).SerializeToString())
    return str(tmp_path / "m.pb")


# --- tables -------------------------------------------------------------------------------------


def table_graph(path: Path, filler: str) -> str:
    """A model that looks words up in a table; ``filler`` is the op that fills it."""
    graph = nodes(
        f"""
        w = Placeholder() dtype=7
        t = HashTableV2() key_dtype=7 value_dtype=9
        k = Const() dtype=7
        v = Const() dtype=9
        d = Const() dtype=9
        f = {filler}
        y = LookupTableFindV2(t, w, d) Tin=7 Tout=9
        """
    )
    for name, values in (("k", [b"a", b"pbtool"]), ("v", [7, 9]), ("d", -1)):
        (node,) = (each for each in graph.node if each.name == name)
        array = np.array(values, object if name == "k" else np.int64)
        tensor = to_proto(array, node.attr["dtype"].type)
        node.attr["value"].tensor.CopyFrom(tensor)
    path.write_bytes(graph.SerializeToString())
    return str(path)


def test_a_graph_with_tables_fills_them_first(tmp_path: Path) -> None:
    model = table_graph(tmp_path / "a.pb", "InitializeTableV2(t, k, v) Tkey=7 Tval=9")
    status, output, _ = run("run", model, "--feed", 'w=["pbtool", "a", "b"]', "--fetch", "y")
    assert status == 0
    assert output.endswith("[ 9  7 -1]\n")
    result = str(tmp_path / "frozen.pb")
    status, output, _ = run("freeze", model, "--outputs", "y", "-o", result)
    assert status == 0
    assert "run initialize_tables before their first use" in output
    assert "1 output equal to the source's" in output
    assert run("compare", model, result, "--fetch", "y", "--shape", "w=5")[0] == 0


def test_a_table_is_filled_from_a_file_when_that_is_asked_for(tmp_path: Path) -> None:
    filler = "InitializeTableFromTextFileV2(t, p) key_index=-2 value_index=-1"
    model = table_graph(tmp_path / "a.pb", filler)
    graph = files.load(model).message
    (tmp_path / "words.txt").write_text("a\npbtool\n")
    path = np.array(str(tmp_path / "words.txt").encode(), object)
    graph.node.add(name="p", op="Const").attr["dtype"].type = 7
    graph.node[-1].attr["value"].tensor.CopyFrom(to_proto(path, 7))
    (tmp_path / "a.pb").write_bytes(graph.SerializeToString())
    words = ["run", model, "--feed", "w=pbtool", "--fetch", "y"]
    status, _, errors = run(*words)
    assert status == 2
    assert "Table not initialized" in errors
    assert "--initializers" in errors
    assert run(*words, "--initializers", "f")[1] == "y:0  int64[]\n1\n"


# --- big graphs ---------------------------------------------------------------------------------


def test_big_constants_are_set_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = np.random.default_rng(0)
    constants = {
        "a": rng.normal(size=(256, 128)).astype(np.float32),
        "b": rng.integers(0, 100, (1 << 14,)).astype(np.int32),
        "h": rng.normal(size=1 << 16).astype(np.float16),
    }
    graph = nodes(
        """
        x = Placeholder() dtype=1
        a = Const() dtype=1
        b = Const() dtype=3
        h = Const() dtype=19
        m = MatMul(x, a) T=1
        s = Neg(b) T=3
        t = Neg(h) T=19
        """
    )
    for node in graph.node:
        if node.name in constants:
            tensor = to_proto(constants[node.name], node.attr["dtype"].type)
            node.attr["value"].tensor.CopyFrom(tensor)
    model = tmp_path / "a.pb"
    model.write_bytes(graph.SerializeToString())
    taken_apart = []

    def apart(graph: Graph) -> tuple[Graph, Mapping[str, str]]:
        small, names = constants_apart(graph, 0)
        taken_apart.append(set(names.values()))
        return small, names

    words = ["run", str(model), "--feed", "x=random", "--shape", "x=2,256", "--fetch", "m,s,t,a"]
    expected = run(*words, "--values")
    monkeypatch.setattr(preparing, "constants_apart", apart)
    assert run(*words, "--values") == expected
    assert run("compare", str(model), str(model), "--fetch", "m,s,t", "--shape", "x=2,256")[0] == 0
    assert taken_apart == [{"a", "b", "h"}] * 3
    assert capsys.readouterr().err == ""


# --- run ----------------------------------------------------------------------------------------


def test_arrays_in_and_out(tmp_path: Path, model: str) -> None:
    np.save(tmp_path / "x.npy", np.array([1.0, -2.0]))  # float64, which TensorFlow would refuse
    words = ["run", model, "--feed", f"x=@{tmp_path / 'x.npy'}", "--fetch", "m,y"]
    assert run(*words, "-o", str(tmp_path / "o.npz"))[0] == 0
    with np.load(tmp_path / "o.npz") as arrays:
        assert arrays["m:0"].tolist() == [1, 4]
        assert arrays["y:0"].dtype == np.float32
    assert run(*words, "-o", str(tmp_path / "folder"))[0] == 0
    assert np.load(tmp_path / "folder" / "m_0.npy").tolist() == [1, 4]
    document = json.loads(run(*words, "--format", "json")[1])
    assert document["outputs"][0]["values"] == [1, 4]


def test_inner_tensors_are_fed_and_then_need_nothing(model: str) -> None:
    status, output, _ = run("run", model, "--feed", "m=[0, 1]", "--fetch", "y")
    assert status == 0
    assert output.startswith("y:0  float32[2]\n")


def test_latency_and_trace(tmp_path: Path, model: str) -> None:
    trace = tmp_path / "trace.json"
    words = ["run", model, "--feed", "x=[1]", "--repeat", "3", "--trace", str(trace)]
    status, output, _ = run(*words)
    assert status == 0
    assert "3 runs: " in output
    names = {
        each.get("args", {}).get("name") for each in json.loads(trace.read_text())["traceEvents"]
    }
    assert "y" in names
    assert len(json.loads(run(*words, "--format", "json")[1])["latency"]["milliseconds"]) == 5


def test_outputs_are_fetched_by_their_names_in_the_signature(tmp_path: Path) -> None:
    folder = str(saved(Dense(), tmp_path / "m"))
    status, output, _ = run("run", folder, "--feed", "x=[[1, 2, 3]]", "--fetch", "y")
    assert (status, output.splitlines()[0]) == (0, "y  float32[1,2]")
    assert "sum" not in output


def test_the_same_seed_makes_the_same_values(model: str) -> None:
    words = ["run", model, "--feed", "x=random", "--shape", "x=2,2"]
    assert run(*words) == run(*words)
    assert run(*words) != run(*words, "--seed", "1")


def test_a_control_edge_from_an_input_asks_for_nothing_more(tmp_path: Path) -> None:
    lines = "x = Placeholder() dtype=1\n c = Const(^x) dtype=1\n y = AddV2(x, c) T=1"
    graph = nodes(lines)
    graph.node[1].attr["value"].tensor.CopyFrom(to_proto(np.float32(2), 1))
    (tmp_path / "g.pb").write_bytes(graph.SerializeToString())
    words = ["run", str(tmp_path / "g.pb"), "--feed", "x=1", "--fetch", "y"]
    assert run(*words) == (0, "y:0  float32[]\n3.\n", "")


def test_unfed_inputs_are_asked_for(model: str) -> None:
    status, _, errors = run("run", model)
    assert status == 2
    assert "these inputs are not fed: x:0 float32[...]; add --feed x=VALUE" in errors


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ("f = Const() dtype=7\n r = ReadFile(f)", "r (ReadFile reads a file)"),
        ("f = Const() dtype=7\n r = WriteFile(f, f)", "r (WriteFile writes a file)"),
        ("p = PyFunc() Tout=1", "p (PyFunc runs a Python function)"),
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


def test_tensorflows_refusal_is_one_sentence(model: str) -> None:
    status, _, errors = run("run", model, "--feed", "n=[1]", "--feed", "x=[[1, 2]]", "--fetch", "y")
    assert (status, errors) == (0, "")
    status, _, errors = run("run", model, "--feed", "x=abc")
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


@pytest.fixture
def talker(tmp_path: Path) -> str:
    """A model that writes to the standard error of the process when it is executed."""
    graph = nodes("x = Const() dtype=7\n p = PrintV2(x)\n y = Identity(x, ^p) T=7")
    value = graph.node[0].attr["value"].tensor
    value.dtype = 7
    value.tensor_shape.SetInParent()
    value.string_val.append(b"HELLO")
    (tmp_path / "talker.pb").write_bytes(graph.SerializeToString())
    return str(tmp_path / "talker.pb")


@pytest.mark.parametrize("verb", ["freeze", "run", "compare"])
def test_what_tensorflow_writes_is_for_verbose(
    verb: str, talker: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    words = {
        "freeze": ["freeze", talker, "--outputs", "y", "-o", str(tmp_path / "frozen.pb")],
        "run": ["run", talker, "--fetch", "y"],
        "compare": ["compare", talker, talker, "--fetch", "y"],
    }[verb]
    assert run(*words)[0] == 0
    assert "HELLO" not in capfd.readouterr().err
    status, _, errors = run(*words, "--verbose")
    assert (status, errors) == (0, "")
    assert "HELLO" in capfd.readouterr().err
    assert run(*words)[0] == 0
    assert "HELLO" not in capfd.readouterr().err


@pytest.mark.parametrize("level", ["0", "3"])
def test_logs_stay_out(level: str) -> None:
    words = ["run", str(EXAMPLES / "frozen.pb"), "--feed", "var1=1"]
    command = [sys.executable, "-m", "pbtool", *words, *(["--verbose"] if level == "3" else [])]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        cwd=EXAMPLES.parent,
        env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": level},
        check=True,
    )
    assert done.stdout == "sum_operation:0  int32[]\n1051\n"
    assert bool(done.stderr) == (level == "3")


def test_a_closed_standard_error_is_no_trouble() -> None:
    words = ["-m", "pbtool", "run", "examples/frozen.pb", "--feed", "var1=1"]
    done = subprocess.run(
        ["sh", "-c", 'exec "$@" 2>&-', "sh", sys.executable, *words],
        capture_output=True,
        text=True,
        cwd=EXAMPLES.parent,
        check=True,
    )
    assert done.stdout == "sum_operation:0  int32[]\n1051\n"


@pytest.mark.parametrize(
    "fed", [{"var1": 1}, {"var1": 1, "var2:0": 7}, {"var3/read:0": 5, "var1": 2}]
)
def test_any_tensor_is_fed_as_tensorflow_does(fed: dict[str, int]) -> None:
    import tensorflow as tf

    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        proto = tf.compat.v1.GraphDef.FromString((EXAMPLES / "frozen.pb").read_bytes())
        tf.import_graph_def(proto, name="")
        feeds = {name if ":" in name else f"{name}:0": value for name, value in fed.items()}
        expected = session.run("sum_operation:0", feeds)
    words = [word for name, value in fed.items() for word in ("--feed", f"{name}={value}")]
    status, output, _ = run("run", str(EXAMPLES / "frozen.pb"), *words, "--fetch", "sum_operation")
    assert (status, output) == (0, f"sum_operation:0  int32[]\n{expected}\n")
