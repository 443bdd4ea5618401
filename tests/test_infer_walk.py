"""The walk over a body: what flows where, what is reported, and what never stops it."""

from __future__ import annotations

import pytest

from pbtool.dtypes import BY_NAME
from pbtool.errors import NotFoundError
from pbtool.facts import Fact
from pbtool.graph import Graph
from pbtool.infer import Inference
from pbtool.schema import GraphDef
from pbtool.shapes import SCALAR, UNKNOWN, Shape
from tests.case_graph import shape_proto
from tests.graphs import graph_def, nodes

FLOAT, INT32 = BY_NAME["float32"].number, BY_NAME["int32"].number

ADD = """
    x = Placeholder() dtype=1
    y = Placeholder() dtype=1
    sum = AddV2(x, y) T=1
    z = Neg(sum) T=1
"""


def graph(lines, **shapes):
    """A Graph of such lines; the placeholders have these shapes."""
    proto = nodes(lines)
    proto.versions.producer = 100
    for node in proto.node:
        if node.op == "Placeholder":
            node.attr["shape"].shape.CopyFrom(shape_proto(Shape(shapes.get(node.name))))
    return proto


def infer(proto, pins=None):
    inference = Inference(Graph(proto), pins)
    return inference, inference.facts(inference.graph)


def state(node, *shapes):
    """Give a node the attr with which files state the shapes of its outputs."""
    stated = node.attr["_output_shapes"].list
    stated.SetInParent()
    stated.shape.extend(shape_proto(Shape(shape)) for shape in shapes)


# --- what flows ---


def test_shapes_flow_in_whatever_order_the_nodes_stand():
    proto = graph(ADD, x=(3, None), y=(None, 4))
    for order in (proto.node, list(proto.node)[::-1]):
        shuffled = GraphDef(node=order, versions=proto.versions)
        inference, facts = infer(shuffled)
        assert inference.problems == []
        assert facts["z"] == (Fact(FLOAT, Shape([3, 4])),)


def test_inputs_are_counted_through():
    proto = graph(
        """
        x = Placeholder() dtype=1
        parts = Unpack(^x, x) T=1 num=2
        a = Neg(parts) T=1
        b = Neg(parts:1, ^a) T=1
        c = Neg(parts:2) T=1
        d = Neg(nothing) T=1
        """,
        x=(2, 5),
    )
    proto.node[1].input[:] = ["x", "^x"]
    _, facts = infer(proto)
    assert facts["a"] == facts["b"] == (Fact(FLOAT, Shape([5])),)
    assert facts["c"] == facts["d"] == (Fact(FLOAT, UNKNOWN),)


def test_long_chains_need_no_deep_stack():
    lines = ["n0 = Placeholder() dtype=1"]
    lines += [f"n{i} = Neg(n{i - 1}) T=1" for i in range(1, 20_000)]
    _, facts = infer(graph("\n".join(lines), n0=(2, None)))
    assert facts["n19999"][0].shape == Shape([2, None])


def test_a_loop_is_gone_through_once():
    _, facts = infer(
        graph(
            """
            x = Placeholder() dtype=1
            merge = Merge(x, next) T=1 N=2
            next = NextIteration(wider) T=1
            wider = Neg(merge) T=1
            """,
            x=(2, 3),
        )
    )
    assert facts["merge"][0].shape == UNKNOWN  # what comes back may have any shape
    assert facts["next"][0].shape == UNKNOWN


def test_a_cycle_that_is_no_loop_does_not_hang():
    _, facts = infer(graph("a = Neg(b) T=1\n b = Neg(a) T=1"))
    assert facts["a"] == (Fact(FLOAT, UNKNOWN),)


# --- what is not known ---


def test_an_op_that_is_not_known_has_no_facts_and_stops_nothing():
    inference, facts = infer(graph("a = NoSuchOp()\n b = Neg(a) T=1\n c = Neg(a:1) T=1"))
    assert facts["a"] is None
    assert facts["b"] == facts["c"] == (Fact(FLOAT, UNKNOWN),)
    assert inference.problems == []


def test_an_op_without_outputs_has_an_empty_list_of_facts():
    _, facts = infer(graph("a = NoOp()"))
    assert facts["a"] == ()


def test_outputs_by_name():
    inference, _ = infer(graph("a = NoOp()"))
    assert inference.outputs("a") == ()
    with pytest.raises(NotFoundError):
        inference.outputs("b")


# --- what cannot be ---


def test_a_node_that_cannot_fit_is_reported_and_stops_nothing():
    inference, facts = infer(graph(ADD, x=(3,), y=(4,)))
    (problem,) = inference.problems
    assert problem[:3] == (None, "sum", "AddV2")
    assert "[3] and [4]" in problem.message
    assert "its inputs are float32[3], float32[4]" in problem.message
    assert str(problem) == f"node sum (AddV2): {problem.message}"
    assert facts["sum"] == facts["z"] == (Fact(FLOAT, UNKNOWN),)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("y = Neg() T=1", "has 0 inputs, but the op takes 1"),
        ("y = Neg(x, x) T=1", "has 2 inputs, but the op takes 1"),
        ("y = Pack(x, x) T=1 N=3", "has 2 inputs, but the op takes 3"),
        ("y = OneHot(x, x, x)", "has 3 inputs, but the op takes 4"),
        ("y = SpaceToDepth(x) T=1", "attr 'block_size' is missing"),
    ],
)
def test_a_malformed_node_is_reported(line, message):
    inference, facts = infer(graph(f"x = Placeholder() dtype=1\n{line}"))
    assert [problem.message.partition(";")[0] for problem in inference.problems] == [message]
    assert facts["y"][0].shape == UNKNOWN


# --- pins ---


def test_pins_replace_facts_before_they_flow_on():
    proto = graph(ADD, x=(3, None), y=(3, None))
    _, facts = infer(proto, {"x:0": Fact(FLOAT, Shape([3, 8]))})
    assert facts["x"] == (Fact(FLOAT, Shape([3, 8])),)
    assert facts["z"][0].shape == Shape([3, 8])


def test_a_pin_may_contradict_what_the_file_says():
    _, facts = infer(graph(ADD, x=(3,), y=(3,)), {"sum:0": Fact(FLOAT, Shape([7, 7]))})
    assert facts["z"][0].shape == Shape([7, 7])


def test_pins_are_of_one_output():
    proto = graph("x = Placeholder() dtype=1\n parts = Unpack(x) T=1 num=2", x=(2, 5))
    _, facts = infer(proto, {"parts:1": Fact(INT32, SCALAR)})
    assert facts["parts"] == (Fact(FLOAT, Shape([5])), Fact(INT32, SCALAR))


# --- shapes that the file states ---


def test_stated_shapes_are_merged_and_flow_on():
    proto = graph(ADD, x=(3, None), y=(None, None))
    state(proto.node[2], (None, 4))
    _, facts = infer(proto)
    assert facts["sum"][0].shape == facts["z"][0].shape == Shape([3, 4])


def test_stated_shapes_of_an_op_without_a_rule():
    proto = graph("x = Placeholder() dtype=1\n y = PyFunc(x)")
    node = proto.node[1]
    node.attr["Tin"].list.type.append(FLOAT)
    node.attr["Tout"].list.type.extend([FLOAT, INT32])
    state(node, (2,), None)
    _, facts = infer(proto)
    assert facts["y"] == (Fact(FLOAT, Shape([2])), Fact(INT32, UNKNOWN))


def test_a_stated_shape_that_contradicts_is_a_problem():
    proto = graph(ADD, x=(3,), y=(3,))
    state(proto.node[2], (4,))
    inference, facts = infer(proto)
    assert [problem.node for problem in inference.problems] == ["sum"]
    assert facts["sum"][0].shape == Shape([3])


def test_too_few_stated_shapes_are_a_problem_and_too_many_are_not():
    proto = graph("x = Placeholder() dtype=1\n parts = Unpack(x) T=1 num=2", x=(2, None))
    state(proto.node[1], (5,), (6,), (7,))
    inference, facts = infer(proto)
    assert inference.problems == []
    assert [fact.shape for fact in facts["parts"]] == [Shape([5]), Shape([6])]
    proto.node[1].ClearField("attr")
    proto.node[1].MergeFrom(nodes("parts = Unpack(x) T=1 num=2").node[0])
    del proto.node[1].input[1:]
    state(proto.node[1], (5,))
    inference, _ = infer(proto)
    assert ["states 1 of 2 shapes" in problem.message for problem in inference.problems] == [True]


def test_an_attr_of_that_name_which_states_no_shapes_is_ignored():
    proto = graph("x = Placeholder() dtype=1\n y = Neg(x) T=1", x=(2,))
    proto.node[1].attr["_output_shapes"].list.i.append(7)
    inference, facts = infer(proto)
    assert (inference.problems, facts["y"][0].shape) == ([], Shape([2]))


# --- versions ---


def test_a_placeholder_of_an_old_file_may_have_any_shape():
    proto = graph("x = Placeholder() dtype=1", x=())
    assert infer(proto)[1]["x"][0].shape == SCALAR
    proto.versions.producer = 21
    assert infer(proto)[1]["x"][0].shape == UNKNOWN


# --- functions ---

CALL = """
    library {
      function {
        signature {
          name: "double"
          input_arg { name: "x" type: DT_FLOAT }
          output_arg { name: "y" type: DT_FLOAT }
        }
        node_def { name: "sum" op: "AddV2" input: "x" input: "x"
                   attr { key: "T" value { type: DT_FLOAT } } }
        node_def { name: "parts" op: "Split" input: "axis:output:0" input: "sum:z:0"
                   attr { key: "T" value { type: DT_FLOAT } }
                   attr { key: "num_split" value { i: 2 } } }
        node_def { name: "axis" op: "Const"
                   attr { key: "dtype" value { type: DT_INT32 } }
                   attr { key: "value" value { tensor { dtype: DT_INT32 tensor_shape {} } } } }
        node_def { name: "second" op: "Neg" input: "parts:output:1"
                   attr { key: "T" value { type: DT_FLOAT } } }
        ret { key: "y" value: "second:y:0" }
      }
    }
    node { name: "x" op: "Placeholder"
           attr { key: "dtype" value { type: DT_FLOAT } }
           attr { key: "shape" value { shape { dim { size: 6 } dim { size: -1 } } } } }
    versions { producer: 1000 }
"""


def test_a_function_is_inferred_from_what_it_states_of_its_arguments():
    inference, facts = infer(graph_def(CALL))
    body = inference.graph.functions["double"]
    assert inference.facts(body)["second"] == (Fact(FLOAT, UNKNOWN),)
    assert "second" not in facts
    assert inference.outputs("double::second") == (Fact(FLOAT, UNKNOWN),)

    proto = graph_def(CALL)
    shape = proto.library.function[0].arg_attr[0].attr["_output_shapes"].list.shape.add()
    shape.CopyFrom(shape_proto(Shape([6, None])))
    inference, _ = infer(proto)
    body = inference.graph.functions["double"]
    assert inference.facts(body)["x"] == (Fact(FLOAT, Shape([6, None])),)
    assert inference.facts(body)["second"] == (Fact(FLOAT, Shape([3, None])),)


def test_pins_and_producers_are_those_of_the_main_graph():
    proto = graph_def(CALL)
    proto.versions.producer = 21
    inference, _ = infer(proto, {"x:0": Fact(FLOAT, Shape([6, 2]))})
    assert inference.facts(inference.graph.functions["double"])["x"][0].shape == UNKNOWN


def test_problems_name_the_function():
    proto = graph_def(CALL)
    shape = proto.library.function[0].arg_attr[0].attr["_output_shapes"].list.shape.add()
    shape.CopyFrom(shape_proto(Shape([7])))
    inference, _ = infer(proto)
    inference.facts(inference.graph.functions["double"])
    assert [str(problem).partition(":")[0] for problem in inference.problems] == ["node double"]
    assert "dimension 7 cannot be divided evenly by 2" in inference.problems[0].message


# --- what enters a loop ---


def test_an_enter_is_evaluated_for_whoever_asks_but_not_looked_through():
    proto = graph(
        """
        size = Const() dtype=3
        enter = Enter(size) T=3
        twice = AddV2(enter, enter) T=3
        direct = Empty(enter) dtype=1
        indirect = Empty(twice) dtype=1
        """
    )
    proto.node[0].attr["value"].tensor.CopyFrom(
        graph_def(
            """node { attr { key: "value" value { tensor {
               dtype: DT_INT32 tensor_shape { dim { size: 2 } } int_val: [3, 4] } } } }"""
        )
        .node[0]
        .attr["value"]
        .tensor
    )
    proto.node[1].attr["frame_name"].s = b"loop"
    _, facts = infer(proto)
    assert facts["direct"][0].shape == Shape([3, 4])
    assert facts["indirect"][0].value is None
    assert facts["twice"][0].value is None


def test_progress_is_told():
    told = []
    ours = Graph(graph(ADD))
    Inference(ours, progress=lambda done, total: told.append((done, total))).facts(ours)
    assert told == [(0, 4)]


def test_less_than_an_op_declares_is_a_problem_and_no_crash():
    for lines in ("m = Merge() T=1 N=0", "c = ConcatV2(c) T=1 N=0"):
        inference, _ = infer(nodes(lines))
        assert "or more, not 0" in inference.problems[0].message


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("p = MaxPool(p) T=1 ksize=1", "attr 'ksize' must be of type list(int)"),
        ("b = Bitcast(b) T=57 Type=1", "attr 'T' has a value that the op does not take"),
        ("s = Split(s, s) T=1 num_split=8589934592", ""),
    ],
)
def test_attrs_that_an_op_does_not_take_are_a_problem_and_no_crash(line, message):
    inference, _ = infer(nodes(line))
    assert [each.message.split(";")[0] for each in inference.problems] == [message] * bool(message)


def test_a_function_without_its_results_stays_so():
    proto = nodes("x = Placeholder() dtype=1\n y = f(x)")
    function = proto.library.function.add()
    function.signature.name = "f"
    function.signature.input_arg.add(name="a", type=FLOAT)
    function.signature.output_arg.add(name="b", type=FLOAT)
    before = proto.SerializeToString()
    _, facts = infer(proto)
    assert facts["y"] == (Fact(FLOAT, UNKNOWN),)
    assert proto.SerializeToString() == before
