from __future__ import annotations

import numpy as np
import pytest

from pbtool import dtypes, narrow_types
from pbtool.errors import TensorError

# name: least positive value, least normal value, greatest value, code of the greatest, infinities
FLOAT8 = {
    "float8_e5m2": (2.0**-16, 2.0**-14, 57344.0, 0x7B, 2),
    "float8_e4m3fn": (2.0**-9, 2.0**-6, 448.0, 0x7E, 0),
    "float8_e4m3fnuz": (2.0**-10, 2.0**-7, 240.0, 0x7F, 0),
    "float8_e4m3b11fnuz": (2.0**-13, 2.0**-10, 30.0, 0x7F, 0),
    "float8_e5m2fnuz": (2.0**-17, 2.0**-15, 57344.0, 0x7F, 0),
}
TABLES = sorted(narrow_types.NAMES - {"bfloat16"})
ALL_BYTES = np.arange(256, dtype="u1")


def values(name, codes=ALL_BYTES):
    return narrow_types.decode(codes, dtypes.BY_NAME[name])


def codes(name, array):
    return narrow_types.encode(array, dtypes.BY_NAME[name])


def test_the_types_are_those_that_have_another_numpy_type_of_another_size():
    assert {
        dtype.name
        for dtype in dtypes.BY_NUMBER.values()
        if dtype.size
        and not (np.dtype(dtype.numpy).name == dtype.name or dtype.name[0] == "q")
        and not dtype.name.startswith("quint")
    } == narrow_types.NAMES


@pytest.mark.parametrize("name", FLOAT8)
def test_float8_limits(name):
    least, normal, greatest, code, infinities = FLOAT8[name]
    table = values(name)
    positive = table[table > 0]
    assert positive.min() == least
    assert table[np.flatnonzero(table == normal)[0] - 1] == normal - least
    assert positive[np.isfinite(positive)].max() == greatest == table[code]
    assert np.isinf(table).sum() == infinities
    assert (np.diff(table[: code + 1]) > 0).all()


@pytest.mark.parametrize("name", FLOAT8)
def test_float8_signs_and_nans(name):
    table = values(name)
    assert np.signbit(table[128:]).all()
    assert not np.signbit(table[:128]).any()
    if name.endswith("uz"):
        assert np.flatnonzero(np.isnan(table)).tolist() == [0x80]
    else:
        assert table[0x80] == 0
        assert np.isnan(table[[0x7F, 0xFF]]).all()
    numbers = ~np.isnan(table[1:128]) & ~np.isnan(table[129:])
    assert (table[1:128][numbers] == -table[129:][numbers]).all()


def test_float4():
    positive = [0, 0.5, 1, 1.5, 2, 3, 4, 6]
    assert values("float4_e2m1fn")[:16].tolist() == positive + [-value for value in positive]
    assert np.signbit(values("float4_e2m1fn")[8:]).all()


@pytest.mark.parametrize("extension", [0x00, 0xF0])
def test_small_integers_ignore_the_bits_above_them(extension):
    nibbles = np.arange(16, dtype="u1") | np.uint8(extension)
    assert values("int4", nibbles).tolist() == [*range(8), *range(-8, 0)]
    assert values("uint4", nibbles).tolist() == list(range(16))
    assert values("int2", nibbles).tolist() == [0, 1, -2, -1] * 4
    assert values("uint2", nibbles).tolist() == [0, 1, 2, 3] * 4


@pytest.mark.parametrize("name", TABLES)
def test_every_value_is_written_as_the_code_it_was_read_from(name):
    size = 256 if name in FLOAT8 else 16 if name.endswith(("4", "fn")) else 4
    assert codes(name, values(name))[:size].tolist() == list(range(size))
    again = values(name, codes(name, values(name)))
    assert again.tobytes() == values(name).tobytes()


def test_bfloat16_is_the_upper_half_of_a_float32():
    every = np.arange(65536, dtype="<u2")
    table = values("bfloat16", every)
    assert table.view("<u4").tolist() == [code << 16 for code in range(65536)]
    assert codes("bfloat16", table).tolist() == every.tolist()
    assert table[0x3F80] == 1
    assert table[0xFF80] == -np.inf


@pytest.mark.parametrize("name", [name for name in FLOAT8 if name.endswith("uz")])
def test_a_type_with_one_nan_takes_any(name):
    assert codes(name, np.array([np.nan, -np.nan, 1], "float32"))[:2].tolist() == [0x80, 0x80]


@pytest.mark.parametrize(("name", "last"), [("bfloat16", 0x3F80), ("int4", 7)])
def test_big_rows(name, last):
    code_type = "<u2" if name == "bfloat16" else "u1"
    row = np.zeros(3 * narrow_types._PART + 1, code_type)
    row[-1] = row[narrow_types._PART] = last
    array = values(name, row)
    assert np.flatnonzero(array).tolist() == [narrow_types._PART, len(row) - 1]
    assert codes(name, array).tobytes() == row.tobytes()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("bfloat16", 1 + 2**-8),
        ("bfloat16", 1 + 2**-23),
        ("float8_e5m2", 1.1),
        ("float8_e4m3fn", 449),
        ("float8_e4m3fn", np.inf),
        ("float8_e4m3fnuz", -0.0),
        ("float8_e5m2fnuz", np.inf),
        ("float4_e2m1fn", 7),
        ("float4_e2m1fn", np.nan),
    ],
)
def test_nothing_is_rounded(name, value):
    sentence = f"^{np.float32(value)!s} is not a value of {name}; round"
    with pytest.raises(TensorError, match=sentence):
        codes(name, np.array([[1, value]], "float32"))


@pytest.mark.parametrize(
    ("name", "value"),
    [("int4", 8), ("int4", -9), ("int2", 2), ("int2", -3), ("uint4", 16), ("uint2", 4)],
)
def test_integers_stay_in_their_range(name, value):
    with pytest.raises(TensorError, match=rf"^{value} is not a value of {name}"):
        codes(name, np.array([0, value], "uint8" if name[0] == "u" else "int8"))
