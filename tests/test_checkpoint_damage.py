"""Checkpoints that cannot be right: one sentence, a place, and nothing else."""

from __future__ import annotations

import os
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pbtool import dtypes
from pbtool.checkpoint import open_checkpoint
from pbtool.errors import FileError, NotFoundError, PbtoolError, TensorError
from tests.checkpoint_examples import (
    KERNEL,
    WHOLE,
    partitioned,
    small_bundle,
    small_v1,
)
from tests.checkpoint_writer import Bundle, table


@pytest.fixture
def prefix(tmp_path):
    return tmp_path / "model.ckpt-7"


def shard_of(prefix, number=0, count=1):
    return Path(f"{prefix}.data-{number:05d}-of-{count:05d}")


def test_missing_shards_are_named_and_the_rest_is_read(prefix):
    bundle = Bundle(shards=2)
    bundle.add_array("a", KERNEL, shard=0)
    bundle.add_array("b", KERNEL, shard=1)
    bundle.write(prefix)
    shard_of(prefix, 1, 2).unlink()
    checkpoint = open_checkpoint(prefix)
    assert checkpoint.missing_shards == (str(shard_of(prefix, 1, 2)),)
    assert list(checkpoint.entries) == ["a", "b"]
    np.testing.assert_array_equal(checkpoint.tensor("a"), KERNEL)
    with pytest.raises(FileError) as raised:
        checkpoint.tensor("b")
    assert str(raised.value) == (
        f"{shard_of(prefix, 1, 2)}, tensor 'b': this shard of the checkpoint is missing; "
        "copy it there, beside the index"
    )


def test_a_number_of_shards_that_is_a_lie_costs_nothing(prefix):
    bundle = small_bundle()
    bundle.header.num_shards = 2**31 - 1
    bundle.entries[b"step"].shard_id = -7
    bundle.write(prefix)
    checkpoint = open_checkpoint(prefix)
    assert len(checkpoint.missing_shards) == 2
    with pytest.raises(FileError, match="shard of the checkpoint is missing"):
        checkpoint.tensor("step")


def changed(**fields):
    """A bundle whose entry of the kernel says something else."""
    bundle = small_bundle()
    entry = bundle.entries[b"dense/kernel"]
    for field, value in fields.items():
        if field == "dims":
            del entry.shape.dim[:]
            for size in value:
                entry.shape.dim.add(size=size)
        else:
            setattr(entry, field, value)
    return bundle


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"size": 10**15}, "bytes 0 to 1,000,000,000,000,000 are not in this shard, which has 241"),
        ({"size": -1}, "bytes 0 to -1 are not in this shard"),
        ({"offset": -8}, "bytes -8 to 16 are not in this shard"),
        ({"offset": 10**6}, "bytes 1,000,000 to 1,000,024 are not in this shard"),
        ({"offset": 1}, "the checksum of the 24 bytes at byte 1 does not match"),
        ({"crc32c": 5}, "the checksum of the 24 bytes at byte 0 does not match"),
        ({"dims": [2, 4]}, "float32[2,4] takes 32 bytes, not 24"),
        ({"dims": [10**9, 10**9]}, "takes 4000000000000000000 bytes, not 24"),
        ({"dims": [2**62, 2**62]}, "cannot have the shape"),
        ({"dims": [2, -1]}, "a saved tensor cannot have the shape [2,?]"),
        ({"dims": [1] * 200 + [6]}, "more dimensions"),
        ({"dtype": dtypes.BOOL, "dims": [24]}, "a bool is stored as 0 or 1"),
        ({"dtype": dtypes.STRING, "dims": [25]}, "24 bytes hold no 25 strings"),
        ({"dtype": dtypes.STRING, "dims": [2**62, 2**62]}, "24 bytes hold no"),
        ({"dtype": dtypes.STRING}, "the lengths of the strings are damaged"),
    ],
)
def test_entries_that_cannot_be_true(prefix, fields, sentence):
    checkpoint = open_checkpoint(changed(**fields).write(prefix))
    assert "dense/kernel" in checkpoint.entries
    with pytest.raises(PbtoolError, match=re.escape(sentence)) as raised:
        checkpoint.tensor("dense/kernel")
    assert "dense/kernel" in raised.value.place


@pytest.mark.parametrize("dims", [[5000] * 5000, [0, 2**62, 2**62]])
def test_shapes_that_numpy_cannot_hold(prefix, dims):
    checkpoint = open_checkpoint(changed(dtype=dtypes.STRING, dims=dims).write(prefix))
    with pytest.raises(PbtoolError) as raised:
        checkpoint.tensor("dense/kernel")
    assert raised.value.place


@pytest.mark.parametrize(
    ("dtype", "name"),
    [(dtypes.VARIANT, "variant"), (dtypes.RESOURCE, "resource"), (99, "dtype(99)")],
)
def test_types_without_values(prefix, dtype, name):
    checkpoint = open_checkpoint(changed(dtype=dtype).write(prefix))
    with pytest.raises(TensorError, match=re.escape(f"of type {name} has no values")):
        checkpoint.tensor("dense/kernel")


@pytest.mark.parametrize(
    ("position", "sentence"),
    [
        (32, "the lengths of the strings are damaged"),
        (34, "the lengths of the strings are damaged"),
        (37, "the lengths of the strings are damaged"),  # their checksum
        (239, "the checksum of the 209 bytes at byte 32 does not match"),
    ],
)
def test_damaged_strings(prefix, position, sentence):
    small_bundle().write(prefix)
    data = bytearray(shard_of(prefix).read_bytes())
    data[position] ^= 1
    shard_of(prefix).write_bytes(data)
    with pytest.raises(FileError, match=sentence):
        open_checkpoint(prefix).tensor("words")


def test_a_shard_that_is_cut_off(prefix):
    small_bundle().write(prefix)
    os.truncate(shard_of(prefix), 20)
    with pytest.raises(FileError, match="bytes 0 to 24 are not in this shard, which has 20"):
        open_checkpoint(prefix).tensor("dense/kernel")


def test_an_unknown_name_suggests_the_nearest(prefix):
    checkpoint = open_checkpoint(small_bundle().write(prefix))
    with pytest.raises(
        NotFoundError, match="no tensor is named 'dense/kernal'; did you mean 'dense/kernel'"
    ):
        checkpoint.tensor("dense/kernal")


@pytest.mark.parametrize("field", ["min_consumer", "bad_consumers"])
def test_a_checkpoint_for_newer_readers_is_refused(prefix, field):
    bundle = small_bundle()
    if field == "min_consumer":
        bundle.header.version.min_consumer = 2
    else:
        bundle.header.version.bad_consumers.append(1)
    with pytest.raises(FileError, match="is not for readers of version 1"):
        open_checkpoint(bundle.write(prefix))


@pytest.mark.parametrize(
    ("items", "sentence"),
    [
        ([], "a table, but not of a checkpoint"),
        ([(b"key", b"value")], "a table, but not of a checkpoint"),
        ([(b"", b"\x08")], "the value of '' is not a BundleHeaderProto"),
        ([(b"", b"\x0a\x09")], "the value of '' is not a SavedTensorSlices"),
        ([(b"", b""), (b"w", b"\xff")], "the value of 'w' is not a BundleEntryProto"),
    ],
)
def test_tables_that_are_no_checkpoint(tmp_path, items, sentence):
    path = tmp_path / "odd.index"
    path.write_bytes(table(items))
    with pytest.raises(FileError, match=re.escape(sentence)) as raised:
        open_checkpoint(path)
    assert raised.value.place == str(path)


# --- damage of any kind -------------------------------------------------------------------------


def read_everything(path):
    checkpoint = open_checkpoint(path)
    for name in checkpoint.entries:
        read_or_refuse(checkpoint, name)


def read_or_refuse(checkpoint, name):
    try:
        checkpoint.tensor(name)
    except PbtoolError as error:
        assert error.place


WRITERS = {"bundle": small_bundle, "partitioned": lambda: partitioned(**WHOLE), "v1": small_v1}


@pytest.mark.parametrize("kind", WRITERS)
@settings(max_examples=300)
@given(data=st.data())
def test_damaged_values_under_good_checksums_raise_nothing_else(tmp_path_factory, kind, data):
    """The structured way: a table that is in order, with messages that are not."""
    folder = tmp_path_factory.getbasetemp() / kind
    folder.mkdir(exist_ok=True)
    bundle = WRITERS[kind]()
    bundle.write(folder / "model")
    items = bundle.items()
    index = data.draw(st.integers(0, len(items) - 1))
    key, value = items[index]
    start = data.draw(st.integers(0, len(value)))
    end = data.draw(st.integers(start, min(start + 3, len(value))))
    items[index] = (key, value[:start] + data.draw(st.binary(max_size=4)) + value[end:])
    name = "model" if kind == "v1" else "model.index"
    (folder / name).write_bytes(table(items))
    try:
        read_everything(folder / "model")
    except PbtoolError as error:
        assert error.place


@settings(max_examples=200)
@given(data=st.data())
def test_damaged_files_raise_nothing_else(tmp_path_factory, data):
    folder = tmp_path_factory.getbasetemp()
    small_bundle().write(folder / "model")
    path = folder / data.draw(st.sampled_from(["model.index", "model.data-00000-of-00001"]))
    content = bytearray(path.read_bytes())
    position = data.draw(st.integers(0, len(content) - 1))
    content[position] ^= data.draw(st.integers(0, 255))
    path.write_bytes(content[: data.draw(st.integers(position, len(content)))])
    try:
        read_everything(folder / "model")
    except PbtoolError as error:
        assert error.place
