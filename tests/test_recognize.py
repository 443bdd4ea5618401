from __future__ import annotations

import io
import zipfile

import pytest
from google.protobuf import text_format
from hypothesis import given
from hypothesis import strategies as st

from pbtool import schema
from pbtool.errors import FileError
from pbtool.recognize import Format, recognize
from pbtool.source import MemorySource


def a_graph() -> schema.GraphDef:
    graph = schema.GraphDef()
    graph.node.add(name="x", op="Placeholder").attr["dtype"].type = 1
    graph.node.add(name="y", op="Identity", input=["x"]).attr["T"].type = 1
    graph.versions.producer = 27
    return graph


def a_meta_graph() -> schema.MetaGraphDef:
    meta_graph = schema.MetaGraphDef(graph_def=a_graph())
    meta_graph.meta_info_def.tags.append("serve")
    meta_graph.meta_info_def.tensorflow_version = "1.15.0"
    meta_graph.meta_info_def.stripped_op_list.op.add(name="Identity")
    return meta_graph


def a_library() -> schema.FunctionDefLibrary:
    library = schema.FunctionDefLibrary()
    function = library.function.add()
    function.signature.name = "f"
    function.signature.input_arg.add(name="a", type=1)
    function.node_def.add(name="n", op="Identity", input=["a"])
    return library


MESSAGES = {
    "GraphDef": a_graph(),
    "MetaGraphDef": a_meta_graph(),
    "SavedModel": schema.SavedModel(
        saved_model_schema_version=1, meta_graphs=[a_meta_graph(), a_meta_graph()]
    ),
    "FunctionDefLibrary": a_library(),
    "OpList": schema.OpList(op=[schema.OpDef(name="Abs"), schema.OpDef(name="Add")]),
}


def kind(data: bytes) -> Format:
    return recognize(MemorySource(data, "file"))


@pytest.mark.parametrize("name", MESSAGES)
def test_messages_are_told_apart(name: str) -> None:
    message = MESSAGES[name]
    assert kind(message.SerializeToString()) == (name, "binary")
    assert kind(text_format.MessageToString(message).encode()) == (name, "text")


@pytest.mark.parametrize("name", MESSAGES)
def test_a_truncated_message_is_still_what_it_was(name: str) -> None:
    data = MESSAGES[name].SerializeToString()
    for end in range(16, len(data)):
        assert kind(data[:end]) == (name, "binary")


@pytest.mark.parametrize(
    ("message", "name"),
    [
        (schema.GraphDef(versions=schema.VersionDef(producer=9)), "GraphDef"),
        (schema.GraphDef(library=a_library()), "GraphDef"),
        (schema.GraphDef(node=[schema.NodeDef(name="a" * 5000, op="NoOp")]), "GraphDef"),
        (schema.MetaGraphDef(graph_def=a_graph()), "MetaGraphDef"),
    ],
)
def test_messages_that_lack_their_usual_first_fields(message, name: str) -> None:
    assert kind(message.SerializeToString()) == (name, "binary")


def test_text_may_begin_with_comments() -> None:
    assert kind(b"# a comment\n\n  node { name: 'a' }") == ("GraphDef", "text")
    assert kind(b"\xef\xbb\xbfnode { name: 'a' }") == ("GraphDef", "text")
    assert kind(b'model_checkpoint_path: "model"') == ("CheckpointState", "text")


def zip_of(*names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, "content")
    return file.getvalue()


LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 4318432\n"
ONNX = bytes.fromhex("0807 1207 7079746f726368 1a03 312e30 3a00".replace(" ", ""))


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "the file is empty"),
        (b" \n\t\n", "nothing but white space"),
        (bytes(5000), "only zero bytes"),
        (LFS, "a Git LFS pointer, not the file of 4,318,432 bytes itself; .*git lfs pull"),
        (b"<!DOCTYPE html><html>", "an HTML page"),
        (b"\n\n<html lang=en>", "an HTML page"),
        (b'<?xml version="1.0"?><net>', "OpenVINO"),
        (b'{"format": "graph-model"}', "JSON text"),
        (b"\x89HDF\r\n\x1a\n" + bytes(40), "an HDF5 file"),
        (b"\x1c\0\0\0TFL3" + bytes(40), "a TensorFlow Lite model"),
        (zip_of("config.json", "model.weights.h5"), "a Keras 3 model"),
        (zip_of("archive/data.pkl"), "a PyTorch file"),
        (zip_of("a.npy"), "a numpy archive"),
        (zip_of("readme"), "a zip archive"),
        (b"\x80\x04\x95\x10\0\0\0\0\0\0\0}", "a Python pickle"),
        (b"\x80\x02}q\x00", "a Python pickle"),
        (b"\x93NUMPY\x01\0", "a numpy array"),
        (ONNX, "an ONNX model"),
        (schema.FingerprintDef(saved_model_checksum=2**63, graph_def_program_hash=7)
         .SerializeToString(), "fingerprint.pb"),
        (b"\n\x10\x12\x0e\"\x0c_tf_keras_net", "keras_metadata.pb"),
        (b"hello world, this is text", "text, but not that of a protobuf message"),
        (b"layer { name: 'data' }", "begins with 'layer'"),
        (b"\x00\x01\x02\x03\x04", "not a TensorFlow model file"),
        (b"BZh91AY&SY" + bytes(40), "bzip2"),
    ],
)  # fmt: skip
def test_what_is_no_model_is_named(data: bytes, sentence: str) -> None:
    with pytest.raises(FileError, match=f"^file: .*{sentence}"):
        kind(data)


HOSTILE = ("\x1b[31mred", "\0", "a\nb", "=1+1", "<html>", "x" * 5000, "\x01\x02")


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_make_no_other_file(name: str) -> None:
    graph = schema.GraphDef()
    graph.node.add(name=name, op="NoOp").input.append(name)
    assert kind(graph.SerializeToString()).kind == "GraphDef"
    meta_graph = schema.MetaGraphDef(graph_def=graph)
    meta_graph.meta_info_def.tags.append(name)
    assert kind(meta_graph.SerializeToString()).kind == "MetaGraphDef"
    model = schema.SavedModel(saved_model_schema_version=1, meta_graphs=[meta_graph])
    assert kind(model.SerializeToString()).kind == "SavedModel"
    library = schema.FunctionDefLibrary()
    library.function.add(signature=schema.OpDef(name=name), node_def=graph.node)
    assert kind(library.SerializeToString()).kind == "FunctionDefLibrary"


def test_pages_with_control_characters_are_no_graphs() -> None:
    with pytest.raises(FileError, match="HTML page"):
        kind(b"<html>\x01\x02" + bytes(40))
    for text in (b"\nplain text\x01", b"\n\x05hello\x12 you"):
        with pytest.raises(FileError, match="no message of TensorFlow's"):
            kind(text)


def test_a_data_shard_leads_to_its_prefix() -> None:
    with pytest.raises(FileError, match=r"pass a/model\.ckpt$"):
        recognize(MemorySource(b"\1\2\3\4", "a/model.ckpt.data-00000-of-00001"))


@given(st.binary(max_size=300))
def test_any_bytes_are_a_format_or_one_sentence(data: bytes) -> None:
    sentence = ""
    try:
        kind(data)
    except FileError as error:
        sentence = str(error)
    assert not sentence or sentence.startswith("file: ")
    assert "\n" not in sentence
