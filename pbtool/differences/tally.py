"""The changes of two graphs sorted by what they are, for those who look for what happened."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pbtool.differences.changes import Added, Change, Edited, Removed, Renamed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pbtool.graph import Graph


_HOLDERS = ("meta graph", "graph")  # kinds of what holds the changes of graphs


class Tally(NamedTuple):
    """The changes of two graphs, sorted by what they are; ``leaves`` are those inside nodes.

    ``several`` says that the models have other meta graphs, which the changes may be of, and
    ``in_functions`` that some are of nodes in functions.
    """

    a: Graph
    b: Graph
    removed: dict[str, Removed]
    added: dict[str, Added]
    edited: dict[str, Edited]
    renamed: int
    leaves: list[Change]
    others: list[Change]
    several: bool
    in_functions: bool

    @property
    def is_of_graphs(self) -> bool:
        """Whether all nodes that changed are the two graphs' own."""
        return not (self.several or self.in_functions)

    @property
    def has_nodes(self) -> bool:
        """Whether any node was removed, added or edited."""
        return bool(self.removed or self.added or self.edited)


def of_graph(changes: Iterable[Change], tags: str) -> list[Change]:
    """The changes of a graph: those inside the meta graph with these tags, or all."""
    found = list(changes)
    for kind, name in (("meta graph", tags), ("graph", "graph")):
        if any(each.kind == kind for each in found):
            found = [
                inside
                for each in found
                if each.kind == kind and isinstance(each, Edited) and each.name == name
                for inside in each.changes
            ]
    return found


def flat(changes: Iterable[Change]) -> Iterator[Change]:
    """The changes, those inside graphs and functions on a level with the others."""
    for change in changes:
        if isinstance(change, Edited) and change.kind in (*_HOLDERS, "function"):
            yield from flat(change.changes)
        else:
            yield change


def _in_functions(changes: Iterable[Change]) -> bool:
    """Whether any change is of a node in a function."""
    return any(
        any(inside.kind == "node" for inside in each.changes)
        if each.kind == "function"
        else each.kind in _HOLDERS and _in_functions(each.changes)
        for each in changes
        if isinstance(each, Edited)
    )


def tally_of(a: Graph, b: Graph, changes: Iterable[Change], *, several: bool = False) -> Tally:
    """The tally of a diff of two graphs."""
    found = list(changes)
    tally = Tally(a, b, {}, {}, {}, 0, [], [], several, _in_functions(found))
    renamed = 0
    for change in flat(found):
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
