from __future__ import annotations

import math
import tracemalloc

import numpy as np
import pytest
from google.protobuf import text_format
from hypothesis import given
from hypothesis import strategies as st

from pbtool import dtypes
from pbtool.errors import TensorError
from pbtool.schema import TensorProto
from pbtool.tensors import element_count, from_bytes, is_plain, payload_bytes, to_numpy, to_proto

NUMERIC = [dtype for dtype in dtypes.BY_NUMBER.values() if dtype.size]
MEBIBYTE = 1 << 20


def proto(text, shape=()):
    tensor = text_format.Parse(text, TensorProto())
    for size in shape:
        tensor.tensor_shape.dim.add(size=size)
    return tensor


def bits(array):
    """What distinguishes -0.0 from 0.0 and one NaN from another."""
    return array.tolist() if array.dtype == object else array.tobytes()


# What the file says, the shape, the values that it means.
ENCODINGS = [
    ("dtype: DT_FLOAT float_val: [1, 2, 3]", [3], [1, 2, 3]),
    ("dtype: DT_FLOAT float_val: [1, 2]", [2, 2], [[1, 2], [2, 2]]),
    ("dtype: DT_FLOAT float_val: 7", [2, 2], [[7, 7], [7, 7]]),
    ("dtype: DT_FLOAT float_val: 7", [], 7),
    ("dtype: DT_FLOAT float_val: 7", [1], [7]),
    ("dtype: DT_FLOAT float_val: 7 tensor_shape { unknown_rank: true }", [], 7),
    ("dtype: DT_FLOAT", [], 0),
    ("dtype: DT_FLOAT", [3], [0, 0, 0]),
    ("dtype: DT_FLOAT", [0], []),
    ("dtype: DT_FLOAT", [2, 0, 3], [[], []]),
    ("dtype: DT_FLOAT int_val: 7", [1], [0]),
    (r"dtype: DT_FLOAT tensor_content: '\000\000\200?\000\000\000@'", [2], [1, 2]),
    (r"dtype: DT_FLOAT tensor_content: '\000\000\200?' float_val: 7", [1], [1]),
    ("dtype: DT_DOUBLE double_val: [0.1, 1e300]", [3], [0.1, 1e300, 1e300]),
    ("dtype: DT_INT32 int_val: [-2147483648, 2147483647]", [2], [-(2**31), 2**31 - 1]),
    ("dtype: DT_INT16 int_val: [-1, 70000]", [2], [-1, 4464]),
    ("dtype: DT_UINT16 int_val: [65535, -1]", [3], [65535, 65535, 65535]),
    ("dtype: DT_INT8 int_val: [-128, 128]", [2], [-128, -128]),
    ("dtype: DT_UINT8 int_val: [255, 300, -1]", [3], [255, 44, 255]),
    ("dtype: DT_INT64 int64_val: [-9223372036854775808, 5]", [2], [-(2**63), 5]),
    ("dtype: DT_UINT32 uint32_val: 4294967295", [1], [2**32 - 1]),
    ("dtype: DT_UINT64 uint64_val: [1, 18446744073709551615]", [2], [1, 2**64 - 1]),
    ("dtype: DT_BOOL bool_val: [true, false]", [3], [True, False, False]),
    ("dtype: DT_BOOL", [2], [False, False]),
    (r"dtype: DT_BOOL tensor_content: '\001\000'", [2], [True, False]),
    ("dtype: DT_COMPLEX64 scomplex_val: [1, 2, 3, 4]", [3], [1 + 2j, 3 + 4j, 3 + 4j]),
    ("dtype: DT_COMPLEX64 scomplex_val: [1, 2, 3]", [2], [1 + 2j, 1 + 2j]),
    ("dtype: DT_COMPLEX64 scomplex_val: 1", [2], [0, 0]),
    ("dtype: DT_COMPLEX128 dcomplex_val: [0.1, -0.2]", [], 0.1 - 0.2j),
    ("dtype: DT_HALF half_val: [15360, 64512]", [3], [1, -math.inf, -math.inf]),
    ("dtype: DT_HALF half_val: 80896", [1], [1]),
    ("dtype: DT_BFLOAT16 half_val: [16256, 49024]", [2], [1, -1]),
    (r"dtype: DT_BFLOAT16 tensor_content: '\200?\200\277'", [2], [1, -1]),
    (r"dtype: DT_FLOAT8_E5M2 float8_val: '<8'", [3], [1, 0.5, 0.5]),
    (r"dtype: DT_FLOAT8_E4M3FN tensor_content: '8~'", [2], [1, 448]),
    (r"dtype: DT_FLOAT8_E4M3FNUZ float8_val: '@'", [2], [1, 1]),
    (r"dtype: DT_FLOAT8_E4M3B11FNUZ float8_val: 'X'", [], 1),
    (r"dtype: DT_FLOAT8_E5M2FNUZ float8_val: '@'", [], 1),
    (r"dtype: DT_FLOAT4_E2M1FN float8_val: '\002\017'", [2], [1, -6]),
    ("dtype: DT_INT4 int_val: [-8, 7, 15, 16]", [4], [-8, 7, -1, 0]),
    (r"dtype: DT_INT4 tensor_content: '\017\370\007'", [3], [-1, -8, 7]),
    ("dtype: DT_UINT4 int_val: [15, -1, 16]", [3], [15, 15, 0]),
    (r"dtype: DT_UINT4 tensor_content: '\017\370'", [2], [15, 8]),
    ("dtype: DT_INT2 int_val: [-2, 1, 3]", [3], [-2, 1, -1]),
    ("dtype: DT_UINT2 int_val: [3, 4]", [2], [3, 0]),
    ("dtype: DT_QINT8 int_val: [-1, 1]", [2], [-1, 1]),
    ("dtype: DT_QUINT8 int_val: 255", [2], [255, 255]),
    ("dtype: DT_QINT16 int_val: -5", [], -5),
    ("dtype: DT_QUINT16 int_val: 65535", [], 65535),
    ("dtype: DT_QINT32 int_val: -5", [], -5),
    (r"dtype: DT_STRING string_val: ['a', '\377']", [3], [b"a", b"\xff", b"\xff"]),
    ("dtype: DT_STRING string_val: 'a'", [2, 1], [[b"a"], [b"a"]]),
    ("dtype: DT_STRING", [2], [b"", b""]),
    ("dtype: DT_STRING", [], b""),
    ("dtype: DT_STRING", [0], []),
    (r"dtype: DT_STRING tensor_content: '\001\002\000aBC'", [3], [b"a", b"BC", b""]),
    (r"dtype: DT_STRING tensor_content: '\201\000a' string_val: 'z'", [], b"a"),
    (r"dtype: DT_STRING tensor_content: '\201\200\200\200\020a'", [], b"a"),
]


@pytest.mark.parametrize(("text", "shape", "values"), ENCODINGS)
def test_every_encoding_is_read(text, shape, values):
    tensor = proto(text, shape)
    array = to_numpy(tensor)
    assert array.shape == tuple(shape)
    assert array.dtype == np.dtype(dtypes.BY_NUMBER[tensor.dtype].numpy)
    assert array.tolist() == values
    assert not array.flags.writeable


REFUSALS = [
    ("", [], "the tensor has no dtype"),
    ("dtype: 57", [], r"dtype\(57\) is a type that TensorFlow 2.21 does not have; a newer"),
    ("dtype: DT_FLOAT_REF float_val: 1", [], "a float32_ref refers to a variable"),
    ("dtype: DT_RESOURCE resource_handle_val { }", [], "a resource tensor holds handles"),
    ("dtype: DT_VARIANT", [], "a variant tensor holds objects, not values"),
    (
        "dtype: DT_VARIANT variant_val { type_name: 'b' } variant_val { type_name: 'a' }",
        [2],
        r"a variant tensor holds objects \(a, b\), not values",
    ),
    ("dtype: DT_FLOAT float_val: 1", [-1], r"cannot have the shape \[-1\]"),
    ("dtype: DT_FLOAT", [0, -2], r"cannot have the shape \[0, -2\]"),
    ("dtype: DT_FLOAT", [2**40, 2**40], "elements"),
    ("dtype: DT_FLOAT", [2**62], "more dimensions or elements than numpy can hold"),
    ("dtype: DT_FLOAT float_val: 1", [1] * 65, "more dimensions or elements than numpy"),
    ("dtype: DT_FLOAT float_val: [1, 2]", [1] * 64 + [2], "more dimensions or elements"),
    ("dtype: DT_FLOAT float_val: [1, 2]", [], r"2 values are too many for float32\[\]"),
    ("dtype: DT_FLOAT float_val: 1", [0], r"1 values are too many for float32\[0\]"),
    ("dtype: DT_COMPLEX64 scomplex_val: [1, 2, 3, 4]", [1], "2 values are too many"),
    ("dtype: DT_STRING string_val: ['a', 'b']", [1], "2 values are too many"),
    ("dtype: DT_FLOAT8_E5M2 float8_val: 'ab'", [1], "2 values are too many"),
    ("dtype: DT_INT32 tensor_content: 'abcdefg'", [2], r"int32\[2\] takes 8 bytes, not 7"),
    ("dtype: DT_INT32 tensor_content: 'abcdefghi'", [2], r"int32\[2\] takes 8 bytes, not 9"),
    ("dtype: DT_INT4 tensor_content: 'a'", [2], r"int4\[2\] takes 2 bytes, not 1"),
    ("dtype: DT_FLOAT tensor_content: 'abcd'", [0], r"float32\[0\] takes 0 bytes, not 4"),
    ("dtype: DT_FLOAT tensor_content: 'abcd'", [10**12], "takes 4000000000000 bytes, not 4"),
    (r"dtype: DT_BOOL tensor_content: '\000\002'", [2], "a bool is stored as 0 or 1, not as 2"),
    (r"dtype: DT_STRING tensor_content: '\001\002aB'", [2], r"not the lengths .* string\[2\]"),
    (r"dtype: DT_STRING tensor_content: '\001\001aBC'", [2], "5 bytes are not the lengths"),
    (r"dtype: DT_STRING tensor_content: '\001\201'", [2], "not the lengths"),
    (r"dtype: DT_STRING tensor_content: '\201\200\200\200\200\000a'", [1], "not the lengths"),
    ("dtype: DT_STRING tensor_content: 'a'", [10**12], "not the lengths"),
    ("dtype: DT_STRING tensor_content: 'a'", [0], "not the lengths"),
    ("dtype: DT_FLOAT float_val: [1, 2]", [10**12], "would take more than 2 GB"),
    ("dtype: DT_STRING string_val: ['a', 'b']", [10**12], "would take more than 2 GB"),
]


@pytest.mark.parametrize(("text", "shape", "sentence"), REFUSALS)
def test_what_is_no_tensor_of_values_is_refused_without_allocating(text, shape, sentence):
    tensor = proto(text, shape)
    tracemalloc.start()
    with pytest.raises(TensorError, match=sentence):
        to_numpy(tensor)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < MEBIBYTE


@pytest.mark.parametrize(("text", "shape", "sentence"), REFUSALS)
def test_what_is_refused_is_not_plain(text, shape, sentence):
    assert not is_plain(proto(text, shape))


@pytest.mark.parametrize("text", ["dtype: DT_FLOAT float_val: 2", "dtype: DT_INT4 int_val: 2"])
def test_one_value_fills_a_huge_shape_without_memory(text):
    tracemalloc.start()
    array = to_numpy(proto(text, [10**6, 10**6]))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert array.shape == (10**6, 10**6)
    assert array[999_999, 999_999] == 2
    assert peak < MEBIBYTE


@pytest.mark.parametrize("dtype", NUMERIC, ids=lambda dtype: dtype.name)
def test_no_value_means_zero(dtype):
    array = to_numpy(proto(f"dtype: {dtype.enum}", [2, 3]))
    assert bits(array) == bytes(array.nbytes)


@pytest.mark.parametrize("field", ["float_val", "scomplex_val"])
def test_listed_floats_keep_the_bits_of_a_signalling_nan(field):
    number = 5 if field == "float_val" else 9
    payload = np.array([0x7FA00001, 0xFF800123], "<u4").tobytes()
    tensor = TensorProto.FromString(bytes([number << 3 | 2, len(payload)]) + payload)
    tensor.dtype = dtypes.FLOAT if field == "float_val" else dtypes.number("complex64")
    tensor.tensor_shape.dim.add(size=2 if field == "float_val" else 1)
    tensor.version_number = 7  # fields before and behind, known and unknown, do not matter
    tensor.int_val.extend([1, 2, 3])
    tensor.MergeFromString(b"\xfa\x3f\x02ab")
    assert bits(to_numpy(tensor)) == payload


@st.composite
def raw_tensors(draw):
    """A type, a shape, and the bytes of its elements."""
    dtype = draw(st.sampled_from(NUMERIC))
    shape = draw(st.lists(st.integers(0, 4), max_size=3))
    size = math.prod(shape) * dtype.size
    data = draw(st.binary(min_size=size, max_size=size))
    if dtype.number == dtypes.BOOL:
        data = bytes(byte & 1 for byte in data)
    return dtype, shape, data


@given(raw_tensors())
def test_an_array_survives_the_way_through_a_proto(case):
    dtype, shape, data = case
    array = from_bytes(data, dtype.number, shape)
    assert array.dtype == np.dtype(dtype.numpy)
    assert array.shape == tuple(shape)
    tensor = TensorProto.FromString(to_proto(array, dtype.number).SerializeToString())
    assert (tensor.dtype, [dim.size for dim in tensor.tensor_shape.dim]) == (dtype.number, shape)
    again = to_numpy(tensor)
    assert again.dtype == array.dtype
    assert bits(again) == bits(array)
    if dtype.name not in ("float4_e2m1fn", "int4", "uint4", "int2", "uint2"):
        assert tensor.tensor_content == data  # the others have bits that do not count


@given(st.lists(st.binary(max_size=5), max_size=5))
def test_strings_survive_the_way_through_a_proto(values):
    array = np.empty(len(values), object)
    array[:] = values
    tensor = TensorProto.FromString(to_proto(array, dtypes.STRING).SerializeToString())
    assert to_numpy(tensor).tolist() == values


@given(st.lists(st.binary(max_size=300), max_size=5))
def test_strings_are_read_from_lengths_and_bytes(values):
    lengths = b"".join(
        bytes([len(value)])
        if len(value) < 128
        else bytes([len(value) & 127 | 128, len(value) >> 7])
        for value in values
    )
    data = lengths + b"".join(values)
    assert from_bytes(data, dtypes.STRING, [len(values)]).tolist() == values


def test_raw_elements_are_a_view_not_a_copy():
    data = bytearray(np.arange(12, dtype="<f4").tobytes())
    view = memoryview(data)[4:44]
    array = from_bytes(view, dtypes.FLOAT, [2, 5])
    assert np.shares_memory(array, np.frombuffer(data, "u1"))
    assert not array.flags.writeable
    assert array.tolist() == [[1, 2, 3, 4, 5], [6, 7, 8, 9, 10]]
    odd = from_bytes(b"-" + view.tobytes(), dtypes.number("uint8"), [41])[1:]
    assert from_bytes(odd.data, dtypes.FLOAT, [10]).tolist() == array.ravel().tolist()


def test_arrays_that_are_not_contiguous_are_written_in_row_major_order():
    array = np.arange(6, dtype="float32").reshape(2, 3).T
    assert to_numpy(to_proto(array, dtypes.FLOAT)).tolist() == [[0, 3], [1, 4], [2, 5]]
    bfloat16 = dtypes.number("bfloat16")
    assert to_numpy(to_proto(array, bfloat16)).tolist() == [[0, 3], [1, 4], [2, 5]]
    strings = np.array([[b"a", b"b"]], object).T
    assert to_numpy(to_proto(strings, dtypes.STRING)).tolist() == [[b"a"], [b"b"]]


def test_big_endian_arrays_are_written_as_what_they_mean():
    tensor = to_proto(np.array([1, 2], ">f4"), dtypes.FLOAT)
    assert to_numpy(tensor).tolist() == [1, 2]
    tensor = to_proto(np.array([1, 2], ">f4"), dtypes.number("bfloat16"))
    assert to_numpy(tensor).tolist() == [1, 2]


@pytest.mark.parametrize(
    ("array", "name", "sentence"),
    [
        (np.zeros(2), "float32", r"come from numpy's float32, not from float64; .*'float32'"),
        (np.zeros(2, "int8"), "bfloat16", "come from numpy's float32"),
        (np.array([1.0, 0.1], "float32"), "bfloat16", "is not a value of bfloat16; round"),
        (np.array(0.1, "float32"), "float8_e5m2", "is not a value of float8_e5m2"),
        (np.array([[np.inf]], "float32"), "float8_e4m3fn", "inf is not a value"),
        (np.array([1, 8], "int8"), "int4", "8 is not a value of int4"),
        (np.array([16], "uint8"), "uint4", "16 is not a value of uint4"),
        (np.array(["a"], object), "string", "must be of type bytes"),
        (np.array([b"a"]), "string", "come from numpy's object"),
        (np.zeros(2), "resource", "holds handles"),
        (np.broadcast_to(np.float32(1), 2**29), "float32", "above protobuf's limit"),
        (np.broadcast_to(np.int8(1), 2**31), "int4", "above protobuf's limit"),
    ],
)
def test_what_a_type_cannot_hold_is_not_written(array, name, sentence):
    with pytest.raises(TensorError, match=sentence):
        to_proto(array, dtypes.number(name))


def test_element_count():
    assert element_count([]) == 1
    assert element_count([2, 3]) == 6
    assert element_count([2**40, 0, 2**40]) == 0
    assert element_count([2**62, 1]) == 2**62
    with pytest.raises(TensorError):
        element_count([2**62, 2])
    with pytest.raises(TensorError):
        element_count([-1])


def test_payload_bytes():
    assert payload_bytes(dtypes.FLOAT, [2, 3]) == 24
    assert payload_bytes(dtypes.number("complex128"), []) == 16
    assert payload_bytes(dtypes.number("int4"), [5]) == 5
    assert payload_bytes(dtypes.FLOAT, [2, None]) is None
    assert payload_bytes(dtypes.FLOAT, [2, -1]) is None
    assert payload_bytes(dtypes.STRING, [2]) is None
    assert payload_bytes(57, [2]) is None
    assert payload_bytes(dtypes.FLOAT + dtypes.REF, [2]) is None
