"""Constants: read from files, and rounded to their dtype."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from pbtool import files, tensors, wire
from pbtool.dtypes import BY_NAME
from pbtool.errors import ShapeError
from pbtool.facts import MAX_ELEMENTS, Value
from pbtool.infer import Inference, constants
from tests.graphs import nodes, tensor

NUMBERS = ["float32", "float64", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32"]
FIELDS = {
    "bool": "bool_val",
    "float32": "float_val",
    "float64": "double_val",
    "int64": "int64_val",
    "uint32": "uint32_val",
    "uint64": "uint64_val",
}


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
