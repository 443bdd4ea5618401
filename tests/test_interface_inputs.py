from __future__ import annotations

from pbtool import dtypes
from pbtool.graph import Graph
from pbtool.infer import Inference
from pbtool.interface import Endpoint, find_interface
from pbtool.shapes import Shape
from tests.graphs import graph_def
from tests.interface_graphs import graph, inputs, node, placeholder, reason, said


def test_a_placeholder_is_an_input_with_its_type_and_shape() -> None:
    model = graph(placeholder("x", [-1, 3]), node("y", "Relu", "x"))
    found = find_interface(model, Inference(model).facts)
    assert found.inputs == (
        Endpoint("x:0", dtypes.FLOAT, Shape((None, 3)), "likely", "placeholder"),
    )
    assert found.outputs == (
        Endpoint("y:0", dtypes.FLOAT, Shape((None, 3)), "likely", "nothing uses it"),
    )


def test_without_inference_shapes_are_those_that_nodes_state() -> None:
    model = graph(placeholder("x", [-1, 3]), node("y", "Relu", "x"))
    found = find_interface(model, None)
    assert not found.worked_out
    assert [(each.name, str(each.shape)) for each in found.inputs + found.outputs] == [
        ("x:0", "[?,3]"),
        ("y:0", "[...]"),
    ]
    assert found.outputs[0].dtype == dtypes.FLOAT


def test_an_old_scalar_placeholder_has_an_unknown_shape() -> None:
    text = placeholder("x") + node("y", "Relu", "x")
    for producer, shape in ((21, "[...]"), (22, "[]")):
        model = Graph(graph_def(f"versions {{ producer: {producer} }} {text}"))
        assert str(find_interface(model, None).inputs[0].shape) == shape


def test_single_numbers_come_behind_tensors() -> None:
    model = graph(
        placeholder("is_training", dtype="DT_BOOL"),
        placeholder("x", [2]),
        placeholder("switch", dtype="DT_BOOL"),
        placeholder("rate", op='PlaceholderWithDefault" input: "switch'),
        node("y", "AddN", "x", "is_training", "rate"),
    )
    assert [*inputs(model)] == [
        ("x:0", "likely"),
        ("is_training:0", "likely"),
        ("switch:0", "likely"),
        ("rate:0", "possible"),
    ]
    found = find_interface(model, Inference(model).facts).inputs
    assert "a single bool" in reason(found, "is_training:0")
    assert "default value" in reason(found, "rate:0")


def test_where_all_inputs_are_single_numbers_none_is_a_setting() -> None:
    model = graph(placeholder("a"), placeholder("b"), node("c", "Mul", "a", "b"))
    found = find_interface(model, Inference(model).facts).inputs
    assert {each.reason for each in found} == {"placeholder"}


def test_a_name_tells_a_setting_whose_shape_is_not_known() -> None:
    text = placeholder("keep_prob") + placeholder("x", [2]) + node("y", "Mul", "x", "keep_prob")
    model = Graph(graph_def(text))  # without a version, [] is an unknown shape
    assert [name for name, _ in inputs(model)] == ["x:0", "keep_prob:0"]


def test_a_string_alone_is_no_setting() -> None:
    model = graph(placeholder("image", dtype="DT_STRING"), node("y", "DecodeJpeg", "image"))
    assert inputs(model) == [("image:0", "likely")]


def test_what_nothing_uses_is_doubtful() -> None:
    model = graph(
        placeholder("x", [2]),
        placeholder("spare", [2]),
        placeholder("unused_control_flow_input_1", [2]),
        node("y", "Relu", "x"),
    )
    found = find_interface(model, Inference(model).facts).inputs
    assert said(found)[1:] == [
        ("spare:0", "possible"),
        ("unused_control_flow_input_1:0", "possible"),
    ]
    assert reason(found, "spare:0").endswith("nothing uses it")
    assert "left over" in reason(found, "unused_control_flow_input_1:0")


def test_the_file_name_of_a_saver_is_doubtful() -> None:
    model = graph(
        placeholder("x", [2]),
        placeholder("save/filename", dtype="DT_STRING", op="PlaceholderWithDefault"),
        placeholder("save/Const", dtype="DT_STRING", op="PlaceholderWithDefault").replace(
            'op: "PlaceholderWithDefault"', 'op: "PlaceholderWithDefault" input: "save/filename"'
        ),
        node("save/SaveV2", "SaveV2", "save/Const", "x"),
        node("save/control_dependency", "Identity", "save/Const", "^save/SaveV2"),
        node("y", "Relu", "x"),
    )
    found = find_interface(model, Inference(model).facts)
    assert said(found.inputs)[0] == ("x:0", "likely")
    assert reason(found.inputs, "save/filename:0") == "name of a file to save or read"
    assert said(found.outputs) == [("y:0", "likely")]


def test_a_string_that_is_also_data_is_an_input() -> None:
    model = graph(
        placeholder("path", dtype="DT_STRING"),
        node("bytes", "ReadFile", "path"),
        node("y", "StringToHashBucketFast", "path"),
    )
    assert inputs(model) == [("path:0", "likely")]


def test_labels_are_doubtful_where_the_result_does_not_need_them() -> None:
    model = graph(
        placeholder("x", [2, 3]),
        placeholder("y_", [2, 3]),
        node("dense", "Relu", "x"),
        node("probs", "Softmax", "dense"),
        node("diff", "Sub", "dense", "y_"),
        node("loss", "L2Loss", "diff"),
        node("gradients/x_grad/mul", "Mul", "dense", "loss"),
    )
    found = find_interface(model, Inference(model).facts)
    assert said(found.outputs) == [("probs:0", "likely"), ("loss:0", "possible")]
    assert said(found.inputs) == [("x:0", "likely"), ("y_:0", "possible")]
    assert "labels" in reason(found.inputs, "y_:0")


def test_iterators_and_queues_are_inputs_with_all_their_outputs() -> None:
    types = """attr { key: "output_types" value { list { type: DT_INT32 type: DT_FLOAT } } }
               attr { key: "component_types" value { list { type: DT_INT64 } } }"""
    model = graph(
        f'node {{ name: "next" op: "IteratorGetNext" {types} }}',
        f'node {{ name: "queue" op: "QueueDequeueManyV2" {types} }}',
        node("sum", "AddN", "next", "next:1", "queue"),
    )
    assert [name for name, _ in inputs(model)] == ["next:0", "next:1", "queue:0"]


def test_nodes_of_unknown_ops_without_inputs_may_be_fed() -> None:
    model = graph(node("in", "MadeUp"), node("v", "MadeUpVariable"), node("y", "AddN", "in", "v"))
    assert inputs(model) == [("in:0", "possible")]
