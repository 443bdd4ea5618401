"""``freeze`` of files of all kinds: what comes out, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from time import perf_counter

import pytest

pytest.importorskip("tensorflow")

import numpy as np
import tensorflow as tf

from pbtool import cli, files
from pbtool.backend.freezing import freeze
from pbtool.backend.runtime import Runtime
from pbtool.backend.start import ExecutionError, start
from pbtool.backend.verification import verify
from pbtool.errors import UsageError
from pbtool.execution.program import find_program
from pbtool.tensors import to_proto
from pbtool.writing import to_bytes
from tests.agreement.freezes import frozen_model
from tests.graphs import LOOP, nodes
from tests.test_corpus import run as command

pytestmark = pytest.mark.filterwarnings("ignore")  # TensorFlow's own

EXAMPLES = Path(cli.__file__).parents[1] / "examples"


@pytest.mark.parametrize(
    "source",
    [
        [EXAMPLES],
        [EXAMPLES / "model.ckpt"],
        [EXAMPLES / "model.ckpt.meta"],
        [EXAMPLES / "unfrozen.pb", "--checkpoint", EXAMPLES / "model.ckpt"],
    ],
    ids=lambda words: " ".join(Path(word).name for word in words),
)
def test_the_tutorial(source: list[object], tmp_path: Path) -> None:
    result, report = tmp_path / "frozen.pb", tmp_path / "report.json"
    words = [*map(str, source), "-o", str(result), "--report", str(report)]
    status, output, errors = command("freeze", *words)
    assert (status, errors) == (0, "")
    assert "sum_operation:0  int32[]" in output
    told = json.loads(report.read_text())
    assert told["constants"] == ["var2", "var3"]
    assert told["verified"]["differences"]["sum_operation:0"]["equal"]
    run = ["run", str(result), "--feed", "var1=1", "--fetch", "sum_operation"]
    assert command(*run)[1] == "sum_operation:0  int32[]\n1051\n"
    assert command(*run, "--feed", "var2:0=7")[1] == "sum_operation:0  int32[]\n1008\n"


def test_the_report_does_not_take_the_place_of_the_graph(tmp_path: Path) -> None:
    (tmp_path / "frozen.pb").write_bytes(b"old")
    words = [
        "-o",
        str(tmp_path / "frozen.pb"),
        "--report",
        str(tmp_path / "x" / ".." / "frozen.pb"),
    ]
    status, _, errors = command("freeze", str(EXAMPLES), *words)
    assert status == 2
    assert "the report would take the place of the graph; name another file" in errors
    assert (tmp_path / "frozen.pb").read_bytes() == b"old"


def test_a_keras_file(tmp_path: Path) -> None:
    inputs = tf.keras.Input((4,))
    outputs = tf.keras.layers.Dense(3, activation="relu")(inputs)
    model = tf.keras.Model(inputs, tf.keras.layers.BatchNormalization()(outputs))
    path, result = tmp_path / "m.keras", tmp_path / "frozen.pb"
    model.save(path)
    status, output, errors = command("freeze", str(path), "-o", str(result))
    assert (status, errors) == (0, "")
    assert "equal to the source's" in output
    graph = files.load(result).graph
    assert not graph.functions
    fed = np.random.default_rng(0).normal(size=(2, 4)).astype(np.float32)
    program = find_program(files.load(result))
    with Runtime(result.read_bytes()) as runtime:
        (value,) = runtime.run([program.outputs[0].tensor], {program.inputs[0].tensor: fed})
    assert np.allclose(value.array, model(fed).numpy())


@pytest.mark.parametrize(
    ("damaged", "sentence"),
    [
        (b"\x89HDF\r\n\x1a\n" + b"garbage" * 100, "TensorFlow cannot load this Keras model: "),
        (b"?" * 46 + b"PK\5\6\0\0\0\0\1\0\1\0\x2e" + bytes(9), "not a TensorFlow model file"),
    ],
    ids=["h5", "keras"],
)
def test_a_damaged_keras_file(damaged: bytes, sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "model.h5"
    path.write_bytes(damaged)
    status, _, errors = command("freeze", str(path), "-o", str(tmp_path / "frozen.pb"))
    assert status == 2
    assert sentence in errors
    assert "bug" not in errors


def test_a_node_without_outputs_is_kept(tmp_path: Path) -> None:
    graph = nodes("x = Placeholder() dtype=1\n y = Neg(x) T=1\n z = NoOp(^y)")
    (tmp_path / "g.pb").write_bytes(graph.SerializeToString())
    words = ["--outputs", "z,y", "-o", str(tmp_path / "frozen.pb")]
    status, output, _ = command("freeze", str(tmp_path / "g.pb"), *words)
    assert status == 0
    assert "^z" in output
    assert "of the signature" not in output


def test_what_expects_references_is_repaired(tmp_path: Path) -> None:
    graph = nodes(
        """
        x = Placeholder() dtype=1
        p = Placeholder() dtype=10
        v = Const() dtype=1
        s = RefSwitch(v, p) T=1
        a = AssignSub(v, x) T=1
        b = Assign(v, x) T=1
        m = Merge(s, s:1) T=1 N=2
        y = AddN(m, a, b) T=1 N=3
        """
    )
    graph.node[2].attr["value"].tensor.dtype = 1
    graph.node[2].attr["value"].tensor.tensor_shape.SetInParent()
    graph.node[2].attr["value"].tensor.float_val.append(3)
    path = tmp_path / "broken.pb"
    path.write_bytes(graph.SerializeToString())
    start()
    with pytest.raises(ExecutionError, match="float_ref"):
        Runtime(path.read_bytes())
    result = freeze(find_program(files.load(path), outputs=["y"]))
    assert set(result.repaired) == {"s", "a", "b"}
    with Runtime(to_bytes(result.graph)) as runtime:
        (value,) = runtime.run(["y:0"], {"x:0": 1.0, "p:0": True})
    assert value.array == 3 + (3 - 1) + 1


def test_python_is_refused(tmp_path: Path) -> None:
    graph = nodes("x = Placeholder() dtype=1\n y = PyFunc(x)")
    (tmp_path / "python.pb").write_bytes(graph.SerializeToString())
    with pytest.raises(UsageError, match="y is a PyFunc, which calls Python"):
        frozen_model(tmp_path / "python.pb", outputs=["y"])


def test_what_reaches_outside_is_executed_when_that_is_allowed(tmp_path: Path) -> None:
    graph = nodes(
        """
        x = Placeholder() dtype=7
        f = Const() dtype=7
        w = WriteFile(f, x)
        y = Identity(x, ^w) T=7
        """
    )
    written = tmp_path / "written"
    value = np.array(str(written).encode(), object)
    graph.node[1].attr["value"].tensor.CopyFrom(to_proto(value, 7))
    path = tmp_path / "writer.pb"
    path.write_bytes(graph.SerializeToString())
    words = ["freeze", str(path), "--outputs", "y", "-o", str(tmp_path / "frozen.pb")]
    status, output, _ = command(*words)
    assert status == 0
    assert "no: this model reaches outside of its graph: w (WriteFile writes a file)" in output
    status, _, errors = command(*words, "--initializers", "w")
    assert status == 2
    assert "w (WriteFile writes a file); if you trust it, add --allow-unsafe" in errors
    assert not written.exists()
    status, output, _ = command(*words, "--allow-unsafe")
    assert "1 output equal to the source's" in output
    assert written.exists()


def test_verification_is_given_up_in_time(tmp_path: Path) -> None:
    graph = nodes(
        LOOP.replace("test = Less(merge, merge) T=3", "test = LessEqual(merge, merge) T=3")
    )
    graph.node[1].attr["frame_name"].s = b"forever"
    graph.node[0].attr["value"].tensor.CopyFrom(to_proto(np.int32(0), 3))
    (tmp_path / "loop.pb").write_bytes(graph.SerializeToString())
    program = find_program(files.load(tmp_path / "loop.pb"), outputs=["exit"])
    before = perf_counter()
    verified = verify(program, freeze(program), 1)
    assert verified.problem == "it takes more than 1 seconds"
    assert perf_counter() - before < 2.5
