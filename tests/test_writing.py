from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from google.protobuf import text_format

import pbtool
from pbtool import files, schema, writing
from pbtool.editing import edit
from pbtool.errors import FileError, UsageError
from tests.graphs import a_graph, graph_def

LINES = "x = Placeholder() dtype=1\n a = Neg(x, ^x) T=1\n b = Abs(a:0) T=1"


def big_file(path: Path) -> bytes:
    graph = graph_def('node { name: "a" op: "NoOp" } node { name: "c" op: "Const" }')
    graph.node[1].attr["value"].tensor.tensor_content = os.urandom(3 << 20)
    data = graph.SerializeToString()
    path.write_bytes(data)
    return data


@pytest.fixture
def skeletons(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "WHOLE", 1000)


def test_a_graph_is_written_as_it_was_read(tmp_path: Path, skeletons: None) -> None:
    data = big_file(tmp_path / "big.pb")
    graph = pbtool.load(tmp_path / "big.pb").graph
    assert writing.save(graph, tmp_path / "copy.pb") == len(data)
    assert (tmp_path / "copy.pb").read_bytes() == data == writing.to_bytes(graph)
    stream = io.BytesIO()
    assert writing.write(graph, stream) == len(data)
    assert stream.getvalue() == data


def test_the_file_that_is_read_may_be_written(tmp_path: Path, skeletons: None) -> None:
    path = tmp_path / "big.pb"
    data = big_file(path)
    graph = pbtool.load(path).graph
    writing.save(edit(graph, {0: []}), path)
    assert path.read_bytes() == data[data.index(b"\x0a", 2 + data[1]) :]
    assert [node.name for node in pbtool.load(path).graph] == ["c"]
    assert writing.to_bytes(graph) == data  # still the file that was opened


def test_small_pieces_and_large_ones_keep_their_order(tmp_path: Path, skeletons: None) -> None:
    path = tmp_path / "big.pb"
    big_file(path)
    graph = pbtool.load(path).graph
    edited = edit(graph, {0: [schema.NodeDef(name="b", op="NoOp"), graph["a"]]})
    writing.save(edited, tmp_path / "edited.pb")
    assert (tmp_path / "edited.pb").read_bytes() == writing.to_bytes(edited)
    assert [node.name for node in pbtool.load(tmp_path / "edited.pb").graph] == ["b", "a", "c"]


def test_the_graph_of_a_meta_graph_lies_in_its_file(tmp_path: Path) -> None:
    graph = graph_def('node { name: "a" op: "NoOp" } versions { producer: 3 }')
    saved = schema.SavedModel(saved_model_schema_version=1)
    saved.meta_graphs.add(graph_def=graph).meta_info_def.tags.append("serve")
    model = files.load_bytes(saved.SerializeToString())
    assert writing.to_bytes(model.graph) == graph.SerializeToString()


def test_a_graph_in_memory_is_written_as_it_is_now() -> None:
    graph = a_graph(LINES)
    graph["b"].op = "Neg"
    assert schema.GraphDef.FromString(writing.to_bytes(graph)) == graph.proto


@pytest.mark.parametrize(
    ("path", "encoding"),
    [
        ("a.pb", "binary"),
        ("a", "binary"),
        ("a.pbtxt", "text"),
        ("a.pb.txt", "text"),
        ("A.PBTXT", "text"),
        ("a.txt.pb", "binary"),
    ],
)
def test_an_ending_tells_the_encoding(path: str, encoding: str) -> None:
    assert writing.encoding_of(path) == encoding


def test_text_is_what_protobuf_reads(tmp_path: Path, skeletons: None) -> None:
    big_file(tmp_path / "big.pb")
    graph = pbtool.load(tmp_path / "big.pb").graph
    writing.save(graph, tmp_path / "big.pbtxt")
    proto = schema.GraphDef()
    text_format.Parse((tmp_path / "big.pbtxt").read_text(), proto)
    assert proto.SerializeToString() == writing.to_bytes(graph)
    assert writing.save(graph, tmp_path / "other.pbtxt", "binary") == len(writing.to_bytes(graph))


def test_a_file_that_shrinks_meanwhile_is_an_error(tmp_path: Path, skeletons: None) -> None:
    path = tmp_path / "big.pb"
    big_file(path)
    graph = pbtool.load(path).graph
    os.truncate(path, 2000)
    (tmp_path / "copy.pb").write_bytes(b"old")
    with pytest.raises(FileError, match="became shorter"):
        writing.save(graph, tmp_path / "copy.pb")
    assert (tmp_path / "copy.pb").read_bytes() == b"old"


def test_without_the_systems_help_it_is_copied_all_the_same(
    tmp_path: Path, skeletons: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = big_file(tmp_path / "big.pb")
    graph = pbtool.load(tmp_path / "big.pb").graph

    def refuse(*_: object) -> int:
        raise OSError

    monkeypatch.setattr(os, "copy_file_range", refuse, raising=False)
    writing.save(graph, tmp_path / "one.pb")
    monkeypatch.delattr(os, "copy_file_range")
    writing.save(graph, tmp_path / "two.pb")
    assert (tmp_path / "one.pb").read_bytes() == (tmp_path / "two.pb").read_bytes() == data


def test_an_encoding_that_graphs_are_not_written_in_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "graph.json"
    with pytest.raises(UsageError, match="a graph is not written as 'json'; write it as binary"):
        pbtool.save(a_graph(LINES), path, "json")
    assert not path.exists()
