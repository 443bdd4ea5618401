"""The element types that numpy lacks: bfloat16, float8, float4, int4 and int2.

In ``tensor_content`` and in checkpoints an element of these types takes whole bytes, two for
bfloat16 and one for the others (int4 and int2 are not packed). What a byte means is one table of
256 values for each type, so reading is looking up and writing is looking up backwards.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from pbtool import dtypes
from pbtool.errors import TensorError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray


class _Float8(NamedTuple):
    """How a float8 type spends its bits: one for the sign, the rest as said here."""

    mantissa: int
    bias: int
    nan: tuple[int, ...]
    infinity: tuple[int, ...] = ()


# "fn" has no infinities; "uz" has no negative zero, whose code is its only NaN.
_FLOAT8 = {
    "float8_e5m2": _Float8(2, 15, (0x7D, 0x7E, 0x7F, 0xFD, 0xFE, 0xFF), (0x7C, 0xFC)),
    "float8_e4m3fn": _Float8(3, 7, (0x7F, 0xFF)),
    "float8_e4m3fnuz": _Float8(3, 8, (0x80,)),
    "float8_e4m3b11fnuz": _Float8(3, 11, (0x80,)),
    "float8_e5m2fnuz": _Float8(2, 16, (0x80,)),
}

_INTEGERS = {"int4": 4, "uint4": 4, "int2": 2, "uint2": 2}

_PART = 1 << 18  # elements converted in one go

_BFLOAT16 = "bfloat16"
_FLOAT4 = "float4_e2m1fn"

NAMES = frozenset((_BFLOAT16, _FLOAT4, *_FLOAT8, *_INTEGERS))


def decode(codes: NDArray[Any], dtype: dtypes.DType) -> NDArray[Any]:
    """The values of stored elements: float32 for the floats, int8 or uint8 for the integers.

    ``codes`` are one row, of uint16 for bfloat16 and of uint8 for every other type. All values are
    exact. NaNs keep their sign and, in bfloat16 and float8_e5m2, their payload, so that no two
    codes become one.
    """
    if dtype.name == _BFLOAT16:
        wide: NDArray[Any] = np.left_shift(codes, 16, dtype="<u4").view("<f4")
        return wide
    table = _values(dtype.name)
    values = np.empty(len(codes), table.dtype)
    for part in _parts(len(codes)):
        values[part] = table[codes[part]]
    return values


def encode(array: NDArray[Any], dtype: dtypes.DType) -> NDArray[Any]:
    """The stored elements of an array of values, in one row: the inverse of ``decode``.

    Raises TensorError for a value that the type does not have: nothing is rounded.
    """
    values = np.ascontiguousarray(array).reshape(-1)
    codes = np.empty(len(values), f"<u{dtype.size}")
    for part in _parts(len(values)):
        codes[part] = _encode(values[part], dtype.name)
    return codes


def _parts(count: int) -> Iterator[slice]:
    """Slices of a row: numpy indexes by 8 bytes an element, too many for all of a big tensor."""
    return (slice(start, start + _PART) for start in range(0, count, _PART))


def _encode(values: NDArray[Any], name: str) -> NDArray[Any]:
    bits = values.view(f"u{values.itemsize}")
    if name == _BFLOAT16:
        codes = bits >> 16
        exact = (bits & 0xFFFF) == 0
    else:
        keys = _values(name).view(bits.dtype)
        if name.endswith("uz"):  # its one NaN is every NaN
            bits = np.where(np.isnan(values), keys[0x80], bits)
        order = np.argsort(keys, kind="stable")  # of equal values, the lowest code comes first
        codes = order[np.minimum(np.searchsorted(keys, bits, sorter=order), 255)]
        exact = keys[codes] == bits
    if not exact.all():
        value = values[~exact][0]
        raise TensorError(
            f"{value!s} is not a value of {name}", remedy="round the array to that type first"
        )
    return codes


@cache
def _values(name: str) -> NDArray[Any]:
    """What each of the 256 bytes stands for."""
    codes = np.arange(256)
    if name in _FLOAT8:
        values = _float8_values(codes, _FLOAT8[name])
    elif name == _FLOAT4:
        magnitude = np.array([0, 0.5, 1, 1.5, 2, 3, 4, 6], "float32")[codes & 7]
        # TensorFlow takes any higher bit for the sign, also those that its own writer leaves 0.
        values = np.where(codes > 7, -magnitude, magnitude)
    else:
        # Higher bits do not count: writers may or may not extend the sign into them.
        span = 1 << _INTEGERS[name]
        values = codes % span
        if name.startswith("int"):
            values = np.where(values >= span // 2, values - span, values)
    table: NDArray[Any] = values.astype(dtypes.BY_NAME[name].numpy)
    return table


def _float8_values(codes: NDArray[Any], layout: _Float8) -> NDArray[Any]:
    exponent = (codes & 0x7F) >> layout.mantissa
    mantissa = codes & ((1 << layout.mantissa) - 1)
    implicit = np.where(exponent > 0, 1 << layout.mantissa, 0)
    scale = np.maximum(exponent, 1) - layout.bias - layout.mantissa
    magnitude = np.ldexp((implicit + mantissa).astype("float32"), scale)
    values: NDArray[Any] = np.where(codes & 0x80, -magnitude, magnitude)
    bits = values.view("uint32")
    for code in (*layout.nan, *layout.infinity):
        bits[code] = (code & 0x80) << 24 | 0x7F800000
    for code in layout.nan:
        # The only NaN of a type is float32's usual one; several keep their mantissa apart.
        payload = mantissa[code] << (23 - layout.mantissa) if layout.infinity else 1 << 22
        bits[code] |= payload
    return values
