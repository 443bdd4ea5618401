"""What pbtool tells of a model against what TensorFlow knows of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pbtool import dtypes, files
from pbtool.graph import Graph
from pbtool.infer import Inference
from pbtool.interface import LIKELY, Interface, find_interface
from pbtool.reach import needed_by
from pbtool.signatures import Argument, Signature
from pbtool.summary import MetaGraphSummary, summarize
from pbtool.summary.census import census
from tests.corpus import FOLDER

tf = pytest.importorskip("tensorflow")
convert = pytest.importorskip("tensorflow.python.framework.convert_to_constants")
saved_model_pb2 = pytest.importorskip("tensorflow.core.protobuf.saved_model_pb2")

CORPUS = sorted(path.parent for path in FOLDER.glob("saved_model/*/saved_model.pb"))


class Model(tf.Module):
    """Variables, a branch, a loop, a table that is initialized, and an optimizer's variable."""

    def __init__(self, vocabulary: str) -> None:
        super().__init__()
        self.kernel = tf.Variable(tf.ones([3, 4]), name="kernel")
        self.bias = tf.Variable(tf.zeros([4]), name="bias")
        self.slot = tf.Variable(tf.zeros([3, 4]), name="slot", trainable=False)
        self.table = tf.lookup.StaticHashTable(
            tf.lookup.TextFileInitializer(
                vocabulary,
                tf.string,
                tf.lookup.TextFileIndex.WHOLE_LINE,
                tf.int64,
                tf.lookup.TextFileIndex.LINE_NUMBER,
            ),
            -1,
        )

    @tf.function(
        input_signature=[
            tf.TensorSpec([None, 3], name="x"),
            tf.TensorSpec([], tf.bool, name="flag"),
        ]
    )
    def serve(self, x: object, flag: object) -> dict[str, object]:
        y = tf.cond(flag, lambda: x @ self.kernel, lambda: x @ self.kernel + self.bias)
        z = tf.while_loop(lambda v: tf.reduce_sum(v) < 9.0, lambda v: [v + 1.0], [y])[0]
        return {"probabilities": tf.nn.softmax(y), "looped": z}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="words")])
    def look_up(self, words: object) -> object:
        return self.table.lookup(words)

    @tf.function(input_signature=[tf.TensorSpec([None, 3])])
    def train(self, x: object) -> object:
        return self.slot.assign_add(tf.ones([3, 4]) * tf.reduce_sum(x))


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("saved")
    vocabulary = folder / "words.txt"
    vocabulary.write_text("one\ntwo\n")
    model = Model(str(vocabulary))
    signatures = {"serving_default": model.serve, "words": model.look_up}
    tf.saved_model.save(model, str(folder / "model"), signatures=signatures)
    return folder / "model"


def meta_graph_of(folder: Path) -> tuple[MetaGraphSummary, object]:
    """The meta graph as we summarize it, and TensorFlow's own message."""
    theirs = saved_model_pb2.SavedModel.FromString((folder / "saved_model.pb").read_bytes())
    found = summarize(files.load(folder))
    assert found.chosen is not None
    return found.meta_graphs[found.chosen], theirs.meta_graphs[found.chosen]


@pytest.fixture(params=[None, *CORPUS], ids=lambda path: path.name if path else "built")
def folder(request: pytest.FixtureRequest, saved: Path) -> Path:
    return request.param or saved


def test_counts_and_constants(folder: Path) -> None:
    _, theirs = meta_graph_of(folder)
    graph = summarize(files.load(folder)).graph
    assert graph is not None
    functions = theirs.graph_def.library.function
    bodies = [theirs.graph_def.node, *(each.node_def for each in functions)]
    nodes = [node for body in bodies for node in body]
    assert graph.counts.nodes == len(bodies[0])
    assert graph.counts.function_nodes == len(nodes) - len(bodies[0])
    assert graph.counts.functions == len(functions)
    assert dict(graph.counts.ops) == Counter(node.op for node in nodes)
    assert dict(graph.devices) == Counter(node.device for node in nodes if node.device)
    arrays = [tf.make_ndarray(n.attr["value"].tensor) for n in nodes if n.op == "Const"]
    assert graph.constants.count == len(arrays)
    assert graph.constants.parameters == sum(array.size for array in arrays)
    sizes = (
        sum(map(len, array.flat)) if array.dtype == object else array.nbytes for array in arrays
    )
    assert graph.constants.bytes == sum(sizes)


def test_signatures_are_those_that_the_command_line_tool_shows(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cli = pytest.importorskip("tensorflow.python.tools.saved_model_cli")
    ours, theirs = meta_graph_of(folder)
    for key, entry in ours.signatures.items():
        capsys.readouterr()
        cli._show_inputs_outputs_mgd(theirs, key, indent=0)
        assert capsys.readouterr().out.splitlines() == list(shown(entry))
    assert set(ours.signatures) == set(theirs.signature_def)


def shown(entry: Signature) -> Iterator[str]:
    """A signature in the words of ``saved_model_cli show``."""
    for side, arguments in (("input", entry.inputs), ("output", entry.outputs)):
        yield f"The given SavedModel SignatureDef contains the following {side}(s):"
        for argument in arguments:
            yield f"  {side}s['{argument.key}'] tensor_info:"
            yield f"      dtype: {enum_name(argument.dtype)}"
            yield f"      shape: {shape_text(argument)}"
            yield f"      name: {argument.tensors[0].name if argument.encoding == 'name' else ''}"
    yield f"Method name is: {entry.method_name}"


def enum_name(dtype: int) -> str:
    return dtypes.BY_NUMBER[dtype].enum if dtype else "DT_INVALID"


def shape_text(argument: Argument) -> str:
    if argument.shape.dims is None:
        return "unknown_rank"
    return f"({', '.join(str(-1 if dim is None else dim) for dim in argument.shape.dims)})"


def test_signatures_are_those_that_tensorflow_calls(saved: Path) -> None:
    ours, _ = meta_graph_of(saved)
    loaded = tf.saved_model.load(str(saved))
    assert {entry.key for entry in ours.entry_points} == set(loaded.signatures)
    for entry in ours.entry_points:
        function = loaded.signatures[entry.key]
        specs = function.structured_input_signature[1]
        assert described(entry.inputs) == {name: about(specs[name]) for name in specs}
        results = function.structured_outputs
        assert described(entry.outputs) == {name: about(results[name]) for name in results}


def described(arguments: tuple[Argument, ...]) -> dict[str, tuple[str, object]]:
    return {each.key: (dtypes.name(each.dtype), each.shape.dims) for each in arguments}


def about(spec: object) -> tuple[str, object]:
    shape = spec.shape
    dims = None if shape.rank is None else tuple(shape.as_list())
    return spec.dtype.name, dims


def test_what_signatures_need_holds_what_they_compute(saved: Path) -> None:
    ours, _ = meta_graph_of(saved)
    assert {"MatMul", "Softmax", "LookupTableFindV2"} <= set(ours.served.ops)
    assert not {"SaveV2", "RestoreV2", "AssignAddVariableOp"} & set(ours.served.ops)
    assert {variable.name for variable in ours.served.variables} == {"kernel", "bias"}
    assert {"SaveV2", "RestoreV2"} <= set(ours.saver.ops)
    assert "InitializeTableFromTextFileV2" in ours.initializer.ops
    assert "AssignAddVariableOp" in ours.rest.ops
    graph = summarize(files.load(saved)).graph
    assert graph is not None
    trainable = {each.name: each.trainable for each in graph.counts.variables}
    assert trainable.items() >= {"kernel": True, "bias": True, "slot": False}.items()
    assert [asset.bytes for asset in ours.assets] == [8]


def test_nodes_that_are_needed_are_those_that_tensorflow_extracts(folder: Path) -> None:
    ours, theirs = meta_graph_of(folder)
    names = {
        tensor.name.partition(":")[0]
        for entry in ours.entry_points
        for argument in entry.outputs
        for tensor in argument.tensors
    }
    graph_def = theirs.graph_def
    extracted = tf.compat.v1.graph_util.extract_sub_graph(graph_def, sorted(names))
    graph = files.load(folder).graph
    assert needed_by(graph, names).nodes == {node.name for node in extracted.node}


# --- guesses ----------------------------------------------------------------------------------

Variables = list[object]  # a function does not keep its variables alive
Build = Callable[[Variables], object]


def variable(shape: list[int], variables: Variables) -> object:
    variables.append(tf.Variable(tf.ones(shape)))
    return variables[-1]


def dense(variables: Variables) -> object:
    kernel, bias = variable([3, 4], variables), variable([4], variables)
    return tf.function(lambda x: x @ kernel + bias).get_concrete_function(tf.TensorSpec([None, 3]))


def two_results(variables: Variables) -> object:
    kernel = variable([3, 4], variables)

    @tf.function
    def call(x: object, y: object) -> tuple[object, object]:
        return tf.nn.softmax(x @ kernel), tf.cast(y, tf.float32) * kernel

    return call.get_concrete_function(tf.TensorSpec([None, 3]), tf.TensorSpec([3, 1], tf.int32))


def loop(variables: Variables) -> object:
    step = variable([], variables)

    @tf.function
    def call(x: object) -> object:
        y = tf.cond(tf.reduce_sum(x) > 0.0, lambda: x * step, lambda: x)
        return tf.while_loop(lambda v: tf.reduce_sum(v) < 9.0, lambda v: [v + step], [y])[0]

    return call.get_concrete_function(tf.TensorSpec([5]))


def recurrent(variables: Variables) -> object:
    model = tf.keras.Sequential([tf.keras.Input([7, 3]), tf.keras.layers.LSTM(4)])
    variables.extend(model.variables)
    call = tf.function(lambda x: model(x, training=False))
    return call.get_concrete_function(tf.TensorSpec([None, 7, 3]))


@pytest.mark.parametrize("lower", [True, False], ids=["lowered", "functional"])
@pytest.mark.parametrize("build", [dense, two_results, loop, recurrent])
def test_a_frozen_function_is_guessed_rightly(build: Build, *, lower: bool) -> None:
    variables: Variables = []
    function = build(variables)
    frozen = convert.convert_variables_to_constants_v2(function, lower_control_flow=lower)
    graph_def = frozen.graph.as_graph_def()
    found = guessed(graph_def)
    flow = "lowered" if lower else "v2"
    assert census(Graph(graph_def)).control_flow == ((flow,) if build in (loop, recurrent) else ())
    sure = [each for each in found.inputs if each.confidence == LIKELY]
    assert [each.name for each in sure] == [tensor.name for tensor in frozen.inputs]
    assert [dtypes.name(each.dtype) for each in sure] == [each.dtype.name for each in frozen.inputs]
    assert [each.shape.dims for each in sure] == [
        tuple(each.shape.as_list()) for each in frozen.inputs
    ]
    results = [tensor.name for tensor in frozen.outputs]
    assert [each.name for each in found.outputs[: len(results)]] == results
    assert {each.confidence for each in found.outputs[: len(results)]} == {LIKELY}
    assert "returned by a function" in found.outputs[0].reason


def test_a_graph_for_training_is_guessed_rightly() -> None:
    v1 = tf.compat.v1
    with tf.Graph().as_default() as graph:
        images = v1.placeholder(tf.float32, [None, 8], "images")
        labels = v1.placeholder(tf.int64, [None], "labels")
        rate = v1.placeholder_with_default(0.5, [], "rate")
        hidden = tf.nn.dropout(tf.nn.relu(images @ v1.get_variable("w", [8, 6])), rate=rate)
        logits = tf.identity(hidden @ v1.get_variable("v", [6, 3]), "dense")
        loss = v1.losses.sparse_softmax_cross_entropy(labels, logits)
        v1.summary.scalar("loss", loss)
        v1.train.AdamOptimizer().minimize(loss, v1.train.get_or_create_global_step())
        v1.train.Saver()
    found = guessed(graph.as_graph_def())
    assert [each.name for each in found.inputs if each.confidence == LIKELY] == ["images:0"]
    assert [each.name for each in found.outputs if each.confidence == LIKELY] == ["dense:0"]


def guessed(graph_def: object) -> Interface:
    graph = Graph(graph_def)
    return find_interface(graph, Inference(graph).facts)
