"""Which nodes of a graph depend on which, along data edges, for many nodes at once.

Sets of nodes are bit masks: one walk over the edges follows all of them together.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from functools import cached_property
from typing import TYPE_CHECKING

from pbtool import topology
from pbtool.body import CONTROL

if TYPE_CHECKING:
    from pbtool.body import Body

_SWEEPS = 4  # walks over a graph with loops: masks settle sooner, but in contrived nests


class Dataflow:
    """The data edges of a graph; a node is its position in the file.

    ``names`` and ``ops`` are those of the nodes; ``sources`` lists for each those that it takes
    tensors from; ``awaited`` are the nodes that a control edge leaves from. Inputs that name no
    node do not count.
    """

    def __init__(self, body: Body) -> None:
        # Each look into a message costs more than one into a list, and there are many.
        self.names = [node.name for node in body]
        self.ops = [node.op for node in body]
        self.positions: dict[str, int] = {}
        for position, name in enumerate(self.names):
            self.positions.setdefault(name, position)
        self.sources: list[list[int]] = []
        self.awaited: set[int] = set()
        find = self.positions.get
        for node in body:
            sources = []
            for text in node.input:
                source = find(text)  # most edges are from a first output, named in short
                if source is None:
                    name, output = body.resolve(text)
                    source = find(name)
                    if output == CONTROL and source is not None:
                        self.awaited.add(source)
                        continue
                if source is not None:
                    sources.append(source)
            self.sources.append(sources)

    @cached_property
    def users(self) -> list[list[int]]:
        """For each node, those that take tensors from it."""
        users: list[list[int]] = [[] for _ in self.sources]
        for position, sources in enumerate(self.sources):
            for source in sources:
                users[source].append(position)
        return users

    def downstream(self, seeds: Iterable[int], stops: Collection[int] = ()) -> list[int]:
        """For each node, which of the seeds it depends on: bit ``i`` stands for the i-th seed.

        No dependence goes through the nodes in ``stops``.
        """
        masks = self._masks(seeds)

        def pull(position: int) -> bool:
            if position in stops:
                return False
            mask = masks[position]
            for source in self.sources[position]:
                mask |= masks[source]
            changed = mask != masks[position]
            masks[position] = mask
            return changed

        self._sweep(self._order, pull)
        return masks

    def upstream(self, seeds: Iterable[int], stops: Collection[int] = ()) -> list[int]:
        """For each node, which of the seeds depend on it: bit ``i`` stands for the i-th seed."""
        masks = self._masks(seeds)

        def push(position: int) -> bool:
            mask = masks[position]
            changed = False
            if mask and position not in stops:
                for source in self.sources[position]:
                    if mask & ~masks[source]:
                        masks[source] |= mask
                        changed = True
            return changed

        self._sweep(self._order[::-1], push)
        return masks

    def _masks(self, seeds: Iterable[int]) -> list[int]:
        masks = [0] * len(self.sources)
        for bit, position in enumerate(seeds):
            masks[position] |= 1 << bit
        return masks

    def _sweep(self, order: list[int], step: Callable[[int], bool]) -> None:
        """Take the step for all nodes in order; again, as loops may lead back, until it settles."""
        for _ in range(1 if self._is_sorted else _SWEEPS):
            changed = [step(position) for position in order]
            if not any(changed):
                return

    @cached_property
    def _is_sorted(self) -> bool:
        """Whether each node stands behind its sources already, as in most files."""
        return all(max(each, default=-1) < position for position, each in enumerate(self.sources))

    @cached_property
    def _order(self) -> list[int]:
        """The nodes, each after its sources; those on cycles last, in file order."""
        if self._is_sorted:
            return list(range(len(self.sources)))
        order, stuck = topology.sort(self.sources)
        return order + stuck
