"""Attrs as rule tables write them: ``3``, ``true``, ``int32``, ``[?,2]``, ``[int32,string]``."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np

from pbtool import dtypes, tensors
from pbtool.schema import AttrValue, NameAttrList, TensorProto
from pbtool.shapes import Shape
from tests.case_graph import shape_proto, tensor_proto
from tests.rule_case import FIELDS, Operand, put


def parse_attr(kind: str, text: str) -> AttrValue:
    """The value that a text states; ``kind`` is the attr's declared type, such as list(int)."""
    value = AttrValue()
    if not kind.startswith("list("):
        put(value, kind, _PARSE[kind](text))
        return value
    kind = kind[5:-1]
    value.list.SetInParent()
    items = re.findall(r"\[[^\[\]]*\]|\"[^\"]*\"|[^,\[\]]+", text[1:-1])
    getattr(value.list, FIELDS[kind]).extend(map(_PARSE[kind], items))
    return value


def write_attr(value: AttrValue) -> str:
    """The text of an attr's value."""
    field = value.WhichOneof("value")
    if field != "list":
        return _WRITE[field](getattr(value, field)) if field else "?"
    for name, write in _WRITE.items():
        if items := getattr(value.list, name):
            return f"[{','.join(map(write, items))}]"
    return "[]"


def parse_dtype(name: str) -> int:
    """The number of the dtype; raises ValueError for another word."""
    number = dtypes.number(name)
    if number is None:
        raise ValueError(f"{name!r} is no dtype")
    return number


def parse_bool(word: str) -> bool:
    """What ``true`` and ``false`` mean; raises KeyError for another word."""
    return {"true": True, "false": False}[word]


def parse_operand(text: str, dtype: int) -> Operand:
    """The operand that a text states, without the dtype that may stand before it."""
    if match := re.fullmatch(r"\{(\w+),(\w+)(\[[^\]]*\])\}", text):
        keys, values = map(parse_dtype, match.group(1, 2))
        return Operand(Shape.parse(match[3]), None, values, keys)
    if match := re.fullmatch(r"(\w*)(\[[^\]]*\])", text):
        refers_to = parse_dtype(match[1]) if match[1] else 0
        return Operand(Shape.parse(match[2]), None, refers_to)
    shape, constant, listed = text.rpartition("=")
    words = re.findall(r"\"[^\"]*\"|[^,\s]+", listed)
    if not constant:
        shape = f"[{len(words)}]"
    elements = tuple(_parse_element(word, dtype) for word in words)
    return Operand(Shape.parse(shape or "[]"), elements)


def write_operand(operand: Operand) -> str:
    """The text of an operand, without its dtype."""
    if operand.keys:
        names = map(dtypes.name, (operand.keys, operand.refers_to))
        return f"{{{','.join(names)}{operand.shape}}}"
    if operand.elements is None:
        return (dtypes.name(operand.refers_to) if operand.refers_to else "") + str(operand.shape)
    text = ",".join(map(_write_element, operand.elements))
    if operand.shape.rank == 0:
        return f"={text}"
    if operand.shape.rank == 1 and operand.elements:
        return text if len(operand.elements) > 1 else f"{text},"
    return f"{operand.shape}={text}"


def _parse_element(word: str, dtype: int) -> Any:
    if dtype == dtypes.STRING:
        return word.strip('"').encode()
    if dtype == dtypes.BOOL:
        return parse_bool(word)
    if re.fullmatch(r"-?\d+", word):
        return int(word)
    return complex(word) if "j" in word else float(word)


def _write_element(element: Any) -> str:
    if isinstance(element, bytes):
        return f'"{element.decode()}"'
    return str(element).lower() if isinstance(element, bool) else str(element)


def _parse_tensor(text: str) -> TensorProto:
    dtype, _, rest = text.partition(":")
    number = parse_dtype(dtype)
    return tensor_proto(parse_operand(rest, number), number)


def _write_tensor(proto: TensorProto) -> str:
    array = tensors.to_numpy(proto)
    operand = Operand(Shape(array.shape), tuple(array.reshape(-1).tolist()))
    return f"{dtypes.name(proto.dtype)}:{write_operand(operand)}"


def _parse_string(text: str) -> bytes:
    """Bytes, in which an escape such as ``\\x08`` stands for what cannot be printed."""
    return text.strip('"').encode().decode("unicode_escape").encode("latin-1")


def _write_string(content: bytes) -> str:
    word = content.decode("latin-1").encode("unicode_escape").decode().replace('"', r"\x22")
    return word if re.fullmatch(r"[\w./-]+", word) else f'"{word}"'


_PARSE: dict[str, Callable[[str], Any]] = {
    "int": int,
    "float": float,
    "bool": parse_bool,
    "type": parse_dtype,
    "string": _parse_string,
    "shape": lambda text: shape_proto(Shape.parse(text)),
    "func": lambda text: NameAttrList(name=text),
    "tensor": _parse_tensor,
}

_WRITE: dict[str, Callable[[Any], str]] = {
    "s": _write_string,
    "i": str,
    "f": lambda number: str(np.float32(number)),
    "b": lambda truth: str(truth).lower(),
    "type": dtypes.name,
    "shape": lambda proto: str(Shape.from_proto(proto)),
    "tensor": _write_tensor,
    "func": lambda func: func.name,
}
