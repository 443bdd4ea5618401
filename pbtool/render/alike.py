"""Changes of nodes that are alike, so that what many of them have in common is told once."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import NamedTuple, TypeVar

from pbtool.differences import Change, Changed, Comparison, Edited, sides
from pbtool.render import change as changes
from pbtool.render.change import SAME, Line

T = TypeVar("T")

MANY = 5  # nodes that are worth a line of their own together
_SHARE = 5  # of like changes, those that make up a fifth are told apart


class Alike(NamedTuple):
    """Changes of nodes that share ``lines``."""

    members: Sequence[Change]
    lines: Sequence[Line]


def compared(change: Change) -> Comparison | None:
    """How the elements differ, where that is all that changed: of a constant, or of a variable."""
    if isinstance(change, Edited) and change.kind == "node" and len(change.changes) == 1:
        (change,) = change.changes
    return change.comparison if isinstance(change, Changed) else None


def by_size(found: Iterable[Change]) -> list[tuple[Change, Comparison]]:
    """Those of which only elements differ, the one with the largest difference first."""
    pairs = [(each, comparison) for each in found if (comparison := compared(each)) is not None]
    return sorted(pairs, key=lambda pair: -(pair[1].max_abs or 0))


def gather(found: Iterable[Change]) -> tuple[list[Alike], list[Change]]:
    """Groups of changes that have something in common, and the changes that are in none.

    Nodes belong together when the same of them changed and something became the same. What became
    something else in each is only counted.
    """
    groups: list[Alike] = []
    others: list[Change] = []
    for members in _buckets(found, way):
        edited = [each for each in members if isinstance(each, Edited)]
        if len(members) < MANY or not edited:
            others += members
            continue
        parts = [[tuple(changes.part_lines(part)) for part in each.changes] for each in edited]
        columns = [set(column) for column in zip(*parts, strict=True)]
        only_forms = all(part.kind in changes.FORMS for part in edited[0].changes)
        if only_forms or any(len(column) == 1 for column in columns):
            lines = (
                [*column.pop()] if len(column) == 1 else [_counted(part, len(column))]
                for part, column in zip(edited[0].changes, columns, strict=True)
            )
            groups.append(Alike(edited, [line for each in lines for line in each]))
            continue
        for same in _buckets(list(zip(edited, parts, strict=True)), lambda pair: str(pair[1])):
            if len(same) >= max(MANY, len(edited) // _SHARE):
                lines_of_one = [line for part in same[0][1] for line in part]
                groups.append(Alike([each for each, _ in same], lines_of_one))
            else:
                others += [each for each, _ in same]
    return groups, others


def way(change: Change) -> Hashable:
    """What two changes have in common that are alike: what changed, but not from what to what."""
    if not isinstance(change, Edited):
        return (type(change),)
    return tuple(
        (type(each), each.kind, _detail(each), sides(each) if each.kind == "op" else None)
        for each in change.changes
    )


def _detail(change: Change) -> str:
    return change.name if change.kind in ("attr", *changes.UNIQUE) else ""


def what(change: Change) -> str:
    """What happened to a node, in a few words that say so of several: ``with another strides``."""
    if not isinstance(change, Edited):
        return "renamed"
    parts = dict.fromkeys(_detail(each) or each.kind for each in change.changes)
    return f"with another {', '.join(parts)}"


def _counted(part: Change, count: int) -> Line:
    """What stands for a part that changed to something else in each node."""
    compared = isinstance(part, Changed) and part.comparison is not None
    name = part.name if part.kind in ("attr", *changes.FORMS) else f"{part.kind} {part.name}"
    return Line(SAME, f"{name}: {count:,} different {'constants' if compared else 'changes'}")


def _buckets(found: Iterable[T], key: Callable[[T], Hashable]) -> Iterable[list[T]]:
    by_key: dict[Hashable, list[T]] = {}
    for each in found:
        by_key.setdefault(key(each), []).append(each)
    return by_key.values()


def by_way(found: Iterable[Change]) -> Iterable[list[Change]]:
    """The changes with those together that are alike."""
    return _buckets(found, way)
