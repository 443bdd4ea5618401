"""What a diff finds in the tensors of two checkpoints."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from pbtool import dtypes, files
from pbtool.checkpoint import Checkpoint
from pbtool.checkpoint.crc32c import crc32c, mask
from pbtool.differences import Added, Changed, Diff, Removed, diff
from pbtool.errors import FileError
from pbtool.model import Model
from tests.checkpoint_examples import WHOLE, partitioned, small_bundle, small_v1
from tests.checkpoint_writer import Bundle, slice_key, slice_proto


def of_arrays(**arrays: np.ndarray) -> Bundle:
    bundle = Bundle()
    for name, array in arrays.items():
        bundle.add_array(name, array)
    return bundle


def between(folder: Path, a: Bundle, b: Bundle, **options: object) -> Diff:
    models = (files.load(each.write(folder / name)) for name, each in (("a", a), ("b", b)))
    return diff(*models, **options)


def test_equal_checkpoints(tmp_path: Path) -> None:
    assert not between(tmp_path, small_bundle(), small_bundle())
    assert not between(tmp_path, partitioned(**WHOLE), partitioned(**WHOLE))


def test_a_checkpoint_of_the_first_format(tmp_path: Path) -> None:
    small_v1().write(tmp_path / "old")
    bundle = of_arrays(weights=np.arange(6, dtype="f4").reshape(2, 3), step=np.array(7, "i8"))
    bundle.add_strings("words", [b"a", b"c"], [2])
    (change,) = diff(files.load(tmp_path / "old"), files.load(bundle.write(tmp_path / "new")))
    assert isinstance(change, Changed)
    assert (change.name, change.comparison and change.comparison[:2]) == ("words", (2, 1))


def test_tensors_that_one_side_has(tmp_path: Path) -> None:
    one = np.ones(1, "f4")
    found = between(tmp_path, of_arrays(old=one, both=one), of_arrays(new=one, both=one))
    assert [(type(each), each.name) for each in found] == [(Added, "new"), (Removed, "old")]


def of_array(prefix: Path, array: np.ndarray) -> Model:
    """A checkpoint of one big tensor. The writer for tests would take checksums bit by bit."""
    bundle = Bundle()
    entry = bundle.add("w", b"", dtypes.FLOAT, array.shape)
    bundle.shards[0] = array.tobytes()
    entry.size, entry.crc32c = array.nbytes, mask(crc32c(bundle.shards[0]))
    return files.load(bundle.write(prefix))


def test_values_in_several_windows(tmp_path: Path) -> None:
    old = np.zeros((3, 1 << 18), "f4")
    new = old.copy()
    new[0, 5], new[2, 7] = 1, -4
    a, b = of_array(tmp_path / "a", old), of_array(tmp_path / "b", new)
    (change,) = diff(a, b)
    assert isinstance(change, Changed)
    assert change.comparison is not None
    assert change.comparison[:4] == (3 << 18, 2, 4.0, 1.0)
    assert [each.at for each in change.comparison.examples] == [(0, 5), (2, 7)]
    assert not diff(a, b, atol=4)
    assert not diff(a, b, ignore=["weights"])


def test_big_tensors_are_never_held_whole(tmp_path: Path) -> None:
    old = np.arange(4 << 20, dtype="f4")
    new = old.copy()
    new[-1] = 0
    models = of_array(tmp_path / "a", old), of_array(tmp_path / "b", new)
    tracemalloc.start()
    try:
        assert len(diff(*models)) == 1
        assert tracemalloc.get_traced_memory()[1] < old.nbytes
    finally:
        tracemalloc.stop()


def in_rows(kernel: np.ndarray) -> Bundle:
    """A tensor that was saved in two parts, one below the other."""
    bundle = Bundle()
    whole = bundle.add("w", b"", dtypes.FLOAT, kernel.shape)
    whole.ClearField("crc32c")
    for start, length in ((1, 3), (0, 1)):
        extents = (start, length), None
        whole.slices.append(slice_proto(*extents))
        part = kernel[start : start + length]
        bundle.add(slice_key(b"w", *extents), part.tobytes(), dtypes.FLOAT, part.shape)
    return bundle


def test_parts_that_are_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = np.arange(8, dtype="f4").reshape(4, 2)
    new = old.copy()
    new[0, 1], new[2, 0] = 9, 9
    monkeypatch.setattr(Checkpoint, "tensor", None)  # they are never read whole
    assert not between(tmp_path, in_rows(old), in_rows(old))
    (change,) = between(tmp_path, in_rows(old), in_rows(new))
    assert isinstance(change, Changed)
    assert change.comparison is not None
    assert [each.at for each in change.comparison.examples] == [(0, 1), (2, 0)]


def test_parts_that_are_none_on_the_other_side(tmp_path: Path) -> None:
    kernel = np.arange(6, dtype="f4").reshape(2, 3)
    plain = of_arrays(kernel=kernel)
    assert not between(tmp_path, partitioned(**WHOLE), plain)
    assert not between(tmp_path, in_rows(np.ones((4, 2), "f4")), of_arrays(w=np.ones((4, 2), "f4")))


@pytest.mark.parametrize("damaged", ["a", "b"])
def test_damage_is_told_and_not_taken_for_a_value(tmp_path: Path, damaged: str) -> None:
    for name in ("a", "b"):
        small_bundle().write(tmp_path / name)
    shard = tmp_path / f"{damaged}.data-00000-of-00001"
    data = shard.read_bytes()
    shard.write_bytes(bytes([data[0] ^ 1]) + data[1:])
    with pytest.raises(FileError, match="does not match") as raised:
        diff(files.load(tmp_path / "a"), files.load(tmp_path / "b"))
    assert raised.value.place == f"{shard}, tensor 'dense/kernel'"


def test_without_shards_the_checksums_tell(tmp_path: Path) -> None:
    """A checkpoint of which only the index is there."""
    other = small_bundle()
    other.entries[b"step"].crc32c = 1
    small_bundle().write(tmp_path / "a")
    other.write(tmp_path / "b")
    for shard in tmp_path.glob("*.data-*"):
        shard.unlink()
    models = [files.load(tmp_path / name) for name in ("a", "b")]
    assert [each.name for each in diff(*models)] == ["step"]
    assert not diff(models[0], models[0])
