"""The changes of two graphs sorted by what they are, for those who look for what happened."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pbtool.differences.changes import Added, Change, Edited, Removed, Renamed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pbtool.graph import Graph


class Tally(NamedTuple):
    """The changes of two graphs, sorted by what they are; ``leaves`` are those inside nodes."""

    a: Graph
    b: Graph
    removed: dict[str, Removed]
    added: dict[str, Added]
    edited: dict[str, Edited]
    renamed: int
    leaves: list[Change]
    others: list[Change]

    @property
    def has_nodes(self) -> bool:
        """Whether any node was removed, added or edited."""
        return bool(self.removed or self.added or self.edited)


def of_graph(changes: Iterable[Change]) -> list[Change]:
    """The changes of a graph: those inside the only meta graph of a SavedModel, or all."""
    found = list(changes)
    for kind in ("meta graph", "graph"):
        inside = [each for each in found if each.kind == kind and isinstance(each, Edited)]
        if inside:
            found = list(inside[0].changes)
    return found


def flat(changes: Iterable[Change]) -> Iterator[Change]:
    """The changes, those inside graphs and functions on a level with the others."""
    for change in changes:
        if isinstance(change, Edited) and change.kind in ("meta graph", "graph", "function"):
            yield from flat(change.changes)
        else:
            yield change


def tally_of(a: Graph, b: Graph, changes: Iterable[Change]) -> Tally:
    """The tally of a diff of two graphs."""
    tally = Tally(a, b, {}, {}, {}, 0, [], [])
    renamed = 0
    for change in flat(changes):
        if isinstance(change, Renamed):
            renamed += change.nodes if change.kind != "function" else 0
            if change.kind == "function":
                tally.others.append(change)
        elif change.kind != "node":
            tally.others.append(change)
        elif isinstance(change, Removed):
            tally.removed[change.name] = change
        elif isinstance(change, Added):
            tally.added[change.name] = change
        elif isinstance(change, Edited):
            tally.edited[change.name] = change
            tally.leaves.extend(change.changes)
    return tally._replace(renamed=renamed)
