"""Scopes that were renamed as a whole: one change instead of one for each node in them."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING

from pbtool.differences.changes import Removed, Renamed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pbtool.body import Body
    from pbtool.differences.changes import Change


_MOST_BESIDE = 3  # one for so many nodes of a renamed scope may have got another name by itself


def moves(name: str, new_name: str) -> Iterator[tuple[str, str]]:
    """The pairs of scopes that a renamed node may have moved between, the outermost first.

    ``""`` is the outermost scope of all.
    """
    scope, new_scope = name, new_name
    found = []
    while scope and new_scope:
        (rest, _, last), (new_rest, _, new_last) = scope.rpartition("/"), new_scope.rpartition("/")
        if last != new_last:
            break
        scope, new_scope = rest, new_rest
        found.append((f"{scope}/" if scope else "", f"{new_scope}/" if new_scope else ""))
    yield from reversed(found)


def renames(
    names: Mapping[str, str], kept_of_a: Iterable[str], kept_of_b: Iterable[str]
) -> Iterator[Renamed]:
    """Renamed scopes, and renamed nodes beside them, for the new names of nodes by the old ones.

    ``kept_of_a`` and ``kept_of_b`` are the nodes that were not removed and not added: a scope was
    renamed only if all of those have other names now, and most of them by that.
    """
    votes: Counter[tuple[str, str]] = Counter()
    for name, new_name in names.items():
        votes.update(moves(name, new_name))
    kept = sorted(kept_of_a), sorted(kept_of_b)
    moved = sorted(names), sorted(names.values())

    @cache
    def is_whole(*scopes: str) -> bool:
        counts = [_below(scope, side) for scope, side in zip(scopes, kept, strict=True)]
        if counts != [_below(scope, side) for scope, side in zip(scopes, moved, strict=True)]:
            return False
        by_that = votes[scopes[0], scopes[1]]
        return by_that > 1 and (max(counts) - by_that) * _MOST_BESIDE <= by_that

    found = {}
    for name, new_name in names.items():
        scopes = next((pair for pair in moves(name, new_name) if is_whole(*pair)), None)
        if scopes is not None:
            found[scopes[0]] = scopes[1]
    new_scopes = dict.fromkeys(found.values(), "")
    nodes: Counter[str] = Counter()
    single = []
    for name, new_name in names.items():
        scope = _scope_of(name, found)
        if (
            scope is not None
            and found[scope] + name[len(scope) :] == new_name
            and _scope_of(new_name, new_scopes) == found[scope]
        ):
            nodes[scope] += 1
        else:
            single.append(Renamed("node", name, new_name))
    yield from (Renamed("scope", scope, found[scope], count) for scope, count in nodes.items())
    yield from single


def node_names(body: Body, changes: Iterable[Change]) -> dict[str, str]:
    """The new names of nodes, by their old ones, where a body's changes rename any."""
    renamed = [each for each in changes if isinstance(each, Renamed)]
    removed = {each.name for each in changes if isinstance(each, Removed) and each.kind == "node"}
    names = {each.name: each.new_name for each in renamed if each.kind == "node"}
    scopes = {each.name: each.new_name for each in renamed if each.kind == "scope"}
    if not scopes:
        return names
    found = {}
    for node in body.nodes:
        if node.name in names:
            found[node.name] = names[node.name]
        elif node.name not in removed and (scope := _scope_of(node.name, scopes)) is not None:
            found[node.name] = scopes[scope] + node.name[len(scope) :]
    return found


def _scope_of(name: str, scopes: Mapping[str, str]) -> str | None:
    """The outermost of the scopes that a node lies in."""
    if "" in scopes:
        return ""
    at = name.find("/")
    while at >= 0:
        if name[: at + 1] in scopes:
            return name[: at + 1]
        at = name.find("/", at + 1)
    return None


def _below(scope: str, names: list[str]) -> int:
    """How many of the sorted names lie in a scope."""
    return bisect_left(names, scope + "\U0010ffff") - bisect_left(names, scope)
