"""How a StridedSlice is written down: which entry of its vectors speaks of which axis.

``x[1:3, ..., None, 2]`` has four entries; bits of five masks tell what is not written as numbers.
"""

from __future__ import annotations

from collections.abc import Iterator

from pbtool.errors import ShapeError


def has(mask: int, entry: int) -> bool:
    """Whether the mask's bit for this entry is set."""
    return bool(mask >> entry & 1)


def axes(
    rank: int, count: int, ellipsis_mask: int, new_axis_mask: int
) -> Iterator[tuple[int | None, int | None]]:
    """For each dimension of the result its axis in the input and the entry that speaks of it.

    There is no axis for a new dimension, and no entry for an axis that is taken whole. Dimensions
    that are dropped later are included. Raises ShapeError when there are more entries than axes.
    """
    if ellipsis_mask & (ellipsis_mask - 1):
        raise ShapeError("there is more than one ellipsis")
    ellipsis = next((entry for entry in range(count) if has(ellipsis_mask, entry)), count)
    behind = sum(not has(new_axis_mask, entry) for entry in range(ellipsis + 1, count))
    axis = 0
    for entry in range(count + 1):
        if entry == ellipsis:
            for whole in range(axis, rank - behind):
                yield whole, None
            axis = max(axis, rank - behind)
        elif entry < count and has(new_axis_mask, entry):
            yield None, None
        elif entry < count:
            if axis >= rank:
                raise ShapeError(f"there are more than {rank} axes in the slice")
            yield axis, entry
            axis += 1
