"""Constants: what a small tensor in a file holds, and how a dtype rounds, without numpy."""

from __future__ import annotations

import math
import struct
from typing import TYPE_CHECKING

from pbtool import dtypes
from pbtool.errors import ShapeError
from pbtool.facts import MAX_ELEMENTS, Element, Value

if TYPE_CHECKING:
    from pbtool.schema import TensorProto


# By dtype: struct's code for an element. Types that no shape depends on are left out.
_CODES = {
    dtypes.BY_NAME[name].number: code
    for name, code in {
        "bool": "?",
        "float32": "f",
        "float64": "d",
        "int8": "b",
        "int16": "h",
        "int32": "i",
        "int64": "q",
        "uint8": "B",
        "uint16": "H",
        "uint32": "I",
        "uint64": "Q",
    }.items()
}
_ZEROS = {"f": 0.0, "d": 0.0, "?": False}  # by struct's code, where it is not 0


def value(tensor: TensorProto) -> Value | None:
    """The elements of a tensor; None when they are many, or of a type that no shape depends on.

    Raises ShapeError when the tensor is malformed. Payloads that were cut out of a file which was
    opened without its big tensors are above ``wire.SMALL`` bytes, too long for a value.
    """
    dims = tuple([dim.size for dim in tensor.tensor_shape.dim])
    count = 1
    for dim in dims:
        count *= dim
    if not 0 <= count <= MAX_ELEMENTS or tensor.dtype not in _CODES:
        return None
    code = _CODES[tensor.dtype]
    if not (content := tensor.tensor_content):
        if listed := _listed(tensor, count):
            return narrow(Value(dims, listed), tensor.dtype)
        return Value(dims, (_ZEROS.get(code, 0),) * count)
    layout = f"<{count}{code}"
    size = struct.calcsize(layout)
    if len(content) != size:
        raise ShapeError(f"the constant has {len(content)} bytes where {size} are needed")
    elements = struct.unpack(layout, content)
    return None if code in "fd" and _has_nan(elements) else Value(dims, elements)


def _has_nan(elements: tuple[Element, ...]) -> bool:
    return math.isnan(sum(elements)) and any(map(math.isnan, elements))  # or infinities


def _listed(tensor: TensorProto, count: int) -> tuple[Element, ...]:
    field = dtypes.BY_NUMBER[tensor.dtype].field
    elements = tuple(getattr(tensor, field)[:count])  # TensorFlow drops what is too many
    # The last element stands for those that were left out.
    return elements + elements[-1:] * (count - len(elements))


def reinterpreted(value: Value | None, held: int, stated: int) -> Value | None:
    """What TensorFlow sees of a tensor whose dtype is not the stated one: its bytes, as the other.

    None where the bytes are too few: it reads what lies behind them.
    """
    if value is None or stated not in _CODES:
        return None
    count = len(value.elements)
    data = struct.pack(f"<{count}{_CODES[held]}", *value.elements)
    layout = f"<{count}{_CODES[stated]}"
    if len(data) < struct.calcsize(layout):
        return None
    elements = struct.unpack_from(layout, data)
    return None if _has_nan(elements) else Value(value.dims, elements)


def narrow(value: Value | None, dtype: int) -> Value | None:
    """A value that was computed without limits, as a tensor of that dtype holds it.

    Integers wrap around, floats are rounded; None for a dtype that no shape depends on, and for
    NaN, which Python does not compute with as TensorFlow does. Raises OverflowError for a float
    beyond the dtype's.
    """
    if value is None or dtype not in _CODES:
        return None
    elements = _narrow(value.elements, _CODES[dtype])
    return None if _has_nan(elements) else Value(value.dims, elements)


def _narrow(elements: tuple[Element, ...], code: str) -> tuple[Element, ...]:
    if code == "?":
        return tuple(map(bool, elements))
    if code == "d":
        return tuple(map(float, elements))
    if code == "f":
        code = f"<{len(elements)}f"
        return struct.unpack(code, struct.pack(code, *elements))
    modulus = 1 << 8 * struct.calcsize(f"<{code}")
    half = 0 if code.isupper() else modulus >> 1
    return tuple((int(element) + half) % modulus - half for element in elements)
