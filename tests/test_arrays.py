from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pbtool.errors import FileError, TensorError
from pbtool.execution.arrays import write_arrays

ARRAYS = {"a/b:0": np.arange(3), "s": np.array([b"x", b"yz"], object)}


def test_one_file(tmp_path: Path) -> None:
    write_arrays(ARRAYS, str(tmp_path / "o.npz"))
    with np.load(tmp_path / "o.npz", allow_pickle=False) as loaded:
        assert loaded["a/b:0"].tolist() == [0, 1, 2]
        assert loaded["s"].tolist() == [b"x", b"yz"]


def test_an_array_is_called_as_an_argument_of_numpys(tmp_path: Path) -> None:
    write_arrays({"file": np.arange(3), "allow_pickle": np.zeros(1)}, str(tmp_path / "o.npz"))
    with np.load(tmp_path / "o.npz") as loaded:
        assert loaded["file"].tolist() == [0, 1, 2]
        assert loaded["allow_pickle"].tolist() == [0]


def test_a_folder(tmp_path: Path) -> None:
    write_arrays(ARRAYS, str(tmp_path / "o"))
    assert sorted(path.name for path in (tmp_path / "o").iterdir()) == ["a_b_0.npy", "s.npy"]
    assert np.load(tmp_path / "o" / "a_b_0.npy").tolist() == [0, 1, 2]


def test_no_array_takes_the_file_of_another(tmp_path: Path) -> None:
    arrays = {"a/b": np.zeros(1), "a_b": np.ones(1), "c": np.ones(1)}
    with pytest.raises(FileError, match=r"a/b, a_b would become one file, a_b\.npy"):
        write_arrays(arrays, str(tmp_path / "o"))
    assert not (tmp_path / "o").exists()
    write_arrays(arrays, str(tmp_path / "o.npz"))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_told_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "a.npy").symlink_to("/dev/full")
    with pytest.raises(FileError, match=r"a\.npy: cannot be written, no space is left"):
        write_arrays({"a": np.zeros(1 << 20)}, str(tmp_path))


def test_what_cannot_be_a_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match="cannot be made a folder"):
        write_arrays(ARRAYS, str(tmp_path / "file"))


def test_strings_keep_all_their_bytes(tmp_path: Path) -> None:
    with pytest.raises(TensorError, match="s holds strings that end with zero bytes"):
        write_arrays({"s": np.array([b"x\0"], object)}, str(tmp_path / "o.npz"))
    assert not (tmp_path / "o.npz").exists()
