from __future__ import annotations

import numpy as np
import pytest

from pbtool import dtypes
from pbtool.files import load_bytes
from pbtool.graph import Graph
from pbtool.infer import Inference
from pbtool.schema import GraphDebugInfo, MetaGraphDef, OpDef
from pbtool.selection import Place
from pbtool.shapes import Shape
from pbtool.signatures import signatures
from pbtool.tensors import to_proto
from pbtool.view.debug_info import Frame, frames
from pbtool.view.declaration import FILE, FUNCTION, TENSORFLOW, declaration
from pbtool.view.function import FunctionView, callers, function_view
from pbtool.view.node import NodeView, Role, Source, Use, node_view
from tests.graphs import a_graph, graph_def

MAIN = """
    x = Placeholder() dtype=1
    start = NoOp()
    axis = Placeholder() dtype=3
    parts = Split(axis, x:0, ^start) T=1 num_split=2
    joined = ConcatV2(parts:1, parts, x, axis) N=3 T=1
    after = NoOp(^parts, ^joined)
    strange = NotAnOp(parts:1, gone, ^left) depth=7
    user = Neg(strange:2) T=1
    untyped = Neg(x)
"""

FUNCTIONS = Graph(
    graph_def("""
    node { name: "x" op: "Placeholder" attr { key: "dtype" value { type: DT_FLOAT } } }
    node { name: "call" op: "double" input: "x" }
    node { name: "hand" op: "If" attr { key: "then_branch" value { func { name: "double" } } }
      attr { key: "else_branch" value { func { name: "double" } } } }
    node { name: "case" op: "Case"
      attr { key: "branches" value { list { func { name: "other" } func { name: "double" } } } } }
    library {
      function {
        signature {
          name: "double"
          input_arg { name: "a" type: DT_FLOAT }
          input_arg { name: "unused" type: DT_INT32 }
          output_arg { name: "twice" type: DT_FLOAT }
          output_arg { name: "again" type: DT_FLOAT }
          output_arg { name: "same" type: DT_FLOAT }
          control_output: "said"
        }
        arg_attr { key: 0 value {
          attr { key: "_user_specified_name" value { s: "inputs" } }
          attr { key: "_output_shapes" value { list { shape { dim { size: 4 } } } } } } }
        node_def { name: "say" op: "NoOp" }
        node_def { name: "axis" op: "Placeholder" attr { key: "dtype" value { type: DT_INT32 } } }
        node_def { name: "halves" op: "Split" input: "axis:output:0" input: "a" input: "^say"
          attr { key: "T" value { type: DT_FLOAT } } attr { key: "num_split" value { i: 2 } } }
        node_def { name: "sum" op: "AddV2" input: "halves:output:1" input: "a"
          attr { key: "T" value { type: DT_FLOAT } } }
        node_def { name: "late" op: "NoOp" input: "^a" }
        ret { key: "twice" value: "halves:output:1" }
        ret { key: "again" value: "halves:output:1" }
        ret { key: "same" value: "a" }
        control_ret { key: "said" value: "say" }
      }
      function { signature { name: "other" } node_def { name: "inner" op: "double" } }
      gradient { function_name: "double" gradient_func: "double_grad" }
    }
    """)
)


def view(graph: Graph, name: str) -> NodeView:
    return node_view(Place(*graph.locate(name)), Inference(graph))


def function(graph: Graph, name: str) -> FunctionView:
    return function_view(graph.functions[name], Inference(graph), callers(graph))


# --- edges --------------------------------------------------------------------------------------


def test_inputs_are_what_the_op_calls_them() -> None:
    joined = view(a_graph(MAIN), "joined")
    assert [(each.argument, each.tensor, each.op) for each in joined.inputs] == [
        ("values[0]", "parts:1", "Split"),
        ("values[1]", "parts:0", "Split"),
        ("values[2]", "x:0", "Placeholder"),
        ("axis", "axis:0", "Placeholder"),
    ]
    assert [each.fact.dtype for each in joined.inputs if each.fact] == [1, 1, 1, 3]
    assert joined.control_inputs == ()


def test_control_inputs_are_apart() -> None:
    parts = view(a_graph(MAIN), "parts")
    assert [each.tensor for each in parts.inputs] == ["axis:0", "x:0"]
    assert parts.control_inputs == (Source("", "^start", "NoOp", False, None),)


def test_a_control_edge_in_the_place_of_an_input_is_none() -> None:
    y = view(a_graph("x = NoOp()\ny = Neg(^x) T=1"), "y")
    assert y.inputs == ()
    assert y.control_inputs == (Source("", "^x", "NoOp", False, None),)


def test_who_uses_what() -> None:
    graph = a_graph(MAIN)
    parts = view(graph, "parts")
    assert [(each.argument, each.tensor, each.uses) for each in parts.outputs] == [
        ("output[0]", "parts:0", (Use("joined", "ConcatV2", 1, "values[1]"),)),
        (
            "output[1]",
            "parts:1",
            (Use("joined", "ConcatV2", 0, "values[0]"), Use("strange", "NotAnOp", 0, "")),
        ),
    ]
    assert [use.node for use in parts.control_outputs] == ["after"]
    assert [use.node for use in view(graph, "start").control_outputs] == ["parts"]
    assert view(graph, "after").outputs == ()


def test_an_op_that_nobody_declares() -> None:
    strange = view(a_graph(MAIN), "strange")
    assert strange.declaration is None
    assert [(each.argument, each.tensor, each.op) for each in strange.inputs] == [
        ("", "parts:1", "Split"),
        ("", "gone:0", None),
    ]
    assert strange.inputs[1] == Source("", "gone:0", None, False, None)
    assert strange.control_inputs == (Source("", "^left", None, False, None),)
    assert [(each.number, each.fact, len(each.uses)) for each in strange.outputs] == [(2, None, 1)]
    assert [(each.name, each.origin) for each in strange.attrs] == [("depth", "written")]


def test_an_output_of_an_absurd_number_costs_nothing() -> None:
    graph = a_graph("x = Neg() T=1\ny = Neg(x:99999999999999) T=1")
    assert [(each.number, len(each.uses)) for each in view(graph, "x").outputs] == [
        (0, 0),
        (99999999999999, 1),
    ]


def test_tensors_in_a_function() -> None:
    halves = view(FUNCTIONS, "double::halves")
    axis, a = halves.inputs
    assert (axis.argument, axis.tensor, axis.is_argument) == ("split_dim", "axis:0", False)
    assert (a.argument, a.tensor, a.op, a.is_argument) == ("value", "a", None, True)
    assert a.fact is not None
    assert a.fact.shape == Shape([4])
    first, second = halves.outputs
    assert (first.uses, first.results) == ((), ())
    assert second.uses == (Use("sum", "AddV2", 0, "x"),)
    assert second.results == ("twice", "again")
    assert view(FUNCTIONS, "double::say").control_results == ("said",)
    assert halves.control_results == ()


def test_roles_in_signatures() -> None:
    meta_graph = MetaGraphDef(graph_def=a_graph(MAIN).proto)
    signature = meta_graph.signature_def["serve"]
    signature.inputs["image"].name = "x:0"
    signature.outputs["left"].name = "parts:1"
    signature.outputs["sparse"].coo_sparse.values_tensor_name = "parts:1"
    graph = Graph(meta_graph.graph_def)
    known = list(signatures(meta_graph).values())

    def roles(name: str) -> list[tuple[Role, ...]]:
        place = Place(*graph.locate(name))
        return [each.roles for each in node_view(place, Inference(graph), known).outputs]

    assert roles("x") == [(Role("serve", "input", "image"),)]
    assert roles("parts") == [
        (),
        (Role("serve", "output", "left"), Role("serve", "output", "sparse")),
    ]


# --- attrs --------------------------------------------------------------------------------------


def test_where_attrs_come_from() -> None:
    graph = graph_def("""
    node { name: "y" op: "MatMul"
      attr { key: "_class" value { list { s: "loc:@x" } } }
      attr { key: "Zoom" value { i: 1 } }
      attr { key: "transpose_a" value { b: false } }
      attr { key: "transpose_b" value { b: true } } }
    """)
    attrs = view(Graph(graph), "y").attrs
    assert [(each.name, each.origin, each.type) for each in attrs] == [
        ("transpose_a", "default", "bool"),
        ("transpose_b", "written", "bool"),
        ("T", "missing", "type"),
        ("grad_a", "omitted", "bool"),
        ("grad_b", "omitted", "bool"),
        ("Zoom", "undeclared", ""),
        ("_class", "undeclared", ""),
    ]
    assert {each.name: each.value and each.value.b for each in attrs}["transpose_b"] is True
    assert {each.name: each.value for each in attrs}["T"] is None


def test_a_view_adds_nothing_to_the_message() -> None:
    graph = a_graph(MAIN)
    before = graph.proto.SerializeToString(deterministic=True)
    for node in graph:
        view(graph, node.name)
    assert graph.proto.SerializeToString(deterministic=True) == before


def test_tensors_of_a_big_file_are_read_when_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pbtool.files.WHOLE", 0)
    graph = graph_def("""
    node { name: "w" op: "Const" attr { key: "dtype" value { type: DT_FLOAT } } }
    """)
    tensor = graph.node[0].attr["value"].tensor
    tensor.CopyFrom(to_proto(np.array([0] * 4999 + [1], "f4"), dtypes.FLOAT))
    opened = load_bytes(graph.SerializeToString()).graph
    assert not opened["w"].attr["value"].tensor.tensor_content
    (value,) = [each.tensor for each in view(opened, "w").attrs if each.tensor is not None]
    assert value.array is not None
    assert value.array[-1] == 1
    assert value.problem == ""


# --- declarations, problems, origins ------------------------------------------------------------


def test_who_declares_an_op() -> None:
    graph = Graph(FUNCTIONS.proto, extra_ops=[OpDef(name="Zoom"), OpDef(name="Neg")])
    origins = {op: declaration(graph, op) for op in ("Neg", "double", "Zoom", "CompareAndBitpack")}
    assert [found and found.origin for found in origins.values()] == [
        TENSORFLOW,
        FUNCTION,
        FILE,
        TENSORFLOW,
    ]
    dropped = origins["CompareAndBitpack"]
    assert dropped is not None
    assert dropped.versions is not None
    assert dropped.versions.last  # whichever it was, it is gone
    assert declaration(graph, "Nothing") is None


def test_what_tensorflow_refuses_is_told_of_the_node_alone() -> None:
    graph = a_graph("""
        a = Placeholder() dtype=1
        bad = MatMul(a, matrix) T=1
        matrix = Placeholder() dtype=1
    """)
    for name, sizes in (("a", [2, 3]), ("matrix", [2, 2])):
        for size in sizes:
            graph[name].attr["shape"].shape.dim.add(size=size)
    assert len(view(graph, "bad").problems) == 1
    assert view(graph, "a").problems == ()


TRACES = """
    files: "a.py" files: "b.py"
    traces { key: "old" value { file_line_cols { file_index: 1 line: 3 func: "f" code: "c" } } }
    frames_by_id { key: 5 value { file_index: 0 line: 1 func: "main" } }
    frames_by_id { key: 6 value { file_index: 9 line: 2 col: 4 func: "g" } }
    traces_by_id { key: 8 value { frame_id: [5, 6, 7] } }
    name_to_trace_id { key: "new@" value: 8 }
    name_to_trace_id { key: "new@fn" value: 8 }
    name_to_trace_id { key: "lost@" value: 99 }
"""


@pytest.mark.parametrize(
    ("function", "node", "expected"),
    [
        (None, "old", [Frame("b.py", 3, 0, "f", "c")]),
        (None, "new", [Frame("a.py", 1, 0, "main", ""), Frame("", 2, 4, "g", "")]),
        ("fn", "new", [Frame("a.py", 1, 0, "main", ""), Frame("", 2, 4, "g", "")]),
        ("fn", "old", []),  # that is another node's
        (None, "lost", []),
        (None, "none", []),
    ],
)
def test_stacks_of_calls(function: str | None, node: str, expected: list[Frame]) -> None:
    graph = graph_def(f"debug_info {{ {TRACES} }}")
    before = GraphDebugInfo.FromString(graph.debug_info.SerializeToString())
    assert list(frames(graph.debug_info, function, node)) == expected
    assert graph.debug_info == before


def test_debug_info_of_the_graph_and_from_beside_it() -> None:
    graph = Graph(graph_def(f'node {{ name: "old" op: "NoOp" }} debug_info {{ {TRACES} }}'))
    place = Place(*graph.locate("old"))
    assert [each.file for each in node_view(place, Inference(graph)).trace] == ["b.py"]
    beside = GraphDebugInfo(files=["c.py"])
    beside.traces["old@"].file_line_cols.add(file_index=0)
    seen = node_view(place, Inference(graph), debug_info=beside)
    assert [each.file for each in seen.trace] == ["c.py"]


# --- functions ----------------------------------------------------------------------------------


def test_a_function() -> None:
    double = function(FUNCTIONS, "double")
    a, unused = double.arguments
    assert a.declared.name == "a"
    assert a.fact is not None
    assert a.fact.shape == Shape([4])
    assert a.attrs["_user_specified_name"].s == b"inputs"
    assert a.uses == (Use("halves", "Split", 1, "value"), Use("sum", "AddV2", 1, "y"))
    assert (unused.uses, dict(unused.attrs)) == ((), {})
    assert [(each.declared.name, each.tensor) for each in double.results] == [
        ("twice", "halves:1"),
        ("again", "halves:1"),
        ("same", "a"),
    ]
    assert double.control_results == {"said": "say"}
    assert double.gradient == "double_grad"
    assert [place.name for place in double.callers] == ["call", "hand", "case", "other::inner"]
    assert [place.name for place in function(FUNCTIONS, "other").callers] == ["case"]
