from __future__ import annotations

import pytest

from pbtool.checks import ERROR
from pbtool.graph import Graph
from tests.check_examples import CALL, CONST, codes, function, one
from tests.graphs import a_graph, graph_def, nodes


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ("x = Placeholder() dtype=1\nx = NoOp()", "duplicate-node"),
        ("_x = NoOp()", "invalid-name"),
        ("a>>b = NoOp()", "invalid-name"),
        ("y = Relu(x) T=1", "dangling-input"),
        ("y = NoOp(^x)", "dangling-input"),
        ("x = Placeholder() dtype=1\ny = Relu(x:1) T=1", "missing-output"),
        ("x = Placeholder() dtype=1\nn = NoOp()\ny = Relu(n) T=1", "missing-output"),
        ("x = Placeholder() dtype=1\nn = NoOp()\ny = Relu(^n, x) T=1", "control-before-data"),
        ("a = NoOp(^b)\nb = NoOp(^a)", "cycle"),
        ("a = NoOp(^a)", "cycle"),
        ("x = Placeholder() dtype=1\ne = Exit(x) T=1", "open-loop"),
        ("x = Placeholder() dtype=1\nb = NextIteration(x) T=1", "open-loop"),
        ("a = NoSuchOp()", "unknown-op"),
        ("a = CompareAndBitpack()", "unknown-op"),
        ("x = Placeholder() dtype=1\ny = Relu(x)", "missing-attr"),
        ("x = Placeholder() dtype=1\ny = Relu(x) T=1 U=1", "unknown-attr"),
        ("x = Placeholder() dtype=7\ny = Relu(x) T=7", "disallowed-attr"),
        ("x = Placeholder() dtype=101", "ill-typed-attr"),
        ("x = Placeholder() dtype=1\ny = Pack(x) T=1 N=0", "disallowed-attr"),
        ("x = Placeholder() dtype=1\ny = Relu(x, x) T=1", "input-count"),
        ("x = Placeholder() dtype=1\ny = Relu(x) T=2", "input-type"),
        ("x = Placeholder() dtype=1\ny = Assign(x, x) T=1", "input-type"),
    ],
)
def test_unsound_graphs(lines: str, code: str) -> None:
    assert code in codes(a_graph(lines))


@pytest.mark.parametrize(
    "lines",
    [
        "a>b = NoOp()\n.c = NoOp()\nD/e-f_ = NoOp(^.c)",
        "v = VariableV2() dtype=1\ny = Relu(v) T=1",  # a reference where a value is taken
        "x = Placeholder() dtype=1\nb = NextIteration(m) T=1\nm = Merge(x, b) T=1 N=2",
    ],
)
def test_sound_graphs(lines: str) -> None:
    assert not codes(a_graph(lines), ERROR) - {"missing-attr", "shape-conflict"}


def test_a_cycle_is_told_by_its_nodes() -> None:
    graph = a_graph("a = NoOp(^c)\nb = NoOp(^a)\nc = NoOp(^b)\nafter = NoOp(^c)")
    assert one(graph, "cycle").sentence.endswith("'b' -> 'c' -> 'a' -> 'b'")


def test_an_argument_has_one_output() -> None:
    found = one(Graph(graph_def(CALL + function(source="x:1"))), "missing-output")
    assert found.sentence == "its input 'x:1' is more than the argument 'x'"


def test_a_loop_is_told_from_none() -> None:
    lines = "x = Placeholder() dtype=1\ne = Enter(x) T=1\ny = AddV2(x, e) T=1"
    graph = nodes(lines)
    graph.node[1].attr["frame_name"].s = b"w"
    sentence = one(Graph(graph), "open-loop").sentence
    assert sentence == "takes inputs from different loops: none and 'w'"


def test_the_nearest_name_is_suggested() -> None:
    graph = a_graph("weights = Placeholder() dtype=1\ny = Relu(wieghts) T=1")
    assert one(graph, "dangling-input").remedy == "did you mean weights?"


def test_a_library_is_known_by_its_ops() -> None:
    assert "TensorFlow Text" in one(a_graph("a = TFText>BertTokenize()"), "unknown-op").sentence


# --- devices ----------------------------------------------------------------------------------


@pytest.mark.parametrize("device", ["/gpu:x", "/nonsense", "/device:GPU", "/cpu:0/gpu:0"])
def test_devices_that_cannot_be_read(device: str) -> None:
    graph = nodes("a = NoOp()")
    graph.node[0].device = device
    assert codes(graph) == {"invalid-device"}


@pytest.mark.parametrize("device", ["/cpu:0", "/job:w/task:1/device:GPU:*", "/", "GPU:1"])
def test_devices_that_can_be_read(device: str) -> None:
    graph = nodes("a = NoOp()")
    graph.node[0].device = device
    assert not codes(graph)


def test_colocation_with_nobody() -> None:
    graph = nodes("a = NoOp()\nb = NoOp()")
    graph.node[0].attr["_class"].list.s.append(b"loc:@b")
    assert not codes(graph)
    graph.node[0].attr["_class"].list.s.append(b"loc:@c")
    assert codes(graph) == {"lost-colocation"}


# --- constants and shapes ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dtype", "shape", "payload", "expected"),
    [
        ("DT_FLOAT", "dim { size: 2 }", "float_val: 1", set()),
        ("DT_FLOAT", "dim { size: 2 }", "tensor_content: 'abc'", {"malformed-tensor"}),
        ("DT_FLOAT", "", "float_val: 1 float_val: 2", {"malformed-tensor"}),
        ("DT_FLOAT", "dim { size: -1 }", "", {"malformed-tensor", "shape-conflict"}),
        ("DT_INT32", "", "", {"constant-type"}),
        ("DT_FLOAT", "", "float_val: nan", {"nan-or-inf"}),
        ("DT_FLOAT", "dim { size: 2 }", "float_val: 1 float_val: inf", {"nan-or-inf"}),
    ],
)
def test_constants(dtype: str, shape: str, payload: str, expected: set[str]) -> None:
    assert codes(graph_def(CONST.format(dtype, shape, payload))) == expected


@pytest.mark.parametrize(
    ("dtype", "payload"),
    [
        ("DT_DOUBLE", "double_val: nan"),
        ("DT_HALF", "half_val: 32256"),
        ("DT_BFLOAT16", "half_val: 32704"),
        ("DT_COMPLEX64", "scomplex_val: 0 scomplex_val: nan"),
        ("DT_COMPLEX128", "dcomplex_val: inf dcomplex_val: 0"),
        ("DT_FLOAT8_E5M2", "float8_val: '\\177'"),
    ],
)
def test_numbers_of_every_type_may_be_no_numbers(dtype: str, payload: str) -> None:
    text = CONST.format(dtype, "", payload).replace("type: DT_FLOAT }", f"type: {dtype} }}")
    assert "nan-or-inf" in codes(graph_def(text))


def test_a_malformed_constant_is_an_error_where_a_shape_depends_on_it() -> None:
    graph = nodes(
        "x = Placeholder() dtype=1\nto = Const() dtype=3\ny = Reshape(x, to) T=1 Tshape=3"
    )
    tensor = graph.node[1].attr["value"].tensor
    tensor.dtype = 3
    tensor.tensor_shape.dim.add(size=2)
    tensor.tensor_content = b"cut"
    assert codes(graph, ERROR) == {"shape-conflict"}


def test_shapes_that_lie() -> None:
    graph = nodes("a = Placeholder() dtype=1")
    graph.node[0].attr["shape"].shape.dim.add(size=2)
    graph.node[0].attr["_output_shapes"].list.shape.add().dim.add(size=3)
    graph.versions.producer = 2474
    assert codes(graph) == {"shape-conflict"}
    graph.node[0].attr["shape"].shape.dim[0].size = -2
    assert "impossible-shape" in codes(graph)


def test_a_shape_that_no_handle_needs_is_no_error() -> None:
    graph = nodes(
        "n = Placeholder() dtype=3\na = TensorArrayV3(n) dtype=1\n"
        "i = Placeholder() dtype=3\ng = TensorArrayGatherV3(a, i, a:1) dtype=1"
    )
    graph.node[0].attr["shape"].shape.SetInParent()
    graph.node[3].attr["element_shape"].shape.dim.add(size=-2)
    graph.versions.producer = 2474
    assert codes(graph, ERROR) == {"impossible-shape"}
    graph.node[1].attr["element_shape"].shape.dim.add(size=3)
    assert not codes(graph, ERROR)
