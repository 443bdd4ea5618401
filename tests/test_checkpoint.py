"""Checkpoints of both formats, written here, read by pbtool."""

from __future__ import annotations

import gzip
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pbtool import dtypes
from pbtool.checkpoint import Slice, is_prefix, open_checkpoint
from pbtool.checkpoint.slices import _signed
from pbtool.errors import FileError, NotFoundError, PbtoolError, TensorError
from pbtool.shapes import Shape
from tests.checkpoint_writer import V1, Bundle, slice_key, slice_proto, table
from tests.corpus import FOLDER, needs_corpus

FLOAT, INT32 = dtypes.FLOAT, dtypes.INT32
KERNEL = np.arange(6, dtype=np.float32).reshape(2, 3)


@pytest.fixture
def prefix(tmp_path):
    return tmp_path / "model.ckpt-7"


def small_bundle():
    bundle = Bundle()
    bundle.add_array("dense/kernel", KERNEL)
    bundle.add_array("step", np.array(7, np.int64))
    bundle.add_strings("words", [b"a", b"", b"c" * 200], [3])
    return bundle


# --- TensorBundle: listing ----------------------------------------------------------------------


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


# --- TensorBundle: values -----------------------------------------------------------------------


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


# --- TensorBundle: partitioned variables --------------------------------------------------------

LEFT, RIGHT = (None, (0, 1)), (None, (1, 2))


def partitioned(**parts):
    """A kernel in parts: each a name, its extents, its columns and its shard."""
    bundle = Bundle(shards=2)
    whole = bundle.add("kernel", b"", FLOAT, KERNEL.shape)
    whole.ClearField("crc32c")
    for extents, columns, shard in parts.values():
        whole.slices.append(slice_proto(*extents))
        array = np.ascontiguousarray(KERNEL[:, columns])
        bundle.add(slice_key(b"kernel", *extents), array.tobytes(), FLOAT, array.shape, shard)
    return bundle


WHOLE = {"left": (LEFT, slice(0, 1), 1), "right": (RIGHT, slice(1, 3), 0)}


def test_a_partitioned_variable_is_one_tensor(prefix):
    bundle = partitioned(**WHOLE)
    bundle.add_array("other", KERNEL)
    checkpoint = open_checkpoint(bundle.write(prefix))
    assert list(checkpoint.entries) == ["kernel", "other"]
    entry = checkpoint.entries["kernel"]
    assert entry.is_partitioned
    assert (entry.shape, entry.size, entry.shards) == (Shape((2, 3)), 24, (0, 1))
    assert [piece.slice for piece in entry.pieces] == [
        Slice(((0, -1), (0, 1))),
        Slice(((0, -1), (1, 2))),
    ]
    values = checkpoint.tensor("kernel")
    np.testing.assert_array_equal(values, KERNEL)
    assert values.dtype == np.float32
    assert not values.flags.writeable


def test_parts_of_strings_and_narrow_types(prefix):
    bundle = Bundle()
    for key, name in (("b", "bfloat16"), ("i", "int4")):
        row = dtypes.BY_NAME[name]
        whole = bundle.add(key, b"", row.number, [2])
        for start in range(2):
            whole.slices.append(slice_proto((start, 1)))
            data = bytes([0] * (row.size - 1) + [start])
            bundle.add(slice_key(key.encode(), (start, 1)), data, row.number, [1])
    bundle.add("s", b"", dtypes.STRING, [2]).slices.extend(
        [slice_proto((0, 1)), slice_proto((1, 1))]
    )
    for start, value in enumerate((b"x", b"yz")):
        bundle.add_strings("part", [value], [1])
        bundle.entries[slice_key(b"s", (start, 1))] = bundle.entries.pop(b"part")
    checkpoint = open_checkpoint(bundle.write(prefix))
    assert checkpoint.tensor("i").tolist() == [0, 1]
    assert checkpoint.tensor("b").tolist() == [0, 2.0**-125]
    assert checkpoint.tensor("s").tolist() == [b"x", b"yz"]


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        ({"left": WHOLE["left"]}, "its parts have 2 elements, not the 6 of [2,3]"),
        ({**WHOLE, "again": (RIGHT, slice(1, 3), 0)}, "its parts have 6 elements"),
        (
            {"left": WHOLE["left"], "wide": ((None, (0, 2)), slice(0, 2), 0)},
            "two of its parts overlap",
        ),
        ({"far": ((None, (2, 2)), slice(1, 3), 0)}, "from 2 to 4 in a dimension of 3"),
        ({"before": ((None, (-1, 2)), slice(1, 3), 0)}, "from -1 to 1 in a dimension of 3"),
        ({"negative": ((None, (1, -2)), slice(1, 3), 0)}, "from 1 to -1 in a dimension of 3"),
        ({"rank": (((0, 1),), slice(1, 3), 0)}, "a part of rank 1 is in a tensor of rank 2"),
    ],
)
def test_parts_that_do_not_make_a_tensor(prefix, parts, sentence):
    checkpoint = open_checkpoint(partitioned(**parts).write(prefix))
    if "again" in parts:  # the index can hold a key but once
        np.testing.assert_array_equal(checkpoint.tensor("kernel"), KERNEL)
        return
    with pytest.raises(FileError, match=re.escape(sentence)) as raised:
        checkpoint.tensor("kernel")
    assert raised.value.place == f"{prefix}.index, tensor 'kernel'"


def test_parts_that_the_index_lacks(prefix):
    bundle = partitioned(**WHOLE)
    for key in [key for key in bundle.entries if key.startswith(b"\0")]:
        del bundle.entries[key]
    checkpoint = open_checkpoint(bundle.write(prefix))
    assert list(checkpoint.entries) == ["kernel"]
    with pytest.raises(FileError, match="its parts have 0 elements"):
        checkpoint.tensor("kernel")


def test_a_part_of_no_tensor_is_listed_under_its_key(prefix):
    bundle = partitioned(**WHOLE)
    del bundle.entries[b"kernel"]
    keys = [
        slice_key(b"kernel", *extents).decode(errors="backslashreplace")
        for extents in (LEFT, RIGHT)
    ]
    checkpoint = open_checkpoint(bundle.write(prefix))
    assert sorted(checkpoint.entries) == sorted(keys)
    np.testing.assert_array_equal(checkpoint.tensor(keys[0]), KERNEL[:, :1])


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (0, "80"), (1, "81"), (63, "bf"), (64, "c040"), (-1, "7f"), (-64, "40"), (-65, "3fbf"),
        (8191, "dfff"), (8192, "e02000"), (2**62 - 1, "ffbfffffffffffffff"),
        (2**63 - 1, "ffc07fffffffffffffff"), (-(2**63), "003f8000000000000000"),
    ],
)  # fmt: skip
def test_numbers_of_keys(value, code):
    assert _signed(value).hex() == code


@given(st.lists(st.integers(-(2**63), 2**63 - 1), min_size=2, max_size=2))
def test_numbers_of_keys_sort_as_they_do(values):
    low, high = sorted(values)
    assert (_signed(low) < _signed(high)) == (low < high)


# --- TensorBundle: what is wrong ----------------------------------------------------------------


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


# --- the first format ---------------------------------------------------------------------------


def small_v1():
    v1 = V1()
    v1.add("weights", FLOAT, [2, 3], {(None, None): {"float_val": KERNEL.ravel()}})
    v1.add("step", dtypes.INT64, [], {(): {"int64_val": [7]}})
    v1.add("words", dtypes.STRING, [2], {(None,): {"string_val": [b"a", b""]}})
    return v1


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


# --- damage of any kind -------------------------------------------------------------------------


def read_everything(path):
    checkpoint = open_checkpoint(path)
    for name in checkpoint.entries:
        read_or_refuse(checkpoint, name)


def read_or_refuse(checkpoint, name):
    try:
        checkpoint.tensor(name)
    except PbtoolError as error:
        assert error.place  # noqa: PT017 - an error is one of two outcomes


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
        assert error.place  # noqa: PT017 - an error is one of two outcomes


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
        assert error.place  # noqa: PT017 - an error is one of two outcomes


# --- real files ---------------------------------------------------------------------------------


@needs_corpus
def test_real_checkpoints():
    for index in FOLDER.rglob("*.index"):
        checkpoint = open_checkpoint(index)
        assert checkpoint.entries, index
        if not checkpoint.missing_shards:
            for name, entry in checkpoint.entries.items():
                assert Shape(checkpoint.tensor(name).shape) == entry.shape, (index, name)
