"""Where two files hold the same bytes, found out in one pass over both.

Two files that are big are mostly the same where they are compared at all. They are read side by
side in windows, once; afterwards nobody needs to read again what is known to be the same. Bytes
that moved are found where they moved together: what is equal counted from the end.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from typing import TYPE_CHECKING

from pbtool.source import WINDOW

if TYPE_CHECKING:
    from pbtool.body import Region
    from pbtool.graph import Graph
    from pbtool.source import Source

PATIENCE = 1 << 10  # windows in a row that differ before the two are taken to be out of step


class SharedBytes:
    """What two sources have in common.

    Runs of equal bytes are kept by how far B's offset is from A's, each with its start and end in
    A.
    """

    def __init__(self, a: Source, b: Source) -> None:
        self.a = a
        self.b = b
        shift = b.size - a.size
        self._runs: dict[int, list[tuple[int, int]]] = {0: list(self._from_start())}
        if shift:
            self._runs[shift] = [(self._from_end(shift), a.size)]

    def uncovered(self, start: int, end: int, shift: int) -> Iterator[tuple[int, int]]:
        """The parts of A's bytes that are not known to be B's, ``shift`` bytes further on."""
        runs = self._runs.get(shift, [])
        at = max(0, bisect_right(runs, (start, self.a.size)) - 1)
        for run_start, run_end in runs[at:]:
            if run_start >= end:
                break
            if run_end > start:
                if run_start > start:
                    yield start, run_start
                start = max(start, run_end)
        if start < end:
            yield start, end

    def same(self, a: Region, b: Region) -> bool:
        """Whether two stretches are the same; of each, only what is not known is read."""
        shift = b.start - a.start
        if a.end - a.start != b.end - b.start:
            return False
        return all(
            self._equal(window, min(window + WINDOW, end), shift)
            for start, end in self.uncovered(a.start, a.end, shift)
            for window in range(start, end, WINDOW)
        )

    def _equal(self, start: int, end: int, shift: int) -> bool:
        return self.a.read(start, end) == self.b.read(start + shift, end + shift)

    def _from_start(self) -> Iterator[tuple[int, int]]:
        """The runs at the same offset in both, as far as the two are in step."""
        size = min(self.a.size, self.b.size)
        begin, misses = 0, 0
        for start in range(0, size, WINDOW):
            if self._equal(start, min(start + WINDOW, size), 0):
                misses = 0
                continue
            if start > begin:
                yield begin, start
            begin = start + WINDOW
            misses += 1
            if misses == PATIENCE:
                return
        if begin < size:
            yield begin, size

    def _from_end(self, shift: int) -> int:
        """Where the last run starts, of files whose ends are ``shift`` bytes apart."""
        stop = max(0, -shift)
        for end in range(self.a.size, stop, -WINDOW):
            if not self._equal(max(stop, end - WINDOW), end, shift):
                return end
        return stop


def shared_bytes(a: Graph, b: Graph) -> SharedBytes | None:
    """What the files of two graphs share, if both left tensors there."""
    if a.region is None or b.region is None or a.region.whole or b.region.whole:
        return None
    return SharedBytes(a.region.source, b.region.source)


def same_graph(a: Graph, b: Graph, shared: SharedBytes | None) -> bool:
    """Whether two graphs are known to be the same to the byte, before their nodes are compared."""
    if a.proto is b.proto:
        return True
    if a.region is None or b.region is None:
        return False
    same = shared.same(a.region, b.region) if shared else a.region.same(b.region)
    return same and a.proto == b.proto  # unless someone changed the messages since
