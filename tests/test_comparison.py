from __future__ import annotations

import numpy as np
import pytest

from pbtool.execution.comparison import compare, worst


def floats(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


def test_equal() -> None:
    for array in (floats(1, np.nan, -np.inf), np.array([b"a"], object), np.arange(3), floats()):
        assert compare(array, array.copy()).is_equal
    assert compare(floats(0.0), floats(-0.0)) == (0.0, 0.0, 0, 1, "", 0)


def test_differences_of_floats() -> None:
    next_one = np.nextafter(np.float32(1), np.float32(2))
    found = compare(floats(1, next_one), floats(1, 1))
    assert found.max_ulp == 1
    assert found.max_abs == pytest.approx(1.19e-7, rel=0.01)
    assert found.max_rel == found.max_abs
    assert compare(floats(1e-45), floats(-1e-45)).max_ulp == 2  # across zero
    assert compare(floats(4), floats(2)).max_rel == 1
    assert compare(floats(np.nan), floats(1)).max_abs == np.inf
    assert compare(floats(np.inf), floats(-np.inf)).max_abs == np.inf
    assert compare(np.array([1.0]), np.array([2.0])).max_ulp == 1 << 52


def test_other_types() -> None:
    assert compare(np.array([1, 5]), np.array([2, 3])).max_abs == 2
    assert compare(np.array([200], np.uint8), np.array([100], np.uint8)).max_abs == 100
    assert compare(np.array([True, False]), np.array([True, True]))[:3] == (1, None, None)
    assert compare(np.array([b"a", b"b"], object), np.array([b"b", b"a"], object)).max_abs == 2
    assert compare(np.array([1j]), np.array([1 + 0j])).max_abs == pytest.approx(2**0.5)


def test_integers_that_are_one_float() -> None:
    for one, two in ((1 << 60, (1 << 60) + 1), (-(1 << 63), 1 - (1 << 63))):
        assert compare(np.array([one]), np.array([two])).max_abs == 1
    limits = np.array([-(1 << 63)]), np.array([(1 << 63) - 1])
    assert compare(*limits).max_abs == 2.0**64
    assert (
        compare(np.array([(1 << 64) - 1], np.uint64), np.array([0], np.uint64)).max_abs == 2.0**64
    )
    assert compare(np.array([-128], np.int8), np.array([127], np.int8)).max_abs == 255


def test_what_cannot_be_compared() -> None:
    found = compare(floats(1), floats(1, 2))
    assert found.problem == "float32[1] and float32[2]"
    assert not found.is_equal
    assert not found.is_tolerated
    assert not compare(floats(1), floats(1, 2), absolute=1e9, relative=1e9).is_tolerated
    assert compare(floats(1), np.array([1])).problem == "float32[1] and int64[1]"


def test_tolerance_is_either_limit() -> None:
    def tolerated(absolute: float, relative: float) -> bool:
        found = compare(floats(1.1, 0), floats(1, 0), absolute=absolute, relative=relative)
        return found.is_tolerated

    assert tolerated(0.11, 0)
    assert tolerated(0, 0.11)
    assert not tolerated(0.09, 0.09)
    assert compare(floats(1), floats(1)).is_tolerated
    assert not compare(floats(np.nan), floats(1), absolute=1e9, relative=1e9).is_tolerated
    words = np.array([b"a"], object), np.array([b"b"], object)
    assert not compare(*words, absolute=1e9).is_tolerated


def test_each_element_has_a_limit_of_its_own() -> None:
    small_and_big = floats(1e-9, 1000), floats(2e-9, 1000.001)
    found = compare(*small_and_big, absolute=1e-6, relative=1e-5)
    assert found.is_tolerated
    assert not found.is_equal
    assert not compare(*small_and_big, absolute=1e-6).is_tolerated
    assert compare(*small_and_big, relative=1e-5).beyond == 1


def test_the_worst_of_several() -> None:
    found = worst([compare(floats(1), floats(2)), compare(floats(100), floats(101))])
    assert (found.max_abs, found.max_rel) == (1.0, 0.5)
    assert worst([compare(floats(1), floats(1)), compare(floats(1), np.array([1]))]).problem
