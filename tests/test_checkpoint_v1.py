"""Checkpoints of the format before TensorFlow 1.0."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pbtool import dtypes
from pbtool.checkpoint import open_checkpoint
from pbtool.errors import FileError, PbtoolError
from pbtool.shapes import Shape
from tests.checkpoint_examples import (
    KERNEL,
    small_v1,
)
from tests.checkpoint_writer import V1

FLOAT, INT32 = dtypes.FLOAT, dtypes.INT32


def test_the_first_format(tmp_path):
    path = small_v1().write(tmp_path / "model.ckpt")
    checkpoint = open_checkpoint(path)
    assert checkpoint.kind == "CheckpointV1"
    assert checkpoint.files == (path,)
    assert (checkpoint.num_shards, checkpoint.missing_shards) == (1, ())
    assert checkpoint.versions.producer == 1
    assert [(e.name, e.dtype, e.shape, e.size, e.shards) for e in checkpoint.entries.values()] == [
        ("step", dtypes.INT64, Shape(()), 8, (0,)),
        ("weights", FLOAT, Shape((2, 3)), 24, (0,)),
        ("words", dtypes.STRING, Shape((2,)), None, (0,)),
    ]
    np.testing.assert_array_equal(checkpoint.tensor("weights"), KERNEL)
    assert checkpoint.tensor("step") == 7
    assert checkpoint.tensor("words").tolist() == [b"a", b""]


def sharded_v1(tmp_path):
    """Two files, with half of the weights in each."""
    for number in range(2):
        v1 = V1()
        values = {"float_val": KERNEL[number]}
        v1.add("weights", FLOAT, [2, 3], {((number, 1), None): values})
        v1.add(f"only_{number}", INT32, [1], {(None,): {"int_val": [number]}})
        v1.write(tmp_path / f"model.ckpt-{number:05d}-of-00002")
    return tmp_path / "model.ckpt"


@pytest.mark.parametrize("suffix", ["", "-?????-of-00002"])
def test_the_first_format_in_several_files(tmp_path, suffix):
    prefix = sharded_v1(tmp_path)
    checkpoint = open_checkpoint(f"{prefix}{suffix}")
    assert checkpoint.prefix == str(prefix)
    assert checkpoint.files == (f"{prefix}-00000-of-00002", f"{prefix}-00001-of-00002")
    assert list(checkpoint.entries) == ["only_0", "only_1", "weights"]
    assert checkpoint.entries["weights"].shards == (0, 1)
    np.testing.assert_array_equal(checkpoint.tensor("weights"), KERNEL)
    assert checkpoint.tensor("only_1").tolist() == [1]


def test_a_missing_file_of_the_first_format(tmp_path):
    prefix = sharded_v1(tmp_path)
    Path(f"{prefix}-00000-of-00002").unlink()
    checkpoint = open_checkpoint(prefix)
    assert checkpoint.missing_shards == (f"{prefix}-00000-of-00002",)
    assert checkpoint.num_shards == 2
    assert list(checkpoint.entries) == ["only_1", "weights"]
    assert checkpoint.tensor("only_1").tolist() == [1]
    with pytest.raises(FileError, match="its parts have 3 elements, not the 6"):
        checkpoint.tensor("weights")


def test_one_file_of_several_is_what_it_holds(tmp_path):
    checkpoint = open_checkpoint(f"{sharded_v1(tmp_path)}-00001-of-00002")
    assert list(checkpoint.entries) == ["only_1", "weights"]


@pytest.mark.parametrize("suffix", ["00002-of-00002", "00000-of-00000"])
def test_a_number_beyond_the_count_is_no_file_of_a_checkpoint(tmp_path, suffix):
    (tmp_path / f"model.ckpt-{suffix}").write_bytes(b"")
    with pytest.raises(FileError, match="no checkpoint has this prefix"):
        open_checkpoint(tmp_path / "model.ckpt")


def test_two_checkpoints_of_one_prefix(tmp_path):
    prefix = sharded_v1(tmp_path)
    small_v1().write(tmp_path / "model.ckpt-00000-of-00001")
    with pytest.raises(FileError, match="several checkpoints have this prefix"):
        open_checkpoint(prefix)
    assert "step" in open_checkpoint(f"{prefix}-?????-of-00001").entries


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"float_val": [1.0]}, "1 values are saved for 6 elements"),
        ({"float_val": [1.0] * 7}, "7 values are saved for 6 elements"),
        ({"int_val": [1] * 6}, "0 values are saved for 6 elements"),
        ({}, "0 values are saved for 6 elements"),
    ],
)
def test_values_that_do_not_fit(tmp_path, fields, sentence):
    v1 = V1()
    v1.add("weights", FLOAT, [2, 3], {(None, None): fields})
    path = v1.write(tmp_path / "model.ckpt")
    with pytest.raises(FileError, match=sentence) as raised:
        open_checkpoint(path).tensor("weights")
    assert raised.value.place == f"{path}, tensor 'weights'"


def test_only_listed_values_count_in_the_first_format(tmp_path):
    v1 = small_v1()
    for part in v1.parts.values():
        part.data.data.tensor_content = b"\xff" * 24
        part.data.data.tensor_shape.dim.add(size=99)
    checkpoint = open_checkpoint(v1.write(tmp_path / "model.ckpt"))
    np.testing.assert_array_equal(checkpoint.tensor("weights"), KERNEL)


def test_a_size_that_cannot_be_is_not_told(tmp_path):
    v1 = V1()
    v1.add("huge", FLOAT, [2**62] * 3, {(None,) * 3: {}})
    checkpoint = open_checkpoint(v1.write(tmp_path / "model.ckpt"))
    assert checkpoint.entries["huge"].size is None
    with pytest.raises(PbtoolError):
        checkpoint.tensor("huge")


def test_a_tensor_without_its_entry(tmp_path):
    v1 = small_v1()
    v1.parts.clear()
    checkpoint = open_checkpoint(v1.write(tmp_path / "model.ckpt"))
    with pytest.raises(FileError, match="the table lacks an entry"):
        checkpoint.tensor("weights")


def test_files_that_do_not_agree(tmp_path):
    prefix = sharded_v1(tmp_path)
    v1 = V1()
    v1.add("weights", INT32, [2, 3], {})
    v1.write(tmp_path / "model.ckpt-00001-of-00002")
    with pytest.raises(FileError, match="do not agree on the tensor 'weights'"):
        open_checkpoint(prefix)
