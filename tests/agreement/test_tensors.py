"""Tensor values against TensorFlow's.

The runtime's own parser is the judge (``tf.io.parse_tensor``, and the Const kernel in a session);
``tf.make_ndarray`` knows less and is asked where it has an answer.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from google.protobuf import text_format
from hypothesis import given
from hypothesis import strategies as st

from pbtool import dtypes
from pbtool.errors import TensorError
from pbtool.schema import TensorProto
from pbtool.tensors import to_numpy, to_proto
from pbtool.wire import encode_length_delimited

tf = pytest.importorskip("tensorflow")
pytest.importorskip("ml_dtypes")
tensor_pb2 = pytest.importorskip("tensorflow.core.framework.tensor_pb2")

WITH_VALUES = [row for row in dtypes.BY_NUMBER.values() if row.numpy]
NUMERIC = [row for row in WITH_VALUES if row.size]
E5M2 = "float8_e5m2"

FIELDS = {
    "float_val": ["float32"],
    "double_val": ["float64"],
    "scomplex_val": ["complex64"],
    "dcomplex_val": ["complex128"],
    "int64_val": ["int64"],
    "bool_val": ["bool"],
    "string_val": ["string"],
    "uint32_val": ["uint32"],
    "uint64_val": ["uint64"],
    "half_val": ["float16", "bfloat16"],
    "float8_val": [row.name for row in NUMERIC if row.name.startswith(("float8", "float4"))],
}
FIELD = {name: field for field, names in FIELDS.items() for name in names}

INT32 = st.integers(-(2**31), 2**31 - 1)
ELEMENTS = {
    "float_val": st.floats(width=32),
    "double_val": st.floats(),
    "scomplex_val": st.floats(width=32),
    "dcomplex_val": st.floats(),
    "int_val": INT32,
    "int64_val": st.integers(-(2**63), 2**63 - 1),
    "bool_val": st.booleans(),
    "string_val": st.binary(max_size=9),
    "uint32_val": st.integers(0, 2**32 - 1),
    "uint64_val": st.integers(0, 2**64 - 1),
    "half_val": INT32,
}


def message(text, shape=()):
    tensor = text_format.Parse(text, TensorProto())
    for size in shape:
        tensor.tensor_shape.dim.add(size=size)
    return tensor


def runtime(tensor):
    """What TensorFlow's runtime reads; raises InvalidArgumentError."""
    value = tf.io.parse_tensor(tensor.SerializeToString(), tensor.dtype).numpy()
    return np.asarray(value, object if tensor.dtype == dtypes.STRING else None)


def theirs(tensor):
    return tensor_pb2.TensorProto.FromString(tensor.SerializeToString())


def assert_same(ours, other, dtype):
    """The same values in the same shape, to the bit."""
    name = dtypes.name(dtype)
    assert ours.shape == other.shape
    if other.dtype.names:  # make_ndarray gives quantized numbers as records of one field
        other = other.view(ours.dtype)
    if ours.dtype == object:
        assert ours.tolist() == other.tolist()
        return
    converted = other.astype(ours.dtype, order="C")
    if name == E5M2:
        # ml_dtypes makes one NaN of three: the stored bytes still tell them apart.
        assert to_proto(ours, dtype).tensor_content == other.tobytes()
        converted = np.where(np.isnan(converted), ours, converted)
        assert (np.isnan(ours) == np.isnan(other.astype("f4"))).all()
    assert ours.tobytes() == converted.tobytes()


@st.composite
def shapes(draw):
    return draw(st.lists(st.integers(0, 4), max_size=3))


@st.composite
def listed_tensors(draw):
    """A tensor whose values are in its repeated field, not more than it has elements."""
    row = draw(st.sampled_from(WITH_VALUES))
    shape = draw(shapes())
    field = FIELD.get(row.name, "int_val")
    most = math.prod(shape)
    tensor = message(f"dtype: {row.enum}", shape)
    if field == "float8_val":
        tensor.float8_val = draw(st.binary(max_size=most))
    else:
        most = most * 2 + 1 if row.name.startswith("complex") else most
        getattr(tensor, field).extend(draw(st.lists(ELEMENTS[field], max_size=most)))
    return tensor


@st.composite
def raw_tensors(draw):
    """A tensor whose values are in tensor_content."""
    row = draw(st.sampled_from(WITH_VALUES))
    shape = draw(shapes())
    tensor = message(f"dtype: {row.enum}", shape)
    count = math.prod(shape)
    if row.size:
        size = count * row.size
        tensor.tensor_content = draw(st.binary(min_size=size, max_size=size))
        if row.number == dtypes.BOOL:
            tensor.tensor_content = bytes(byte & 1 for byte in tensor.tensor_content)
    else:
        values = draw(st.lists(st.binary(max_size=9), min_size=count, max_size=count))
        tensor.tensor_content = bytes(map(len, values)) + b"".join(values)
    return tensor


@given(st.one_of(listed_tensors(), raw_tensors()))
def test_the_runtime_reads_the_same_values(tensor):
    assert_same(to_numpy(tensor), runtime(tensor), tensor.dtype)


def in_range(tensor):
    """Whether make_ndarray can read it: it refuses what the runtime wraps, and empty strings."""
    name = dtypes.name(tensor.dtype)
    if tensor.tensor_content:
        return name != "string"
    if name == "string":
        return bool(tensor.string_val)
    if name.endswith("uz"):
        return False
    bits = {"float16": 16, "bfloat16": 16}.get(name)
    if bits:
        return all(0 <= value < 1 << bits for value in tensor.half_val)
    if name.lstrip("q") in ("int8", "uint8", "int16", "uint16"):
        limits = np.iinfo(name.lstrip("q"))
        return all(limits.min <= value <= limits.max for value in tensor.int_val)
    return True


@given(st.one_of(listed_tensors(), raw_tensors()).filter(in_range))
def test_make_ndarray_reads_the_same_values(tensor):
    expected = tf.make_ndarray(theirs(tensor))
    field = FIELD.get(dtypes.name(tensor.dtype), "int_val")
    ours = to_numpy(tensor)
    if field in ("float_val", "scomplex_val") and not tensor.tensor_content:
        # It passes each value through a Python float, which quietens signalling NaNs.
        ours = ours.astype("c16" if ours.dtype.kind == "c" else "f8").astype(ours.dtype)
    assert_same(ours, expected, tensor.dtype)


@given(raw_tensors())
def test_the_runtime_reads_what_to_proto_writes(tensor):
    array = to_numpy(tensor)
    written = to_proto(array, tensor.dtype)
    assert_same(array, runtime(written), tensor.dtype)
    if array.size:  # it has nothing for the empty tensors of some types
        assert_same(array, tf.make_ndarray(theirs(written)), tensor.dtype)


def listed(row, elements):
    """A tensor whose repeated field lists these stored elements, bit by bit."""
    field = FIELD.get(row.name, "int_val")
    tensor = message(f"dtype: {row.enum}", [elements.nbytes // row.size])
    if elements.dtype.kind == "u" and field != "float8_val":
        getattr(tensor, field).extend(elements.tolist())
    else:
        number = tensor.DESCRIPTOR.fields_by_name[field].number
        tensor.MergeFromString(encode_length_delimited(number, elements.tobytes()))
    return tensor


@pytest.mark.parametrize("row", [row for row in NUMERIC if row.size <= 2], ids=lambda row: row.name)
def test_every_code_of_one_and_two_bytes(row):
    codes = np.arange(2 if row.name == "bool" else 1 << 8 * row.size, dtype=f"<u{row.size}")
    expected = runtime(listed(row, codes))
    assert_same(to_numpy(listed(row, codes)), expected, row.number)
    raw = message(f"dtype: {row.enum}", codes.shape)
    raw.tensor_content = codes.tobytes()
    assert_same(to_numpy(raw), expected, row.number)
    assert_same(to_numpy(raw), runtime(to_proto(to_numpy(raw), row.number)), row.number)


# Zeros, the least subnormals, infinities; NaNs that are quiet, signalling, negative; the greatest.
SINGLES = [0, 1 << 31, 1, (1 << 31) + 1, 0x7F800000, 0xFF800000, 0x7FC00000, 0x7F800001]
SINGLES += [0xFFA00123, 0x7F7FFFFF]
DOUBLES = [0, 1 << 63, 1, (1 << 63) + 1, 0x7FF << 52, 0xFFF << 52, 0x7FF8 << 48, (0x7FF << 52) + 1]
DOUBLES += [(0xFFF << 52) + 5, (0x7FF << 52) - 1]


@pytest.mark.parametrize("name", ["float32", "float64", "complex64", "complex128"])
def test_special_floats_to_the_bit(name):
    row = dtypes.BY_NAME[name]
    wide = name in ("float64", "complex128")
    bits = np.array(DOUBLES, "<u8") if wide else np.array(SINGLES, "<u4")
    tensor = listed(row, bits.view("<f8" if wide else "<f4"))
    assert_same(to_numpy(tensor), runtime(tensor), row.number)
    assert to_numpy(tensor).tobytes() == bits.tobytes()
    raw = message(f"dtype: {row.enum}", tensor_shape(tensor))
    raw.tensor_content = bits.tobytes()
    assert_same(to_numpy(raw), runtime(raw), row.number)


def tensor_shape(tensor):
    return [dim.size for dim in tensor.tensor_shape.dim]


ODD = [
    ("dtype: DT_FLOAT", []),
    ("dtype: DT_FLOAT float_val: 7 tensor_shape { unknown_rank: true }", []),
    ("dtype: DT_FLOAT float_val: 7 tensor_shape { unknown_rank: true }", [3]),
    ("dtype: DT_FLOAT int_val: 7", [2]),
    ("dtype: DT_UINT32 int_val: 7", [2]),
    ("dtype: DT_FLOAT8_E5M2 int_val: 7", [2]),
    ("dtype: DT_FLOAT float_val: 7 tensor_content: '\\0\\0\\200?'", [1]),
    ("dtype: DT_FLOAT", [2, 0, 3]),
    ("dtype: DT_FLOAT float_val: 7", [1] * 20),
    ("dtype: DT_COMPLEX64 scomplex_val: 1", [2]),
    ("dtype: DT_COMPLEX128 dcomplex_val: [1, 2, 3]", [2]),
    ("dtype: DT_STRING tensor_content: '\\201\\000a' string_val: 'z'", []),
    ("dtype: DT_STRING tensor_content: '\\201\\200\\200\\200\\020a'", []),
    ("dtype: DT_STRING", [2]),
]

REFUSED = [
    ("dtype: DT_FLOAT float_val: 1", [-1]),
    ("dtype: DT_FLOAT float_val: 1", [-2]),
    ("dtype: DT_FLOAT", [0, -1]),
    ("dtype: DT_FLOAT float_val: 1", [2**40, 2**40]),
    ("dtype: DT_FLOAT", [0, 2**40, 2**40]),
    ("dtype: DT_FLOAT float_val: 1", [1] * 65),
    ("dtype: DT_FLOAT tensor_content: 'abcdefg'", [2]),
    ("dtype: DT_FLOAT tensor_content: 'abcdefghi'", [2]),
    ("dtype: DT_INT4 tensor_content: 'a'", [2]),
    ("dtype: DT_INT4 tensor_content: 'abc'", [2]),
    ("dtype: DT_BOOL tensor_content: '\\000\\002'", [2]),
    ("dtype: DT_STRING tensor_content: '\\001\\002aB'", [2]),
    ("dtype: DT_STRING tensor_content: '\\001\\001aBC'", [2]),
    ("dtype: DT_STRING tensor_content: '\\001\\201'", [2]),
    ("dtype: DT_STRING tensor_content: '\\201\\200\\200\\200\\200\\000a'", [1]),
    ("dtype: DT_STRING tensor_content: '\\377\\377\\377\\377\\017a'", [1]),
    ("dtype: DT_FLOAT_REF float_val: 1", []),
    ("dtype: DT_RESOURCE resource_handle_val { }", []),
    ("dtype: DT_VARIANT", []),
]


@pytest.mark.parametrize(("text", "shape"), ODD)
def test_odd_tensors_are_read_as_the_runtime_reads_them(text, shape):
    tensor = message(text, shape)
    assert_same(to_numpy(tensor), runtime(tensor), tensor.dtype)


@pytest.mark.parametrize(("text", "shape"), REFUSED)
def test_what_the_runtime_refuses_is_refused(text, shape):
    tensor = message(text, shape)
    with pytest.raises(tf.errors.InvalidArgumentError):
        runtime(tensor)
    with pytest.raises(TensorError):
        to_numpy(tensor)


# What is known to differ from the runtime, and why.
EXCESS = [
    ("dtype: DT_FLOAT float_val: [1, 2, 3]", [2]),
    ("dtype: DT_FLOAT float_val: [1, 2]", []),
    ("dtype: DT_STRING string_val: ['a', 'b']", [1]),
    ("dtype: DT_FLOAT float_val: 1", [0]),
    ("dtype: DT_FLOAT tensor_content: 'abcd'", [0]),
]


@pytest.mark.parametrize(("text", "shape"), EXCESS)
def test_values_beyond_the_shape_are_refused_as_make_ndarray_does(text, shape):
    # The runtime drops them in silence: a file that says two things deserves a word.
    tensor = message(text, shape)
    assert runtime(tensor).shape == tuple(shape)
    with pytest.raises(ValueError, match=r"negative values|cannot reshape"):
        tf.make_ndarray(theirs(tensor))
    with pytest.raises(TensorError):
        to_numpy(tensor)


def test_one_value_in_a_huge_shape_is_read_though_tensorflow_cannot_hold_it():
    tensor = message("dtype: DT_FLOAT float_val: 1", [10**12])
    with pytest.raises(tf.errors.InvalidArgumentError):
        runtime(tensor)
    assert to_numpy(tensor)[10**12 - 1] == 1


def test_constants_of_a_session():
    """The Const kernel reads as parse_tensor does, so that one stands for both."""
    graph = tf.compat.v1.GraphDef()
    tensors = [message(text, shape) for text, shape in ODD]
    for index, tensor in enumerate(tensors):
        node = graph.node.add(name=f"c{index}", op="Const")
        node.attr["dtype"].type = tensor.dtype
        node.attr["value"].tensor.CopyFrom(theirs(tensor))
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        tf.import_graph_def(graph, name="")
        values = session.run([f"c{index}:0" for index in range(len(tensors))])
    for tensor, value in zip(tensors, values, strict=True):
        assert_same(to_numpy(tensor), np.asarray(value, runtime(tensor).dtype), tensor.dtype)


@pytest.mark.parametrize("row", WITH_VALUES, ids=lambda row: row.name)
@pytest.mark.parametrize("shape", [[], [1], [3], [2, 0]])
def test_what_tensorflow_writes(row, shape):
    """``make_tensor_proto`` lists some types and packs others; the runtime packs all it can."""
    fill = 1 if row.size else b"ab"
    source = to_proto(np.full(shape, fill, row.numpy), row.number)
    value = runtime(source)
    written = []
    if row.name[0] != "q" and not row.name.endswith("uz"):  # make_tensor_proto cannot
        written.append(tf.make_tensor_proto(value).SerializeToString())
    if row.name[0] != "q" and row.number <= dtypes.number("uint64"):  # no kernel for others
        tensor = tf.io.parse_tensor(source.SerializeToString(), row.number)
        written.append(tf.io.serialize_tensor(tensor).numpy())
    for data in written:
        assert_same(to_numpy(TensorProto.FromString(data)), value, row.number)
