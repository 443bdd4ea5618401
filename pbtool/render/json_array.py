"""One JSON document of many objects, written while they come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def array(objects: Iterable[str]) -> Iterator[str]:
    """The pieces of an array with an object a line; the objects are JSON, without line ends."""
    separator = "[\n"
    for text in objects:
        yield separator + text
        separator = ",\n"
    yield "[]\n" if separator == "[\n" else "\n]\n"
