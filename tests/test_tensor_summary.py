from __future__ import annotations

import hashlib
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
from google.protobuf import text_format
from hypothesis import given
from hypothesis import strategies as st

from pbtool import dtypes, tensor_summary
from pbtool.schema import TensorProto
from pbtool.tensor_summary import StringSummary, TensorSummary, summarize
from pbtool.tensors import from_bytes, to_numpy

MEBIBYTE = 1 << 20


def array_of(text):
    return to_numpy(text_format.Parse(text, TensorProto()))


def strings(*values):
    array = np.empty(len(values), object)
    array[:] = values
    return array


def test_numbers_of_floats():
    values = [1.5, -2, 0, -0.0, np.nan, np.inf, -np.inf, np.inf]
    summary = summarize(np.array(values, "float32").reshape(2, 4), dtypes.FLOAT)
    assert replace(summary, sha256="") == TensorSummary(
        elements=8,
        min=-2.0,
        max=1.5,
        mean=-0.125,
        nan_count=1,
        inf_count=3,
        zero_count=2,
        constant=False,
        sha256="",
    )
    assert {type(value) for value in (summary.min, summary.max, summary.mean)} == {float}
    assert {type(value) for value in (summary.nan_count, summary.zero_count)} == {int}


@pytest.mark.parametrize(
    ("name", "values", "least", "greatest", "mean", "zeros"),
    [
        ("int8", [-128, 127, 0, 1], -128, 127, 0, 1),
        ("uint64", [0, 2**64 - 1], 0, 2**64 - 1, 2.0**63, 1),
        ("int64", [2**63 - 1, 2**63 - 1, 1], 1, 2**63 - 1, 2.0**64 / 3, 0),
        ("bool", [True, False, True, True], 0, 1, 0.75, 1),
        ("bfloat16", [0.5, -0.5], -0.5, 0.5, 0, 0),
        ("float16", [65504, 65504, 0], 0, 65504, 131008 / 3, 1),
        ("float32", [np.nan, np.inf], None, None, None, 0),
        ("float64", [1e308, 1.5e308], 1e308, 1.5e308, None, 0),
        ("complex64", [1j, 0], None, None, None, 1),
        ("float32", [], None, None, None, 0),
        ("int32", [], None, None, None, 0),
    ],
)
def test_extremes_mean_and_zeros(name, values, least, greatest, mean, zeros):
    array = np.array(values, dtypes.BY_NAME[name].numpy)
    summary = summarize(array, dtypes.number(name))
    assert (summary.elements, summary.min, summary.max) == (len(values), least, greatest)
    assert (summary.mean, summary.zero_count) == (mean, zeros)
    assert not isinstance(summary.min, bool)  # which JSON would write as true or false


@pytest.mark.parametrize("dtype", [1, 14, 18, 24], ids=dtypes.name)
def test_signalling_nans_are_counted_in_silence(dtype):
    bits = {1: 0x7FA00001, 14: 0x7FA1, 18: 0x7FF0000000000001, 24: 0x7D}[dtype]
    data = bits.to_bytes(dtypes.BY_NUMBER[dtype].size, "little") + bytes(16)
    array = from_bytes(data[: dtypes.BY_NUMBER[dtype].size * 2], dtype, [2])
    assert summarize(array, dtype).nan_count == 1


def test_complex_numbers_are_counted_too():
    array = np.array([complex(np.nan, 1), complex(1, np.inf), 0], "complex128")
    summary = summarize(array, dtypes.number("complex128"))
    assert (summary.nan_count, summary.inf_count, summary.zero_count) == (1, 1, 1)


def test_numbers_of_strings():
    summary = summarize(strings(b"abc", b"", b"\xff\x00"), dtypes.STRING)
    assert replace(summary, sha256="") == StringSummary(3, 5, 0, 3, False, "")
    assert replace(summarize(strings(), dtypes.STRING), sha256="") == StringSummary(
        0, 0, None, None, False, ""
    )
    scalar = summarize(array_of("dtype: DT_STRING string_val: 'ab'"), dtypes.STRING)
    assert replace(scalar, sha256="") == StringSummary(1, 2, 2, 2, True, "")
    splat = array_of(
        "dtype: DT_STRING string_val: 'ab' tensor_shape { dim { size: 1000000000000 } }"
    )
    assert replace(summarize(splat, dtypes.STRING), sha256="") == StringSummary(
        10**12, 2 * 10**12, 2, 2, True, ""
    )


def test_a_constant_is_known_by_its_bits():
    assert summarize(np.array([3, 3, 3], "int32"), dtypes.INT32).constant
    assert summarize(np.array(3, "int32"), dtypes.INT32).constant
    assert summarize(np.array([np.nan, np.nan], "float32"), dtypes.FLOAT).constant
    assert summarize(strings(b"a", b"a"), dtypes.STRING).constant
    assert not summarize(np.array([0.0, -0.0], "float32"), dtypes.FLOAT).constant
    assert not summarize(np.array([], "float32"), dtypes.FLOAT).constant
    assert not summarize(strings(b"a", b"b"), dtypes.STRING).constant
    assert not summarize(np.array([1, 1j], "complex128"), dtypes.number("complex128")).constant
    assert not summarize(np.array([1j, 2j], "complex128"), dtypes.number("complex128")).constant


def test_a_constant_counts_every_element():
    summary = summarize(np.zeros((2, 3), "float32"), dtypes.FLOAT)
    assert (summary.elements, summary.zero_count, summary.mean) == (6, 6, 0)
    summary = summarize(np.full(4, np.nan, "float32"), dtypes.FLOAT)
    assert (summary.nan_count, summary.inf_count, summary.mean) == (4, 0, None)
    summary = summarize(np.full(4, -np.inf, "float32"), dtypes.FLOAT)
    assert (summary.nan_count, summary.inf_count, summary.min) == (0, 4, None)


def test_the_hash_is_what_its_definition_says():
    def sha256(header, content):
        return hashlib.sha256(header + content).hexdigest()

    array = np.array([[1, 2, 3], [3, 4, 4]], "<f4")
    content = np.array([1, 2, 3, 3, 4], "<f4").tobytes()
    assert summarize(array, dtypes.FLOAT).sha256 == sha256(b"float32[2,3]\n", content)
    assert summarize(array[0, 0], dtypes.FLOAT).sha256 == sha256(b"float32[]\n", content[:4])
    assert summarize(array[:0], dtypes.FLOAT).sha256 == sha256(b"float32[0,3]\n", b"")
    half = sha256(b"bfloat16[2]\n", np.array([1, 2], "<f4").tobytes())
    assert summarize(array[0, :2], dtypes.number("bfloat16")).sha256 == half
    text = sha256(b"string[3]\n", b"\2\0\0\0\0\0\0\0ab" + bytes(8))
    assert summarize(strings(b"ab", b"", b""), dtypes.STRING).sha256 == text


@pytest.mark.parametrize(
    ("dtype", "size", "payloads"),
    [
        (
            "DT_FLOAT",
            3,
            [
                "float_val: [1, 2]",
                "float_val: [1, 2, 2]",
                r"tensor_content: '\0\0\200?\0\0\0@\0\0\0@'",
            ],
        ),
        ("DT_INT4", 2, ["int_val: -1", r"tensor_content: '\017\377'"]),
        ("DT_HALF", 2, ["", r"tensor_content: '\0\0\0\0'"]),
        ("DT_STRING", 2, ["string_val: 'a'", r"tensor_content: '\001\001aa'"]),
    ],
)
def test_encodings_of_one_tensor_have_one_summary(dtype, size, payloads):
    shape = f"tensor_shape {{ dim {{ size: {size} }} }}"
    tensors = [
        text_format.Parse(f"dtype: {dtype} {shape} {payload}", TensorProto())
        for payload in payloads
    ]
    assert len({summarize(to_numpy(tensor), tensor.dtype) for tensor in tensors}) == 1


def test_different_tensors_have_different_hashes():
    arrays = [
        (np.zeros((2, 3), "float32"), dtypes.FLOAT),
        (np.zeros((3, 2), "float32"), dtypes.FLOAT),
        (np.zeros(6, "float32"), dtypes.FLOAT),
        (np.zeros(6, "float32"), dtypes.number("bfloat16")),
        (np.full(6, -0.0, "float32"), dtypes.FLOAT),
        (np.array([0, 0, 0, 0, 0, 1], "float32"), dtypes.FLOAT),
        (np.array([0, 0, 0, 0, 1, 1], "float32"), dtypes.FLOAT),
        (strings(b"ab", b"c", b"d"), dtypes.STRING),
        (strings(b"a", b"bc", b"d"), dtypes.STRING),
    ]
    assert len({summarize(array, dtype).sha256 for array, dtype in arrays}) == len(arrays)


@given(
    values=st.lists(st.sampled_from([0.0, -0.0, 1.0, np.nan, np.inf, 2.5]), min_size=1),
    chunk=st.integers(1, 5),
)
def test_the_size_of_a_chunk_does_not_matter(values, chunk):
    array = np.array(values, "float32")
    whole = summarize(array, dtypes.FLOAT)
    size, tensor_summary._CHUNK = tensor_summary._CHUNK, chunk
    try:
        assert summarize(array, dtypes.FLOAT) == whole
    finally:
        tensor_summary._CHUNK = size
    finite = array[np.isfinite(array)]
    assert whole.min == (finite.min() if finite.size else None)
    assert whole.nan_count == np.isnan(array).sum()
    assert whole.constant == (len({value.tobytes() for value in array}) == 1)


def test_arrays_that_are_not_contiguous_are_read_in_row_major_order():
    array = np.arange(6, dtype="int32").reshape(2, 3)
    assert summarize(array.T, dtypes.INT32) == summarize(array.T.copy(), dtypes.INT32)
    assert summarize(array.astype(">i4"), dtypes.INT32) == summarize(array, dtypes.INT32)
    rows = np.broadcast_to(np.arange(3, dtype="int32"), (4, 3))
    assert summarize(rows, dtypes.INT32) == summarize(rows.copy(), dtypes.INT32)


def test_little_memory_beside_the_array():
    big = np.arange(16 * MEBIBYTE, dtype="float32")
    tracemalloc.start()
    summarize(big, dtypes.FLOAT)
    splat = np.broadcast_to(np.float32(1), (10**6, 10**6))
    assert summarize(splat, dtypes.FLOAT).elements == 10**12
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 * MEBIBYTE
