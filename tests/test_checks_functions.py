from __future__ import annotations

import pytest

from pbtool.checks import ERROR, WARNING, check_graph
from pbtool.graph import Graph
from tests.check_examples import CALL, codes, function
from tests.graphs import a_graph, graph_def, nodes


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (function(source="nope"), "dangling-input"),
        (function(result="r:nope:0"), "broken-signature"),
        (function(result="nope"), "broken-signature"),
        (function(op="NoSuchOp"), "unknown-op"),
    ],
)
def test_a_broken_function_is_an_error_where_it_is_called(text: str, code: str) -> None:
    assert code in codes(graph_def(text), WARNING)
    assert code not in codes(graph_def(text), ERROR)
    assert code in codes(graph_def(CALL + text), ERROR)


@pytest.mark.parametrize(
    ("stated", "sentence"),
    [
        ("type: DT_FLOAT_REF", None),
        ("type: 57", "is dtype(57), no type that TensorFlow has"),
        ("type: 157", "is dtype(157), no type that TensorFlow has"),
        ("", "has no type"),
        ('type_attr: "T"', "takes its type from the attr 'T'"),
    ],
)
def test_arguments_have_types_even_where_nobody_calls(stated: str, sentence: str | None) -> None:
    signature = f'signature {{ name: "g" input_arg {{ name: "x" {stated} }} }}'
    found = check_graph(Graph(graph_def(f"library {{ function {{ {signature} }} }}")))
    assert len(found) == (sentence is not None)
    assert all(each.severity == ERROR and sentence in each.sentence for each in found)


def test_functions() -> None:
    assert not codes(graph_def(CALL + function()))
    twin = 'function { signature { name: "f" } }'
    assert "duplicate-function" in codes(graph_def(function(more=twin)))
    shadow = 'function { signature { name: "Relu" } }'
    assert "function-named-as-op" in codes(graph_def(function(more=shadow)))
    gradient = 'gradient { function_name: "f" gradient_func: "g" }'
    assert codes(graph_def(function(more=gradient)), ERROR) == {"lost-gradient"}
    assert "recursion" in codes(graph_def(function(op="f")))
    assert codes(a_graph("p = PartitionedCall()")) <= {"missing-attr"}


def test_a_call_of_a_missing_function() -> None:
    graph = nodes("p = StatefulPartitionedCall()")
    graph.node[0].attr["f"].func.name = "nobody"
    assert "missing-function" in codes(graph, WARNING)
