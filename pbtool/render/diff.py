"""What changed between two models, as a page for people: what happened, how much, and where.

Changes of nodes are grouped by scope. Where many changed, groups are folded: what was added or
removed as a whole scope is one line, and of nodes that changed in the same way a few are shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from pbtool.differences import Added, Change, Edited, Removed, Renamed
from pbtool.graph import FUNCTION_SEPARATOR
from pbtool.render import change as changes
from pbtool.render.diff_stat import totals
from pbtool.render.escape import printable
from pbtool.render.facts import NOT_KNOWN
from pbtool.render.layout import Layout
from pbtool.render.quantity import counted
from pbtool.render.scopes import cut

if TYPE_CHECKING:
    from pbtool.differences import Diff, Side
    from pbtool.render.layout import Style
    from pbtool.schema import NodeDef

# The op of a node of B, by its name with that of its function.
OpOf = Callable[[str], str]

_ALL = 12  # changed nodes that are all shown
_GROUPS = 10  # that they are grouped in, where there are more
_SAME = 3  # nodes shown of those that changed in the same way
_ADDED = 4  # nodes and scopes shown of those that were added or removed
_OTHERS = 8  # functions and others that are shown
_LINES = 12  # of one change

_NODES = ("node", "scope")


def page(
    diff: Diff,
    style: Style,
    width: int | None = None,
    *,
    full: bool = False,
    op_of: OpOf = lambda _: "",
) -> Iterator[str]:
    """The page, as lines without line ends; with ``full`` nothing is folded.

    A diff without changes has only what explains it, perhaps nothing at all.
    """
    layout = Layout(style, width, full=full)
    for explanation in diff.explanations:
        yield style(printable(explanation.sentence), "heading")
    if not diff.changes:
        return
    for text in totals(diff):
        yield text
    yield ""
    yield from _Page(layout, op_of).body(diff.changes, "")
    yield from _outputs(diff.outputs, layout)
    if layout.folded:
        yield style("--full shows what … stands for", "dim")


def heading(diff: Diff, style: Style) -> Iterator[str]:
    """Which two files are compared."""
    for mark, side in ((changes.OLD, diff.a), (changes.NEW, diff.b)):
        text = f"{mark * 3} {printable(side.path)}  {_about(side)}"
        yield style(text, changes.STYLES[mark])


def _about(side: Side) -> str:
    counts = {"node": side.nodes, "function": side.functions, "variable": side.variables}
    parts = [counted(count, noun) for noun, count in counts.items() if count]
    return ", ".join([f"{side.kind}", *parts])


class _Page:
    """Draws changes; a name is shown with the name of the function that it is in."""

    def __init__(self, layout: Layout, op_of: OpOf) -> None:
        self.layout = layout
        self.op_of = op_of

    def body(self, found: Sequence[Change], prefix: str) -> Iterator[str]:
        """The changes of a graph, function or model."""
        nodes = [each for each in found if each.kind in _NODES]
        others = [each for each in found if each.kind not in _NODES]
        yield from self.nodes(nodes, prefix)
        for kind in dict.fromkeys(each.kind for each in others):
            alike = [each for each in others if each.kind == kind]
            for each in self.layout.first(alike, _OTHERS):
                yield from self.other(each, prefix)
            if more := self.layout.more(alike, _OTHERS, f"{kind}s"):
                yield more

    def other(self, change: Change, prefix: str) -> Iterator[str]:
        """A change of anything but a node."""
        if change.kind == "graph" and isinstance(change, Edited):
            yield from self.body(change.changes, prefix)
        elif isinstance(change, Edited) and change.kind in ("function", "meta graph"):
            is_function = change.kind == "function"
            yield self.title(change, "")
            inside = f"{change.new_name}{FUNCTION_SEPARATOR}" if is_function else prefix
            yield from self.body(change.changes, inside)
        else:
            yield from self.single(change, "")

    # --- nodes ---

    def nodes(self, found: Sequence[Change], prefix: str) -> Iterator[str]:
        """Changes of nodes, grouped by scope if they are many."""
        if self.layout.full or len(found) <= _ALL:
            for each in found:
                yield from self.single(each, prefix)
            return
        names = [changes.name(each) for each in found]
        groups = cut(names, _GROUPS, _ALL)
        for group in groups:
            members = [found[at] for at in group.members]
            if len(groups) > 1 and len(members) > 1:
                scope = f"{prefix}{group.scope}" or "(no scope)"
                heading = self.layout.style(printable(scope), "heading")
                yield f"{heading}  {self.layout.style(counted(len(members), 'change'), 'dim')}"
            yield from self.alike(members, prefix)

    def alike(self, found: Sequence[Change], prefix: str) -> Iterator[str]:
        """Changes of nodes in one scope: what is alike stands together, and is folded."""
        by_way: dict[object, list[Change]] = {}
        for each in found:
            by_way.setdefault(_way(each), []).append(each)
        for alike in by_way.values():
            if isinstance(alike[0], Added | Removed):
                yield from self.scopes(alike, prefix)
                continue
            for each in self.layout.first(alike, _SAME):
                yield from self.single(each, prefix)
            if more := self.layout.more(alike, _SAME, f"nodes {_what(alike[0])}"):
                yield f"  {more}"

    def scopes(self, found: Sequence[Change], prefix: str) -> Iterator[str]:
        """Nodes that were added, or removed: of scopes only how many nodes of which ops."""
        names = [changes.name(each) for each in found]
        groups = cut(names, _ADDED)
        if len(found) <= _ADDED + 1:
            groups = cut(names, len(found))
        for group in groups:
            members = [found[at] for at in group.members]
            if len(members) == 1:
                yield from self.single(members[0], prefix)
                continue
            ops = _frequent(members)
            self.layout.folded = True
            cells = [(printable(f"{prefix}{group.scope}"), "name"), (f"{ops}", "dim")]
            yield self.line(changes.mark(members[0]), cells)

    # --- lines ---

    def single(self, change: Change, prefix: str) -> Iterator[str]:
        """One change: its title, and below it what differs."""
        yield self.title(change, prefix)
        lines = list(changes.lines(change))
        for each in self.layout.first(lines, _LINES):
            text = f"{each.mark}     {each.text}".rstrip()
            style = changes.STYLES[each.mark]
            yield self.layout.style(text, style) if style else text
        if more := self.layout.more(lines, _LINES, "lines"):
            yield f"      {more}"

    def title(self, change: Change, prefix: str) -> str:
        is_edited = change.kind == "node" and isinstance(change, Edited | Renamed)
        op = self.op_of(f"{prefix}{changes.name(change)}") if is_edited else ""
        return self.line(changes.mark(change), changes.title(change, prefix, op))

    def line(self, mark: str, cells: Iterable[tuple[str, str]]) -> str:
        """A mark, and texts in their styles."""
        style = self.layout.style
        texts = (style(text, name) if name else text for text, name in cells)
        return f"{style(mark, changes.STYLES[mark])} {'  '.join(texts)}"


def _way(change: Change) -> object:
    """What two changes have in common that are alike."""
    if isinstance(change, Edited):
        return Edited, tuple((type(each), each.kind, _detail(each)) for each in change.changes)
    return type(change)


def _detail(change: Change) -> str:
    return change.name if change.kind in ("attr", "field") else ""


def _what(change: Change) -> str:
    """What happened to nodes like this one, in a few words."""
    if isinstance(change, Edited):
        parts = dict.fromkeys(_detail(each) or each.kind for each in change.changes)
        return f"with another {printable(', '.join(parts))}"
    return "renamed"


def _frequent(found: Sequence[Change]) -> str:
    """How many nodes these are, and of which ops most."""
    from collections import Counter

    ops: Counter[str] = Counter()
    for each in found:
        ops[changes.op(each) or NOT_KNOWN] += 1
    shown = [f"{printable(op)} {count:,}" for op, count in ops.most_common(_SAME)]
    if len(ops) > len(shown):
        shown.append("…")
    return f"{counted(len(found), 'node')}: {', '.join(shown)}"


def _outputs(outputs: Sequence[Change], layout: Layout) -> Iterator[str]:
    """Types and shapes that changed downstream."""
    if not outputs:
        return
    yield ""
    yield layout.style("types and shapes downstream", "heading")
    rows = [
        [(each.name, "name"), (str(old), "removed"), ("->", ""), (str(new), "added")]
        for each in layout.first(outputs, _ALL)
        for old, new in [changes.sides(each)]
    ]
    yield from (f"  {line}" for line in layout.rows(rows))
    if more := layout.more(outputs, _ALL):
        yield f"  {more}"
