"""Names grouped by scope: few groups for many names, each with the scope that its names share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import takewhile
from typing import NamedTuple


class Group(NamedTuple):
    """Names that begin with ``scope``, as places in the list that was cut.

    ``scope`` ends in a slash, or is "" for what shares none; of a single name it is the name. Where
    a group ``is_rest``, other groups have names of that scope, too.
    """

    scope: str
    members: tuple[int, ...]
    is_rest: bool = False

    @property
    def label(self) -> str:
        """What to call the group."""
        if self.is_rest and self.scope:
            return f"{self.scope}…"
        return self.scope or "others"


def cut(
    names: Sequence[str],
    most: int,
    few: int = 0,
    is_done: Callable[[Group], bool] = lambda _: False,
) -> list[Group]:
    """The names in at most ``most`` groups, in the order of the first name of each.

    The biggest group is parted by the next component of its names, again and again, but not one
    that ``is_done``. Parts of no more than ``few`` names stay together, and so do the smallest when
    there would be too many groups.

    >>> [group.label for group in cut(["a/b/x", "a/b/y", "a/c", "d/e"], 3)]
    ['a/b/', 'a/c', 'd/e']
    >>> [group.label for group in cut(["a/x", "a/y", "a/z", "b/x", "b/y", "c", "d"], 3)]
    ['a/', 'b/', 'others']
    """
    waiting = [_group(names, tuple(range(len(names))))] if names else []
    done: list[Group] = []
    while waiting:
        biggest = max(waiting, key=lambda group: len(group.members))
        waiting.remove(biggest)
        parts = [] if is_done(biggest) else _parts(biggest, names)
        room = most - len(waiting) - len(done)
        kept = sum(len(part.members) > few for part in parts)
        if min(kept, room) < len(parts):
            kept = min(kept, room - 1)
            rest = sorted(member for part in parts[kept:] for member in part.members)
            parts = [*parts[:kept], _named(names, tuple(rest), biggest.scope, is_rest=True)]
        if len(parts) > 1:
            waiting += parts
        else:
            done.append(biggest)
    return sorted(done, key=lambda group: group.members[0])


def _parts(group: Group, names: Sequence[str]) -> list[Group]:
    """The scopes directly below the group's, the biggest first, and what lies in none of them."""
    start = len(group.scope)
    parts: dict[str, list[int]] = {}
    for member in group.members:
        slash = names[member].find("/", start)
        scope = names[member][: slash + 1] if slash >= 0 else ""
        parts.setdefault(scope, []).append(member)
    direct = parts.pop("", [])
    if not parts:
        return [group]
    found = [_group(names, tuple(members)) for members in parts.values()]
    if direct:
        found.append(_named(names, tuple(direct), group.scope, is_rest=True))
    return sorted(found, key=lambda part: (part.is_rest, -len(part.members)))


def _group(names: Sequence[str], members: tuple[int, ...]) -> Group:
    """The group of these names, with the longest scope that they share."""
    first, last = (extreme(names[member] for member in members) for extreme in (min, max))
    same = takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False))
    return _named(names, members, first[: first.rfind("/", 0, len(list(same))) + 1])


def _named(
    names: Sequence[str], members: tuple[int, ...], scope: str, *, is_rest: bool = False
) -> Group:
    single = len(members) == 1
    return Group(names[members[0]] if single else scope, members, is_rest and not single)
