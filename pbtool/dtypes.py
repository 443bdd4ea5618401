"""TensorFlow's element types: their numbers, names, sizes, and the numpy types that hold them.

A type is its number in the ``DataType`` enum, as it stands in the files; ``DT_FLOAT_REF`` is
``DT_FLOAT`` plus 100. Names are those of ``tf.DType.name``.
"""

from __future__ import annotations

from typing import NamedTuple

REF = 100  # added to a type's number for a reference to a variable of that type


class DType(NamedTuple):
    """One element type.

    ``size`` is the bytes of one element in ``TensorProto.tensor_content`` and in a checkpoint (0:
    no fixed size). ``numpy`` names the numpy dtype that holds every value exactly, and ``field``
    the field of a TensorProto that lists elements which are not in ``tensor_content``; both are ""
    where a tensor of this type has no values.
    """

    number: int
    enum: str
    name: str
    size: int
    numpy: str
    field: str


# numpy has no bfloat16, float8, float4, int4 or int2: the next wider type holds their values.
_TABLE = tuple(
    DType(*row)
    for row in (
        (1, "DT_FLOAT", "float32", 4, "float32", "float_val"),
        (2, "DT_DOUBLE", "float64", 8, "float64", "double_val"),
        (3, "DT_INT32", "int32", 4, "int32", "int_val"),
        (4, "DT_UINT8", "uint8", 1, "uint8", "int_val"),
        (5, "DT_INT16", "int16", 2, "int16", "int_val"),
        (6, "DT_INT8", "int8", 1, "int8", "int_val"),
        (7, "DT_STRING", "string", 0, "object", "string_val"),
        (8, "DT_COMPLEX64", "complex64", 8, "complex64", "scomplex_val"),
        (9, "DT_INT64", "int64", 8, "int64", "int64_val"),
        (10, "DT_BOOL", "bool", 1, "bool", "bool_val"),
        (11, "DT_QINT8", "qint8", 1, "int8", "int_val"),
        (12, "DT_QUINT8", "quint8", 1, "uint8", "int_val"),
        (13, "DT_QINT32", "qint32", 4, "int32", "int_val"),
        (14, "DT_BFLOAT16", "bfloat16", 2, "float32", "half_val"),
        (15, "DT_QINT16", "qint16", 2, "int16", "int_val"),
        (16, "DT_QUINT16", "quint16", 2, "uint16", "int_val"),
        (17, "DT_UINT16", "uint16", 2, "uint16", "int_val"),
        (18, "DT_COMPLEX128", "complex128", 16, "complex128", "dcomplex_val"),
        (19, "DT_HALF", "float16", 2, "float16", "half_val"),
        (20, "DT_RESOURCE", "resource", 0, "", ""),
        (21, "DT_VARIANT", "variant", 0, "", ""),
        (22, "DT_UINT32", "uint32", 4, "uint32", "uint32_val"),
        (23, "DT_UINT64", "uint64", 8, "uint64", "uint64_val"),
        (24, "DT_FLOAT8_E5M2", "float8_e5m2", 1, "float32", "float8_val"),
        (25, "DT_FLOAT8_E4M3FN", "float8_e4m3fn", 1, "float32", "float8_val"),
        (26, "DT_FLOAT8_E4M3FNUZ", "float8_e4m3fnuz", 1, "float32", "float8_val"),
        (27, "DT_FLOAT8_E4M3B11FNUZ", "float8_e4m3b11fnuz", 1, "float32", "float8_val"),
        (28, "DT_FLOAT8_E5M2FNUZ", "float8_e5m2fnuz", 1, "float32", "float8_val"),
        (29, "DT_INT4", "int4", 1, "int8", "int_val"),
        (30, "DT_UINT4", "uint4", 1, "uint8", "int_val"),
        (31, "DT_INT2", "int2", 1, "int8", "int_val"),
        (32, "DT_UINT2", "uint2", 1, "uint8", "int_val"),
        (33, "DT_FLOAT4_E2M1FN", "float4_e2m1fn", 1, "float32", "float8_val"),
    )
)

BY_NUMBER = {dtype.number: dtype for dtype in _TABLE}
BY_NAME = {dtype.name: dtype for dtype in _TABLE}

FLOAT, DOUBLE, INT32, STRING, INT64, BOOL, RESOURCE, VARIANT = 1, 2, 3, 7, 9, 10, 20, 21

_NAMES = {dtype.number: dtype.name for dtype in _TABLE}
_NAMES |= {dtype.number + REF: dtype.name + "_ref" for dtype in _TABLE}
_NUMBERS = {name: number for number, name in _NAMES.items()}


def name(number: int) -> str:
    """The name of a type, as TensorFlow prints it: ``float32``, ``int32_ref``.

    A number that TensorFlow 2.21 does not know (0, which is ``DT_INVALID``, among them) comes back
    as ``dtype(57)``: a newer TensorFlow may have written it.
    """
    return _NAMES.get(number) or f"dtype({number})"


def number(name: str) -> int | None:
    """The number of the type with this name, or None."""
    return _NUMBERS.get(name)


def is_ref(number: int) -> bool:
    """Whether this is the type of a reference to a variable."""
    return number > REF


def base(number: int) -> int:
    """The type that a reference refers to; any other type itself."""
    return number - REF if number > REF else number
