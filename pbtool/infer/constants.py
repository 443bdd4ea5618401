"""The shape and, when it is small, the elements of a Const, without numpy."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from pbtool.errors import ShapeError
from pbtool.facts import MAX_ELEMENTS, Element, Value
from pbtool.shapes import Shape

if TYPE_CHECKING:
    from pbtool.schema import NodeDef, TensorProto


# By dtype: struct's code for an element of tensor_content, and the field that holds elements
# one by one. Types that no shape depends on are left out.
_LAYOUT = {
    1: ("f", "float_val"),
    2: ("d", "double_val"),
    3: ("i", "int_val"),
    4: ("B", "int_val"),
    5: ("h", "int_val"),
    6: ("b", "int_val"),
    9: ("q", "int64_val"),
    10: ("?", "bool_val"),
    17: ("H", "int_val"),
    22: ("I", "uint32_val"),
    23: ("Q", "uint64_val"),
}


def shape(node: NodeDef) -> Shape:
    """The shape of a Const's tensor; raises ShapeError when it has none."""
    attr = node.attr.get("value")
    if attr is None or not attr.HasField("tensor"):
        raise ShapeError("attr 'value' is missing")
    result = Shape.from_proto(attr.tensor.tensor_shape)
    if not result.is_full:
        raise ShapeError(f"the shape of a constant must be known, not {result}")
    return result


def value(node: NodeDef) -> Value | None:
    """The elements of a Const; None when they are many, or of a type that no shape depends on."""
    tensor = node.attr["value"].tensor
    dims = tuple(dim.size for dim in tensor.tensor_shape.dim)
    count = 1
    for dim in dims:
        count *= dim
    if count > MAX_ELEMENTS or tensor.dtype not in _LAYOUT:
        return None
    return Value(dims, _elements(tensor, count))


def _elements(tensor: TensorProto, count: int) -> tuple[Element, ...]:
    code, field = _LAYOUT[tensor.dtype]
    if content := tensor.tensor_content:
        size = struct.calcsize(f"<{count}{code}")
        if len(content) != size:
            raise ShapeError(f"the constant has {len(content)} bytes where {size} are needed")
        return struct.unpack(f"<{count}{code}", content)
    elements = tuple(getattr(tensor, field))
    if len(elements) > count:
        raise ShapeError(f"the constant has {len(elements)} elements where {count} fit")
    # The last element stands for those that were left out; none at all means zeros.
    last = elements[-1] if elements else False if field == "bool_val" else 0
    return elements + (last,) * (count - len(elements))
