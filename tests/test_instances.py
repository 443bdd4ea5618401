"""Functions with attrs that their callers fill in."""

from __future__ import annotations

import pytest

from pbtool import instances
from pbtool.checks import ERROR, check_graph
from pbtool.graph import Graph
from pbtool.infer import Inference
from pbtool.schema import AttrValue
from pbtool.shapes import UNKNOWN, Shape
from tests.graphs import graph_def
from tests.open_functions import DECLARED, FLOAT, FUNCTION, called, nested


def value(text: str) -> AttrValue:
    node = graph_def(f'node {{ attr {{ key: "k" value {{ {text} }} }} }}').node[0]
    return node.attr["k"]


@pytest.mark.parametrize(
    ("attrs", "shape"),
    [
        (FLOAT, (3, 3)),
        (FLOAT + 'attr { key: "b" value { b: false } }', (3, 3)),
        (
            FLOAT + 'attr { key: "a" value { b: false } } attr { key: "b" value { b: true } }',
            (2, 2),
        ),
    ],
)
def test_a_call_fills_in_attrs(attrs, shape):
    graph = Graph(called(attrs))
    inference = Inference(graph)
    for name in ("call", "through"):
        assert inference.outputs(name)[0].shape == Shape(shape)
    assert not inference.problems
    assert not check_graph(graph)


def test_calls_with_other_attrs_are_other_instances():
    graph = called(FLOAT)
    other = graph.node.add()
    other.CopyFrom(graph.node[1])
    other.name = "other"
    other.attr["a"].b, other.attr["b"].b = False, True
    inference = Inference(Graph(graph))
    assert inference.outputs("call")[0].shape == Shape((3, 3))
    assert inference.outputs("other")[0].shape == Shape((2, 2))


@pytest.mark.parametrize(
    ("attrs", "declared", "sentence"),
    [
        ("", "", "function 'f' needs the attr 'T'"),
        (FLOAT, "", "function 'f' needs the attr 'a'"),
        (FLOAT + 'attr { key: "a" value { i: 1 } }', DECLARED, "attr 'a' must be of type bool"),
        (FLOAT + 'attr { key: "a" value { placeholder: "a" } }', DECLARED, "must be of type bool"),
        (FLOAT.replace("FLOAT", "INT32"), DECLARED, "node 'n': input 0 is float32, not int32"),
        (FLOAT + 'attr { key: "a" value { b: false } }', DECLARED, "dimensions 3 and 2"),
    ],
)
def test_calls_that_do_not_fit(attrs, declared, sentence):
    found = [each for each in check_graph(Graph(called(attrs, declared))) if each.severity == ERROR]
    assert {each.place for each in found} == {"call", "through"}
    assert all(sentence in each.sentence for each in found if each.code == "shape-conflict")


def test_a_result_of_another_type():
    graph = called('attr { key: "T" value { type: DT_FLOAT } }')
    function = graph.library.function[0]
    function.node_def[0].op = "Cast"
    del function.node_def[0].input[1]
    function.node_def[0].attr["SrcT"].type = 1
    function.node_def[0].attr["DstT"].placeholder = "T"
    function.ret["y"] = "n:y:0"
    assert "shape-conflict" not in {each.code for each in check_graph(Graph(graph))}
    graph.node[1].attr["T"].type = 3
    (problem,) = [each for each in check_graph(Graph(graph)) if each.code == "shape-conflict"]
    assert problem.place == "call"
    assert "result 'y' is int32, not float32" in problem.sentence


def test_functions_hand_attrs_on():
    graph = Graph(nested())
    inference = Inference(graph)
    assert inference.outputs("r")[0].shape == Shape((2, 2))
    assert not check_graph(graph)


def test_nothing_is_known_before_a_call():
    graph = Graph(graph_def(FUNCTION % DECLARED))
    inference = Inference(graph)
    (fact,) = inference.outputs("f::n")
    assert fact.shape == UNKNOWN
    assert not inference.problems
    assert not check_graph(graph)


def test_attrs_are_filled_in_inside_functions():
    open_value = value('func { name: "g" attr { key: "T" value { placeholder: "T" } } }')
    closed = instances.filled(open_value, {"T": value("type: DT_FLOAT")})
    assert closed == value('func { name: "g" attr { key: "T" value { type: DT_FLOAT } } }')
    assert instances.filled(open_value, {}) == open_value
    assert list(instances.placeholders([open_value])) == ["T"]
    assert not list(instances.placeholders([closed]))


def test_attrs_that_double_with_each_call_end():
    graph = called('attr { key: "q" value { i: 1 } }', "")
    body = graph.library.function[0].node_def[0]
    body.op = "f"
    body.attr.clear()
    del body.input[1]
    for name in "ab":
        body.attr["q"].func.attr[name].placeholder = "q"
    assert Inference(Graph(graph)).outputs("call")[0].shape == UNKNOWN
