from __future__ import annotations

from collections.abc import Sequence

from google.protobuf import text_format

from pbtool import dtypes, schema
from pbtool.graph import Graph
from pbtool.infer import Inference
from pbtool.interface import Endpoint, find_interface
from pbtool.interface.dataflow import Dataflow
from pbtool.shapes import Shape
from tests.graphs import a_graph, graph_def

PLACEHOLDER = """
node { name: "%s" op: "%s" attr { key: "dtype" value { type: %s } }
  attr { key: "shape" value { shape { %s } } } }
"""


def placeholder(
    name: str, dims: Sequence[int] = (), dtype: str = "DT_FLOAT", op: str = "Placeholder"
) -> str:
    return PLACEHOLDER % (name, op, dtype, " ".join(f"dim {{ size: {dim} }}" for dim in dims))


def node(name: str, op: str, *inputs: str, dtype: str = "T") -> str:
    texts = " ".join(f'input: "{text}"' for text in inputs)
    attr = f'attr {{ key: "{dtype}" value {{ type: DT_FLOAT }} }}'
    return f'node {{ name: "{name}" op: "{op}" {texts} {attr} }}\n'


def graph(*nodes: str) -> Graph:
    return Graph(graph_def("versions { producer: 27 }" + "".join(nodes)))


def inputs(model: Graph) -> list[tuple[str, str]]:
    return said(find_interface(model, Inference(model).facts).inputs)


def outputs(model: Graph) -> list[tuple[str, str]]:
    return said(find_interface(model, Inference(model).facts).outputs)


def said(endpoints: Sequence[Endpoint]) -> list[tuple[str, str]]:
    return [(endpoint.name, endpoint.confidence) for endpoint in endpoints]


def reason(endpoints: Sequence[Endpoint], name: str) -> str:
    return next(endpoint.reason for endpoint in endpoints if endpoint.name == name)


# --- guessed inputs ---------------------------------------------------------------------------


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


# --- guessed outputs --------------------------------------------------------------------------


def test_the_result_of_a_frozen_function_comes_first() -> None:
    model = graph(
        placeholder("x", [2]),
        node("a/ReadVariableOp", "Identity", "x"),
        node("b/ReadVariableOp", "Identity", "x"),
        node("side", "Softmax", "x"),
        node("dense", "AddN", "a/ReadVariableOp", "b/ReadVariableOp"),
        'node { name: "NoOp" op: "NoOp" input: "^a/ReadVariableOp" input: "^b/ReadVariableOp" }',
        node("Identity", "Identity", "dense", "^NoOp"),
    )
    found = find_interface(model, Inference(model).facts).outputs
    assert said(found) == [("Identity:0", "likely"), ("side:0", "likely")]
    assert found[0].reason == (
        "returned by a function that was frozen with 2 variables: a copy of dense"
    )


def test_names_and_ops_that_speak_for_a_result() -> None:
    model = graph(
        placeholder("x", [2]),
        node("plain", "Relu", "x"),
        node("scores", "Relu", "x"),
        node("head/Softmax", "Softmax", "x"),
    )
    found = find_interface(model, Inference(model).facts).outputs
    assert [each.name for each in found] == ["head/Softmax:0", "scores:0", "plain:0"]
    assert found[1].reason == "named 'scores'"
    assert found[0].reason == "ends in Softmax; named 'softmax'"


def test_watchers_do_not_use_a_result() -> None:
    model = graph(
        placeholder("x", [2]),
        node("y", "Relu", "x"),
        node("watch", "HistogramSummary", "y"),
        node("check", "Assert", "y"),
        node("gradients/y_grad", "ReluGrad", "y", "y"),
    )
    assert outputs(model) == [("y:0", "likely")]


def test_state_and_bookkeeping_are_no_results() -> None:
    model = graph(
        placeholder("x", [2]),
        node("v", "VariableV2", dtype="dtype"),
        node("v/read", "Identity", "v"),
        node("assign", "Assign", "v", "x"),
        node("table", "HashTableV2"),
        node("switch", "Switch", "x", "x"),
        node("switch_t", "Identity", "switch:1"),
        node("y", "Relu", "x"),
    )
    assert outputs(model) == [("y:0", "likely")]


def test_variables_that_are_only_read_are_no_results() -> None:
    model = graph(node("v", "VariableV2", dtype="dtype"), node("v/read", "Identity", "v"))
    assert outputs(model) == []


def test_what_only_control_edges_name_is_doubtful() -> None:
    model = graph(
        placeholder("x", [2]),
        node("first", "Relu", "x"),
        node("then", "Relu", "x", "^first"),
    )
    assert outputs(model) == [("then:0", "likely"), ("first:0", "possible")]


def test_where_no_result_is_likely_no_input_is_doubted_for_it() -> None:
    model = graph(placeholder("x", [2]), placeholder("t", [2]), node("loss", "Sub", "x", "t"))
    assert outputs(model) == [("loss:0", "possible")]
    assert inputs(model) == [("x:0", "likely"), ("t:0", "likely")]


def test_what_no_input_reaches_is_no_result_unless_there_is_nothing_else() -> None:
    alone = graph(node("c", "Const", dtype="dtype"), node("y", "Relu", "c"))
    assert outputs(alone) == [("y:0", "likely")]
    fed = graph(
        node("c", "Const", dtype="dtype"),
        node("y", "Relu", "c"),
        placeholder("x", [2]),
        node("z", "Relu", "x"),
    )
    assert outputs(fed) == [("z:0", "likely")]


def test_what_depends_on_more_weights_comes_first_and_on_few_is_doubtful() -> None:
    weights = [node(f"w{number}", "Const", dtype="dtype") for number in range(12)]
    model = graph(
        placeholder("x", [2]),
        *weights,
        node("few", "Add", "x", "w0"),
        node("half", "AddN", "x", *(f"w{number}" for number in range(6))),
        node("all", "AddN", "x", *(f"w{number}" for number in range(12))),
    )
    found = find_interface(model, Inference(model).facts).outputs
    assert said(found) == [("all:0", "likely"), ("half:0", "likely"), ("few:0", "possible")]
    assert reason(found, "few:0") == "computed from few weights: 1, another from 12"


def test_sizes_are_doubtful_but_not_where_the_name_speaks_for_them() -> None:
    model = graph(
        placeholder("x", [2]),
        node("y", "Relu", "x"),
        node("Shape", "Shape", "y"),
        node("side", "Neg", "Shape"),
        node("num_boxes", "Neg", "Shape"),
    )
    found = find_interface(model, Inference(model).facts).outputs
    assert ("num_boxes:0", "likely") in said(found)
    assert reason(found, "side:0") == "computed from mere sizes"


def test_inputs_that_a_result_does_not_need_are_told() -> None:
    model = graph(
        placeholder("a", [2]),
        placeholder("b", [2]),
        node("y", "Relu", "a"),
        node("z", "Add", "a", "b"),
    )
    found = find_interface(model, Inference(model).facts).outputs
    assert reason(found, "y:0") == "nothing uses it; needs only a"
    assert reason(found, "z:0") == "nothing uses it"


def test_logits_stand_for_the_result_of_a_graph_for_training() -> None:
    model = graph(
        placeholder("x", [2, 3]),
        placeholder("labels", [2, 3]),
        node("logits", "Relu", "x"),
        node("flat", "Reshape", "logits", "x"),
        node("xentropy", "SoftmaxCrossEntropyWithLogits", "flat", "labels"),
        node("Mean", "L2Loss", "xentropy"),
        node("gradients/g", "Mul", "Mean", "xentropy:1"),
    )
    found = find_interface(model, Inference(model).facts).outputs
    assert said(found) == [("logits:0", "likely"), ("Mean:0", "possible")]
    assert found[0].reason == "the logits of xentropy; needs only x"


def test_loops_settle_and_what_they_end_with_is_doubtful() -> None:
    model = graph(
        placeholder("x", [2]),
        node("enter", "Enter", "x"),
        node("merge", "Merge", "enter", "next"),
        node("switch", "Switch", "merge", "cond"),
        node("cond", "LoopCond", "merge"),
        node("body", "Relu", "switch:1"),
        node("next", "NextIteration", "body"),
        node("exit", "Exit", "switch"),
        node("exit_1", "Exit", "switch"),
        node("y", "Relu", "exit"),
    )
    assert outputs(model) == [("y:0", "likely"), ("exit_1:0", "possible")]


def test_arguments_and_results_of_what_was_a_function() -> None:
    model = graph(
        node("arg", "_Arg"),
        node("y", "Relu", "arg"),
        node("ret", "_Retval", "y"),
        'node { name: "_send" op: "_Send" input: "y" attr { key: "T" value { type: DT_FLOAT } }'
        ' attr { key: "client_terminated" value { b: true } } }',
        node("_send_1", "_Send", "y"),
    )
    assert inputs(model) == [("arg:0", "stated")]
    assert outputs(model) == [("y:0", "stated"), ("y:0", "stated")]


def test_an_empty_graph_has_neither() -> None:
    found = find_interface(Graph(schema.GraphDef()), None)
    assert (found.inputs, found.outputs) == ((), ())


# --- stated -----------------------------------------------------------------------------------

SIGNATURES = """
signature_def { key: "b" value { inputs { key: "q" value { name: "x:0" dtype: DT_FLOAT } } } }
signature_def { key: "serving_default" value {
  inputs { key: "p" value { name: "x:0" dtype: DT_FLOAT tensor_shape { dim { size: 3 } } } }
  outputs { key: "r" value { dtype: DT_STRING coo_sparse { values_tensor_name: "v:0"
    indices_tensor_name: "i:0" dense_shape_tensor_name: "s:0" } } } } }
signature_def { key: "__saved_model_init_op" value { outputs { key: "i" value { name: "init" } } } }
"""


def a_meta_graph(text: str) -> schema.MetaGraphDef:
    return text_format.Parse(text, schema.MetaGraphDef(), descriptor_pool=schema.POOL)


def test_signatures_come_before_guesses() -> None:
    model = graph(placeholder("x", [2]), node("y", "Relu", "x"))
    found = find_interface(model, None, a_meta_graph(SIGNATURES))
    assert [(each.signature, each.key, each.name) for each in found.inputs] == [
        ("serving_default", "p", "x:0"),
        ("b", "q", "x:0"),
    ]
    assert {each.confidence for each in found.inputs + found.outputs} == {"stated"}
    assert found.inputs[0].reason == "input 'p' of signature 'serving_default'"
    assert [(each.name, each.reason) for each in found.outputs] == [
        ("v:0", "values of output 'r' of signature 'serving_default'"),
        ("i:0", "indices of output 'r' of signature 'serving_default'"),
        ("s:0", "dense_shape of output 'r' of signature 'serving_default'"),
    ]


def test_an_initializer_is_no_signature_to_call() -> None:
    proto = a_meta_graph('signature_def { key: "__saved_model_init_op" value { } }')
    assert said(find_interface(a_graph("y = Add()"), None, proto).outputs) == [("y:0", "likely")]


def test_what_a_meta_graph_knows_of_placeholders() -> None:
    proto = a_meta_graph(
        """saver_def { filename_tensor_name: "f:0" }
           asset_file_def { filename: "words.txt" tensor_info { name: "w:0" } }"""
    )
    model = graph(
        placeholder("f", dtype="DT_STRING"),
        placeholder("w", dtype="DT_STRING"),
        node("y", "MadeUp", "f", "w"),
    )
    found = find_interface(model, Inference(model).facts, proto).inputs
    assert said(found) == [("f:0", "possible"), ("w:0", "possible")]
    assert reason(found, "w:0") == "path of asset 'words.txt'"


def test_a_library_has_the_arguments_of_its_outermost_functions() -> None:
    library = """
    library {
      function { signature { name: "inner" input_arg { name: "z" type: DT_INT32 } } }
      function {
        signature { name: "outer" input_arg { name: "x" type: DT_FLOAT }
                    output_arg { name: "y" type: DT_INT64 } }
        node_def { name: "call" op: "inner" input: "x" }
      }
    }
    """
    found = find_interface(Graph(graph_def(library)), None)
    assert [(each.name, each.dtype, each.reason) for each in found.inputs + found.outputs] == [
        ("outer::x:0", dtypes.FLOAT, "argument 'x' of function 'outer'"),
        ("outer::y:0", dtypes.INT64, "result 'y' of function 'outer'"),
    ]


# --- dataflow ---------------------------------------------------------------------------------


def test_masks_follow_data_edges_in_any_order_of_the_file() -> None:
    model = a_graph("d = Add(c, b:1)\nc = Neg(a, ^b)\nb = Split()\na = Const()")
    flow = Dataflow(model)
    a, b, d = (flow.positions[name] for name in "abd")
    assert flow.downstream([a, b]) == [0b11, 0b01, 0b10, 0b01]
    assert flow.upstream([d]) == [1, 1, 1, 1]
    assert flow.downstream([a, b], stops={flow.positions["c"]})[d] == 0b10
    assert flow.awaited == {b}


def test_masks_go_round_loops() -> None:
    flow = Dataflow(
        a_graph("a = Const()\nm = Merge(a, n)\nb = Add(m, c)\nn = NextIteration(b)\nc = Const()")
    )
    assert flow.downstream([0, 4]) == [0b01, 0b11, 0b11, 0b11, 0b10]
    assert flow.upstream([3]) == [1, 1, 1, 1, 1]
