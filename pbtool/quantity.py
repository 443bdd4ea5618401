"""Numbers for people: sizes in bytes, and counts with their nouns."""

from __future__ import annotations

_UNITS = ("kB", "MB", "GB", "TB", "PB", "EB")


def size(count: int) -> str:
    """A number of bytes: ``999 bytes``, ``12.3 MB`` (a MB is a million bytes)."""
    if count < 1000:
        return counted(count, "byte")
    value, unit = count / 1000, 0
    while value >= 999.95 and unit + 1 < len(_UNITS):
        value, unit = value / 1000, unit + 1
    return f"{value:,.1f} {_UNITS[unit]}"


def counted(count: int, noun: str) -> str:
    """A count with its noun, in the plural unless it is one: ``1 node``, ``1,053 nodes``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
