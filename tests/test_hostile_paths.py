"""Paths in files: pbtool reads what they name only where TensorFlow would, and writes nothing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pbtool import schema
from pbtool.checks.saved_models import _leads_out
from tests import survival
from tests.checkpoint_examples import small_bundle

pytestmark = pytest.mark.skipif(os.name != "posix", reason="links are made as POSIX has them")

VERBS = ("list", "info", "show", "check", "textconv")


def runs(path: Path) -> list[survival.Run]:
    done = [survival.run([verb, str(path), *(["*"] if verb == "show" else [])]) for verb in VERBS]
    assert [run.broken_law() for run in done] == [""] * len(VERBS)
    return done


def state(folder: Path, prefix: str) -> Path:
    folder.mkdir(exist_ok=True)
    text = prefix.encode("unicode_escape").decode().replace("\\x00", "\\000")
    path = folder / "checkpoint"
    path.write_text(f'model_checkpoint_path: "{text}"\n')
    return folder


@pytest.mark.parametrize(
    "prefix", ["/etc/passwd", "../../../etc/passwd", "a\0b", "x" * 5000, "", "..", "checkpoint"]
)
def test_a_state_that_names_no_checkpoint_is_refused(prefix: str, tmp_path: Path) -> None:
    for run in runs(state(tmp_path / "model", prefix)):
        assert run.status == 2
        assert "root:" not in run.out + run.err  # nothing of what it named is shown


def test_a_state_may_name_a_checkpoint_elsewhere_as_tensorflow_allows(tmp_path: Path) -> None:
    small_bundle().write(tmp_path / "small")
    for run in runs(state(tmp_path / "model", "../small")):
        assert run.status == 0


def test_a_state_that_names_itself_in_a_ring(tmp_path: Path) -> None:
    (tmp_path / "model.index").symlink_to("checkpoint")
    for run in runs(state(tmp_path, "model")):
        assert run.status == 2


def test_links_are_followed_and_rings_of_links_refused(tmp_path: Path) -> None:
    prefix = small_bundle().write(tmp_path / "small")
    shard = tmp_path / "small.data-00000-of-00001"
    shard.rename(tmp_path / "elsewhere")
    shard.symlink_to("elsewhere")
    assert {run.status for run in runs(Path(prefix))} == {0}
    shard.unlink()
    shard.symlink_to(shard.name)
    for run in runs(Path(prefix)):
        assert run.status in (0, 1, 2)
    (tmp_path / "ring").symlink_to("ring")
    for run in runs(tmp_path / "ring"):
        assert run.status == 2


def test_a_shard_that_is_a_device_or_folder_is_refused(tmp_path: Path) -> None:
    prefix = small_bundle().write(tmp_path / "small")
    shard = tmp_path / "small.data-00000-of-00001"
    for place in ("/dev/zero", str(tmp_path)):
        shard.unlink()
        shard.symlink_to(place)
        run = survival.run(["show", prefix, "*", "--values"])
        assert not run.broken_law()
        assert "[1 2 3]" not in run.out


ASSETS = ("../../etc/passwd", "/etc/passwd", "a/../../../b", "..", "a\0b", "\x1b[31m", "x" * 5000)


@pytest.mark.parametrize("name", ASSETS)
def test_assets_are_never_read(name: str, tmp_path: Path) -> None:
    model = schema.SavedModel(saved_model_schema_version=1)
    meta = model.meta_graphs.add()
    meta.graph_def.node.add(name="x", op="NoOp")
    meta.meta_info_def.tags.append("serve")
    meta.asset_file_def.add(filename=name).tensor_info.name = "x:0"
    (tmp_path / "saved_model.pb").write_bytes(model.SerializeToString())
    for run in runs(tmp_path):
        assert run.status in (0, 1)
        assert "root:" not in run.out + run.err
    codes = survival.run(["check", str(tmp_path), "--format", "json"]).out
    assert ("stray-asset" in codes) == _leads_out(name)
    assert ("missing-asset" in codes) != _leads_out(name)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["saved_model.pb"]
