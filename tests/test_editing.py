from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import pbtool
from pbtool import files, schema
from pbtool.body import Region
from pbtool.editing import edit
from pbtool.graph import Graph
from pbtool.source import MemorySource
from pbtool.wire import encode_length_delimited, fields
from pbtool.writing import to_bytes
from tests.graphs import a_graph, graph_def, nodes

UNKNOWN = b"\xfa\x3e\x03odd"  # field 1007, which no message has

LINES = """
    x = Placeholder() dtype=1
    a = Neg(x, ^x) T=1
    b = Abs(a:0) T=1
"""


def raw(*names: str, versions: bytes = b"\x22\x02\x08\x1b") -> bytes:
    """A GraphDef whose fields are in no usual order, with fields that nobody knows."""
    parts = [encode_length_delimited(1, odd_node(name)) for name in names]
    return b"".join([UNKNOWN, *parts[:1], versions, *parts[1:], UNKNOWN])


def odd_node(name: str) -> bytes:
    """A node whose op comes before its name, and whose attrs are not sorted."""
    attrs = (
        encode_length_delimited(
            5,
            encode_length_delimited(1, key) + encode_length_delimited(2, b"\x30\x01" + UNKNOWN),
        )
        for key in (b"z", b"T", b"a")
    )
    inputs = encode_length_delimited(3, b"x") + encode_length_delimited(3, b"^y")
    head = encode_length_delimited(2, b"Neg") + encode_length_delimited(1, name.encode())
    return b"".join([head, next(attrs), inputs, UNKNOWN, *attrs])


def loaded(data: bytes) -> Graph:
    region = Region(MemorySource(data), 0, len(data), whole=True)
    return Graph(schema.GraphDef.FromString(data), region=region)


def changed(node: schema.NodeDef, **fields: object) -> schema.NodeDef:
    copy = schema.NodeDef()
    copy.CopyFrom(node)
    for name, value in fields.items():
        copy.ClearField(name)
        copy.MergeFrom(schema.NodeDef(**{name: value}))
    return copy


def test_without_edits_every_byte_is_the_same() -> None:
    data = raw("a", "b", "c")
    assert to_bytes(edit(loaded(data), {})) == data


def test_what_goes_takes_its_own_bytes_and_no_other() -> None:
    graph = loaded(raw("a", "b", "c"))
    edited = edit(graph, {1: []})
    assert to_bytes(edited) == raw("a", "c")
    assert to_bytes(edit(edited, {1: []})) == raw("a")
    assert [node.name for node in graph] == ["a", "b", "c"]  # the source is as it was


def test_of_a_changed_node_only_what_changed_is_written_anew() -> None:
    graph = loaded(raw("a", "b"))
    node = changed(graph["b"], input=["x"], device="/cpu:0")
    del node.attr["T"]
    node.attr["new"].i = 7
    result = to_bytes(edit(graph, {1: [node]}))
    expected = odd_node("b").replace(encode_length_delimited(3, b"^y"), b"")
    for part in attrs_of(odd_node("b")):
        if b"\x0a\x01T" in part:
            expected = expected.replace(part, b"")
    expected += encode_length_delimited(4, b"/cpu:0")
    expected += encode_length_delimited(
        5, encode_length_delimited(1, b"new") + encode_length_delimited(2, b"\x18\x07")
    )
    assert result == raw("a", "b").replace(
        encode_length_delimited(1, odd_node("b")), encode_length_delimited(1, expected)
    )
    assert loaded(result)["b"] == loaded(schema_bytes(node))["b"]


def schema_bytes(node: schema.NodeDef) -> bytes:
    return schema.GraphDef(node=[node]).SerializeToString()


def attrs_of(node: bytes) -> list[bytes]:
    source = MemorySource(node)
    return [node[f.start : f.end] for f in fields(source, 0, len(node)) if f.number == 5]


def test_a_changed_attr_stays_in_its_place() -> None:
    graph = loaded(raw("a"))
    node = changed(graph["a"])
    node.attr["T"].type = 2
    edited = edit(graph, {0: [node]})
    node_bytes = to_bytes(edited)[len(UNKNOWN) + 2 : -len(UNKNOWN) - 4]
    keys = [part[4:5] for part in attrs_of(node_bytes)]
    assert edited["a"].attr["T"].type == 2
    assert keys == [b"z", b"T", b"a"]


def test_nodes_come_in_where_they_are_listed() -> None:
    graph = a_graph(LINES)
    new = schema.NodeDef(name="new", op="NoOp")
    edited = edit(graph, {1: [new, graph["a"]], 2: [changed(graph["b"], input=["a", "^new"])]})
    assert [node.name for node in edited] == ["x", "new", "a", "b"]
    assert list(edited["b"].input) == ["a", "^new"]
    assert [node.name for node in graph] == ["x", "a", "b"]
    assert list(graph["b"].input) == ["a:0"]


LIBRARY = """
    node { name: "call" op: "f" }
    library {
      function { signature { name: "f" } node_def { name: "n" op: "NoOp" device: "/gpu:0" } }
      function { signature { name: "g" } node_def { name: "n" op: "NoOp" device: "/gpu:0" } }
      gradient { function_name: "f" gradient_func: "g" }
      gradient { function_name: "f" gradient_func: "f" }
      registered_gradients { gradient_func: "g" registered_op_type: "r" }
    }
    versions { producer: 27 }
"""


def test_a_function_goes_with_its_gradients() -> None:
    library = edit(Graph(graph_def(LIBRARY)), {}, {"g": None}).proto.library
    assert [each.signature.name for each in library.function] == ["f"]
    assert [each.gradient_func for each in library.gradient] == ["f"]
    assert not library.registered_gradients


def test_a_library_without_functions_goes() -> None:
    edited = edit(Graph(graph_def(LIBRARY)), {}, {"f": None, "g": None})
    assert not edited.proto.HasField("library")
    assert edited.versions.producer == 27


def test_fields_of_another_wire_type_than_the_schema_says_stay() -> None:
    odd = b"\x08\x05"  # field 1 as a varint: no node's name, no graph's node, no function
    node = encode_length_delimited(1, odd + encode_length_delimited(1, b"a"))
    library = graph_def(LIBRARY).library.SerializeToString()
    graph = loaded(odd + node + b"\x10\x05" + encode_length_delimited(2, odd + library))
    edited = edit(graph, {0: [changed(graph["a"], name="b", op="NoOp")]}, {"g": None})
    assert [(each.name, each.op) for each in edited] == [("b", "NoOp")]
    assert list(edited.functions) == ["f"]
    assert to_bytes(edited).startswith(odd)
    assert b"\x10\x05" in to_bytes(edited)
    assert odd + encode_length_delimited(1, graph.functions["f"].proto.SerializeToString()) in (
        to_bytes(edited)
    )


def test_nodes_of_functions_are_edited() -> None:
    graph = Graph(graph_def(LIBRARY))
    node = changed(graph.functions["g"]["n"], device="")
    edited = edit(graph, {}, {"g": {0: [node]}})
    assert edited.functions["f"]["n"].device == "/gpu:0"
    assert edited.functions["g"]["n"].device == ""
    assert len(to_bytes(edited)) == len(to_bytes(graph)) - len("/gpu:0") - 2


@pytest.fixture
def big(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Graph:
    """A graph that was opened without its big tensors."""
    graph = nodes("before = NoOp()\n weights = Const(^before) dtype=1\n after = NoOp()")
    tensor = graph.node[1].attr["value"].tensor
    tensor.dtype, tensor.tensor_content = 1, np.arange(5000, dtype=np.float32).tobytes()
    tensor.tensor_shape.dim.add().size = 5000
    function = graph.library.function.add(node_def=[graph.node[1]])
    function.signature.name = "f"
    (tmp_path / "big.pb").write_bytes(graph.SerializeToString())
    monkeypatch.setattr(files, "WHOLE", 1000)
    return pbtool.load(tmp_path / "big.pb").graph


def test_big_tensors_stay_where_they_are(big: Graph) -> None:
    weights = changed(big["weights"], input=[])
    edited = edit(big, {0: [], 1: [weights]}, {"f": {0: [weights]}})
    assert edited.proto.ByteSize() < 1000
    for body in edited.bodies:
        np.testing.assert_array_equal(body.tensor("weights"), np.arange(5000))
        assert not body["weights"].input
    assert len(edited.whole(edited["weights"]).attr["value"].tensor.tensor_content) == 20_000
    again = edit(edited, {1: []})
    np.testing.assert_array_equal(again.tensor("weights"), np.arange(5000))
    assert schema.GraphDef.FromString(to_bytes(again)).node[0].name == "weights"


def test_a_big_tensor_can_be_replaced(big: Graph) -> None:
    weights = changed(big["weights"])
    weights.attr["value"].tensor.Clear()
    weights.attr["value"].tensor.dtype = 1
    weights.attr["value"].tensor.float_val.append(2)
    edited = edit(big, {1: [weights]})
    assert edited.tensor("weights") == 2
    assert len(to_bytes(edited)) < len(to_bytes(big)) - 20_000
