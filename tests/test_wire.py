from __future__ import annotations

import pytest
from google.protobuf.descriptor import Descriptor
from hypothesis import given
from hypothesis import strategies as st

from pbtool import facts, schema, wire
from pbtool.source import MemorySource
from pbtool.varint import encode_varint

BIG = bytes(range(256)) * 64


def a_graph() -> schema.GraphDef:
    graph = schema.GraphDef()
    for name, content in (("small", b"12345678"), ("big", BIG)):
        node = graph.node.add(name=name, op="Const")
        node.attr["dtype"].type = 1
        tensor = node.attr["value"].tensor
        tensor.dtype = 1
        tensor.tensor_shape.dim.add().size = len(content) // 4
        tensor.tensor_content = content
    listed = graph.node.add(name="listed", op="Custom")
    listed.attr["values"].list.tensor.add(dtype=9, int64_val=range(10_000))
    function = graph.library.function.add()
    function.signature.name = "f"
    function.node_def.add().CopyFrom(graph.node[1])
    graph.versions.producer = 42
    return graph


def stripped(graph: schema.GraphDef) -> schema.GraphDef:
    return schema.GraphDef.FromString(
        wire.skeleton(MemorySource(graph.SerializeToString()), "GraphDef")
    )


def test_a_skeleton_lacks_the_elements_of_big_tensors_and_nothing_else() -> None:
    graph = a_graph()
    expected = schema.GraphDef()
    expected.CopyFrom(graph)
    expected.node[1].attr["value"].tensor.ClearField("tensor_content")
    expected.node[2].attr["values"].list.tensor[0].ClearField("int64_val")
    expected.library.function[0].node_def[0].attr["value"].tensor.ClearField("tensor_content")
    assert stripped(graph) == expected


def test_a_skeleton_keeps_what_it_does_not_know() -> None:
    unknown = wire.encode_length_delimited(9999, b"x" * 10_000)
    data = a_graph().SerializeToString() + unknown
    assert wire.skeleton(MemorySource(data), "GraphDef").endswith(unknown)


def test_the_skeleton_of_a_meta_graph_and_a_saved_model_is_as_small() -> None:
    saved_model = schema.SavedModel(saved_model_schema_version=1)
    saved_model.meta_graphs.add().graph_def.CopyFrom(a_graph())
    source = MemorySource(saved_model.SerializeToString())
    assert len(wire.skeleton(source, "SavedModel")) < 1000 < source.size


@pytest.mark.parametrize("padding", [0, 1, 127, 128, 500, 65_000])
def test_fields_are_found_wherever_the_windows_end(padding: int) -> None:
    graph = schema.GraphDef()
    for number in range(300):
        graph.node.add(name="n" * (number % 7 * 100) + str(number), op="NoOp", device="d" * padding)
    data = graph.SerializeToString()
    found = [data[start:end] for start, end in wire.spans(MemorySource(data), 0, len(data), 1)]
    assert found == [node.SerializeToString() for node in graph.node]


def test_attr_span_finds_one_attr() -> None:
    node = a_graph().node[1]
    data = node.SerializeToString()
    span = wire.attr_span(MemorySource(data), 0, len(data), "value")
    assert span is not None
    assert schema.AttrValue.FromString(data[slice(*span)]) == node.attr["value"]
    assert wire.attr_span(MemorySource(data), 0, len(data), "values") is None


@pytest.mark.parametrize(
    ("data", "offset"),
    [
        (b"\x0b", 0),  # a group begins
        (b"\x08\x01\x00\x00", 2),  # field number 0
        (b"\x08\x01\x0a\x05abc", 2),  # longer than what there is
        (b"\x08\x01\x0a", 3),  # no length
        (b"\x08" + b"\xff" * 11, 11),  # a varint without an end
        (b"\x08\x01" * 1000 + b"\x08" + b"\xff" * 11, 2011),  # the same, not in the first window
    ],
)
def test_what_is_no_message_is_refused_with_its_offset(data: bytes, offset: int) -> None:
    with pytest.raises(wire.WireError) as refused:
        list(wire.fields(MemorySource(data), 0, len(data)))
    assert refused.value.offset == offset


def test_every_cut_of_a_graph_is_found_with_its_node() -> None:
    data = a_graph().SerializeToString()
    whole = MemorySource(data)
    boundaries = {field.end for field in wire.fields(whole, 0, len(data))}
    _, (start_of_big, _), *_ = wire.spans(whole, 0, len(data), 1)
    for end in range(1, len(data), 37):
        damage = wire.find_damage(MemorySource(data[:end]), "GraphDef")
        if end in boundaries:
            assert damage is None
            continue
        assert damage is not None
        assert damage.truncated
        if start_of_big + 10 < end < start_of_big + len(BIG):
            assert damage.node == "big"


def test_damage_that_is_no_truncation() -> None:
    data = bytearray(a_graph().SerializeToString())
    at = data.index(b"small") + 5  # the tag of the first node's op
    data[at] = 0x0B
    damage = wire.find_damage(MemorySource(bytes(data)), "GraphDef")
    assert damage == wire.Damage(at, truncated=False, node="small")


@given(st.binary(max_size=200))
def test_any_bytes_give_fields_or_a_wire_error(data: bytes) -> None:
    try:
        fields = list(wire.fields(MemorySource(data), 0, len(data)))
    except wire.WireError:
        return
    assert [field.start for field in fields[1:]] == [field.end for field in fields[:-1]]
    assert all(field.end <= len(data) for field in fields)


@given(st.integers(min_value=0, max_value=2**64 - 1))
def test_varints(value: int) -> None:
    field = encode_varint(8) + encode_varint(value)
    assert schema.VersionDef(producer=3).SerializeToString() == encode_varint(8) + b"\x03"
    assert [each.end for each in wire.fields(MemorySource(field), 0, len(field))] == [len(field)]


def test_nesting_without_end_neither_recurses_nor_hangs() -> None:
    data = b""
    for _ in range(3000):
        entry = wire.encode_length_delimited(2, wire.encode_length_delimited(10, data))
        data = wire.encode_length_delimited(2, entry)
    node = wire.encode_length_delimited(5, data)
    graph = wire.encode_length_delimited(1, node)
    assert wire.skeleton(MemorySource(graph), "GraphDef") == graph


# Ways to a tensor that are not followed: what lies there are declarations, and small.
NOT_FOLLOWED = {
    ("MetaGraphDef", "meta_info_def"),  # the default values of ops
    ("MetaGraphDef", "asset_file_def"),  # the name of a tensor
    ("MetaGraphDef", "object_graph_def"),  # the attrs of captured functions
    ("MetaGraphDef", "signature_def"),  # default values of a signature's inputs
    ("FunctionDef", "signature"),
    ("FunctionDef", "arg_attr"),
}


def test_the_way_down_is_that_of_the_schema() -> None:
    for message, ways in wire.DESCENT.items():
        leads = {
            number: field
            for number, field in descriptor(message).fields_by_number.items()
            if field.message_type
            and reaches_a_tensor(field.message_type)
            and (message, field.name) not in NOT_FOLLOWED
        }
        assert ways == {number: field.message_type.name for number, field in leads.items()}, message


def descriptor(message: str) -> Descriptor:
    if message == "AttrEntry":
        return schema.NodeDef.DESCRIPTOR.fields_by_name["attr"].message_type
    if message == "ListValue":
        return schema.AttrValue.ListValue.DESCRIPTOR
    return schema.message_class(f"tensorflow.{message}").DESCRIPTOR


def reaches_a_tensor(message: Descriptor) -> bool:
    pending, seen = [message], set()
    while pending:
        message = pending.pop()
        if message.name == "TensorProto":
            return True
        if message.full_name not in seen:
            seen.add(message.full_name)
            pending += [f.message_type for f in message.fields if f.message_type]
    return False


def test_the_payload_fields_are_all_that_hold_elements() -> None:
    names = {
        number: field.name
        for number, field in schema.TensorProto.DESCRIPTOR.fields_by_number.items()
    }
    others = {"dtype", "tensor_shape", "version_number", "resource_handle_val", "variant_val"}
    assert {names[number] for number in wire.PAYLOAD_FIELDS} == set(names.values()) - others


def test_a_value_that_shapes_may_depend_on_is_never_stripped() -> None:
    # An element of a packed field takes at most ten bytes.
    assert facts.MAX_ELEMENTS * 10 <= wire.SMALL
