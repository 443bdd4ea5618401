"""What a diff says of the files in a SavedModel's folder of assets."""

from __future__ import annotations

from pathlib import Path
from zlib import crc32

import pytest

from pbtool import files
from pbtool.differences import Added, Changed, Diff, Removed, assets, diff
from pbtool.errors import FileError
from pbtool.model import Model
from pbtool.schema import SavedModel


def saved(folder: Path, names: list[str], **contents: bytes) -> Model:
    """A SavedModel whose meta graph names these files, and that has those."""
    (folder / "assets" / "sub").mkdir(parents=True)
    for name, content in contents.items():
        (folder / "assets" / name).write_bytes(content)
    proto = SavedModel(saved_model_schema_version=1)
    meta_graph = proto.meta_graphs.add()
    for name in names:
        meta_graph.asset_file_def.add(filename=name)
    (folder / "saved_model.pb").write_bytes(proto.SerializeToString())
    return files.load(folder)


def compared(folder: Path, old: dict[str, bytes], new: dict[str, bytes], **options: object) -> Diff:
    a, b = (saved(folder / name, ["words"], **side) for name, side in (("a", old), ("b", new)))
    return diff(a, b, **options)


def test_files_are_compared_to_the_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assets, "_WINDOW", 3)
    old = {"words": b"one two", "same": b"abcdef", "gone": b"", "longer": b"xyz"}
    new = {"words": b"one twa", "same": b"abcdef", "new": b"!", "longer": b"xyzxyz"}
    found = compared(tmp_path, old, new)

    def about(data: bytes) -> str:
        size = "1 byte" if len(data) == 1 else f"{len(data)} bytes"
        return f"{size}, crc32 {crc32(data):08x}"

    kind = "asset content"
    assert found.changes == (
        Removed(kind, "gone", about(b"")),
        Changed(kind, "longer", about(b"xyz"), about(b"xyzxyz")),
        Added(kind, "new", about(b"!")),
        Changed(kind, "words", about(b"one two"), about(b"one twa")),
    )
    assert [each.sentence for each in found.explanations] == ["only assets changed"]


def test_they_can_be_overlooked(tmp_path: Path) -> None:
    assert not compared(tmp_path, {"words": b"1"}, {"words": b"2"}, ignore=["contents"])


def test_files_in_folders_have_their_paths(tmp_path: Path) -> None:
    (change,) = compared(tmp_path, {}, {"sub/words": b"2"})
    assert change.name == "sub/words"


def test_of_a_model_that_lies_alone_nothing_is_known(tmp_path: Path) -> None:
    a = saved(tmp_path / "a", ["words"], words=b"1")
    (tmp_path / "saved_model.pb").write_bytes((tmp_path / "a" / "saved_model.pb").read_bytes())
    assert not diff(a, files.load(tmp_path))


def test_a_file_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> object:
        raise PermissionError(13, "Permission denied")

    models = [saved(tmp_path / name, [], words=b"1") for name in "ab"]
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(FileError, match="Permission denied"):
        list(assets.diff_assets(*models))
