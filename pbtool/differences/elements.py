"""How the elements of two tensors of one dtype and shape differ."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from pbtool.differences.changes import Comparison, Example
from pbtool.differences.options import EXACT, Tolerance

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    Array = NDArray[Any]

EXAMPLES = 3  # of the elements that differ, how many of the first are kept
CHUNK = 1 << 18  # elements looked at in one go


class Part(NamedTuple):
    """A row of elements of two tensors, of which the first is number ``start``."""

    start: int
    old: Array
    new: Array


def compare(old: Array, new: Array, tolerance: Tolerance = EXACT) -> Comparison:
    """What differs between two tensors of one dtype and shape."""
    if old.size and _is_one_value(old) and _is_one_value(new):
        # Values that are seen everywhere are never spread out: a small file may claim terabytes.
        found = compare_parts([Part(0, old.flat[:1], new.flat[:1])], (1,), tolerance)
        first = tuple(each._replace(at=(0,) * old.ndim) for each in found.examples)
        return found._replace(
            elements=old.size, different=old.size * found.different, examples=first
        )
    parts = (
        Part(start, old.flat[start : start + CHUNK], new.flat[start : start + CHUNK])
        for start in range(0, old.size, CHUNK)
    )
    return compare_parts(parts, old.shape, tolerance)


def _is_one_value(array: Array) -> bool:
    sizes = zip(array.shape, array.strides, strict=True)
    return all(size < 2 or not stride for size, stride in sizes)


def compare_parts(
    parts: Iterable[Part], shape: Sequence[int], tolerance: Tolerance = EXACT
) -> Comparison:
    """What differs in parts of two tensors of this shape, of which all else is the same.

    Elements are the same when they are to the bit, or within ``tolerance``.
    """
    different = 0
    max_abs: float | None = None
    max_rel: float | None = None
    first: list[Example] = []
    most: list[Example] = []
    for part in parts:
        at = np.flatnonzero(_differs(part.old, part.new))
        old, new = part.old[at], part.new[at]
        if at.size and old.dtype != object:
            distance, larger = _distances(old, new)
            kept = ~_within(old, new, distance, larger, tolerance)
            at, old, new, distance, larger = (
                each[kept] for each in (at, old, new, distance, larger)
            )
            finite = np.flatnonzero(np.isfinite(distance))
            if finite.size:
                farthest = finite[np.argmax(distance[finite])]
                if max_abs is None or distance[farthest] > max_abs:
                    most = [_example(part.start + at[farthest], old, new, farthest, shape)]
                    max_abs = float(distance[farthest])
                with np.errstate(all="ignore"):
                    share = np.nan_to_num(distance[finite] / larger[finite]).max()
                max_rel = max(float(share), max_rel or 0.0)
        different += at.size
        first += [
            _example(part.start + at[number], old, new, number, shape)
            for number in range(min(at.size, EXAMPLES - len(first)))
        ]
    examples = first + [each for each in most if each.at not in {known.at for known in first}]
    return Comparison(math.prod(shape), int(different), max_abs, max_rel, tuple(examples))


def _example(at: int, old: Array, new: Array, number: int, shape: Sequence[int]) -> Example:
    place = np.unravel_index(int(at), tuple(shape)) if shape else ()
    return Example(tuple(map(int, place)), *(_plain(each[number]) for each in (old, new)))


def _plain(value: Any) -> object:
    return value.item() if isinstance(value, np.generic) else value


def _differs(old: Array, new: Array) -> NDArray[np.bool_]:
    """Where elements differ to the bit."""
    if old.dtype == object:
        return np.asarray(old != new, bool)
    width = f"u{min(8, old.itemsize)}"
    rows = (np.ascontiguousarray(each).view(width).reshape(each.size, -1) for each in (old, new))
    differs: NDArray[np.bool_] = np.not_equal(*rows).any(axis=1)
    return differs


def _distances(old: Array, new: Array) -> tuple[Array, Array]:
    """How far apart numbers are, and the larger of their magnitudes."""
    with np.errstate(all="ignore"):
        if old.dtype.kind in "iub":
            # The difference of unsigned numbers is exact where that of signed ones overflows.
            high, low = np.maximum(old, new), np.minimum(old, new)
            distance = (high.astype("u8") - low.astype("u8")).astype("f8")
            old, new = old.astype("f8"), new.astype("f8")
        else:
            wide = "c16" if old.dtype.kind == "c" else "f8"
            old, new = old.astype(wide), new.astype(wide)
            distance = np.abs(old - new)
        return distance, np.maximum(np.abs(old), np.abs(new))


def _within(
    old: Array, new: Array, distance: Array, larger: Array, tolerance: Tolerance
) -> NDArray[np.bool_]:
    if tolerance == EXACT:
        return np.zeros(len(old), bool)
    both_nan = (old != old) & (new != new)
    # An infinite element is within no distance of anything but itself.
    near = np.isfinite(larger) & (distance <= tolerance.atol + tolerance.rtol * larger)
    within: NDArray[np.bool_] = near | both_nan
    return within
