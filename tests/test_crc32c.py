"""The checksum against its definition, by every way that it is computed."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pbtool.checkpoint import crc32c as module
from pbtool.checkpoint.crc32c import crc32c, mask
from tests.checkpoint_writer import crc32c as by_definition

TOP = module._POWERS[0]
ONES = 0xFFFFFFFF


@pytest.mark.parametrize(
    ("data", "expected"),
    [  # RFC 3720, B.4, but for the first two
        (b"", 0),
        (b"123456789", 0xE3069283),
        (bytes(32), 0x8A9136AA),
        (b"\xff" * 32, 0x62A8AB43),
        (bytes(range(32)), 0x46DD794E),
        (bytes(range(31, -1, -1)), 0x113FDB5C),
    ],
)
def test_known_values(data, expected):
    assert crc32c(data) == expected


def noise(size):
    """Bytes without a pattern that the polynomial could meet."""
    state, result = 1, bytearray()
    for _ in range(size):
        state = state * 6364136223846793005 + 1442695040888963407 & (1 << 64) - 1
        result.append(state >> 56)
    return bytes(result)


EDGES = sorted(
    edge + step
    for edge in (TOP // 8, TOP // 4, TOP // 2, TOP, 2 * TOP)  # where a fold begins, or doubles
    for step in (-1, 0, 1, 2)
)


@pytest.mark.parametrize("size", [*range(9), *EDGES, 40_000])
def test_every_way_to_shorten_keeps_the_remainder(size):
    data = noise(size)
    expected = by_definition(data)
    assert crc32c(data) == expected
    assert crc32c(memoryview(data)) == expected
    if size >= 4:
        for fold in (module._fold_integer, module._fold_array):
            assert module._divide(fold(data, ONES), 0) ^ ONES == expected


@pytest.mark.parametrize("extra", [-1, 0, 1, TOP, TOP + 1])
def test_arrays_are_folded_over_their_chunks(extra):
    data = noise(1000) * 1000
    data = data[: 2 * module._CHUNK + extra]
    short = module._fold_array(data, ONES)
    assert len(short) <= TOP
    by_integer = module._fold_integer(data, ONES)
    assert module._divide(short, 0) == module._divide(by_integer, 0)


@pytest.mark.parametrize(("size", "folds"), [(TOP, 0), (3 * TOP, 1)])
def test_numpy_is_used_where_it_is_there_already(monkeypatch, size, folds):
    assert count_array_folds(monkeypatch, size) == folds


@pytest.mark.parametrize(("size", "folds"), [(3 * TOP, 0), (5 * TOP, 1)])
def test_numpy_is_used_for_what_is_very_long(monkeypatch, size, folds):
    monkeypatch.setattr(module, "_SHORT", 1 << 40)
    monkeypatch.setattr(module, "_LONG", 4 * TOP)
    assert count_array_folds(monkeypatch, size) == folds


def count_array_folds(monkeypatch, size):
    folded = []
    fold = module._fold_array
    monkeypatch.setattr(module, "_fold_array", lambda *call: folded.append(1) or fold(*call))
    assert crc32c(noise(size)) == by_definition(noise(size))
    return len(folded)


@given(st.binary(max_size=3000), st.binary(max_size=3000))
def test_parts_add_up(before, after):
    assert crc32c(after, crc32c(before)) == crc32c(before + after)


def test_the_sparse_multiple_is_one():
    polynomial, value = 0x11EDC6F41, 1
    for power in module._POWERS:
        value ^= 1 << power
    while (excess := value.bit_length() - polynomial.bit_length()) >= 0:
        value ^= polynomial << excess
    assert value == 0


@given(st.integers(0, ONES))
def test_a_mask_is_a_rotation_and_a_sum(crc):
    rotated = (mask(crc) - 0xA282EAD8) & ONES
    assert (rotated << 15 | rotated >> 17) & ONES == crc


def test_short_inputs_do_not_import_numpy():
    code = """if True:
        import sys
        from pbtool.checkpoint.crc32c import crc32c
        crc32c(bytes(300_000))
        sys.exit("numpy" in sys.modules)
    """
    subprocess.run([sys.executable, "-c", code], check=True)
