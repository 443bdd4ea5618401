from __future__ import annotations

import io
from pathlib import Path

import pytest

from pbtool import conversion, files, schema
from pbtool.conversion import convert, document, encoding_for, unknown_bytes
from pbtool.errors import FileError, UsageError
from pbtool.recognize import BINARY, ENCODINGS, JSON, TEXT
from pbtool.source import MemorySource, open_source
from tests.graphs import graph_def


def graph() -> schema.GraphDef:
    result = graph_def('node { name: "a" op: "NoOp" input: "^b" } versions { producer: 3 }')
    value = result.node[0].attr
    value["zero"].i = 0  # in a oneof, so that it is there
    value["big"].i = -(1 << 63)
    value["third"].f = 1 / 3
    value["bytes"].s = bytes(range(256))
    value["type"].type = 57  # a number that no enum has
    value["tensor"].tensor.double_val.extend([0.1, float("inf"), -0.0, 5e-324])
    value["tensor"].tensor.uint64_val.append((1 << 64) - 1)
    for number in range(20):
        value[f"_{number}"].b = True
    return result


def messages() -> list[schema.Message]:
    meta_graph = schema.MetaGraphDef(graph_def=graph())
    meta_graph.meta_info_def.tags.append("serve")
    meta_graph.collection_def["c"].node_list.value.append("a:0")
    functions = schema.FunctionDefLibrary()
    functions.function.add().signature.name = "f"
    ops = schema.OpList()
    ops.op.add(name="Op").attr.add(name="T", type="type").default_value.type = 1
    saved = schema.SavedModel(saved_model_schema_version=1, meta_graphs=[meta_graph])
    return [graph(), saved, meta_graph, functions, ops]


def converted(data: bytes, encoding: str, kind: str = "") -> bytes:
    stream = io.BytesIO()
    assert convert(document(MemorySource(data), kind), encoding, stream) == ""
    return stream.getvalue()


@pytest.mark.parametrize("message", messages(), ids=lambda each: each.DESCRIPTOR.name)
@pytest.mark.parametrize("through", [TEXT, JSON])
def test_what_went_through_another_encoding_is_the_same(message, through: str) -> None:
    data = message.SerializeToString(deterministic=True)
    there = converted(data, through)
    assert document(MemorySource(there))[1:] == (message.DESCRIPTOR.name, through)
    assert converted(there, BINARY) == data
    # and by way of the third
    third = ({TEXT, JSON} - {through}).pop()
    assert converted(converted(there, third), through) == there


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_what_stays_in_its_encoding_keeps_its_bytes(encoding: str) -> None:
    given = {
        BINARY: b"\x22\x02\x08\x03" + graph().SerializeToString(),  # versions, first and last
        TEXT: b"# a comment\nnode { name: 'a' }",
        JSON: b'{ "node": [ {"name":"a"} ] }',
    }[encoding]
    assert converted(given, encoding) == given


def test_all_verbs_open_json() -> None:
    model = files.load_bytes(converted(graph().SerializeToString(), JSON))
    assert (model.kind, model.encoding) == ("GraphDef", JSON)
    assert model.message == graph()


def test_unknown_fields_are_lost_with_a_word() -> None:
    data = graph().SerializeToString() + b"\xfa\x7f\x03abc"
    sentence = convert(document(MemorySource(data)), TEXT, io.BytesIO())
    assert sentence == "6 bytes of fields that pbtool does not know are lost"
    assert converted(data, BINARY) == data


def test_unknown_fields_are_counted_and_stay() -> None:
    message = schema.GraphDef.FromString(graph().SerializeToString() + b"\xfa\x7f\x03abc")
    assert unknown_bytes(message) == 6
    assert unknown_bytes(message) == 6
    assert unknown_bytes(graph()) == 0


def test_any_message_of_the_schema_is_converted_when_it_is_named() -> None:
    data = schema.FingerprintDef(graph_def_program_hash=7).SerializeToString()
    text = converted(data, TEXT, "FingerprintDef")
    assert text == b"graph_def_program_hash: 7\n"
    assert converted(text, JSON, "FingerprintDef") == b'{\n  "graphDefProgramHash": "7"\n}\n'
    with pytest.raises(UsageError, match="have no message 'Nonsense'"):
        document(MemorySource(data), "Nonsense")


def test_a_big_file_is_copied_and_never_parsed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "big.pb"
    path.write_bytes(graph().SerializeToString())
    given = document(open_source(str(path)))
    monkeypatch.setattr(conversion, "PROTOBUF_LIMIT", path.stat().st_size - 1)
    stream = io.BytesIO()
    convert(given, BINARY, stream)
    assert stream.getvalue() == path.read_bytes()
    with pytest.raises(UsageError, match="cannot be parsed"):
        convert(given, TEXT, stream)


@pytest.mark.parametrize(
    "text", ['{"node": [{"nome": "a"}]}', '{"node": [', '{"node": ' + "[" * 5000, '{"node": 3}']
)
def test_damaged_json_is_an_error_of_ours(text: str) -> None:
    with pytest.raises(FileError, match="is no GraphDef in protobuf's JSON"):
        files.load_bytes(text.encode())


def test_json_that_is_no_message_is_told_as_before() -> None:
    with pytest.raises(FileError, match=r"as TensorFlow\.js and Keras write"):
        files.load_bytes(b'{"class_name": "Sequential"}')


def test_what_json_cannot_hold_is_said() -> None:
    meta_graph = schema.MetaGraphDef()
    meta_graph.meta_info_def.any_info.type_url = "type.googleapis.com/nobody.Knows"
    with pytest.raises(UsageError, match="JSON cannot hold"):
        converted(meta_graph.SerializeToString(), JSON, "MetaGraphDef")


@pytest.mark.parametrize(
    ("path", "encoding"), [("a.JSON", JSON), ("a.pbtxt", TEXT), ("a.pb", BINARY), ("-", TEXT)]
)
def test_the_ending_tells_the_encoding(path: str, encoding: str) -> None:
    assert encoding_for(path) == encoding
