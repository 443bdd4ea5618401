from __future__ import annotations

from pathlib import Path

import pytest

from pbtool import files, schema
from pbtool.errors import NotFoundError
from pbtool.model import Model
from pbtool.render.info import page
from pbtool.summary import Summary, summarize
from tests.corpus import FOLDER, needs_corpus
from tests.graphs import graph_def

EXAMPLES = Path(__file__).parent.parent / "examples"

META_GRAPH = """
meta_graphs {
  meta_info_def { tags: "serve" tensorflow_version: "2.9.1" }
  graph_def {
    versions { producer: 30 min_consumer: 12 bad_consumers: 15 }
    node { name: "x" op: "Placeholder" }
    node { name: "v" op: "VarHandleOp" attr { key: "dtype" value { type: DT_FLOAT } }
      attr { key: "shape" value { shape { dim { size: 5 } } } } }
    node { name: "y" op: "serve" input: "x" input: "v" }
    node { name: "save" op: "keep" input: "v" }
    node { name: "restore" op: "NoOp" input: "^v" }
    node { name: "init" op: "NoOp" input: "^table" }
    node { name: "table" op: "HashTableV2" }
    node { name: "left" op: "NoOp" }
    library {
      function { signature { name: "serve" } node_def { name: "a" op: "Neg" }
                 node_def { name: "b" op: "Neg" } }
      function { signature { name: "keep" } node_def { name: "a" op: "SaveV2" } }
      function { signature { name: "other" } node_def { name: "a" op: "Exp" } }
    }
  }
  saver_def { save_tensor_name: "save:0" restore_op_name: "restore" }
  signature_def { key: "serving_default" value { outputs { key: "y" value { name: "y:0" } } } }
  signature_def { key: "__saved_model_init_op"
    value { outputs { key: "__saved_model_init_op" value { name: "init" } } } }
  asset_file_def { filename: "words.txt" tensor_info { name: "w:0" } }
  asset_file_def { filename: "gone.txt" tensor_info { name: "g:0" } }
  collection_def { key: "steps" value { node_list { value: "x:0" value: "y:0" } } }
  object_graph_def { nodes { variable { name: "v" trainable: true dtype: DT_FLOAT } } }
}
meta_graphs { meta_info_def { tags: "train" tags: "gpu" } graph_def { node { name: "z" } } }
"""


@pytest.fixture
def saved_model(tmp_path: Path) -> Model:
    from google.protobuf import text_format

    proto = text_format.Parse(META_GRAPH, schema.SavedModel(), descriptor_pool=schema.POOL)
    (tmp_path / "saved_model.pb").write_bytes(proto.SerializeToString())
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "words.txt").write_bytes(b"one\ntwo\n")
    return files.load(tmp_path)


def summary_of(text: str) -> Summary:
    return summarize(files.load_bytes(graph_def(text).SerializeToString()))


def test_a_graph() -> None:
    found = summary_of('node { name: "a" op: "Neg" } versions { producer: 7 }')
    assert (found.kind, found.encoding, found.bytes) == ("GraphDef", "binary", 14)
    assert found.graph is not None
    assert found.graph.counts.ops == {"Neg": 1}
    assert found.versions == ("", 7, 0, ())
    assert (found.meta_graphs, found.chosen, found.checkpoint) == ((), None, None)


def test_versions_that_are_not_stated_are_none() -> None:
    found = summary_of('node { name: "a" op: "Neg" }')
    assert found.versions == ("", None, None, ())


def test_a_saved_model_by_who_needs_what(saved_model: Model) -> None:
    found = summarize(saved_model)
    assert found.versions == ("2.9.1", 30, 12, (15,))
    assert found.chosen == 0
    first = found.meta_graphs[0]
    assert first.tags == ("serve",)
    assert [entry.key for entry in first.entry_points] == ["serving_default"]
    assert first.served.ops == {"Neg": 2, "Placeholder": 1, "VarHandleOp": 1, "serve": 1}
    assert (first.served.nodes, first.served.functions, first.served.parameters) == (3, 1, 5)
    assert first.reached["serving_default"] == first.served
    assert first.saver.ops == {"NoOp": 1, "SaveV2": 1, "VarHandleOp": 1, "keep": 1}
    assert first.initializer.ops == {"HashTableV2": 1, "NoOp": 1}
    assert first.rest.ops == {"Exp": 1, "NoOp": 1}
    assert (first.counts.nodes, first.counts.function_nodes, first.counts.functions) == (8, 4, 3)


def test_what_is_saved_beside_the_graph(saved_model: Model) -> None:
    first, second = summarize(saved_model).meta_graphs
    assert first.assets == (("words.txt", "w:0", 8), ("gone.txt", "g:0", None))
    assert first.collections == {"steps": 2}
    assert second.tags == ("train", "gpu")
    assert second.counts.nodes == 1


def test_trainable_as_saved_objects_tell(saved_model: Model) -> None:
    graph = summarize(saved_model).graph
    assert graph is not None
    assert [each.trainable for each in graph.counts.variables] == [True]


def test_two_variables_of_one_name_do_not_tell_which_is_trainable() -> None:
    model = schema.SavedModel()
    meta_graph = model.meta_graphs.add()
    meta_graph.meta_info_def.tags.append("serve")
    for name in ("both", "either", "none"):
        meta_graph.graph_def.node.add(name=name, op="VarHandleOp")
    for name, trainable in (("both", 1), ("either", 1), ("both", 1), ("either", 0)):
        meta_graph.object_graph_def.nodes.add().variable.MergeFrom(
            schema.SavedVariable(name=name, trainable=bool(trainable))
        )
    summary = summarize(files.load_bytes(model.SerializeToString()))
    assert summary.graph is not None
    found = {each.name: each.trainable for each in summary.graph.counts.variables}
    assert found == {"both": True, "either": None, "none": None}
    lines = page("%", summary, None, lambda text, _: text, None, full=False)
    assert any("3, 0 parameters; trainable 1, 0 parameters, unknown of 2" in each for each in lines)


def test_trainable_as_collections_tell() -> None:
    from google.protobuf import text_format

    proto = text_format.Parse(
        """
        meta_info_def { tags: "t" }
        graph_def { node { name: "a" op: "VariableV2" } node { name: "b" op: "VariableV2" }
                    node { name: "c" op: "VariableV2" } }
        """,
        schema.MetaGraphDef(),
        descriptor_pool=schema.POOL,
    )
    a, b = (schema.VariableDef(variable_name=f"{name}:0").SerializeToString() for name in "ab")
    proto.collection_def["variables"].bytes_list.value.extend([a, b, b"\xffnot a message"])
    proto.collection_def["trainable_variables"].bytes_list.value.append(a)
    graph = summarize(files.load_bytes(proto.SerializeToString())).graph
    assert graph is not None
    found = {each.name: each.trainable for each in graph.counts.variables}
    assert found == {"a": True, "b": False, "c": None}


def test_tags_choose_the_meta_graph(saved_model: Model) -> None:
    found = summarize(saved_model, "gpu,train")
    assert found.chosen == 1
    assert found.graph is not None
    assert found.graph.counts.nodes == 1
    with pytest.raises(NotFoundError, match="serve; train,gpu"):
        summarize(saved_model, "serve,gpu")


def test_tags_of_what_has_none_are_refused() -> None:
    with pytest.raises(NotFoundError, match="no meta graphs"):
        summarize(files.load(EXAMPLES / "frozen.pb"), "serve")


def test_a_checkpoint() -> None:
    found = summarize(files.load(EXAMPLES / "model.ckpt"))
    assert found.graph is None
    assert found.checkpoint is not None
    assert found.checkpoint.tensors.count == 2
    assert found.checkpoint.tensors.bytes == 8
    assert (found.checkpoint.shards, found.checkpoint.missing_shards) == (1, ())


def test_a_checkpoint_without_its_data(tmp_path: Path) -> None:
    index = tmp_path / "model.ckpt.index"
    index.write_bytes((EXAMPLES / "model.ckpt.index").read_bytes())
    found = summarize(files.load(index)).checkpoint
    assert found is not None
    assert [Path(path).name for path in found.missing_shards] == ["model.ckpt.data-00000-of-00001"]


def test_variables_that_cannot_be_read_are_a_warning(saved_model: Model) -> None:
    folder = Path(saved_model.path).parent / "variables"
    folder.mkdir()
    (folder / "variables.index").write_bytes(b"no index")
    found = summarize(saved_model)
    assert found.checkpoint is None
    assert len(found.warnings) == 1
    assert "variables.index" in found.warnings[0]


def test_an_op_list() -> None:
    ops = schema.OpList(op=[schema.OpDef(name="A"), schema.OpDef(name="B")])
    found = summarize(files.load_bytes(ops.SerializeToString()))
    assert (found.kind, found.op_declarations, found.graph) == ("OpList", 2, None)


def test_a_library_of_functions() -> None:
    library = graph_def(
        'library { function { signature { name: "f" } node_def { name: "a" op: "Neg" } } }'
    ).library
    found = summarize(files.load_bytes(library.SerializeToString())).graph
    assert found is not None
    assert (found.counts.nodes, found.counts.function_nodes, found.counts.functions) == (0, 1, 1)


@needs_corpus
def test_the_corpus_agrees_with_its_manifest() -> None:
    rows = [line.split("\t") for line in (FOLDER / "MANIFEST.tsv").read_text().splitlines()[1:]]
    counted = 0
    for name, _, _, _, nodes, ops, functions, *_ in rows:
        if not nodes.isdecimal() or "unparsable" in name:
            continue
        model = files.load(FOLDER / name)
        found = summarize(model)
        parts = [each.counts for each in found.meta_graphs] or [found.graph.counts]
        assert sum(part.nodes + part.function_nodes for part in parts) == int(nodes), name
        assert sum(part.functions for part in parts) == int(functions), name
        assert len({op for part in parts for op in part.ops}) == int(ops), name
        counted += 1
    assert counted > 50
