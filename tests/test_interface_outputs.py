from __future__ import annotations

from pbtool import schema
from pbtool.graph import Graph
from pbtool.infer import Inference
from pbtool.interface import find_interface
from tests.interface_graphs import graph, inputs, node, outputs, placeholder, reason, said


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
