"""Constants: read from files, rounded to their dtype, computed with, left out where they grow."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from pbtool import files, tensors, wire
from pbtool.dtypes import BY_NAME
from pbtool.errors import ShapeError
from pbtool.facts import MAX_ELEMENTS, Fact, Value
from pbtool.graph import Graph
from pbtool.infer import Inference, arrays, constants
from pbtool.infer.shape_functions import partial_shape, shape_from
from pbtool.schema import TensorProto
from pbtool.shapes import SCALAR, UNKNOWN, Shape
from tests.graphs import nodes

NUMBERS = ["float32", "float64", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32"]
FIELDS = {
    "bool": "bool_val",
    "float32": "float_val",
    "float64": "double_val",
    "int64": "int64_val",
    "uint32": "uint32_val",
    "uint64": "uint64_val",
}
INT32 = BY_NAME["int32"].number


def tensor(dtype, dims=(), **fields):
    proto = TensorProto(dtype=BY_NAME[dtype].number, **fields)
    for size in dims:
        proto.tensor_shape.dim.add(size=size)
    return proto


# --- constants in files ---


@pytest.mark.parametrize("dtype", [*NUMBERS, "uint64", "bool"])
@pytest.mark.parametrize("compact", [False, True])
def test_values_are_those_that_numpy_reads(dtype, compact):
    array = np.array([[1, 0, 3], [1, 1, 0]], dtype)
    proto = tensors.to_proto(array, BY_NAME[dtype].number)
    if not compact:
        proto.tensor_content = b""
        getattr(proto, FIELDS.get(dtype, "int_val")).extend(array.ravel().tolist())
    value = constants.value(proto)
    assert value == ((2, 3), tuple(array.ravel().tolist()))
    assert [type(element) for element in value.elements] == [type(array.ravel()[0].item())] * 6


def test_last_element_stands_for_those_left_out():
    assert constants.value(tensor("int32", [4], int_val=[7, 8])).elements == (7, 8, 8, 8)


@pytest.mark.parametrize(("dtype", "zero"), [("int64", 0), ("float32", 0.0), ("bool", False)])
def test_no_element_at_all_means_zeros(dtype, zero):
    value = constants.value(tensor(dtype, [2]))
    assert value.elements == (zero, zero)


def test_a_scalar_and_an_empty_tensor():
    assert constants.value(tensor("int32", int_val=[5])) == ((), (5,))
    assert constants.value(tensor("int32", [0, 3])) == ((0, 3), ())


@pytest.mark.parametrize("dtype", ["string", "float16", "bfloat16", "complex64", "qint8"])
def test_types_that_no_shape_depends_on_have_no_value(dtype):
    assert constants.value(tensor(dtype, [1])) is None


def test_many_elements_have_no_value():
    assert constants.value(tensor("int32", [MAX_ELEMENTS])) is not None
    assert constants.value(tensor("int32", [MAX_ELEMENTS + 1])) is None
    assert constants.value(tensor("int32", [1 << 40, 1 << 40])) is None


def test_malformed_tensors_are_refused():
    assert constants.value(tensor("int32", [2], int_val=[1, 2, 3])).elements == (1, 2)  # dropped
    with pytest.raises(ShapeError, match="5 bytes where 8 are needed"):
        constants.value(tensor("int32", [2], tensor_content=b"12345"))


def test_a_tensor_of_another_type_is_seen_by_its_bytes():
    def seen(held, stated, **values):
        value = constants.value(tensor(held, [2], **values))
        return constants.reinterpreted(value, BY_NAME[held].number, BY_NAME[stated].number)

    assert seen("float32", "int32", float_val=[-1.0, 0.0]).elements == (-0x40800000, 0)
    assert seen("int64", "int32", int64_val=[1 << 32, 5]).elements == (0, 1)
    assert seen("int32", "int64", int_val=[1]) is None


@pytest.mark.parametrize("dtype", [*NUMBERS, "uint64", "bool"])
def test_a_value_never_lies_in_a_payload_that_opening_a_file_cuts_out(dtype, tmp_path, monkeypatch):
    lowest = -1 if dtype.startswith("int") else 1  # a negative varint is the longest, of 10 bytes
    array = np.full(MAX_ELEMENTS, lowest, dtype)
    compact = tensors.to_proto(array, BY_NAME[dtype].number)
    listed = tensor(dtype, [MAX_ELEMENTS], **{FIELDS.get(dtype, "int_val"): array.tolist()})
    large = tensors.to_proto(np.zeros(1 << 12, np.float32), BY_NAME["float32"].number)
    graph = nodes("compact = Const()\n listed = Const()\n large = Const()")
    for node, proto in zip(graph.node, (compact, listed, large), strict=True):
        node.attr["dtype"].type = proto.dtype
        node.attr["value"].tensor.CopyFrom(proto)
    (tmp_path / "graph.pb").write_bytes(graph.SerializeToString())
    monkeypatch.setattr(files, "WHOLE", 0)
    opened = files.load(tmp_path / "graph.pb").graph
    assert opened["large"].attr["value"].tensor.tensor_content == b""
    found = Inference(opened).facts(opened)
    for name in ("compact", "listed"):
        assert found[name][0].value == ((MAX_ELEMENTS,), tuple(array.tolist()))


def test_no_element_is_longer_than_what_is_never_cut_out():
    longest = max(10, *(BY_NAME[dtype].size for dtype in (*NUMBERS, "uint64", "bool")))
    assert longest * MAX_ELEMENTS <= wire.SMALL


# --- rounding ---


@pytest.mark.parametrize(
    ("dtype", "element", "expected"),
    [
        ("int32", 2**31, -(2**31)),
        ("int32", -(2**31) - 1, 2**31 - 1),
        ("int64", 2**63, -(2**63)),
        ("int8", 200, -56),
        ("uint8", -1, 255),
        ("uint32", -1, 2**32 - 1),
        ("int32", True, 1),
        ("int32", 2.9, 2),
        ("bool", 4, True),
        ("float32", 0.1, struct.unpack("f", struct.pack("f", 0.1))[0]),
        ("float32", 2**24 + 1, float(2**24)),
        ("float64", 1, 1.0),
    ],
)
def test_narrow(dtype, element, expected):
    narrowed = constants.narrow(Value((), (element,)), BY_NAME[dtype].number)
    assert narrowed == ((), (expected,))
    assert type(narrowed.elements[0]) is type(expected)


def test_what_a_dtype_cannot_hold():
    number = BY_NAME["float32"].number
    assert constants.narrow(None, number) is None
    assert constants.narrow(Value((), (float("nan"),)), number) is None
    assert constants.narrow(Value((), (1,)), BY_NAME["string"].number) is None
    with pytest.raises(OverflowError):
        constants.narrow(Value((), (1e300,)), number)


# --- small arrays ---

SAMPLES = [
    np.arange(6).reshape(2, 3),
    np.arange(12).reshape(2, 1, 3, 2),
    np.array(5),
    np.zeros((2, 0, 3), int),
]


def as_value(array):
    return Value(array.shape, tuple(array.ravel().tolist()))


@pytest.mark.parametrize("array", SAMPLES, ids=str)
def test_arrays_do_what_numpy_does(array):
    value = as_value(array)
    rank = array.ndim
    assert arrays.reshape(value, (-1, 1)) == as_value(array.reshape(-1, 1)) or not array.size
    assert arrays.transpose(value, range(rank)[::-1]) == as_value(array.T)
    assert arrays.broadcast_to(value, (4, *array.shape)) == as_value(
        np.broadcast_to(array, (4, *array.shape))
    )
    doubled = arrays.elementwise(lambda x, y: x + y, value, value)
    assert doubled == as_value(array + array)
    for axis in range(rank):
        positions = [0, 0] if array.shape[axis] else []
        assert arrays.take(value, axis, positions) == as_value(array.take(positions, axis))
        joined = np.concatenate([array, array], axis)
        assert arrays.concatenate([value, value], axis) == as_value(joined)
        assert arrays.reduce(value, [axis], False, sum) == as_value(array.sum(axis))
        assert arrays.reduce(value, [axis], True, sum) == as_value(array.sum(axis, keepdims=True))
    assert arrays.reduce(value, range(rank), False, sum) == as_value(array.sum())


def test_slices_that_are_not_there_are_filled():
    value = as_value(np.array([[1, 2], [3, 4]]))
    assert arrays.take(value, 0, [None, 1], 9) == ((2, 2), (9, 9, 3, 4))
    assert arrays.take(value, 1, [0, None], 9) == ((2, 2), (1, 9, 3, 9))
    assert arrays.take(Value((0,), ()), 0, [None], 9) == ((1,), (9,))


@pytest.mark.parametrize(
    "impossible",
    [
        lambda v: arrays.take(v, 0, [2]),
        lambda v: arrays.take(v, 0, [-1]),
        lambda v: arrays.reshape(v, (3,)),
        lambda v: arrays.reshape(v, (-4, -1)),
        lambda v: arrays.transpose(v, (0, 0)),
        lambda v: arrays.broadcast_to(v, (3, 2)),
        lambda v: arrays.concatenate([v, Value((2, 3), (0,) * 6)], 0),
        lambda v: arrays.elementwise(max, v, Value((3,), (1, 2, 3))),
        lambda v: arrays.scalar(v),
        lambda v: arrays.integer(v),
        lambda v: arrays.sizes(Value((1,), (-1,))),
    ],
)
def test_what_makes_no_sense_is_refused(impossible):
    with pytest.raises((ShapeError, ValueError)):
        impossible(as_value(np.array([[1, 2], [3, 4]])))


# --- vectors that are read as shapes ---


def vector(length=None, elements=None, as_shape=None, dtype=INT32):
    value = None if elements is None else Value((len(elements),), tuple(elements))
    length = length if value is None else len(elements)
    return Fact(dtype, Shape([length]), value, None, as_shape)


def test_shape_from():
    assert shape_from(vector(elements=[2, -1])) == Shape([2, None])
    assert shape_from(vector(2)) == Shape([None, None])
    assert shape_from(vector()) == UNKNOWN
    assert shape_from(vector(2, as_shape=Shape([None, 3]))) == Shape([None, 3])
    # What an op fails to look through may still be constant, but not for the next such op.
    lost = vector(elements=[2, 3], as_shape=UNKNOWN)
    assert shape_from(lost) == Shape([2, 3])
    assert partial_shape(lost) == UNKNOWN
    assert shape_from(vector(0, as_shape=ShapeError("no one reads it"))) == SCALAR


@pytest.mark.parametrize(
    ("fact", "message"),
    [
        (vector(elements=[-2]), "negative"),
        (vector(2, as_shape=ShapeError("out of range")), "out of range"),
        (vector(elements=[2.5], dtype=BY_NAME["float32"].number), "must be an int32 or int64"),
        (Fact(INT32, SCALAR), "rank 1"),
    ],
)
def test_vectors_that_state_no_shape(fact, message):
    with pytest.raises(ShapeError, match=message):
        shape_from(fact)


# --- in a graph ---


def facts(lines, constants=(), placeholders=()):
    graph = nodes(lines)
    for node in graph.node:
        if node.op == "Placeholder":
            shape = dict(placeholders).get(node.name)
            node.attr["shape"].shape.CopyFrom(shape_proto(shape))
        if node.op == "Const":
            elements, dims = dict(constants)[node.name]
            node.attr["value"].tensor.CopyFrom(tensor("int32", dims, int_val=elements))
    graph.versions.producer = 100
    ours = Graph(graph)
    inference = Inference(ours)
    result = inference.facts(ours)
    assert inference.problems == []
    return result


def shape_proto(dims):
    from tests.case_graph import shape_proto

    return shape_proto(Shape(dims))


def test_a_chain_of_constants_is_evaluated():
    found = facts(
        """
        a = Const() dtype=3
        b = Const() dtype=3
        sum = AddV2(a, b) T=3
        product = Prod(sum, axis) T=3 Tidx=3
        axis = Const() dtype=3
        fill = Fill(sum, one) T=3 index_type=3
        one = Const() dtype=3
        """,
        {"a": ([1, 2], [2]), "b": ([3], []), "axis": ([0], []), "one": ([1], [])}.items(),
    )
    assert found["sum"][0].value == ((2,), (4, 5))
    assert found["product"][0].value == ((), (20,))
    assert found["fill"][0].shape == Shape([4, 5])
    assert found["fill"][0].value == ((4, 5), (1,) * 20)


def test_partly_known_sizes_are_no_constants():
    found = facts(
        """
        x = Placeholder() dtype=1
        shape = Shape(x) T=1 out_type=3
        two = Const() dtype=3
        twice = Mul(shape, two) T=3
        y = Reshape(x, shape) T=1 Tshape=3
        z = Fill(twice, two) T=3 index_type=3
        """,
        {"two": ([2], [])}.items(),
        {"x": (None, 5)}.items(),
    )
    assert found["shape"][0].value is None
    assert found["y"][0].shape == Shape([None, 5])
    assert found["twice"][0].value is None
    assert found["z"][0].shape == Shape([None, None])


def test_a_cast_takes_what_comes_before_a_vector_of_no_sizes_for_all():
    # That is what TensorFlow answers, although the vector has six elements.
    found = facts(
        """
        x = Placeholder() dtype=3
        sizes = Concat(zero, four, x, bad, x) T=3 N=4
        cast = Cast(sizes) SrcT=3 DstT=9
        y = Fill(cast, zero) T=3 index_type=9
        zero = Const() dtype=3
        four = Const() dtype=3
        bad = Const() dtype=3
        """,
        {"zero": ([0], []), "four": ([4], [1]), "bad": ([-5], [1])}.items(),
        {"x": (2,)}.items(),
    )
    assert found["y"][0].shape == Shape([4, None, None])


def test_each_output_has_a_value_of_its_own():
    found = facts(
        """
        x = Placeholder() dtype=1
        shape = Shape(x) T=1 out_type=3
        size = Unpack(shape) T=3 num=2 axis=0
        both = ShapeN(x, x) T=1 N=2 out_type=3
        y = Reshape(x, both:1) T=1 Tshape=3
        """,
        placeholders={"x": (None, 5)}.items(),
    )
    assert [fact.value for fact in found["size"]] == [None, ((), (5,))]
    assert [fact.as_shape for fact in found["both"]] == [Shape([None, 5])] * 2
    assert found["y"][0].shape == Shape([None, 5])


def test_a_result_that_grows_too_large_is_left_out():
    found = facts(
        """
        dims = Const() dtype=3
        one = Const() dtype=3
        large = Fill(dims, one) T=3 index_type=3
        larger = AddV2(large, one) T=3
        """,
        {"dims": ([1000, 1000], [2]), "one": ([1], [])}.items(),
    )
    assert found["large"][0].shape == Shape([1000, 1000])
    assert found["large"][0].value is None
    assert found["larger"][0].value is None


def test_what_cannot_be_evaluated_is_no_problem():
    found = facts(
        """
        a = Const() dtype=3
        zero = Const() dtype=3
        quotient = FloorDiv(a, zero) T=3
        """,
        {"a": ([1, 2], [2]), "zero": ([0], [])}.items(),
    )
    assert found["quotient"] == (Fact(INT32, Shape([2])),)
