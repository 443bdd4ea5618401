"""What is frozen computes what its source does: TensorFlow executes both."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("tensorflow")

import numpy as np
import tensorflow as tf

from pbtool import cli, files
from pbtool.backend import freezing, unfreezable
from pbtool.backend.freezing import Frozen, freeze
from pbtool.backend.runtime import Runtime
from pbtool.backend.start import ExecutionError, start
from pbtool.backend.unfreezable import refuse
from pbtool.backend.verification import Verified, verify
from pbtool.errors import NotFoundError, PbtoolError, UsageError
from pbtool.execution.program import Program, find_program
from pbtool.execution.values import RANDOM, make, sizes
from pbtool.writing import to_bytes
from tests.graphs import nodes
from tests.test_corpus import run as command

pytestmark = pytest.mark.filterwarnings("ignore")  # TensorFlow's own

v1 = tf.compat.v1
EXAMPLES = Path(cli.__file__).parents[1] / "examples"


def frozen(path: Path, **choice: object) -> tuple[Program, Frozen, Verified]:
    program = find_program(files.load(path), **choice)
    refuse(program)
    result = freeze(program)
    return program, result, verify(program, result, 60)


def ops(result: Frozen) -> set[str]:
    return {node.op for body in result.graph.bodies for node in body}


# --- the tutorial -------------------------------------------------------------------------------


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


# --- SavedModels of TensorFlow 2 ----------------------------------------------------------------


class Dense(tf.Module):
    def __init__(self) -> None:
        self.w = tf.Variable(np.arange(6, dtype=np.float32).reshape(3, 2), name="w")
        self.count = tf.Variable(0, name="count")

    @tf.function(input_signature=[tf.TensorSpec([None, 3], tf.float32, name="x")])
    def serve(self, x: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"y": tf.nn.relu(self.inner(x)), "sum": tf.reduce_sum(x)}

    @tf.function
    def inner(self, x: tf.Tensor) -> tf.Tensor:
        return tf.matmul(x, self.w)


class Loop(tf.Module):
    def __init__(self) -> None:
        self.w = tf.Variable([1.5, -2.0], name="w")
        self.table = tf.Variable(np.eye(4, 2, dtype=np.float32), name="table")

    @tf.function(input_signature=[tf.TensorSpec([None], tf.int32, name="n")])
    def serve(self, n: tf.Tensor) -> dict[str, tf.Tensor]:
        total = tf.zeros([2])
        for i in tf.range(tf.shape(n)[0]):
            if n[i] > 4:
                total += self.w
            else:
                total += tf.gather(self.table, n[i] % 4)
        return {"total": total}


class Words(tf.Module):
    def __init__(self) -> None:
        keys = tf.constant(["a", "pbtool"])
        source = tf.lookup.KeyValueTensorInitializer(keys, tf.constant([7, 9], tf.int64))
        self.table = tf.lookup.StaticHashTable(source, -1)

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="words")])
    def serve(self, words: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"ids": self.table.lookup(words)}


class Reduced(tf.Module):
    """A function that TensorFlow does not inline is given a variable itself."""

    def __init__(self) -> None:
        self.w = tf.Variable(2.0, name="w")

    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32, name="x")])
    def serve(self, x: tf.Tensor) -> dict[str, tf.Tensor]:
        rows = tf.data.Dataset.from_tensor_slices(x).map(lambda row: row * self.w)
        return {"y": rows.reduce(0.0, lambda one, two: one + two)}


class Mutable(tf.Module):
    def __init__(self) -> None:
        self.table = tf.lookup.experimental.MutableHashTable(tf.string, tf.int64, -1)
        self.table.insert(tf.constant(["a"]), tf.constant([1], tf.int64))

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="words")])
    def serve(self, words: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"ids": self.table.lookup(words)}


class Compiled(Dense):
    @tf.function(jit_compile=True)
    def inner(self, x: tf.Tensor) -> tf.Tensor:
        return tf.matmul(x, self.w)


class Noisy(Dense):
    @tf.function
    def inner(self, x: tf.Tensor) -> tf.Tensor:
        return tf.matmul(x, self.w) + tf.random.normal([2])


def saved(module: tf.Module, folder: Path) -> Path:
    tf.saved_model.save(module, str(folder), signatures=module.serve)
    return folder


@pytest.mark.parametrize("make_module", [Dense, Loop, Words])
def test_a_module_of_functions(make_module: Callable[[], tf.Module], tmp_path: Path) -> None:
    module = make_module()
    _, result, verified = frozen(saved(module, tmp_path / "m"))
    assert verified.problem == ""
    assert not verified.is_different
    assert not result.variables
    assert ops(result).isdisjoint({"VarHandleOp", "ReadVariableOp", "StatefulPartitionedCall"})
    # and as the module itself computes it
    (port,) = result.inputs
    fed = make(RANDOM, port, (5, *sizes(port, unknown=5)[1:]))
    with Runtime(to_bytes(result.graph)) as runtime:
        if result.initializer:
            runtime.run_nodes([result.initializer], {})
        values = runtime.run([port.tensor for port in result.outputs], {port.tensor: fed})
    expected = module.serve(tf.constant(fed.tolist() if fed.dtype == object else fed))
    for output, value in zip(result.outputs, values, strict=True):
        theirs = expected[output.key].numpy()
        np.testing.assert_allclose(value.array, theirs, rtol=1e-6)


def test_functions_that_are_not_inlined_are_frozen_as_they_are(tmp_path: Path) -> None:
    _, result, verified = frozen(saved(Compiled(), tmp_path / "m"))
    assert (result.constants, result.variables) == (("w",), ())
    assert len(result.graph.functions) == 1
    assert not verified.is_different


@pytest.mark.parametrize(
    ("make_module", "sentence"),
    [
        (Reduced, r"\(MapDataset\) takes more than the value of variable 'w', which therefore"),
        (Mutable, r"MutableHashTableV2, whose entries are in the checkpoint alone"),
    ],
)
def test_what_constants_cannot_do_is_said(
    make_module: Callable[[], tf.Module], sentence: str, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match=sentence):
        frozen(saved(make_module(), tmp_path / "m"))


def test_random_numbers_are_no_difference(tmp_path: Path) -> None:
    _, _, verified = frozen(saved(Noisy(), tmp_path / "m"))
    assert verified.problem == "the source itself computes something else each time"


def test_variables_in_functions_that_stay_are_named(tmp_path: Path) -> None:
    graph = nodes("x = Placeholder() dtype=1\n y = StatefulPartitionedCall(x)")
    call = graph.node[1]
    call.attr["f"].func.name = "fun"
    for attr in ("Tin", "Tout"):
        call.attr[attr].list.type.append(1)
    function = graph.library.function.add()
    function.attr["_noinline"].b = True
    function.signature.name = "fun"
    function.signature.is_stateful = True
    function.signature.input_arg.add(name="a", type=1)
    function.signature.output_arg.add(name="b", type=1)
    body = nodes("v = VarHandleOp() dtype=1\n r = ReadVariableOp(v:resource:0) dtype=1")
    body.node[0].attr["shape"].shape.SetInParent()
    body.node.add(name="s", op="AddV2", input=["a", "r:value:0"]).attr["T"].type = 1
    function.node_def.extend(body.node)
    function.ret["b"] = "s:z:0"
    path = tmp_path / "g.pb"
    path.write_bytes(graph.SerializeToString())
    result = freeze(find_program(files.load(path), outputs=["y"]))
    assert result.constants == ()
    assert result.variables == ("fun::v",)


@pytest.mark.parametrize("keep", [[], ["w"]])
def test_a_graph_above_the_limit_is_refused(
    keep: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = find_program(
        files.load(session_model(tmp_path, resource=True) / "model.ckpt.meta"), outputs=["y"]
    )
    size = len(to_bytes(freeze(program, keep=["w"]).graph))
    monkeypatch.setattr(unfreezable, "PROTOBUF_LIMIT", 2 * size)
    wide = np.ones((2, size), np.float32)
    monkeypatch.setattr(freezing, "stated_size", lambda _: wide.nbytes)
    if keep:
        assert freeze(program, keep=keep).variables == ("w",)
        return
    with pytest.raises(UsageError, match=r"no graph of more than 2 GB; .*--keep-variables w"):
        freeze(program)


class Big(tf.Module):
    """Variables whose elements TensorFlow's freezer never sees, of many types."""

    def __init__(self) -> None:
        rng = np.random.default_rng(0)
        made = {
            "float": rng.normal(size=(300, 200)).astype(np.float32),
            "half": rng.normal(size=(300, 200)).astype(np.float16),
            "long": rng.integers(-9, 9, (300, 200)),
            "bool": rng.integers(0, 2, (300, 300)) == 1,
            "complex": (rng.normal(size=(300, 200)) * 1j).astype(np.complex64),
            "bfloat": tf.cast(rng.normal(size=(300, 200)), tf.bfloat16),
        }
        self.all = {name: tf.Variable(value, name=name) for name, value in made.items()}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.int32, name="rows")])
    def serve(self, rows: tf.Tensor) -> dict[str, tf.Tensor]:
        return {name: tf.gather(each, rows) for name, each in self.all.items()}


def test_big_variables_keep_all_their_elements(tmp_path: Path) -> None:
    module = Big()
    _, result, verified = frozen(saved(module, tmp_path / "m"))
    assert verified.problem == ""
    assert not verified.is_different
    assert len(result.constants) == 6
    for name, variable in module.all.items():
        expected = variable.numpy()
        (value,) = (
            result.graph.tensor(node.name)
            for node in result.graph
            if node.op == "Const" and node.name == name
        )
        assert np.array_equal(value, expected.astype(value.dtype))


def test_names_follow_the_signature_and_the_batch_stays_dynamic(tmp_path: Path) -> None:
    _, result, _ = frozen(saved(Dense(), tmp_path / "m"))
    assert [(port.tensor, str(port.shape)) for port in result.inputs] == [("x:0", "[?,3]")]
    assert [(port.tensor, str(port.shape)) for port in result.outputs] == [
        ("sum:0", "[]"),
        ("y:0", "[?,2]"),
    ]
    assert not result.graph.functions
    assert len(result.graph) < 15
    assert not any(node.name.startswith("Func/") or node.device for node in result.graph)


def test_a_signature_is_compared_with_what_was_frozen_of_it(tmp_path: Path) -> None:
    module, folder, result = Words(), str(tmp_path / "m"), str(tmp_path / "frozen.pb")
    signatures = {"ids": module.serve, "same": module.serve}
    tf.saved_model.save(module, folder, signatures=signatures)
    words = ["compare", folder, result, "--shape", "words=4"]
    assert command("freeze", folder, "--signature", "same", "-o", result)[0] == 0
    status, output, _ = command(*words, "--signature", "same", "--tags", "serve")
    assert (status, output) == (0, "ids  int64[?]  equal\n")
    named = command(*words, "--signature", "same", "--initializers", "initialize_tables")
    assert named[:2] == (0, output)
    status, _, errors = command(*words, "--signature", "same", "--initializers", "nothing")
    assert (status, errors) == (2, "pbtool: error: neither model has a node 'nothing'\n")
    status, _, errors = command("compare", result, result, "--signature", "same")
    assert (status, errors) == (2, "pbtool: error: neither model has signatures\n")


def test_control_flow_is_lowered_when_asked_for(tmp_path: Path) -> None:
    program = find_program(files.load(saved(Loop(), tmp_path / "m")))
    kept, lowered = freeze(program), freeze(program, lower_control_flow=True)
    assert {"StatelessWhile", "While"} & ops(kept)
    assert {"Merge", "Switch", "NextIteration"} <= ops(lowered)
    assert not lowered.graph.functions
    assert not verify(program, lowered, 60).is_different


def test_tables_remain_and_their_initializer_is_named(tmp_path: Path) -> None:
    _, result, _ = frozen(saved(Words(), tmp_path / "m"))
    assert result.tables
    assert result.initializer in result.graph


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


# --- checkpoints --------------------------------------------------------------------------------


def session_model(folder: Path, *, resource: bool) -> Path:
    with tf.Graph().as_default(), v1.Session() as session:
        x = v1.placeholder(tf.float32, [None, 2], name="x")
        w = v1.get_variable("w", initializer=[[1.0], [2.0]], use_resource=resource)
        tf.identity(tf.matmul(x, w), name="y")
        session.run(v1.global_variables_initializer())
        v1.train.Saver().save(session, str(folder / "model.ckpt"))
        (folder / "graph.pb").write_bytes(session.graph_def.SerializeToString())
    return folder


@pytest.mark.parametrize("resource", [False, True])
@pytest.mark.parametrize("file", ["model.ckpt.meta", "graph.pb"])
def test_a_checkpoint_of_a_session(file: str, resource: bool, tmp_path: Path) -> None:
    folder = session_model(tmp_path, resource=resource)
    checkpoint = str(folder / "model.ckpt") if file == "graph.pb" else None
    _, result, verified = frozen(folder / file, checkpoint=checkpoint, outputs=["y"])
    assert result.constants == ("w",)
    assert verified.differences["y:0"].is_equal


def test_variables_may_stay(tmp_path: Path) -> None:
    folder = session_model(tmp_path, resource=True)
    program = find_program(files.load(folder / "model.ckpt.meta"), outputs=["y"])
    kept = freeze(program, keep=["w"])
    assert kept.variables == ("w",)
    verified = verify(program, kept, 60)  # with the values that they have in the source
    assert verified.problem == ""
    assert not verified.is_different
    assert freeze(program, only=["other*"]).variables == ("w",)


def test_initializers_give_variables_values(tmp_path: Path) -> None:
    folder = session_model(tmp_path, resource=False)
    program = find_program(
        files.load(folder / "graph.pb"), outputs=["y"], initializers=["w/Assign"]
    )
    refuse(program)
    assert not verify(program, freeze(program), 60).is_different


def test_missing_variables_are_listed_with_near_names(tmp_path: Path) -> None:
    folder = session_model(tmp_path, resource=False)
    graph = files.load(folder / "graph.pb").message
    text = graph.SerializeToString().replace(b"\x0a\x01w", b"\x0a\x01v").replace(b"w/", b"v/")
    (folder / "graph.pb").write_bytes(text)
    with pytest.raises(PbtoolError, match=r"w|v"):
        frozen(folder / "graph.pb", checkpoint=str(folder / "model.ckpt"), outputs=["y"])
    with pytest.raises(NotFoundError, match="lacks 2 of 2 variables: var2"):
        frozen(
            EXAMPLES / "unfrozen.pb",
            checkpoint=str(folder / "model.ckpt"),
            outputs=["sum_operation"],
        )


def test_variables_without_values_are_refused() -> None:
    with pytest.raises(UsageError, match="need 2 variables, and there is no checkpoint"):
        frozen(EXAMPLES / "unfrozen.pb")


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
        frozen(tmp_path / "python.pb", outputs=["y"])
