from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from google.protobuf import text_format

import pbtool
from pbtool import files, schema
from pbtool.errors import FileError, NotFoundError
from pbtool.summary import summarize
from pbtool.tensors import to_proto
from pbtool.wire import encode_length_delimited
from pbtool.writing import to_bytes
from tests.checkpoint_examples import small_bundle
from tests.checkpoint_writer import V1
from tests.graphs import nodes

EXAMPLES = Path(__file__).parent.parent / "examples"


def saved_model(*tags: str) -> schema.SavedModel:
    message = schema.SavedModel(saved_model_schema_version=1)
    for tag in tags:
        meta_graph = message.meta_graphs.add(
            graph_def=nodes(f"of_{tag.replace(',', '_')} = NoOp()")
        )
        meta_graph.meta_info_def.tags.extend(tag.split(","))
    return message


def write(path: Path, message: schema.SavedModel | schema.GraphDef) -> Path:
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_bytes(message.SerializeToString())
    return path


def constant(name: str, values: np.ndarray) -> schema.NodeDef:
    node = schema.NodeDef(name=name, op="Const")
    node.attr["dtype"].type = 1
    node.attr["value"].tensor.CopyFrom(to_proto(values, 1))
    return node


def test_the_same_graph_opens_in_every_dress(tmp_path: Path) -> None:
    graph = schema.GraphDef.FromString((EXAMPLES / "frozen.pb").read_bytes())
    text = tmp_path / "text.pb"
    text.write_text(text_format.MessageToString(graph))
    models = [
        pbtool.load(EXAMPLES / "frozen.pb"),
        pbtool.load(str(text)),
        pbtool.load_bytes(graph.SerializeToString()),
    ]
    assert [model.encoding for model in models] == ["binary", "text", "binary"]
    assert all(model.kind == "GraphDef" and model.graph.proto == graph for model in models)


def test_big_files_are_read_as_skeletons(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    weights = np.arange(10_000, dtype=np.float32)
    graph = nodes("before = NoOp()\n weights = Const() dtype=1")
    tensor = graph.node[1].attr["value"].tensor
    tensor.dtype, tensor.tensor_content = 1, weights.tobytes()
    tensor.tensor_shape.dim.add().size = weights.size
    function = graph.library.function.add(node_def=[graph.node[1]])
    function.signature.name = "f"
    saved = schema.SavedModel(saved_model_schema_version=1)
    saved.meta_graphs.add(graph_def=graph)
    path = write(tmp_path / "saved_model.pb", saved)
    whole = pbtool.load(path).graph

    monkeypatch.setattr(files, "WHOLE", 1000)
    opened = pbtool.load(path).graph
    assert opened.proto.ByteSize() < 1000
    for body, complete in ((opened, whole), (opened.functions["f"], whole.functions["f"])):
        node = body["weights"]
        np.testing.assert_array_equal(body.tensor("weights"), weights)
        assert body.whole(node) == complete["weights"]
        assert body.node_size(node) == complete.node_size(complete["weights"])


def test_meta_graphs_are_chosen_by_their_tags(tmp_path: Path) -> None:
    model = pbtool.load(
        write(tmp_path / "saved_model.pb", saved_model("train", "serve", "serve,gpu"))
    )
    assert [meta.tags for meta in model.meta_graphs] == [("train",), ("serve",), ("serve", "gpu")]
    assert "of_serve" in model.graph
    assert "of_serve_gpu" in model.meta_graph("gpu,serve").graph
    with pytest.raises(
        NotFoundError, match="no meta graph is tagged 'tpu'; there are: train; serve"
    ):
        model.meta_graph("tpu")
    assert "of_a" in pbtool.load(write(tmp_path / "b.pb", saved_model("a", "b"))).graph


def test_folders_lead_to_what_they_hold(tmp_path: Path) -> None:
    write(tmp_path / "model" / "1" / "saved_model.pb", saved_model("serve"))
    assert pbtool.load(tmp_path / "model" / "1").kind == "SavedModel"
    with pytest.raises(FileError, match=r"no saved_model\.pb .* did you mean .*/model/1\?"):
        pbtool.load(tmp_path / "model")
    (tmp_path / "empty").mkdir()
    with pytest.raises(FileError, match="pass a SavedModel folder"):
        pbtool.load(tmp_path / "empty")


def test_a_checkpoint_opens_by_each_of_its_names(tmp_path: Path) -> None:
    for file in EXAMPLES.glob("model.ckpt.[di]*"):
        shutil.copy(file, tmp_path)
    (tmp_path / "checkpoint").write_text('model_checkpoint_path: "model.ckpt"')
    for name in ("model.ckpt", "model.ckpt.index", "checkpoint", "."):
        model = pbtool.load(tmp_path / name)
        assert model.is_checkpoint
        assert model.checkpoint is not None
        assert {
            name: model.checkpoint.tensor(name).item() for name in model.checkpoint.entries
        } == {
            "var2": 50,
            "var3": 1000,
        }
        with pytest.raises(NotFoundError, match="holds no graph"):
            _ = model.graph


def test_the_prefix_is_that_of_the_checkpoint_with_the_variables(tmp_path: Path) -> None:
    assert files.load(EXAMPLES / "model.ckpt.meta").prefix == str(EXAMPLES / "model.ckpt")
    assert files.load(EXAMPLES / "model.ckpt").prefix == str(EXAMPLES / "model.ckpt")
    assert not files.load(EXAMPLES / "frozen.pb").prefix
    alone = tmp_path / "model.ckpt.meta"
    alone.write_bytes((EXAMPLES / "model.ckpt.meta").read_bytes())
    assert not files.load(alone).prefix


@pytest.mark.parametrize(
    "stated", ["model.ckpt", "/on/another/machine/model.ckpt", "../model.ckpt"]
)
def test_a_checkpoint_that_was_moved_is_found_beside_its_state(tmp_path: Path, stated: str) -> None:
    for file in EXAMPLES.glob("model.ckpt.[di]*"):
        shutil.copy(file, tmp_path)
    (tmp_path / "checkpoint").write_text(f'model_checkpoint_path: "{stated}"')
    model = pbtool.load(tmp_path)
    assert model.checkpoint is not None
    assert model.checkpoint.prefix == str(tmp_path / "model.ckpt")


@pytest.mark.parametrize("stated", ["", ".", "..", "/", "none"])
def test_a_state_that_names_no_checkpoint_is_told(tmp_path: Path, stated: str) -> None:
    (tmp_path / "checkpoint").write_text(f'model_checkpoint_path: "{stated}"')
    with pytest.raises(FileError, match="no checkpoint has this prefix"):
        pbtool.load(tmp_path)


@pytest.mark.parametrize("name", ["model", "model-?????-of-00001", "model-00000-of-00001"])
def test_a_checkpoint_of_the_first_format_opens_by_its_prefix(tmp_path: Path, name: str) -> None:
    v1 = V1()
    v1.add("step", 9, [], {(): {"int64_val": [7]}})
    v1.write(tmp_path / "model-00000-of-00001")
    model = pbtool.load(tmp_path / name)
    assert model.kind == "CheckpointV1"
    assert model.checkpoint is not None
    assert model.checkpoint.tensor("step") == 7


def test_nothing_lies_beside_what_came_from_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "variables"
    folder.mkdir()
    small_bundle().write(folder / "variables")
    (tmp_path / "debug").mkdir()
    (tmp_path / "debug" / "saved_model_debug_info.pb").touch()
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "words.txt").touch()
    message = saved_model("serve")
    message.meta_graphs[0].asset_file_def.add(filename="words.txt")
    monkeypatch.chdir(tmp_path)
    model = pbtool.load_bytes(message.SerializeToString())
    assert (model.checkpoint, model.debug_info) == (None, None)
    assert summarize(model).meta_graphs[0].assets[0].bytes is None
    beside = pbtool.load(write(Path("saved_model.pb"), message))
    assert beside.checkpoint is not None
    assert summarize(beside).meta_graphs[0].assets[0].bytes == 0


def test_shards_without_their_index_are_told(tmp_path: Path) -> None:
    (tmp_path / "model.data-00000-of-00001").touch()
    with pytest.raises(FileError, match=r"but not model\.index"):
        pbtool.load(tmp_path / "model")


def test_a_saved_model_knows_its_variables(tmp_path: Path) -> None:
    write(tmp_path / "saved_model.pb", saved_model("serve"))
    assert pbtool.load(tmp_path).checkpoint is None
    (tmp_path / "variables").mkdir()
    for file in EXAMPLES.glob("model.ckpt.[di]*"):
        shutil.copy(file, tmp_path / "variables" / file.name.replace("model.ckpt", "variables"))
    checkpoint = pbtool.load(tmp_path).checkpoint
    assert checkpoint is not None
    assert list(checkpoint.entries) == ["var2", "var3"]


def test_a_function_library_is_a_graph_without_nodes(tmp_path: Path) -> None:
    library = schema.FunctionDefLibrary()
    library.function.add(node_def=nodes("n = NoOp()").node).signature.name = "f"
    model = pbtool.load_bytes(library.SerializeToString())
    assert model.kind == "FunctionDefLibrary"
    assert len(model.graph) == 0
    assert [node.name for node in model.graph.functions["f"]] == ["n"]


def test_tensors_of_a_big_function_library_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    weights = np.arange(10_000, dtype=np.float32)
    library = schema.FunctionDefLibrary()
    function = library.function.add(node_def=[constant("weights", weights)])
    function.signature.name = "f"
    data = library.SerializeToString()
    for whole in (1 << 30, 0):
        monkeypatch.setattr(files, "WHOLE", whole)
        graph = pbtool.load_bytes(data).graph
        assert np.array_equal(graph.functions["f"].tensor("weights"), weights)
        assert to_bytes(graph) == encode_length_delimited(2, data)


@pytest.mark.parametrize("whole", [0, 1 << 30])
def test_a_graph_that_stands_in_two_fields_is_merged(
    monkeypatch: pytest.MonkeyPatch, whole: int
) -> None:
    monkeypatch.setattr(files, "WHOLE", whole)
    weights = np.arange(10_000, dtype=np.float32)
    given = {"a": weights, "b": weights + 1}
    parts = [schema.GraphDef(node=[constant(*each)]) for each in given.items()]
    first = schema.MetaGraphDef(graph_def=parts[0])
    first.meta_info_def.tags.append("serve")
    for number in range(20):
        first.collection_def[f"collection_{number}"].SetInParent()
    second = schema.MetaGraphDef(graph_def=parts[1])
    data = first.SerializeToString() + second.SerializeToString()
    graph = pbtool.load_bytes(data).graph
    assert [node.name for node in graph] == ["a", "b"]
    assert all(np.array_equal(graph.tensor(name), given[name]) for name in given)


@pytest.mark.parametrize("whole", [0, 1 << 30])
def test_a_truncated_file_names_byte_and_node(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, whole: int
) -> None:
    monkeypatch.setattr(files, "WHOLE", whole)
    path = tmp_path / "cut.pb"
    path.write_bytes((EXAMPLES / "frozen.pb").read_bytes()[:120])
    with pytest.raises(
        FileError,
        match=r"cut\.pb: the GraphDef is truncated: it ends at byte 120, in node 'var2/read'",
    ):
        pbtool.load(path)


def test_damage_names_byte_and_node(tmp_path: Path) -> None:
    data = bytearray((EXAMPLES / "frozen.pb").read_bytes())
    at = data.index(b"AddV2")
    data[at - 2] = 0x0F
    with pytest.raises(FileError, match=f"damaged at byte {at - 2}, in node 'var4op1'"):
        pbtool.load_bytes(bytes(data))


def test_text_errors_name_line_and_column() -> None:
    with pytest.raises(FileError, match=r"line 2, column 3: is no GraphDef .* no field named"):
        pbtool.load_bytes(b"node {\n  nome: 'a'\n}")


def test_a_file_that_is_not_there() -> None:
    with pytest.raises(FileError, match="No such file or directory"):
        pbtool.load("absent.pb")


def test_notebooks_show_the_file_and_its_ops() -> None:
    html = pbtool.load(EXAMPLES / "frozen.pb")._repr_html_()
    assert "frozen.pb" in html
    assert "<td>AddV2</td><td>2</td>" in html
    assert "<td>" not in pbtool.load(EXAMPLES / "model.ckpt")._repr_html_()


def test_a_file_of_the_same_bytes_is_not_parsed_again(tmp_path: Path) -> None:
    graph = nodes("x = Placeholder() dtype=1")
    data = {"graph.pb": graph.SerializeToString(), "graph.pbtxt": str(graph).encode()}
    for name, content in data.items():
        folder = tmp_path / f"folder of {name}"
        folder.mkdir()
        path = tmp_path / f"copy of {name}"
        path.write_bytes(content)
        (tmp_path / name).write_bytes(content)
        model = files.load(tmp_path / name)
        twin = files.twin(model, str(path))
        assert twin is not None
        assert (twin.message is model.message, twin.path) == (True, str(path))
        assert files.twin(model, str(folder)) is None
        assert files.twin(model, str(tmp_path / "nothing")) is None
    assert files.twin(model, str(tmp_path / "graph.pb")) is None


def test_the_twin_of_a_saved_model_has_variables_of_its_own(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name / "variables").mkdir(parents=True)
        saved = schema.SavedModel(saved_model_schema_version=1)
        (tmp_path / name / "saved_model.pb").write_bytes(saved.SerializeToString())
        small_bundle().write(tmp_path / name / "variables" / "variables")
    a = files.load(tmp_path / "a")
    assert a.checkpoint is not None
    b = files.twin(a, str(tmp_path / "b"))
    assert b is not None
    assert b.checkpoint is not None
    assert b.checkpoint.prefix == str(tmp_path / "b" / "variables" / "variables")
