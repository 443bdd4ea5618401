"""Long lists, of which the first items are shown and the others counted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def first(items: Sequence[T], most: int) -> Sequence[T]:
    """The items that are shown: ``most``, or one more, for hiding a single one saves nothing."""
    return items if len(items) <= most + 1 else items[:most]


def more(left: int, noun: str = "") -> str:
    """What stands for so many items that are not shown: ``… 120 more lines``."""
    return f"… {left:,} more {noun}".rstrip()
