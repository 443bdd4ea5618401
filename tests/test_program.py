from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pbtool import files, schema
from pbtool.errors import FileError, NotFoundError, UsageError
from pbtool.execution.program import find_program
from tests.graphs import nodes

EXAMPLES = Path(__file__).parent.parent / "examples"


def test_a_frozen_graph_needs_nothing_before() -> None:
    program = find_program(files.load(EXAMPLES / "frozen.pb"))
    assert program.steps == ()
    assert not program.restored
    assert [port.tensor for port in program.inputs] == ["var1:0"]
    assert [port.tensor for port in program.outputs] == ["sum_operation:0"]
    assert program.guessed


@pytest.mark.parametrize("name", [".", "model.ckpt", "model.ckpt.index", "model.ckpt.meta"])
def test_a_checkpoint_is_restored_by_its_saver(name: str) -> None:
    program = find_program(files.load(EXAMPLES / name), outputs=["sum_operation"])
    (step,) = program.steps
    assert step.nodes == ("save/restore_all",)
    assert list(step.feeds.values()) == [str(EXAMPLES / "model.ckpt")]
    assert not program.guessed


def test_a_graph_is_restored_by_the_names_of_its_variables() -> None:
    model = files.load(EXAMPLES / "unfrozen.pb")
    program = find_program(model, checkpoint=str(EXAMPLES / "model.ckpt"))
    assert program.restored == {"var2": "var2", "var3": "var3"}
    only = find_program(model, checkpoint=str(EXAMPLES / "model.ckpt"), outputs=["var2/read"])
    assert only.restored == {"var2": "var2"}
    assert only.inputs == ()


def test_a_checkpoint_without_its_graph(tmp_path: Path) -> None:
    for end in ("index", "data-00000-of-00001"):
        shutil.copy(EXAMPLES / f"model.ckpt.{end}", tmp_path)
    with pytest.raises(NotFoundError, match=r"no \.meta file beside it"):
        find_program(files.load(tmp_path / "model.ckpt"))


def saved_model(folder: Path) -> Path:
    meta_graph = schema.MetaGraphDef(
        graph_def=nodes("x = Placeholder() dtype=1\n y = Neg(x) T=1\n z = Abs(x) T=1\n i = NoOp()")
    )
    for key, name in (("a", "y"), ("b", "z")):
        signature = meta_graph.signature_def[key]
        signature.inputs["in"].name = "x:0"
        signature.outputs["out"].name = f"{name}:0"
    meta_graph.signature_def["__saved_model_init_op"].outputs["init"].name = "i"
    meta_graph.asset_file_def.add(filename="words.txt").tensor_info.name = "x:0"
    model = schema.SavedModel(saved_model_schema_version=1, meta_graphs=[meta_graph])
    (folder / "saved_model.pb").write_bytes(model.SerializeToString())
    return folder


def test_signatures_and_assets(tmp_path: Path) -> None:
    model = files.load(saved_model(tmp_path))
    program = find_program(model, signature="b")
    assert [(port.key, port.tensor) for port in program.outputs] == [("out", "z:0")]
    assert program.assets == {"x:0": str(tmp_path / "assets" / "words.txt")}
    assert program.initializer == "i"
    with pytest.raises(UsageError, match="several signatures; --signature: a, b"):
        find_program(model)
    with pytest.raises(NotFoundError, match="no signature 'c'; there are: a, b"):
        find_program(model, signature="c")
    with pytest.raises(UsageError, match="contradict each other"):
        find_program(model, signature="a", outputs=["y"])
    assert find_program(model, outputs=["y"]).signature == ""
    named = find_program(model, signature="b", outputs=["out"])
    assert [(port.key, port.tensor) for port in named.outputs] == [("out", "z:0")]
    assert ([port.key for port in named.inputs], named.signature) == (["in"], "b")
    with pytest.raises(NotFoundError, match="no node 'out'"):
        find_program(model, outputs=["out"])  # which of the signatures is meant?


def test_a_damaged_saved_model_is_one_sentence(tmp_path: Path) -> None:
    model = schema.SavedModel.FromString((saved_model(tmp_path) / "saved_model.pb").read_bytes())
    meta_graph = model.meta_graphs[0]
    meta_graph.signature_def["b"].ClearField("outputs")
    (tmp_path / "saved_model.pb").write_bytes(model.SerializeToString())
    with pytest.raises(UsageError, match="signature 'b' has no outputs"):
        find_program(files.load(tmp_path), signature="b")
    assets = meta_graph.collection_def["saved_model_assets"].any_list
    assets.value.add(value=b"\xff\xff")
    (tmp_path / "saved_model.pb").write_bytes(model.SerializeToString())
    with pytest.raises(FileError, match="'saved_model_assets' is not a AssetFileDef"):
        find_program(files.load(tmp_path), signature="a")


def test_variables_of_any_name_are_looked_for(tmp_path: Path) -> None:
    graph = nodes("v = VarHandleOp() dtype=1\n r = ReadVariableOp(v) dtype=1")
    graph.node[0].attr["shared_name"].s = b"\xff"
    (tmp_path / "g.pb").write_bytes(graph.SerializeToString())
    model = files.load(tmp_path / "g.pb")
    with pytest.raises(NotFoundError, match=r"lacks 1 of 1 variables: \\xff; .* other outputs may"):
        find_program(model, outputs=["r"], checkpoint=str(EXAMPLES / "model.ckpt"))


def test_the_output_of_an_unknown_op_is_its_first(tmp_path: Path) -> None:
    (tmp_path / "g.pb").write_bytes(nodes("a = MyOp()\n b = NoOp()").SerializeToString())
    program = find_program(files.load(tmp_path / "g.pb"), outputs=["a", "b"])
    assert [port.tensor for port in program.outputs] == ["a:0", "^b"]


def test_what_there_is_not() -> None:
    model = files.load(EXAMPLES / "frozen.pb")
    with pytest.raises(NotFoundError, match="sum_operatio"):
        find_program(model, outputs=["sum_operatio"])
    with pytest.raises(UsageError, match="no signatures"):
        find_program(model, signature="a")
    with pytest.raises(UsageError, match="--tags is about meta graphs"):
        find_program(model, tags="serve")
    with pytest.raises(UsageError, match="is no checkpoint"):
        find_program(model, checkpoint=str(EXAMPLES / "frozen.pb"))


def test_what_is_fed_is_not_executed() -> None:
    program = find_program(files.load(EXAMPLES / "frozen.pb"))
    assert "var1" in program.reached()
    assert program.reached(["var4op1:0"]) == program.reached() - {
        "var1", "var2", "var2/read", "var4op1",
    }  # fmt: skip


def test_a_control_edge_from_a_placeholder_that_is_fed_executes_nothing(tmp_path: Path) -> None:
    lines = "{x}\n c = Neg(p, ^x) T=1\n p = Placeholder() dtype=1\n y = AddV2(x, c) T=1"
    for made, executed in (
        ("x = Placeholder() dtype=1", set()),
        ("x = PlaceholderWithDefault(p) dtype=1", {"x"}),
    ):
        (tmp_path / "g.pb").write_bytes(nodes(lines.format(x=made)).SerializeToString())
        program = find_program(files.load(tmp_path / "g.pb"), outputs=["y"])
        assert program.reached(["x:0", "p:0"]) == {"y", "c"} | executed
