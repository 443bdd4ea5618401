from __future__ import annotations

import pytest

from pbtool import schema
from pbtool.body import CONTROL, Input, parse_input
from pbtool.errors import NotFoundError
from pbtool.graph import Graph
from tests.graphs import DIAMOND, LOOP, a_graph, graph_def

FUNCTIONS = """
    node { name: "x" op: "Placeholder" attr { key: "dtype" value { type: DT_FLOAT } } }
    node { name: "call" op: "twice" input: "x" }
    library {
      function {
        signature {
          name: "twice"
          input_arg { name: "a" type: DT_FLOAT }
          output_arg { name: "b" type: DT_FLOAT }
        }
        node_def {
          name: "parts" op: "Split" input: "axis:output:0" input: "a"
          attr { key: "T" value { type: DT_FLOAT } }
          attr { key: "num_split" value { i: 2 } }
        }
        node_def {
          name: "axis" op: "Const"
          attr { key: "dtype" value { type: DT_INT32 } }
          attr { key: "value" value { tensor { dtype: DT_INT32 tensor_shape {} int_val: 1 } } }
        }
        node_def {
          name: "found" op: "Unique" input: "parts:output:1"
          attr { key: "T" value { type: DT_FLOAT } }
        }
        node_def {
          name: "cast" op: "Cast" input: "found:idx:0" input: "^parts"
          attr { key: "SrcT" value { type: DT_INT32 } }
          attr { key: "DstT" value { type: DT_FLOAT } }
        }
        ret { key: "b" value: "cast:y:0" }
      }
    }
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a", Input("a", 0)),
        ("a:0", Input("a", 0)),
        ("scope/a:12", Input("scope/a", 12)),
        ("^a", Input("a", CONTROL)),
        ("a:b", Input("a:b", 0)),
    ],
)
def test_inputs_are_read_as_tensorflow_reads_them(text: str, expected: Input) -> None:
    assert parse_input(text) == expected
    assert parse_input(str(expected)) == expected


def test_nodes_are_found_by_name_and_iterated_in_file_order() -> None:
    graph = a_graph(DIAMOND)
    assert [node.name for node in graph] == ["x", "left", "right", "sum", "alone"]
    assert graph["sum"].op == "Add"
    assert "sum" in graph
    assert "other" not in graph
    assert len(graph) == 5
    assert repr(graph) == "<Graph: 5 nodes>"


def test_an_unknown_name_suggests_the_nearest() -> None:
    with pytest.raises(NotFoundError, match="no node 'rigth'; did you mean right"):
        a_graph(DIAMOND)["rigth"]
    with pytest.raises(NotFoundError, match="did you mean deep/scope/conv"):
        a_graph("deep/scope/conv = NoOp()")["conv"]


def test_of_two_nodes_with_one_name_the_first_counts() -> None:
    assert a_graph("a = Neg() T=1\n a = Abs() T=1")["a"].op == "Neg"


def test_consumers_name_the_position_and_the_output() -> None:
    graph = a_graph(DIAMOND)
    uses = [(use.node.name, use.position, use.output) for use in graph.consumers("left")]
    assert uses == [("right", 1, CONTROL), ("sum", 0, 0)]
    assert list(graph.consumers("sum")) == []


def test_ancestors_include_control_inputs() -> None:
    graph = a_graph(DIAMOND)
    assert graph.ancestors(["right"]) == {"right", "x", "left"}
    assert graph.ancestors(["alone", "absent"]) == {"alone"}


def test_inputs_that_name_no_node_are_found() -> None:
    graph = a_graph("a = Neg(x:1, a) T=1\n b = Abs(a, ^y) T=1")
    assert [(node.name, text) for node, text in graph.dangling_inputs()] == [
        ("a", "x:1"),
        ("b", "^y"),
    ]
    functions = Graph(graph_def(FUNCTIONS))
    assert not any(list(body.dangling_inputs()) for body in functions.bodies)


def test_topological_order_puts_inputs_first() -> None:
    reverse = "\n".join(reversed(DIAMOND.strip().splitlines()))
    names = [node.name for node in a_graph(reverse).topological_order()]
    assert names == ["alone", "x", "left", "right", "sum"]


def test_a_loop_is_ordered_from_its_entrance() -> None:
    names = [node.name for node in a_graph(LOOP).topological_order()]
    assert names == ["start", "enter", "merge", "test", "more", "switch", "next", "exit"]


def test_nodes_on_another_cycle_come_last() -> None:
    graph = a_graph("a = Neg(b) T=1\n b = Neg(a) T=1\n c = NoOp()\n d = Neg(a) T=1")
    assert [node.name for node in graph.topological_order()] == ["c", "a", "b", "d"]


def test_long_chains_do_not_recurse() -> None:
    lines = ["n0 = Placeholder() dtype=1"]
    lines += [f"n{i} = Neg(n{i - 1}) T=1" for i in range(1, 5000)]
    graph = a_graph("\n".join(reversed(lines)))
    assert graph.topological_order()[-1].name == "n4999"
    assert len(graph.ancestors(["n4999"])) == 5000


def test_a_functions_inputs_are_counted_through() -> None:
    function = Graph(graph_def(FUNCTIONS)).functions["twice"]
    assert function.inputs(function["parts"]) == [Input("axis", 0), Input("a", 0)]
    assert function.inputs(function["found"]) == [Input("parts", 1)]
    assert function.inputs(function["cast"]) == [Input("found", 1), Input("parts", CONTROL)]
    assert [use.node.name for use in function.consumers("a")] == ["parts"]
    names = [node.name for node in function.topological_order()]
    assert names == ["axis", "parts", "found", "cast"]


def test_types_come_from_the_op_the_function_or_the_file() -> None:
    graph = Graph(
        graph_def(FUNCTIONS + 'node { name: "c" op: "Custom" } node { name: "u" op: "Unheard" }'),
        extra_ops=[schema.OpDef(name="Custom", output_arg=[schema.OpDef.ArgDef(name="y", type=9)])],
    )
    assert graph.output_dtypes(graph["x"]) == (1,)
    assert graph.output_dtypes(graph["call"]) == (1,)
    assert graph.output_dtypes(graph["c"]) == (9,)
    assert graph.output_dtypes(graph["u"]) is None
    function = graph.functions["twice"]
    assert function.output_dtypes(function["parts"]) == (1, 1)
    assert function.output_dtypes(function["found"]) == (1, 3)


def test_locate_understands_functions_and_tensors() -> None:
    graph = Graph(graph_def(FUNCTIONS))
    assert graph.locate("call:0") == (graph, graph["call"])
    body, node = graph.locate("twice::cast")
    assert (body.name, node.op) == ("twice", "Cast")
    with pytest.raises(NotFoundError, match="no function 'twic'; did you mean twice"):
        graph.locate("twic::cast")
    with pytest.raises(NotFoundError, match="no node 'cost' in function 'twice'"):
        graph.locate("twice::cost")


def test_tensors_are_read_as_numpy() -> None:
    graph = Graph(graph_def(FUNCTIONS))
    assert graph.functions["twice"].tensor("axis") == 1
    with pytest.raises(NotFoundError, match="no attr 'value' that holds a tensor"):
        graph.tensor("x")


def test_a_message_of_another_pool_is_taken_over() -> None:
    class Foreign:
        def SerializeToString(self) -> bytes:  # noqa: N802 - protobuf's name
            return graph_def(FUNCTIONS).SerializeToString()

    assert [node.name for node in Graph(Foreign())] == ["x", "call"]


def test_the_notebook_view_escapes_what_the_file_says() -> None:
    html = a_graph("a = <script>()")._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
