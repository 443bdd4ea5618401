"""``pbtool diff`` and ``pbtool patch`` as commands that belong together."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from google.protobuf import text_format

from pbtool import cli, files, schema, tensors
from pbtool.differences import diff
from tests.checkpoint_writer import Bundle
from tests.graphs import nodes


def run(*words: str | Path, given: bytes = b"") -> tuple[int, str, str]:
    """The exit status of a command, and what it wrote."""
    out, err = io.BytesIO(), io.BytesIO()
    streams = [io.TextIOWrapper(each, encoding="utf-8") for each in (out, err)]
    status = cli.main(
        list(map(str, words)),
        stdin=io.TextIOWrapper(io.BytesIO(given)),
        stdout=streams[0],
        stderr=streams[1],
    )
    for stream in streams:
        stream.flush()
    return status, out.getvalue().decode(errors="replace"), err.getvalue().decode()


def graph(size: int, value: float, name: str) -> bytes:
    made = nodes(f"x = Placeholder() dtype=1\n{name} = Const() dtype=1\ny = Add(x, {name}) T=1")
    values = np.arange(size, dtype="f4")
    values[1] = value
    made.node[1].attr["value"].tensor.CopyFrom(tensors.to_proto(values, 1))
    return made.SerializeToString()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.pb").write_bytes(graph(1000, 1, "w"))
    (tmp_path / "b.pb").write_bytes(graph(1000, 2, "v"))
    return tmp_path


def changes(folder: Path, *options: str) -> Path:
    target = folder / "changes.json"
    words = ("diff", folder / "a.pb", folder / "b.pb", "--format", "json", "-o", target)
    assert run(*words, *options)[0] == 1
    return target


def test_changes_on_standard_input(folder: Path) -> None:
    given = changes(folder, "--full-values").read_bytes()
    assert run("patch", folder / "a.pb", "-", "-o", folder / "made.pb", given=given)[0] == 0
    assert not diff(files.load(folder / "made.pb"), files.load(folder / "b.pb"))
    status, _, errors = run("patch", "-", "-", given=given)
    assert (status, errors.count("cannot both come from standard input")) == (2, 1)


def test_there_and_back(folder: Path) -> None:
    found = changes(folder, "--full-values")
    assert json.loads(found.read_text())["equal"] is False
    for start, options, end in (("a.pb", (), "b.pb"), ("b.pb", ("--reverse",), "a.pb")):
        made = folder / "made.pb"
        assert run("patch", folder / start, found, "-o", made, *options) == (0, "", "")
        assert not diff(files.load(made), files.load(folder / end))
        assert run("diff", made, folder / end)[0] == 0


def test_as_text_and_to_standard_output(folder: Path) -> None:
    found = changes(folder, "--full-values")
    assert run("patch", folder / "a.pb", found, "-o", folder / "made.pbtxt")[0] == 0
    assert files.load(folder / "made.pbtxt").encoding == "text"
    assert run("diff", folder / "made.pbtxt", folder / "b.pb")[0] == 0
    status, written, _ = run("patch", folder / "a.pb", found)
    assert status == 0
    assert written


def test_constants_that_were_left_out_are_missed(folder: Path) -> None:
    status, _, said = run("patch", folder / "a.pb", changes(folder), "-o", folder / "made.pb")
    assert status == 2
    assert "--full-values" in said
    assert not (folder / "made.pb").exists()


def test_another_model_is_refused(folder: Path) -> None:
    found = changes(folder, "--full-values")
    status, _, said = run("patch", folder / "b.pb", found, "-o", folder / "made.pb")
    assert status == 2
    assert "there is no node 'w'" in said


BASE = "x = Placeholder() dtype=1\ny = AddN(x) T=1"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (f"{BASE}\nz = NoOp()", "there is a node 'z' already"),
        (f"z = NoOp()\n{BASE}".replace("x", "s/x"), "there is no node 'x'"),
        (BASE.replace("(x", "(x, x"), "the number of inputs of node 'y' is '2', not '1'"),
        (BASE.replace("(x", "(x, ^x"), "node 'y' has a control input 'x' already"),
        (BASE.replace("T=1", "T=2"), "node 'y' has another value of the attr 'T'"),
        (f"{BASE} q=1", "node 'y' has already an attr 'q'"),
    ],
)
def test_changes_that_were_made_already(text: str, sentence: str, tmp_path: Path) -> None:
    for name, each in (("a.pb", BASE), ("b.pb", text)):
        (tmp_path / name).write_bytes(nodes(each).SerializeToString())
    found = changes(tmp_path, "--full-values")
    status, _, said = run("patch", tmp_path / "b.pb", found, "-o", tmp_path / "made.pb")
    assert (status, sentence in said) == (2, True), said


def test_a_field_of_another_message(folder: Path) -> None:
    found = changes(folder, "--full-values")
    document = json.loads(found.read_text())
    value = {"message": "GraphDef", "value": {"versions": {"producer": 1}}}
    field = {"change": "added", "kind": "field", "name": "versions", "value": value}
    document["changes"] = [
        {"change": "edited", "kind": "node", "name": "x", "new_name": "x", "changes": [field]}
    ]
    found.write_text(json.dumps(document))
    status, _, said = run("patch", folder / "a.pb", found, "-o", folder / "made.pb")
    assert (status, "'versions' is one of a GraphDef, not of a NodeDef" in said) == (2, True), said


def test_functions_and_signatures_that_are_there_already(tmp_path: Path) -> None:
    plain, added = saved_model("x", "1"), saved_model("x", "1")
    added.meta_graphs[0].graph_def.library.function.add().signature.name = "f"
    (tmp_path / "a.pb").write_bytes(plain.SerializeToString())
    (tmp_path / "b.pb").write_bytes(added.SerializeToString())
    status, _, said = run("patch", tmp_path / "b.pb", changes(tmp_path), "-o", tmp_path / "made.pb")
    assert (status, "there is a function 'f' already" in said) == (2, True), said
    added = saved_model("x", "1")
    added.meta_graphs[0].signature_def["more"].inputs["x"].name = "x:0"
    (tmp_path / "b.pb").write_bytes(added.SerializeToString())
    status, _, said = run("patch", tmp_path / "b.pb", changes(tmp_path), "-o", tmp_path / "made.pb")
    assert (status, "the signature 'more' is already there" in said) == (2, True), said


@pytest.mark.parametrize("text", ["", "{}", "[1", '{"format": "pbtool diff", "version": 7}'])
def test_other_files_are_refused(folder: Path, text: str) -> None:
    (folder / "changes.json").write_text(text)
    status, _, said = run("patch", folder / "a.pb", folder / "changes.json")
    assert status == 2
    assert str(folder / "changes.json") in said


def test_the_verdict_of_tensorflow(folder: Path) -> None:
    status, said, _ = run("diff", folder / "a.pb", folder / "b.pb", "--tensorflow")
    assert (status, said) == (1, "EqualGraphDef: the first graph has no node 'v'\n")
    assert run("diff", folder / "a.pb", folder / "a.pb", "--tensorflow") == (0, "", "")


@pytest.mark.parametrize(
    "words",
    [
        "--tensorflow --format json",
        "--tensorflow --strict",
        "--tensorflow --ignore device",
        "--tensorflow --rtol 1",
        "--tensorflow --stat",
        "--shapes --stat",
        "--shapes --names-only",
    ],
)
def test_no_option_is_overlooked(folder: Path, words: str) -> None:
    status, written, said = run("diff", folder / "a.pb", folder / "a.pb", *words.split())
    assert (status, written) == (2, "")
    assert words.split()[1] in said


def saved_model(name: str, stamp: str) -> schema.SavedModel:
    saved = schema.SavedModel(saved_model_schema_version=len(stamp))
    meta_graph = saved.meta_graphs.add()
    meta_graph.meta_info_def.tags.append("serve")
    meta_graph.meta_info_def.tensorflow_version = stamp
    meta_graph.graph_def.CopyFrom(nodes(f"{name} = Placeholder() dtype=1"))
    for key in ("serve", stamp):
        meta_graph.signature_def[key].inputs["x"].name = f"{name}:0"
    meta_graph.collection_def["c"].node_list.value.append(stamp)
    meta_graph.asset_file_def.add(filename="f").tensor_info.name = stamp
    meta_graph.asset_file_def.add(filename=stamp)
    for number in range(len(stamp)):  # one file may be the asset of several tensors
        meta_graph.asset_file_def.add(filename="shared").tensor_info.name = f"{number}"
    return saved


def test_saved_models(folder: Path) -> None:
    for file, saved in (("a.pb", saved_model("x", "1")), ("b.pb", saved_model("s/x", "22"))):
        (folder / file).write_bytes(saved.SerializeToString())
    found = changes(folder)
    for start, options, end in (("a.pb", (), "b.pb"), ("b.pb", ("--reverse",), "a.pb")):
        made = folder / "made.pb"
        assert run("patch", folder / start, found, "-o", made, *options) == (0, "", "")
        assert run("diff", made, folder / end) == (0, "", "")
        assert in_order(made) == in_order(folder / end)


def test_a_strict_diff_of_saved_models(folder: Path) -> None:
    a, b = saved_model("x", "1"), saved_model("y", "22")
    (folder / "a.pb").write_bytes(a.SerializeToString())
    (folder / "b.pb").write_text(text_format.MessageToString(b))
    found = changes(folder, "--strict")
    assert "encoding" in {each["kind"] for each in json.loads(found.read_text())["changes"]}
    assert run("patch", folder / "a.pb", found, "-o", folder / "made.pb") == (0, "", "")
    assert run("diff", folder / "made.pb", folder / "b.pb") == (0, "", "")


def in_order(path: Path) -> schema.SavedModel:
    """A SavedModel with its assets, whose order does not count, in one order."""
    saved = schema.SavedModel.FromString(path.read_bytes())
    saved.meta_graphs[0].asset_file_def.sort(
        key=lambda each: (each.filename, each.tensor_info.name)
    )
    return saved


# --- variables ----------------------------------------------------------------------------------


def in_folder(folder: Path, saved: schema.SavedModel, **variables: object) -> Path:
    """A SavedModel in a folder of its own, with variables and an asset."""
    for name in ("variables", "assets"):
        (folder / name).mkdir(parents=True)
    (folder / "saved_model.pb").write_bytes(saved.SerializeToString())
    (folder / "assets" / "words").write_text("one two")
    (folder / "fingerprint.pb").write_bytes(b"\x08\x01")
    bundle = Bundle()
    for name, value in variables.items():
        array = np.asarray(value)
        if array.dtype.kind == "S":
            bundle.add_strings(name, list(map(bytes, array.flat)), array.shape)
        else:
            bundle.add_array(name, array)
    bundle.write(folder / "variables" / "variables")
    return folder


@pytest.fixture
def models(tmp_path: Path) -> tuple[Path, Path]:
    many = {f"layer_{number}": np.full(3, number, "f4") for number in range(200)}
    return (
        in_folder(
            tmp_path / "a", saved_model("x", "1"), w=np.zeros((2, 600), "f4"), s=[b"a", b""], gone=1
        ),
        in_folder(
            tmp_path / "b",
            saved_model("y", "22"),
            w=np.ones((2, 600), "f4"),
            s=[b"b" * 300],
            **many,
        ),
    )


def test_files_that_are_not_there_are_not_compared(
    models: tuple[Path, Path], tmp_path: Path
) -> None:
    model, alone = models[0], tmp_path / "alone"
    shutil.copytree(model, alone)
    assert run("diff", model, alone) == (0, "", "")
    for folder in ("variables", "assets"):
        shutil.rmtree(alone / folder)
        status, written, said = run("diff", alone, model)
        assert (status, written) == (0, "")
        sentence = f"has no {folder}, so those of the other are not compared"
        assert f"{alone / 'saved_model.pb'}: {sentence}" in said
        assert run("diff", model, alone)[2] == said


def test_a_saved_model_with_its_variables(models: tuple[Path, Path], tmp_path: Path) -> None:
    found = tmp_path / "changes.json"
    words = ("--format", "json", "--full-values", "-o", found)
    assert run("diff", *models, *words)[0] == 1
    for start, options, end in ((0, (), 1), (1, ("--reverse",), 0)):
        made = tmp_path / f"made_{end}"
        assert run("patch", models[start], found, "-o", made, *options) == (0, "", "")
        assert run("diff", made, models[end]) == (0, "", "")
        assert (made / "assets" / "words").read_text() == "one two"
        assert not (made / "fingerprint.pb").exists()
        status, _, said = run("patch", models[start], found, "-o", made, *options)
        assert (status, "is there already" in said) == (2, True)
    assert sorted(each.name for each in tmp_path.iterdir()) == [
        "a", "b", "changes.json", "made_0", "made_1",
    ]  # fmt: skip


def test_a_checkpoint(models: tuple[Path, Path], tmp_path: Path) -> None:
    old, new = (each / "variables" / "variables" for each in models)
    found, made = tmp_path / "changes.json", tmp_path / "made"
    assert run("diff", old, new, "--format", "json", "--full-values", "-o", found)[0] == 1
    assert run("patch", old, found, "-o", made) == (0, "", "")
    assert run("diff", made, new) == (0, "", "")
    assert run("patch", made, found, "--reverse", "-o", made) == (0, "", "")
    assert run("diff", made, old) == (0, "", "")


def test_a_checkpoint_with_other_values_is_refused(tmp_path: Path) -> None:
    for name, values in (("a", [1, 2]), ("b", [1, 3]), ("c", [2, 2]), ("d", [[1, 2]])):
        bundle = Bundle()
        bundle.add_array("w", np.array(values, "f4"))
        bundle.write(tmp_path / name)
    found = tmp_path / "changes.json"
    words = ("--format", "json", "--full-values", "-o", found)
    assert run("diff", tmp_path / "a", tmp_path / "b", *words)[0] == 1
    for name in "bcd":
        status, _, said = run("patch", tmp_path / name, found, "-o", tmp_path / "made")
        assert (status, "the variable 'w' has another value" in said) == (2, True), said
    assert run("patch", tmp_path / "a", found, "-o", tmp_path / "made")[0] == 0


def test_another_checkpoint_is_refused(models: tuple[Path, Path], tmp_path: Path) -> None:
    old, new = (each / "variables" / "variables" for each in models)
    found, made = tmp_path / "changes.json", tmp_path / "made"
    assert run("diff", old, new, "--format", "json", "--full-values", "-o", found)[0] == 1
    for start, options, sentence in (
        (new, (), "the variable 'gone' is not there"),
        (old, ("--reverse",), "the variable 'gone' is already there"),
    ):
        status, _, said = run("patch", start, found, "-o", made, *options)
        assert (status, sentence in said) == (2, True), said
    assert not list(tmp_path.glob("made*"))


@pytest.mark.parametrize("name", ["../../../beside", "{folder}/beside", "none"])
def test_only_assets_of_the_model_are_taken_away(
    models: tuple[Path, Path], tmp_path: Path, name: str
) -> None:
    found, beside = tmp_path / "changes.json", tmp_path / "beside"
    beside.write_text("mine")
    assert run("diff", *models, "--format", "json", "--full-values", "-o", found)[0] == 1
    document = json.loads(found.read_text())
    asset = {"kind": "asset content", "name": name.format(folder=tmp_path), "value": ""}
    document["changes"].append({"change": "removed", **asset})
    found.write_text(json.dumps(document))
    status, _, said = run("patch", models[0], found, "-o", tmp_path / "made")
    assert (status, "there is no asset" in said) == (2, True), said
    assert beside.exists()


def test_changes_of_nothing_in_a_saved_model(folder: Path) -> None:
    for file, stamp in (("a.pb", "1"), ("b.pb", "22")):
        (folder / file).write_bytes(saved_model("x", stamp).SerializeToString())
    found = changes(folder)
    document = json.loads(found.read_text())
    value = {"message": "AssetFileDef", "value": {"filename": "f"}}
    asset = {"change": "added", "kind": "asset", "name": "f", "value": value}
    document["changes"].append(asset)
    found.write_text(json.dumps(document))
    status, _, said = run("patch", folder / "a.pb", found, "-o", folder / "made.pb")
    assert (status, "the asset 'f' is in no meta graph" in said) == (2, True), said


def test_what_cannot_be_patched(models: tuple[Path, Path], tmp_path: Path) -> None:
    found, made = tmp_path / "changes.json", tmp_path / "made"
    assert run("diff", *models, "--format", "json", "-o", found)[0] == 1
    for words, sentence in (
        ((models[0], found), "name a folder with -o"),
        ((models[0], found, "-o", made), "--full-values"),
        ((models[1], found, "-o", made), "there is no node 'x'"),
        ((models[1] / "variables" / "variables", found, "-o", made), "has variables alone"),
        ((models[0] / "variables" / "variables", found), "name a prefix with -o"),
    ):
        status, _, said = run("patch", *words)
        assert (status, sentence in said) == (2, True), said
    (models[1] / "assets" / "words").write_text("three")
    assert run("diff", *models, "--format", "json", "-o", found)[0] == 1
    status, _, said = run("patch", models[0], found, "-o", made)
    assert (status, "the asset 'words', and has only its checksum" in said) == (2, True), said
    assert not made.exists()
