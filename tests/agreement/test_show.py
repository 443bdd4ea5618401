"""What ``show`` says of a node, against what TensorFlow itself says of the same node."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pbtool
from pbtool import cli, opdefs, tensors
from pbtool.graph import Graph
from pbtool.infer import Inference
from pbtool.render.attr import value_json
from pbtool.render.listing import argument_type
from pbtool.schema import AttrValue, TensorProto
from pbtool.selection import Place
from pbtool.view.node import MISSING, UNDECLARED, NodeView, node_view

tf = pytest.importorskip("tensorflow")
attr_value_pb2 = pytest.importorskip("tensorflow.core.framework.attr_value_pb2")
v1 = tf.compat.v1


def a_bit_of_everything() -> Any:
    """A graph with loops, control edges, devices, colocation, lists, strings and variables."""
    with tf.Graph().as_default() as graph, v1.variable_scope("net", use_resource=False):
        x = v1.placeholder(tf.float32, [None, 4], name="x")
        words = tf.constant([b"a", b"\xff"], name="words")
        with tf.device("/CPU:0"):
            weights = v1.get_variable("weights", [4, 2])
        with tf.control_dependencies([x, tf.no_op("ready"), words]):
            y = tf.matmul(x, weights, transpose_b=False, name="y")
        with v1.colocate_with(y):
            parts = tf.split(y, 2, axis=1, name="parts")
        tf.concat([*parts[::-1], parts[0]], axis=1, name="joined")
        v1.assign_add(weights, tf.ones([4, 2]), name="step")
        v1.while_loop(lambda i: i < 3, lambda i: i + 1, [tf.constant(0)], name="loop")
        tf.nn.conv2d(tf.ones([1, 5, 5, 3]), tf.ones([2, 2, 3, 1]), [1, 2, 2, 1], "SAME")
        tf.group(*parts, name="all")
        tf.unique(y[0], name="unique")
        tf.raw_ops.ParseExample(
            serialized=words,
            names=[],
            sparse_keys=["s"],
            dense_keys=["d"],
            dense_defaults=[tf.constant([0.5])],
            sparse_types=[tf.int64],
            dense_shapes=[[1]],
        )
    return graph


@pytest.fixture(scope="module")
def tf_graph() -> Any:
    """The graph as TensorFlow imports it again, with its own defaults and order of edges."""
    with tf.Graph().as_default() as graph:
        tf.import_graph_def(a_bit_of_everything().as_graph_def(), name="")
    return graph


@pytest.fixture(scope="module")
def views(tf_graph: Any) -> dict[str, NodeView]:
    graph = Graph(tf_graph.as_graph_def())
    inference = Inference(graph)
    return {node.name: node_view(Place(graph, node), inference) for node in graph}


def pairs(tf_graph: Any, views: dict[str, NodeView]) -> Iterator[tuple[Any, NodeView]]:
    operations = tf_graph.get_operations()
    assert len(operations) == len(views) > 40
    for operation in operations:
        yield operation, views[operation.name]


def test_where_inputs_come_from(tf_graph: Any, views: dict[str, NodeView]) -> None:
    for operation, view in pairs(tf_graph, views):
        assert [(each.tensor, each.op) for each in view.inputs] == [
            (tensor.name, tensor.op.type) for tensor in operation.inputs
        ], operation.name
        assert [each.fact and each.fact.dtype for each in view.inputs] == [
            tensor.dtype.as_datatype_enum for tensor in operation.inputs
        ], operation.name
        assert sorted(each.tensor for each in view.control_inputs) == sorted(
            f"^{each.name}" for each in operation.control_inputs
        ), operation.name
        assert view.place.node.device == operation.device


def test_who_uses_each_output(tf_graph: Any, views: dict[str, NodeView]) -> None:
    for operation, view in pairs(tf_graph, views):
        assert [each.tensor for each in view.outputs] == [each.name for each in operation.outputs]
        for output, tensor in zip(view.outputs, operation.outputs, strict=True):
            expected = {
                (user.name, user.type, position)
                for user in tensor.consumers()
                for position, each in enumerate(user.inputs)
                if each is tensor
            }
            assert {(use.node, use.op, use.position) for use in output.uses} == expected
        assert {use.node for use in view.control_outputs} == {
            each.name for each in operation._control_outputs
        }, operation.name


def test_names_of_inputs_and_outputs(tf_graph: Any, views: dict[str, NodeView]) -> None:
    for operation, view in pairs(tf_graph, views):
        op_def = operation.op_def
        for args, seen in ((op_def.input_arg, view.inputs), (op_def.output_arg, view.outputs)):
            expected = [name for arg in args for name in names(operation, arg)]
            assert [each.argument for each in seen] == expected, operation.name


def names(operation: Any, arg: Any) -> list[str]:
    if arg.number_attr:
        count = operation.get_attr(arg.number_attr)
    elif arg.type_list_attr:
        count = len(operation.get_attr(arg.type_list_attr))
    else:
        return [arg.name]
    return [f"{arg.name}[{index}]" for index in range(count)]


def test_attrs_and_defaults(tf_graph: Any, views: dict[str, NodeView]) -> None:
    """TensorFlow fills in defaults when it imports, so that it answers for each declared attr."""
    for operation, view in pairs(tf_graph, views):
        for attr in view.attrs:
            assert attr.origin != MISSING
            if attr.origin == UNDECLARED:
                assert attr.name not in {each.name for each in operation.op_def.attr}
            expected = operation.get_attr(attr.name)
            assert attr.value is not None
            assert same(attr.value, expected), (operation.name, attr.name)


def same(value: AttrValue, expected: Any) -> bool:
    """Whether an attr's value for JSON is what TensorFlow's Python makes of the attr."""
    if value.HasField("tensor"):
        expected = TensorProto.FromString(expected.SerializeToString())
        return bool(np.array_equal(tensors.to_numpy(value.tensor), tensors.to_numpy(expected)))
    return bool(value_json(value) == plain(expected))


def plain(expected: Any) -> Any:
    if isinstance(expected, list):
        return [plain(each) for each in expected]
    if isinstance(expected, tf.DType):
        return expected.name
    if isinstance(expected, bytes):
        return expected.decode()
    if isinstance(expected, float):
        return float(str(np.float32(expected)))
    if isinstance(expected, attr_value_pb2.NameAttrList):
        assert not expected.attr
        return {"name": expected.name, "attrs": {}}
    if hasattr(expected, "unknown_rank"):
        dims = [None if dim.size < 0 else dim.size for dim in expected.dim]
        return None if expected.unknown_rank else dims
    return expected


# --- declarations -------------------------------------------------------------------------------

TF_NAMES = {"float": "float32", "double": "float64", "half": "float16"}


def test_signatures_of_ops() -> None:
    """TensorFlow writes an op's signature where it complains of a missing attr."""
    checked = 0
    for op, op_def in opdefs.table().items():
        required = [each for each in op_def.attr if not each.HasField("default_value")]
        if not required or opdefs.versions()[op].last:
            continue
        graph = v1.GraphDef()
        graph.node.add(name="n", op=op)
        with pytest.raises(ValueError, match="missing attr") as caught, tf.Graph().as_default():
            tf.import_graph_def(graph)
        stated = re.search(r"signature=(.*?) -> ([^;>]*)", str(caught.value))
        assert stated is not None
        assert arguments(op_def.input_arg) == named(stated[1]), op
        assert arguments(op_def.output_arg) == named(stated[2]), op
        checked += 1
    assert checked > 1_000


def arguments(args: Any) -> list[str]:
    # Of a list of mixed types TensorFlow does not write the name of the attr.
    return [f"{arg.name}:{'' if arg.type_list_attr else argument_type(arg)}" for arg in args]


def named(signature: str) -> list[str]:
    words = filter(None, signature.split(", "))
    return [
        re.sub(r"\b(float|double|half)\b(?!:)", lambda m: TF_NAMES[m[0]], word) for word in words
    ]


# --- functions ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def module_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SavedModel with variables, functions and debug info."""

    class Module(tf.Module):
        def __init__(self) -> None:
            super().__init__()
            self.kernel = tf.Variable(np.arange(6, dtype="f4").reshape(3, 2) / 10, name="kernel")
            self.words = tf.Variable([b"one", b"two"], name="words")

        @tf.function(input_signature=[tf.TensorSpec([None, 3], tf.float32, "features")])
        def __call__(self, features: Any) -> dict[str, Any]:
            return {"scores": tf.matmul(features, self.kernel), "word": self.words[0]}

    folder = tmp_path_factory.mktemp("module")
    module = Module()
    options = tf.saved_model.SaveOptions(save_debug_info=True)
    tf.saved_model.save(module, str(folder), module.__call__, options)
    return folder


def shown(folder: Path, *names: str) -> list[dict[str, Any]]:
    out, err = io.StringIO(), io.StringIO()
    words = ["show", str(folder), *names, "--format", "json", "--values"]
    assert cli.main(words, stdout=out, stderr=err) == 0, err.getvalue()
    documents: list[dict[str, Any]] = json.loads(out.getvalue())
    return documents


def test_functions_are_as_tensorflow_makes_graphs_of_them(module_folder: Path) -> None:
    function_def_to_graph = pytest.importorskip(
        "tensorflow.python.framework.function_def_to_graph"
    ).function_def_to_graph
    functions = shown(module_folder, "*::")
    library = v1.GraphDef()
    library.library.ParseFromString(
        pbtool.load(module_folder).graph.proto.library.SerializeToString()
    )
    definitions = {each.signature.name: each for each in library.library.function}
    assert len(functions) == len(definitions) >= 4
    for view in functions:
        # The functions that this one calls: those of the module itself are gone with it.
        with tf.Graph().as_default():
            tf.import_graph_def(library)
            graph = function_def_to_graph(definitions[view["name"]])
        assert [each["dtype"] for each in view["arguments"]] == [
            tensor.dtype.name for tensor in graph.inputs
        ]
        assert [(each["dtype"], each["tensor"]) for each in view["results"]] == [
            (tensor.dtype.name, tensor.name) for tensor in graph.outputs
        ]
        for argument, tensor in zip(view["arguments"], graph.inputs, strict=True):
            assert {(use["node"], use["input"]) for use in argument["consumers"]} == {
                (user.name, position)
                for user in tensor.consumers()
                for position, each in enumerate(user.inputs)
                if each is tensor
            }


def test_signatures_of_a_saved_model(module_folder: Path) -> None:
    loaded = tf.saved_model.load(str(module_folder)).signatures["serving_default"]
    roles = [
        (role["side"], role["key"])
        for node in shown(module_folder, "serving_default_*", "StatefulPartitionedCall")
        for output in node["outputs"]
        for role in output["signatures"]
    ]
    assert sorted(roles) == [
        *(("input", key) for key in sorted(loaded.structured_input_signature[1])),
        *(("output", key) for key in sorted(loaded.structured_outputs)),
    ]


def test_values_of_variables(module_folder: Path) -> None:
    loaded = tf.saved_model.load(str(module_folder))
    kernel, words = shown(module_folder, "kernel", "words")
    assert np.array(kernel["saved"]["values"], "f4").tolist() == loaded.kernel.numpy().tolist()
    assert words["saved"]["values"] == [word.decode() for word in loaded.words.numpy()]


def test_where_a_node_was_made(module_folder: Path) -> None:
    (node,) = shown(module_folder, "__inference___call___*::MatMul")
    made_at = [(frame["file"], frame["function"]) for frame in node["trace"]]
    assert (__file__, "__call__") in made_at
    assert (__file__, "module_folder") in made_at
    assert made_at.index((__file__, "module_folder")) < made_at.index((__file__, "__call__"))
