"""Which nodes of two bodies are partners: by name, by what they are, or by both.

Names come first, but some are numbers that count: where one layer more comes in before others,
``dense_2`` is called ``dense_3`` from there on, and ``dense_2`` is the new one. So where nodes that
only differ in such numbers were added or removed, while others of their kind seem to have changed
in themselves, they can be taken apart and paired by what they are. Which of the two pairings is
better, the changes that are left tell.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from pbtool.differences.changes import Added, Edited, Removed, Renamed
from pbtool.differences.matching import match_nodes
from pbtool.errors import FileError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence, Set

    from pbtool.body import Body
    from pbtool.differences.changes import Change
    from pbtool.schema import NodeDef

_NUMBERS = re.compile(r"(?:_\d+)+(?=/|$)")
MOST = 10_000  # nodes that are taken apart: to pair as many again takes a second or two
_AROUND = frozenset({"input", "control input"})  # kinds of change that say nothing of a node itself


class Pairing(NamedTuple):
    """The nodes of both sides, those of A alone, and those of B alone.

    ``names`` are the new names of nodes of A, by their old ones, where these differ.
    """

    pairs: list[tuple[NodeDef, NodeDef]]
    removed: list[NodeDef]
    added: list[NodeDef]
    names: Mapping[str, str]


def pair_nodes(
    a: Body,
    b: Body,
    functions: Mapping[str, str],
    *,
    renames: bool,
    apart: Set[str] = frozenset(),
) -> Pairing:
    """Pair by name and then by what nodes are; those called ``apart`` the other way round.

    Raises FileError for a body with two nodes of one name.
    """
    a_names, b_names = nodes_by_name(a), nodes_by_name(b)
    both = {name for name in a_names if name in b_names and name not in apart}
    pairs = [(a_names[name], b_names[name]) for name in a_names if name in both]
    removed = [node for name, node in a_names.items() if name not in both]
    added = [node for name, node in b_names.items() if name not in both]
    found = match_nodes(a, b, removed, added, functions) if renames else {}
    # To follow a rename to "^x", an input would become a control input.
    found = {old: new for old, new in found.items() if "^" not in (old[:1], new[:1])}
    partners = set(found.values())
    found |= {name: name for name in apart if name not in found and name not in partners}
    if found:
        partners = set(found.values())
        pairs += [(node, b_names[found[node.name]]) for node in removed if node.name in found]
        removed = [node for node in removed if node.name not in found]
        added = [node for node in added if node.name not in partners]
    names = {name: partner for name, partner in found.items() if name != partner}
    return Pairing(pairs, removed, added, names)


def renumbered(pairing: Pairing, changes: Iterable[Change]) -> frozenset[str]:
    """The nodes with partners of their own names that may be those of other numbers."""
    left: set[str] = set()
    edited: set[str] = set()
    for change in changes:
        if isinstance(change, Added | Removed) and change.kind == "node":
            left.add(_without_numbers(change.name))
        elif isinstance(change, Edited) and any(
            each.kind not in _AROUND for each in change.changes
        ):
            edited.add(_without_numbers(change.name))
    if left.isdisjoint(edited):
        return frozenset()
    found = frozenset(
        old.name
        for old, new in pairing.pairs
        if old.name == new.name and _without_numbers(old.name) in left
    )
    return found if len(found) <= MOST else frozenset()


def size(changes: Sequence[Change]) -> tuple[int, int]:
    """How much changes: what was added, removed, or changed inside a node; and then the names."""
    renamed = sum(isinstance(each, Renamed) for each in changes)
    inside = sum(len(each.changes) - 1 for each in changes if isinstance(each, Edited))
    return len(changes) - renamed + inside, renamed


def _without_numbers(name: str) -> str:
    """``a/dense_2_1/MatMul`` as ``a/dense/MatMul``."""
    return _NUMBERS.sub("", name)


def nodes_by_name(body: Body) -> dict[str, NodeDef]:
    """The nodes of a body by their names. Raises FileError where two have the same."""
    found = {node.name: node for node in body.nodes}
    if len(found) < len(body.nodes):
        counts = Counter(node.name for node in body.nodes)
        twice = next(name for name, count in counts.items() if count > 1)
        where = f"function {body.name!r}" if body.name else "the graph"
        raise FileError(
            f"{where} has two nodes named {twice!r}, so it cannot be said what changed in which"
        )
    return found
