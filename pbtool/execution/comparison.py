"""How far two arrays are from each other."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np


class Difference(NamedTuple):
    """The largest differences between two arrays of one shape and type.

    ``max_rel`` is relative to the second array's value, ``max_ulp`` counts the floats in between;
    both are None for what is not a number, where ``max_abs`` counts elements that differ. NaN
    equals NaN. ``beyond`` counts the elements whose difference is not tolerated. ``problem`` says
    why there is nothing to compare, or is "".
    """

    max_abs: float
    max_rel: float | None
    max_ulp: int | None
    elements: int
    problem: str = ""
    beyond: int = 0

    @property
    def is_equal(self) -> bool:
        """Whether there is no difference at all."""
        return not self.problem and self.max_abs == 0

    @property
    def is_tolerated(self) -> bool:
        """Whether every element is within either limit that ``compare`` was given."""
        return not (self.problem or self.beyond)


def compare(
    one: np.ndarray[Any, Any],
    two: np.ndarray[Any, Any],
    *,
    absolute: float = 0,
    relative: float = 0,
) -> Difference:
    """The difference between two arrays.

    Of an element, a difference within either limit is tolerated: the absolute one, or the one
    relative to the second array's value. What is not a number differs or does not.
    """
    if one.dtype != two.dtype or one.shape != two.shape:
        problem = f"{one.dtype}{list(one.shape)} and {two.dtype}{list(two.shape)}"
        return Difference(float("inf"), None, None, one.size, problem)
    if one.dtype.kind not in "fciu":
        count = int(np.count_nonzero(one != two))
        return Difference(float(count), None, None, one.size, beyond=count)
    if one.size == 0:
        return Difference(0.0, 0.0, 0, 0)
    ulp = _ulps(one, two) if one.dtype.kind == "f" else None
    wide = np.complex128 if one.dtype.kind == "c" else np.float64
    with np.errstate(all="ignore"):
        if one.dtype.kind in "iu":
            gaps = _integer_gaps(one, two)
        else:
            gaps = np.abs(one.astype(wide) - two.astype(wide))
        same = (one == two) | ((one != one) & (two != two))  # NaN is not itself
        gaps = np.where(same, 0, np.where(np.isnan(gaps), np.inf, gaps))
        ratios = np.where(same, 0, gaps / np.abs(two.astype(wide)))
        ratios = np.where(np.isnan(ratios), np.inf, ratios)
    beyond = int(np.count_nonzero((gaps > absolute) & (ratios > relative)))
    return Difference(float(gaps.max()), float(ratios.max()), ulp, one.size, beyond=beyond)


def worst(differences: Iterable[Difference]) -> Difference:
    """The largest of each kind of difference, of several comparisons of one tensor."""
    every = list(differences)
    rels = [each.max_rel for each in every if each.max_rel is not None]
    ulps = [each.max_ulp for each in every if each.max_ulp is not None]
    return Difference(
        max(each.max_abs for each in every),
        max(rels, default=None),
        max(ulps, default=None),
        every[0].elements,
        next((each.problem for each in every if each.problem), ""),
        sum(each.beyond for each in every),
    )


def _integer_gaps(one: np.ndarray[Any, Any], two: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """How far integers are apart; as floats, big ones that differ would be the same number."""
    larger, smaller = np.maximum(one, two), np.minimum(one, two)
    gaps: np.ndarray[Any, Any] = larger.astype(np.uint64) - smaller.astype(np.uint64)
    return gaps.astype(np.float64)


def _ulps(one: np.ndarray[Any, Any], two: np.ndarray[Any, Any]) -> int:
    """The most floats that lie between two elements."""
    finite = np.isfinite(one) & np.isfinite(two)
    if not finite.any():
        return 0
    gaps = [_ordinal(one[finite]), _ordinal(two[finite])]
    return int(np.abs(gaps[0] - gaps[1]).max())


def _ordinal(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Floats as numbers that count them, both zeros as 0."""
    bits = array.dtype.itemsize * 8
    raw = (
        np.ascontiguousarray(array)
        .view(f"i{array.dtype.itemsize}")
        .astype(object if bits == 64 else "i8")
    )
    return np.where(raw < 0, -(raw + (1 << (bits - 1))), raw)
