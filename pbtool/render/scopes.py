"""Names grouped by scope: few groups for many names, each with the scope that its names share."""

from __future__ import annotations

from collections.abc import Sequence
from os.path import commonprefix
from typing import NamedTuple


class Group(NamedTuple):
    """Names that begin with ``scope``, as places in the list that was cut.

    ``scope`` ends in a slash, or is "" for what shares none; of a single name it is the name.
    """

    scope: str
    members: tuple[int, ...]


def cut(names: Sequence[str], most: int, few: int = 1) -> list[Group]:
    """The names in at most ``most`` groups, in the order of the first name of each.

    Of what can be parted by the next component of its names, the group with the most names is,
    until all have ``few`` or there would be too many groups.

    >>> [group.scope for group in cut(["a/b/x", "a/b/y", "a/c"], 2)]
    ['a/b/', 'a/c']
    """
    waiting = [_group(names, tuple(range(len(names))))] if names else []
    done: list[Group] = []
    while waiting:
        biggest = max(waiting, key=lambda group: len(group.members))
        waiting.remove(biggest)
        parts = _parts(biggest, names) if len(biggest.members) > few else []
        if 1 < len(parts) <= most - len(waiting) - len(done):
            waiting += parts
        else:
            done.append(biggest)
    return sorted(done, key=lambda group: group.members[0])


def _parts(group: Group, names: Sequence[str]) -> list[Group]:
    start = len(group.scope)
    parts: dict[str, list[int]] = {}
    for member in group.members:
        name = names[member]
        slash = name.find("/", start)
        # What lies directly in the scope has no scope of its own below it.
        parts.setdefault(name[: slash + 1] if slash >= 0 else "", []).append(member)
    direct = parts.pop("", [])
    if not parts:  # a scope without scopes: only names are left
        return [group]
    found = [_group(names, tuple(members)) for members in parts.values()]
    if direct:
        found.append(_named(names, tuple(direct), group.scope))
    return found


def _group(names: Sequence[str], members: tuple[int, ...]) -> Group:
    """The group of these names, with the longest scope that they share."""
    shared = commonprefix([names[member] for member in members])
    return _named(names, members, shared[: shared.rfind("/") + 1])


def _named(names: Sequence[str], members: tuple[int, ...], scope: str) -> Group:
    return Group(names[members[0]] if len(members) == 1 else scope, members)
