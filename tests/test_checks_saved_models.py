from __future__ import annotations

from pathlib import Path

import pytest

import pbtool
from pbtool import varint
from pbtool.checks import ERROR, NOTE, check
from tests.check_examples import SAVER, damaged_index, saved_model, saver
from tests.checkpoint_examples import small_bundle


def test_a_saved_model_that_lost_its_files(tmp_path: Path) -> None:
    errors = {each.code for each in check(saver(tmp_path)) if each.severity == ERROR}
    assert errors == {"lost-variable", "missing-asset"}
    (lost,) = check(saver(tmp_path), select=["lost-variable"])
    assert "no file 'variables/variables.index'" in lost.sentence
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "vocabulary.txt").write_text("a")
    assert {each.code for each in check(pbtool.load(tmp_path))} == {
        *("lost-variable", "dead-node", "writes-file")
    }


def test_an_index_that_is_damaged(tmp_path: Path) -> None:
    model = damaged_index(tmp_path)
    (found,) = check(model, content=False)
    assert found.code == "unreadable-variables"
    assert [each.code for each in check(model)] == [found.code]


def test_a_shard_that_is_missing_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "variables").mkdir()
    small_bundle().write(tmp_path / "variables" / "variables")
    next((tmp_path / "variables").glob("*.data-*")).unlink()
    found = check(saver(tmp_path, "step"), select=["lost-variable", "missing-shard"])
    assert [each.code for each in found if each.severity == ERROR] == ["missing-shard"]


def test_variables_that_are_not_saved(tmp_path: Path) -> None:
    (tmp_path / "variables").mkdir()
    bundle = small_bundle()
    bundle.write(tmp_path / "variables" / "variables")
    saved = next(iter(pbtool.load(tmp_path / "variables" / "variables").checkpoint.entries))
    found = [each for each in check(saver(tmp_path, saved)) if each.code == "lost-variable"]
    assert {each.severity for each in found} <= {NOTE}
    found = [each for each in check(saver(tmp_path, "z")) if each.code == "lost-variable"]
    assert ERROR in {each.severity for each in found}


def test_a_name_that_stands_for_a_billion_is_read_once(tmp_path: Path) -> None:
    (tmp_path / "variables").mkdir()
    small_bundle().write(tmp_path / "variables" / "variables")
    text = SAVER.replace("size: 1 } } string_val", "size: 1000000000 } } string_val")
    (found,) = check(saved_model(tmp_path, text), select=["lost-variable"])[:1]
    assert "the tensor 'NAME', which is not saved" in found.sentence


def test_a_finding_of_one_meta_graph_says_so(tmp_path: Path) -> None:
    text = """
    graph_def {{ node {{ name: "x" op: "Unheard" }} node {{ name: "{0}" op: "NoOp" input: "y" }} }}
    meta_info_def {{ tags: "{0}" tags: "gpu" }}
    """
    codes = ["unknown-op", "dangling-input"]
    found = check(saved_model(tmp_path, text.format("serve"), text.format("train")), select=codes)
    assert {(each.meta_graph, each.node) for each in found} == {
        *(("serve,gpu", "serve"), ("train,gpu", "train"), (None, "x"))
    }
    found = check(saved_model(tmp_path, text.format("serve")), select=codes)
    assert [each.meta_graph for each in found] == [None, None]


LAYER = '{"class_name": "Lambda", "config": {"name": "swish"}}'


@pytest.mark.parametrize(
    ("metadata", "names"),
    [
        (LAYER, ["swish"]),
        (LAYER.replace("Lambda", "\\u004cambda"), ["swish"]),  # JSON's other way to write it
        (f'{{"class_name": "Sequential", "config": {{"layers": [{LAYER}]}}}}', ["swish"]),
        ('{"class_name": "TFOpLambda", "name": "relu"}', []),
        (f"{LAYER} and no JSON", ["?"]),
    ],
)
def test_lambda_layers(metadata: str, names: list[str], tmp_path: Path) -> None:
    sentences = [
        f"the Lambda layer {name!r} brings Python code, which Keras runs" for name in names
    ]
    model = saved_model(tmp_path, 'meta_info_def { tags: "serve" }')
    model.meta_graphs[0].proto.object_graph_def.nodes.add().user_object.metadata = metadata
    assert [each.sentence for each in check(model)] == sentences
    model = saved_model(tmp_path, 'meta_info_def { tags: "serve" }')
    said = metadata.encode()
    message = b"\x2a" + varint.encode_varint(len(said)) + said  # a string, in Keras's own message
    path = tmp_path / "keras_metadata.pb"
    path.write_bytes(b"\x0a" + varint.encode_varint(len(message)) + message)
    assert [each.sentence for each in check(model)] == sentences
