"""Partitioned variables: several parts in a checkpoint, one tensor for the reader."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pbtool import dtypes
from pbtool.checkpoint import Slice, open_checkpoint
from pbtool.checkpoint.slices import _signed
from pbtool.errors import FileError
from pbtool.shapes import Shape
from tests.checkpoint_examples import (
    KERNEL,
    LEFT,
    RIGHT,
    WHOLE,
    partitioned,
)
from tests.checkpoint_writer import Bundle, slice_key, slice_proto


@pytest.fixture
def prefix(tmp_path):
    return tmp_path / "model.ckpt-7"


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
