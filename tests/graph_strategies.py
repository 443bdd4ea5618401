"""Graphs as hypothesis makes them: small, with few names, so that two have much in common."""

from __future__ import annotations

from hypothesis import strategies as st

from pbtool import schema
from tests.graphs import Graph

NAMES = st.sampled_from(["a", "b", "c", "s/a", "s/b", "s/t/a", "t/a", "t/b", "u/t/a"])
OPS = st.sampled_from(["Const", "Relu", "AddV2", "NoOp", "MyOwnOp", "f", "g"])
FUNCTIONS = ["f", "g", "h_1", "h_2"]
DEVICES = st.sampled_from(["", "", "", "/cpu:0", "/job:w/task:1"])


def _tensor(values: list[float], encoding: int) -> schema.TensorProto:
    """One tensor in one of its encodings."""
    import struct

    tensor = schema.TensorProto(dtype=1)
    tensor.tensor_shape.dim.add(size=len(values))
    if encoding == 0:
        tensor.float_val.extend(values)
    elif encoding == 1:
        tensor.tensor_content = struct.pack(f"<{len(values)}f", *values)
    else:
        kept = list(values)
        while len(kept) > 1 and kept[-1] == kept[-2]:
            kept.pop()
        tensor.float_val.extend(kept)
    return tensor


floats = st.sampled_from([0.0, 1.0, 1.0, -2.5, float("nan"), float("inf")])


@st.composite
def attrs(draw: st.DrawFn) -> schema.AttrValue:
    value = schema.AttrValue()
    kind = draw(st.sampled_from(["type", "i", "f", "s", "func", "tensor", "tensors", "shape", ""]))
    if kind == "type":
        value.type = draw(st.sampled_from([1, 3]))
    elif kind == "i":
        value.i = draw(st.integers(0, 2))
    elif kind == "f":
        value.f = draw(floats)
    elif kind == "s":
        value.s = draw(st.sampled_from([b"", b"\xff", b"SAME"]))
    elif kind == "func":
        value.func.name = draw(st.sampled_from(FUNCTIONS))
        value.func.attr["T"].type = draw(st.sampled_from([1, 3]))
    elif kind == "shape":
        value.shape.dim.add(size=draw(st.integers(-1, 2)))
    elif kind:
        made = st.builds(_tensor, st.lists(floats, min_size=1, max_size=3), st.integers(0, 2))
        tensor = draw(made)
        (value.tensor if kind == "tensor" else value.list.tensor.add()).CopyFrom(tensor)
    return value


@st.composite
def nodes(draw: st.DrawFn, name: str, *, in_function: bool = False) -> schema.NodeDef:
    node = schema.NodeDef(name=name, op=draw(OPS), device=draw(DEVICES))
    output = st.sampled_from([":y:0", ":z:0"] if in_function else ["", ":0", ":1"])
    inputs = draw(st.lists(st.tuples(NAMES, output), max_size=3))
    node.input.extend(f"{source}{port}" for source, port in inputs)
    node.input.extend(f"^{source}" for source in draw(st.lists(NAMES, max_size=2)))
    for key in draw(st.lists(st.sampled_from(["T", "value", "N", "_class"]), max_size=3)):
        if key == "_class":
            node.attr[key].list.s.append(b"loc:@" + draw(NAMES).encode())
        else:
            node.attr[key].CopyFrom(draw(attrs()))
    if draw(st.integers(0, 9)) == 0:
        node.experimental_debug_info.original_node_names.append(draw(NAMES))
    if draw(st.integers(0, 9)) == 0:
        node.MergeFromString(b"\xf8\x7f" + bytes([draw(st.integers(1, 2))]))  # an unknown field
    return node


@st.composite
def functions(draw: st.DrawFn, name: str) -> schema.FunctionDef:
    function = schema.FunctionDef()
    function.signature.name = name
    function.signature.input_arg.add(name="x", type=1)
    for inner in draw(st.lists(NAMES, max_size=3, unique=True)):
        function.node_def.append(draw(nodes(inner, in_function=True)))
    function.ret["r"] = f"{draw(NAMES)}:y:0"
    if draw(st.booleans()):
        function.control_ret["c"] = draw(NAMES)
    if draw(st.booleans()):
        function.attr["_noinline"].CopyFrom(draw(attrs()))
    return function


@st.composite
def graph_defs(draw: st.DrawFn) -> schema.GraphDef:
    graph = schema.GraphDef()
    for name in draw(st.lists(NAMES, max_size=6, unique=True)):
        graph.node.append(draw(nodes(name)))
    for name in draw(st.lists(st.sampled_from(FUNCTIONS), max_size=2, unique=True)):
        graph.library.function.append(draw(functions(name)))
    if draw(st.booleans()):
        graph.versions.producer = draw(st.integers(0, 2))
    if draw(st.integers(0, 4)) == 0:
        graph.library.gradient.add(function_name="f", gradient_func=draw(NAMES))
    if draw(st.integers(0, 4)) == 0:
        graph.MergeFromString(b"\xf8\x7f" + bytes([draw(st.integers(1, 2))]))
    return graph


def _renamed(graph: schema.GraphDef, old: str, new: str) -> None:
    """Rename a scope, where it goes without a clash."""
    names = {node.name for node in graph.node}
    moved = {name: new + name[len(old) :] for name in names if name.startswith(old)}
    if names & set(moved.values()):
        return
    for node in graph.node:
        node.name = moved.get(node.name, node.name)
        for position, text in enumerate(node.input):
            caret = "^" if text.startswith("^") else ""
            name, colon, port = text.removeprefix("^").partition(":")
            node.input[position] = f"{caret}{moved.get(name, name)}{colon}{port}"


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Graph, Graph]:
    """Two graphs: one made from the other by edits, or two of their own."""
    a = draw(graph_defs())
    if draw(st.booleans()):
        return Graph(a), Graph(draw(graph_defs()))
    b = schema.GraphDef()
    b.CopyFrom(a)
    if draw(st.booleans()):
        _renamed(b, draw(st.sampled_from(["s/", "t/", "a"])), draw(st.sampled_from(["v/w/", "z"])))
    for _ in range(draw(st.integers(0, 2))):
        if b.node:
            at = draw(st.integers(0, len(b.node) - 1))
            if draw(st.booleans()):
                b.node[at].CopyFrom(draw(nodes(b.node[at].name)))
            else:
                del b.node[at]
    order = draw(st.permutations(list(b.node)))
    del b.node[:]
    b.node.extend(order)
    return Graph(a), Graph(b)
