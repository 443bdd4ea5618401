"""How much changed between two models: in a line, scope by scope as git's --stat, or as names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING

from pbtool.differences import Added, Change, Changed, Edited, Removed, Renamed
from pbtool.graph import FUNCTION_SEPARATOR
from pbtool.quantity import counted
from pbtool.render import change as changes
from pbtool.render.escape import printable
from pbtool.render.scopes import Group, cut

if TYPE_CHECKING:
    from pbtool.differences import Diff
    from pbtool.render.layout import Style

WIDTH = 80  # columns, where there is no terminal that tells

_SCOPES = 20  # rows of a stat that is not full
_LEAST_BAR = 10  # columns

_WORDS: dict[type[Change], str] = {
    Added: "added",
    Removed: "removed",
    Renamed: "renamed",
    Edited: "changed",
    Changed: "changed",
}
_HOLDERS = ("graph", "function", "meta graph")  # what was edited only because something inside was


def flat(
    found: Iterable[Change], prefix: str = "", *, functions: bool = False
) -> Iterator[tuple[str, Change]]:
    """All changes of nodes and of what is beside them, each with the function it is in in front.

    The function is written ``function::``, as in names of its nodes. With ``functions``, those that
    were edited come themselves, too.
    """
    for change in found:
        if not (isinstance(change, Edited) and change.kind in _HOLDERS):
            yield prefix, change
            continue
        inside = prefix
        if change.kind == "function":
            inside = f"{change.new_name}{FUNCTION_SEPARATOR}"
            if functions:
                yield prefix, change
        yield from flat(change.changes, inside, functions=functions)


def totals(diff: Diff) -> list[str]:
    """How many of what changed in which way, each kind a text; of nodes also what of them."""
    counts: dict[str, Counter[str]] = {"node": Counter()}
    details: Counter[str] = Counter()
    fields = set()
    for prefix, change in flat(diff.changes, functions=True):
        if prefix and change.kind != "node":  # a part of a function, which counts already
            continue
        number = change.nodes if isinstance(change, Renamed) else 1
        kind = "node" if change.kind == "scope" else change.kind
        if kind in changes.UNIQUE:
            kind = change.name
            fields.add(kind)
        counts.setdefault(kind, Counter())[_WORDS[type(change)]] += number
        if change.kind == "node" and isinstance(change, Edited):
            details.update(map(_detail, change.changes))
    found = [_total(kind, by_word, fields) for kind, by_word in counts.items() if by_word]
    if details:
        of_nodes = ", ".join(counted(count, detail) for detail, count in details.most_common())
        found[0] += f" ({of_nodes})"
    return found


def _total(kind: str, by_word: Counter[str], fields: Collection[str]) -> str:
    """``3 nodes added, 1 changed``; ``versions changed``."""
    if kind in fields:
        return f"{printable(kind)} {', '.join(by_word)}"
    (word, count), *others = by_word.items()
    first = f"{counted(count, kind)} {word}"
    return ", ".join([first, *(f"{count:,} {word}" for word, count in others)])


def _detail(change: Change) -> str:
    """What of a node changed, in a word."""
    if change.kind == "attr" and isinstance(change, Changed) and change.comparison is not None:
        return "constant"
    return change.kind


def stat(
    diff: Diff, style: Style, width: int | None = None, *, full: bool = False
) -> Iterator[str]:
    """Scopes with their changes counted and drawn: + added, - removed, ~ renamed or changed."""
    found = list(flat(diff.changes))
    if not found:
        return
    names = [_place(prefix, change) for prefix, change in found]
    if full or len(names) <= _SCOPES:
        groups = [Group(name, (at,)) for at, name in enumerate(names)]
    else:  # what is smaller than an average row needs no row of its own
        groups = cut(names, _SCOPES, len(names) // _SCOPES)
        if len(groups) == 1:
            groups = cut(names, _SCOPES)
    rows = []
    for group in groups:
        marks: Counter[str] = Counter()
        for at in group.members:
            change = found[at][1]
            marks[changes.mark(change)] += change.nodes if isinstance(change, Renamed) else 1
        rows.append((printable(group.label), marks))
    yield from _bars(rows, style, width or WIDTH)
    yield f" {'; '.join(totals(diff))}"


def _place(prefix: str, change: Change) -> str:
    if change.kind in ("node", "scope", *changes.UNIQUE):
        return f"{prefix}{changes.name(change)}"
    return f"{change.kind} {changes.name(change)}"


def _bars(rows: list[tuple[str, Counter[str]]], style: Style, width: int) -> Iterator[str]:
    names = max(len(name) for name, _ in rows)
    most = max(marks.total() for _, marks in rows)
    digits = len(f"{most:,}")
    room = max(width - names - digits - 5, _LEAST_BAR)
    scale = min(1.0, room / most)
    for name, marks in rows:
        bar = "".join(
            style(mark * max(round(marks[mark] * scale), 1), changes.STYLES[mark])
            for mark in (changes.NEW, changes.OLD, changes.EDITED)
            if marks[mark]
        )
        yield f" {name:<{names}} | {marks.total():>{digits},} {bar}"


def names_only(diff: Diff) -> Iterator[str]:
    """What changed, a name a line, as it is called in B, or in A if it is gone."""
    names = (_place(prefix, change) for prefix, change in flat(diff.changes))
    yield from map(printable, dict.fromkeys(names))  # what was renamed and edited, once
