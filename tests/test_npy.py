from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pbtool import dtypes
from pbtool.errors import FileError, TensorError
from pbtool.tensors import to_proto
from pbtool.view.npy import write_npy
from pbtool.view.tensor import proto_view


def write(array: np.ndarray[Any, Any], dtype: str, path: Path) -> str:
    return write_npy(proto_view(to_proto(array, dtypes.BY_NAME[dtype].number)), str(path))


@pytest.mark.parametrize(
    "dtype", [row.name for row in dtypes.BY_NUMBER.values() if row.numpy not in ("", "object")]
)
def test_what_is_written_is_what_numpy_loads(tmp_path: Path, dtype: str) -> None:
    path = tmp_path / "a.npy"
    array = np.array([[0, 1, 1], [1, 0, 0]], dtypes.BY_NAME[dtype].numpy)
    note = write(array, dtype, path)
    loaded = np.load(path, allow_pickle=False)
    np.testing.assert_array_equal(loaded, array)
    assert loaded.dtype == array.dtype
    assert bool(note) == (loaded.dtype.name != dtype)


@pytest.mark.parametrize("shape", [(), (0, 3), (300, 1000)])
def test_shapes(tmp_path: Path, shape: tuple[int, ...]) -> None:
    write(np.full(shape, 0.5, "f4"), "float32", tmp_path / "a.npy")
    assert np.load(tmp_path / "a.npy").shape == shape


def test_one_value_is_written_for_each_element(tmp_path: Path) -> None:
    tensor = to_proto(np.zeros((), "f4"), dtypes.FLOAT)
    tensor.ClearField("tensor_content")
    tensor.float_val.append(0.5)
    tensor.tensor_shape.dim.add(size=1000)
    write_npy(proto_view(tensor), str(tmp_path / "a.npy"))
    np.testing.assert_array_equal(np.load(tmp_path / "a.npy"), np.full(1000, 0.5, "f4"))
    for size in (1_000_000, 1_000_000):
        tensor.tensor_shape.dim.add(size=size)
    with pytest.raises(TensorError, match="not worth a file"):
        write_npy(proto_view(tensor), str(tmp_path / "b.npy"))
    assert not (tmp_path / "b.npy").exists()


def test_strings_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TensorError, match="--values --format json"):
        write(np.array([b"a"], object), "string", tmp_path / "a.npy")


def test_what_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="folder does not exist"):
        write(np.zeros(3, "f4"), "float32", tmp_path / "no" / "a.npy")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no full disk")
def test_a_full_disk_is_a_sentence() -> None:
    with pytest.raises(FileError, match="no space is left"):
        write(np.zeros(1_000_000, "f4"), "float32", Path("/dev/full"))
