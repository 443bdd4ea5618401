from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from google.protobuf import text_format
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from pbtool import dtypes, schema
from pbtool.render.tensor import all_values, lines, summarized, tensor_json
from pbtool.schema import TensorProto
from pbtool.shapes import Shape
from pbtool.tensor_summary import summarize
from pbtool.tensors import to_proto
from pbtool.view.tensor import TensorView, proto_view


def view(text: str) -> TensorView:
    return proto_view(text_format.Parse(text, TensorProto(), descriptor_pool=schema.POOL))


def of_array(array: np.ndarray[Any, Any], dtype: str) -> TensorView:
    return proto_view(to_proto(array, dtypes.BY_NAME[dtype].number))


def shown(array: np.ndarray[Any, Any]) -> str:
    return "\n".join(all_values(array))


SIX = "tensor_shape { dim { size: 6 } }"


SCALAR = "tensor_shape { }"


@pytest.mark.parametrize(
    ("tensor", "heading"),
    [
        (
            f"dtype: DT_FLOAT {SIX} float_val: 1",
            "float32[6]  24 bytes, 1 float_val for all 6 elements",
        ),
        (
            f"dtype: DT_INT8 {SIX} int_val: [1, 2]",
            "int8[6]  6 bytes, 2 int_val for all 6 elements, the last repeats",
        ),
        (f"dtype: DT_BOOL {SIX}", "bool[6]  6 bytes, no value listed"),
        (f'dtype: DT_INT8 {SIX} tensor_content: "123456"', "int8[6]  6 bytes, tensor_content"),
        (f"dtype: DT_DOUBLE {SCALAR} double_val: 3", "float64[]  8 bytes, double_val"),
        (
            f'dtype: DT_STRING {SIX} string_val: "ab"',
            "string[6]  12 bytes, 1 string_val for all 6 elements",
        ),
        (
            f"dtype: DT_COMPLEX64 {SCALAR} scomplex_val: [1, 2]",
            "complex64[]  8 bytes, scomplex_val",
        ),
        (
            f"dtype: DT_COMPLEX128 {SIX} dcomplex_val: [1, 2]",
            "complex128[6]  96 bytes, 1 dcomplex_val for all 6 elements",
        ),
        (
            f"dtype: DT_BFLOAT16 {SCALAR} half_val: 16256",
            "bfloat16[]  2 bytes, half_val, shown as float32",
        ),
        (
            f'dtype: DT_FLOAT8_E5M2 {SCALAR} float8_val: "a"',
            "float8_e5m2[]  1 byte, float8_val, shown as float32",
        ),
        (f"dtype: DT_RESOURCE {SCALAR}", "resource[]  no value listed"),
        ("dtype: DT_INVALID tensor_shape { unknown_rank: true }", "?[...]  no value listed"),
    ],
)
def test_type_shape_and_storage(tensor: str, heading: str) -> None:
    assert next(lines(view(tensor))) == heading


@pytest.mark.parametrize(
    ("array", "dtype", "expected"),
    [
        ([1.5, -2, 0.1], "float32", "min -2.0, max 1.5, mean -0.133333; 0 NaN, 0 Inf, 0 zeros"),
        ([np.nan, np.inf, 0], "float64", "min 0.0, max 0.0, mean 0; 1 NaN, 1 Inf, 1 zero"),
        ([np.nan, np.inf], "float32", "1 NaN, 1 Inf, 0 zeros"),
        ([0.1, 0.2], "float16", "min 0.1, max 0.2, mean 0.149963; 0 NaN, 0 Inf, 0 zeros"),
        ([2**63 - 1, 0], "int64", "min 0, max 9223372036854775807, mean 4.61169e+18; 1 zero"),
        ([7, 7, 7], "int32", "all 3 elements are the same; 0 zeros"),
        ([True, False, True], "bool", "2 true, 1 false"),
        ([1j, 0], "complex64", "0 NaN, 0 Inf, 1 zero"),
        ([b"", b"abc"], "string", "2 strings of 0 to 3 bytes"),
    ],
)
def test_summary_lines(array: list[Any], dtype: str, expected: str) -> None:
    values = np.array(array, dtypes.BY_NAME[dtype].numpy)
    assert list(lines(of_array(values, dtype)))[1] == expected


def test_a_scalar_needs_no_summary() -> None:
    texts = list(lines(of_array(np.array(3, "i4"), "int32")))
    assert [text.partition(" ")[0] for text in texts] == ["int32[]", "sha256", "3"]


def test_a_tensor_without_elements() -> None:
    assert list(lines(of_array(np.zeros((0, 3), "f4"), "float32")))[-1] == "[]"


@pytest.mark.parametrize(
    ("tensor", "damaged", "line"),
    [
        (
            f'dtype: DT_FLOAT {SIX} tensor_content: "123"',
            True,
            "cannot be read: float32[6] takes 24 bytes, not 3",
        ),
        (
            r'dtype: DT_VARIANT variant_val { type_name: "a\033[31m" }',
            False,
            r"a variant tensor holds objects (a\x1b[31m), not values",
        ),
        ("dtype: DT_RESOURCE", False, "a resource tensor holds handles of resources, not values"),
    ],
)
def test_a_tensor_without_values(tensor: str, damaged: bool, line: str) -> None:
    made = view(tensor)
    assert made.is_damaged is damaged
    assert list(lines(made))[1:] == [line]
    assert tensor_json(made, values=True)["summary"] is None
    assert "values" not in tensor_json(made, values=True)


def test_small_arrays_are_as_numpy_prints_them() -> None:
    array = np.linspace(-1, 1, 24, dtype="f4").reshape(2, 3, 4)
    assert summarized(array) == np.array2string(array)
    assert summarized(np.array([True, False])) == "[ True False]"
    assert summarized(np.array(1.5, "f4")) == "1.5"


def test_print_options_of_the_process_do_not_matter() -> None:
    array = np.array([1 / 3, 1e-9])
    before = summarized(array)
    with np.printoptions(precision=2, suppress=True, threshold=1):
        assert summarized(array) == before


def test_large_arrays_have_an_ellipsis() -> None:
    text = summarized(np.arange(1000))
    assert text == "[  0   1   2 ... 997 998 999]"
    assert summarized(np.zeros((32, 1))).count("\n") < 10


@pytest.mark.parametrize("shape", [(2,) * 20, (3, 3, 64, 64), (1,) * 32, (7,) * 6])
def test_arrays_of_many_dimensions_stay_short(shape: tuple[int, ...]) -> None:
    made = of_array(np.zeros(shape, "i1"), "int8")
    assert len(list(lines(made))) < 30


def test_strings_are_cut_unless_all_is_wanted() -> None:
    words = np.array([b"\xff\n", b"x" * 100], object)
    assert summarized(words).split(" ", 1)[0] == r'["\xff\n"'
    assert "(100 bytes)" in summarized(words)
    assert "x" * 100 in shown(words)


def test_every_value() -> None:
    assert shown(np.arange(12).reshape(2, 3, 2) - 5) == (
        "[[[-5 -4]\n  [-3 -2]\n  [-1  0]]\n\n [[ 1  2]\n  [ 3  4]\n  [ 5  6]]]"
    )
    assert shown(np.array([[1.5, -2], [np.nan, np.inf]])) == "[[ 1.5 -2.0]\n [ nan  inf]]"
    assert shown(np.array([0.1, 10], "f4")) == "[0.1  10.0]"
    assert shown(np.array(0.1, "f4")) == "0.1"
    assert shown(np.zeros((0, 2))) == "[]"
    assert shown(np.array([b"a", b"bcd"], object)) == '["a"   "bcd"]'


def test_every_value_of_a_long_vector_is_wrapped() -> None:
    texts = list(all_values(np.arange(10_000), width=40))
    assert max(map(len, texts)) <= 40
    assert " ".join(texts).strip("[]").split() == [str(number) for number in range(10_000)]


@given(
    arrays.arrays(
        st.sampled_from(["f2", "f4", "f8", "i8", "u1", "?"]),
        arrays.array_shapes(min_dims=1, max_dims=4, max_side=5),
    )
)
def test_no_digit_of_any_value_is_lost(array: np.ndarray[Any, Any]) -> None:
    text = shown(array)
    values = text.replace("[", " ").replace("]", " ").split()
    dtype = array.dtype
    if dtype.kind == "b":
        back = np.array([value == "True" for value in values])
    else:
        back = np.array([dtype.type(value) for value in values], dtype)
    np.testing.assert_array_equal(back.reshape(array.shape), array)
    assert text.count("[") == text.count("]")


@given(
    arrays.arrays(
        st.sampled_from(["f2", "f4", "f8", "i8", "u8", "?", "c8"]),
        arrays.array_shapes(min_dims=0, max_dims=3, max_side=4),
    )
)
def test_json_holds_every_value(array: np.ndarray[Any, Any]) -> None:
    made = of_array(array, array.dtype.name)
    document = json.dumps(tensor_json(made, values=True), allow_nan=False)
    values = json.loads(document)["values"]
    if array.dtype.kind == "c":
        pairs = np.array(values, object).astype("f4").reshape(*array.shape, 2)
        np.testing.assert_array_equal(pairs[..., 0], array.real)
        np.testing.assert_array_equal(pairs[..., 1], array.imag)
    else:
        np.testing.assert_array_equal(np.array(values, object).astype(array.dtype), array)


def test_json_of_strings() -> None:
    words = of_array(np.array([b"plain", b"\xff"], object), "string")
    document = tensor_json(words, values=True)
    assert document["values"] == ["plain", {"base64": "/w=="}]
    assert document["bytes"] == 6
    assert document["summary"]["longest"] == 5


def test_json_of_numbers_has_no_needless_digits() -> None:
    document = tensor_json(of_array(np.array([0.1, 0.3], "f4"), "float32"), values=True)
    assert document["values"] == [0.1, 0.3]
    assert (document["summary"]["min"], document["summary"]["max"]) == (0.1, 0.3)
    assert (document["encoding"], document["listed"]) == ("tensor_content", 8)


def test_values_are_only_there_when_asked_for() -> None:
    assert "values" not in tensor_json(of_array(np.zeros(2, "f4"), "float32"))


def test_one_value_for_a_trillion_elements() -> None:
    million = "dim { size: 1000000 }"
    huge = view(f"dtype: DT_FLOAT tensor_shape {{ {million} {million} }} float_val: 0.1")
    assert huge.is_endless
    assert list(lines(huge, every=True))[-1] == "1,000,000,000,000 times 0.1"
    assert len(list(lines(huge))) < 12
    assert tensor_json(huge, values=True)["values"] == {"every": 0.1}
    assert not of_array(np.zeros(3, "f4"), "float32").is_endless


def test_a_tensor_of_a_checkpoint_has_no_encoding() -> None:
    array = np.zeros(2, "f4")
    saved = TensorView(
        dtypes.FLOAT, Shape([2]), array=array, summary=summarize(array, dtypes.FLOAT)
    )
    assert next(lines(saved)) == "float32[2]  8 bytes"
    assert (tensor_json(saved)["encoding"], tensor_json(saved)["listed"]) == (None, None)
