"""Where the bytes of one tensor differ between two checkpoints, without holding either whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pbtool.checkpoint.crc32c import crc32c

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pbtool.checkpoint.model import Checkpoint


class Window(NamedTuple):
    """Bytes of a tensor that differ, of which the first is number ``start``."""

    start: int
    old: bytes
    new: bytes


def unlike_windows(a: Checkpoint, b: Checkpoint, name: str, size: int) -> Iterator[Window] | None:
    """The windows of ``size`` bytes in which a tensor's elements differ; both are read once.

    None where one side does not have them one behind the other, or the two are not as long.
    Raises FileError, at the latest behind the last window, where one of the two is damaged.
    """
    old, new = a.windows(name, size), b.windows(name, size)
    if old is None or new is None or a.entries[name].size != b.entries[name].size:
        return None
    return _unlike(a, b, name, zip(old, new, strict=True), size)


def _unlike(
    a: Checkpoint, b: Checkpoint, name: str, pairs: Iterator[tuple[bytes, bytes]], size: int
) -> Iterator[Window]:
    old_checksum = new_checksum = 0
    for number, (old, new) in enumerate(pairs):
        # What is the same on both sides, and behind the same, has the same checksum.
        same = old == new and old_checksum == new_checksum
        old_checksum = crc32c(old, old_checksum)
        new_checksum = old_checksum if same else crc32c(new, new_checksum)
        if old != new:
            yield Window(number * size, old, new)
    a.verify(name, old_checksum)
    b.verify(name, new_checksum)
