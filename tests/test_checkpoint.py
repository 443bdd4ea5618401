"""Checkpoints of TensorFlow 1.0 and later: how they are found, listed and read."""

from __future__ import annotations

import gzip
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from pbtool import dtypes
from pbtool.checkpoint import is_prefix, open_checkpoint
from pbtool.errors import FileError
from pbtool.shapes import Shape
from tests.checkpoint_examples import (
    KERNEL,
    small_bundle,
)
from tests.checkpoint_writer import Bundle
from tests.corpus import FOLDER, needs_corpus

FLOAT, INT32 = dtypes.FLOAT, dtypes.INT32


@pytest.fixture
def prefix(tmp_path):
    return tmp_path / "model.ckpt-7"


def test_what_is_listed(prefix):
    checkpoint = open_checkpoint(small_bundle().write(prefix))
    assert checkpoint.kind == "TensorBundle"
    assert checkpoint.prefix == str(prefix)
    assert checkpoint.path == f"{prefix}.index"
    assert checkpoint.files == (f"{prefix}.index", f"{prefix}.data-00000-of-00001")
    assert (checkpoint.num_shards, checkpoint.missing_shards) == (1, ())
    assert checkpoint.versions.producer == 1
    assert [
        (entry.name, entry.dtype, entry.shape, entry.size, entry.shards, entry.is_partitioned)
        for entry in checkpoint.entries.values()
    ] == [
        ("dense/kernel", FLOAT, Shape((2, 3)), 24, (0,), False),
        ("step", dtypes.INT64, Shape(()), 8, (0,), False),
        ("words", dtypes.STRING, Shape((3,)), 209, (0,), False),
    ]
    assert repr(checkpoint) == f"<Checkpoint {str(prefix)!r}: TensorBundle, 3 tensors>"


def test_names_that_are_not_utf_8_are_listed(prefix):
    bundle = Bundle()
    bundle.add(b"a\xff", b"\1", dtypes.INT64 - 3, [1])
    assert list(open_checkpoint(bundle.write(prefix)).entries) == ["a\\xff"]


@pytest.mark.parametrize("suffix", ["", ".index", ".data-00000-of-00001"])
def test_a_bundle_is_opened_by_any_of_its_names(prefix, suffix):
    small_bundle().write(prefix)
    assert open_checkpoint(f"{prefix}{suffix}").prefix == str(prefix)
    assert open_checkpoint(Path(f"{prefix}{suffix}")).prefix == str(prefix)


def test_an_index_of_another_name_is_listed(prefix):
    small_bundle().write(prefix)
    other = Path(f"{prefix}.index").rename(prefix.with_name("renamed"))
    checkpoint = open_checkpoint(other)
    assert "step" in checkpoint.entries
    assert checkpoint.missing_shards == (f"{other}.data-00000-of-00001",)


def test_an_index_may_be_packed_with_gzip(prefix):
    path = Path(small_bundle().write(prefix) + ".index")
    path.write_bytes(gzip.compress(path.read_bytes()))
    np.testing.assert_array_equal(open_checkpoint(prefix).tensor("dense/kernel"), KERNEL)


def test_opening_imports_no_numpy_and_leaves_no_file_open(prefix):
    code = f"""if True:
        import sys
        from pbtool.checkpoint import open_checkpoint
        checkpoint = open_checkpoint({small_bundle().write(prefix)!r})
        assert "numpy" not in sys.modules
        assert checkpoint.tensor("step") == 7
    """
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)


# --- values -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [row.name for row in dtypes.BY_NUMBER.values() if row.size])
def test_a_tensor_of_every_type(prefix, name):
    """What the elements mean is the affair of ``tensors``; here they must arrive."""
    row = dtypes.BY_NAME[name]
    bundle = Bundle()
    bundle.add("first", b"\xff" * 3, dtypes.BY_NAME["uint8"].number, [3])  # odd offsets
    bundle.add("x", bytes([0, 1]) * row.size, row.number, [2, 1])
    values = open_checkpoint(bundle.write(prefix)).tensor("x")
    assert values.dtype == row.numpy
    assert values.shape == (2, 1)
    assert not values.flags.writeable


@pytest.mark.parametrize("shape", [(), (0,), (3, 0, 2), (1,), (2, 3, 4)])
def test_shapes(prefix, shape):
    array = np.arange(np.prod(shape, dtype=int), dtype=np.float32).reshape(shape)
    bundle = Bundle()
    bundle.add_array("x", array)
    values = open_checkpoint(bundle.write(prefix)).tensor("x")
    assert values.shape == shape
    np.testing.assert_array_equal(values, array)


@pytest.mark.parametrize(
    ("strings", "shape"),
    [
        ([], (0,)),
        ([], (2, 0)),
        ([b"alone"], ()),
        ([b"", b""], (2,)),
        ([b"a", b"b" * 127, b"c" * 128, b"\0\xff"], (2, 2)),
    ],
)
def test_strings(prefix, strings, shape):
    bundle = Bundle()
    bundle.add_strings("x", strings, shape)
    values = open_checkpoint(bundle.write(prefix)).tensor("x")
    assert values.dtype == object
    assert values.shape == shape
    assert list(values.flat) == strings


def test_tensors_in_several_shards(prefix):
    bundle = Bundle(shards=3)
    for number in range(3):
        bundle.add_array(f"x{number}", KERNEL + number, shard=number)
    checkpoint = open_checkpoint(bundle.write(prefix))
    for number in range(3):
        assert checkpoint.entries[f"x{number}"].shards == (number,)
        np.testing.assert_array_equal(checkpoint.tensor(f"x{number}"), KERNEL + number)


@pytest.mark.parametrize("dtype", ["int16", "float64", "complex64", "complex128", "uint8"])
def test_the_other_byte_order(prefix, dtype):
    array = np.array([1, -2, 300], np.int64).astype(dtype)
    if array.dtype.kind == "c":
        array += 4j
    bundle = Bundle()
    bundle.header.endianness = bundle.header.BIG
    number = dtypes.number(dtype)
    assert number is not None
    bundle.add("x", array.astype(array.dtype.newbyteorder(">")).tobytes(), number, [3])
    np.testing.assert_array_equal(open_checkpoint(bundle.write(prefix)).tensor("x"), array)


def test_elements_that_look_like_gzip_are_elements(prefix):
    bundle = Bundle()
    bundle.add("x", b"\x1f\x8b\x08\0", INT32, [1])
    assert open_checkpoint(bundle.write(prefix)).tensor("x")[0] == 0x088B1F


# --- nothing there ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("names", "sentence", "remedy"),
    [
        ((), "no checkpoint has this prefix", "check the path"),
        (("model.index",), "no checkpoint has this prefix", "did you mean {folder}/model?"),
        (
            ("model.ckpt.data-00000-of-00001",),
            "the shards of this checkpoint are there, but not model.ckpt.index",
            "copy it there",
        ),
    ],
)
def test_what_is_not_there(tmp_path, names, sentence, remedy):
    for name in names:
        (tmp_path / name).touch()
    with pytest.raises(FileError, match=sentence) as raised:
        open_checkpoint(tmp_path / "model.ckpt")
    assert remedy.format(folder=tmp_path) in raised.value.remedy


@pytest.mark.parametrize("path", ["", "/no/such/folder/model", "\0"])
def test_paths_that_are_none(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileError, match="no checkpoint has this prefix"):
        open_checkpoint(path)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("model.ckpt.index", True),
        ("model.ckpt.data-00000-of-00002", True),
        ("model.ckpt-00001-of-00002", True),
        ("model.ckpt.meta", False),
        ("model.ckpt-7.index", False),
        ("other.index", False),
    ],
)
@pytest.mark.parametrize("pattern", ["", "-?????-of-00002"])
def test_what_makes_a_prefix(tmp_path, name, expected, pattern):
    (tmp_path / name).touch()
    assert is_prefix(f"{tmp_path}/model.ckpt{pattern}") == expected
    assert not is_prefix(f"{tmp_path}/no/such/folder")


# --- real files ---------------------------------------------------------------------------------


@needs_corpus
def test_real_checkpoints():
    for index in FOLDER.rglob("*.index"):
        checkpoint = open_checkpoint(index)
        assert checkpoint.entries, index
        if not checkpoint.missing_shards:
            for name, entry in checkpoint.entries.items():
                assert Shape(checkpoint.tensor(name).shape) == entry.shape, (index, name)
