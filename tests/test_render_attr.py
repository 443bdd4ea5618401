from __future__ import annotations

import math
import struct

import pytest
from google.protobuf import text_format
from hypothesis import given
from hypothesis import strategies as st

from pbtool import schema
from pbtool.render.attr import float32, full_type, kind, number_json, quoted, text, value_json
from pbtool.schema import AttrValue, FullTypeDef

VALUES = [
    # AttrValue in text format, its kind, as text, for JSON
    ("", "", "(no value)", None),
    ('s: "SAME"', "string", '"SAME"', "SAME"),
    ("i: -3", "int", "-3", -3),
    ("f: 0.1", "float", "0.1", 0.1),
    ("f: 3", "float", "3.0", 3.0),
    ("f: nan", "float", "nan", "NaN"),
    ("f: -inf", "float", "-inf", "-Infinity"),
    ("b: true", "bool", "true", True),
    ("type: DT_FLOAT", "type", "float32", "float32"),
    ("type: DT_INT32_REF", "type", "int32_ref", "int32_ref"),
    ("shape { dim { size: -1 } dim { size: 3 } }", "shape", "[?,3]", [None, 3]),
    ("shape { }", "shape", "[]", []),
    ("shape { unknown_rank: true }", "shape", "[...]", None),
    ('placeholder: "T"', "placeholder", "$T", "T"),
    ("list { }", "list", "[]", []),
    ("list { i: [1, 2] }", "list(int)", "[1, 2]", [1, 2]),
    ('list { s: ["a", "b"] }', "list(string)", '["a", "b"]', ["a", "b"]),
    ("list { f: [0.5, inf] }", "list(float)", "[0.5, inf]", [0.5, "Infinity"]),
    ("list { b: [true, false] }", "list(bool)", "[true, false]", [True, False]),
    ("list { type: DT_HALF }", "list(type)", "[float16]", ["float16"]),
    ("list { shape { } shape { unknown_rank: true } }", "list(shape)", "[[], [...]]", [[], None]),
    ('func { name: "f" }', "func", "f", {"name": "f", "attrs": {}}),
    (
        'func { name: "f" attr { key: "b" value { i: 1 } } attr { key: "a" value { b: true } } }',
        "func",
        "f(a=true, b=1)",
        {
            "name": "f",
            "attrs": {"a": {"type": "bool", "value": True}, "b": {"type": "int", "value": 1}},
        },
    ),
    (
        "tensor { dtype: DT_INT32 tensor_shape { dim { size: 2 } } int_val: [1, 7] }",
        "tensor",
        "int32[2] [1 7]",
        {"dtype": "int32", "shape": [2]},
    ),
    (
        "tensor { dtype: DT_FLOAT tensor_shape { dim { size: 9 } } float_val: 1 }",
        "tensor",
        "float32[9]",
        {"dtype": "float32", "shape": [9]},
    ),
    (
        'tensor { dtype: DT_INT32 tensor_shape { } tensor_content: "x" }',
        "tensor",
        "int32[]",
        {"dtype": "int32", "shape": []},
    ),
    (
        "list { tensor { dtype: DT_BOOL tensor_shape { } bool_val: true } }",
        "list(tensor)",
        "[bool[] True]",
        [{"dtype": "bool", "shape": []}],
    ),
]


def value(message: str) -> AttrValue:
    return text_format.Parse(message, AttrValue(), descriptor_pool=schema.POOL)


@pytest.mark.parametrize(("message", "its_kind", "as_text", "for_json"), VALUES)
def test_every_kind(message: str, its_kind: str, as_text: str, for_json: object) -> None:
    attr = value(message)
    assert kind(attr) == its_kind
    assert text(attr) == as_text
    assert value_json(attr) == for_json


def test_every_field_of_a_value_is_known() -> None:
    fields = {field.name for field in AttrValue.DESCRIPTOR.fields}
    assert {message.partition(":")[0].partition(" ")[0] for message, *_ in VALUES} - {""} == fields
    lists = {field.name for field in AttrValue.ListValue.DESCRIPTOR.fields}
    for name in lists:
        attr = value(
            f"list {{ {name} {{ }} }}" if name in ("shape", "tensor", "func") else "list { }"
        )
        assert text(attr)


def test_long_lists_are_folded() -> None:
    numbers = "list { i: [%s] }"
    assert text(value(numbers % ", ".join("123456789"))).count(",") == 8  # a fold hides two or more
    folded = text(value(numbers % ", ".join(map(str, range(128)))))
    assert folded == "[0, 1, 2, 3, 4, 5, 6, 7, … 120 more]"
    assert text(value(numbers % "1, 2, 3, 4"), fold=2) == "[1, 2, … 2 more]"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", '""'),
        (b"plain", '"plain"'),
        ("é 語".encode(), '"é 語"'),
        (b'a "b" \\', r'"a \"b\" \\"'),
        (b"\x1b[31m\n\t\0", r'"\x1b[31m\n\t\x00"'),
        ("\u202e".encode(), r'"\u202e"'),
        (b"\xff\xc3", r'"\xff\xc3"'),
        (b"x" * 120, f'"{"x" * 120}"'),
        (b"x" * 1500, f'"{"x" * 120}"… (1,500 bytes)'),
        ("é".encode() * 61, f'"{"é" * 60}"… (122 bytes)'),
        (b"a" + "é".encode() * 60, f'"a{"é" * 59}"… (121 bytes)'),  # not half a character
        (b"\0" * 31, f'"{chr(92)}x00{(chr(92) + "x00") * 29}"… (31 bytes)'),
    ],
)
def test_strings(data: bytes, expected: str) -> None:
    assert quoted(data) == expected


@given(st.binary(max_size=300))
def test_a_string_is_one_visible_line_of_bounded_length(data: bytes) -> None:
    shown = quoted(data)
    assert shown.isprintable()
    assert len(shown) < 140


@given(st.text(max_size=30))
def test_a_whole_string_can_be_read_back(characters: str) -> None:
    data = characters.encode(errors="replace")
    assert eval(quoted(data, None)).encode() == data  # noqa: S307 (of our own making)


@given(st.floats(width=32))
def test_a_float32_keeps_its_bits_and_no_needless_digits(number: float) -> None:
    short = float(float32(number))
    if math.isnan(number):
        assert math.isnan(short)
    else:
        assert struct.pack("f", short) == struct.pack("f", number)
        assert len(float32(number)) <= len(repr(number))


def test_the_largest_float32() -> None:
    assert float32(3.4028234663852886e38) == "3.4028235e+38"
    assert float32(0.1) == "0.1"  # also of the nearest double


def test_numbers_that_json_has_not() -> None:
    assert [number_json(each) for each in (math.nan, math.inf, -math.inf, 0.5, 2**63)] == [
        "NaN",
        "Infinity",
        "-Infinity",
        0.5,
        2**63,
    ]


def test_strings_that_json_has_not() -> None:
    assert value_json(value(r's: "\377"')) == {"base64": "/w=="}


def test_names_of_functions_are_safe() -> None:
    assert text(value(r'func { name: "f\033[31m" }')) == r"f\x1b[31m"


def test_full_types() -> None:
    def parsed(message: str) -> FullTypeDef:
        return text_format.Parse(message, FullTypeDef(), descriptor_pool=schema.POOL)

    tensors = "args { type_id: TFT_TENSOR args { type_id: TFT_FLOAT } }"
    whole = parsed(f"type_id: TFT_PRODUCT {tensors} {tensors} {tensors}")
    assert full_type(whole, fold=1) == "TFT_PRODUCT[TFT_TENSOR[TFT_FLOAT], … 2 more]"
    assert full_type(whole).count("TFT_FLOAT") == 3
    assert full_type(parsed('type_id: TFT_VAR s: "T"')) == 'TFT_VAR["T"]'
    assert full_type(parsed("type_id: TFT_TENSOR i: 4")) == "TFT_TENSOR[4]"
    assert full_type(parsed("")) == "TFT_UNSET"
