"""What changed between two models, as a page for people: what happened, how much, and where.

Changes of nodes are grouped by scope. Where many changed, groups are folded: what was added or
removed as a whole scope is one line, and of nodes that changed in the same way a few are shown.
"""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from pbtool.differences import Added, Change, Edited, Removed, Renamed, sides
from pbtool.graph import FUNCTION_SEPARATOR
from pbtool.quantity import counted
from pbtool.render import alike
from pbtool.render import change as changes
from pbtool.render.diff_scopes import body_of, frequent, places, scopes_beside
from pbtool.render.diff_stat import totals
from pbtool.render.escape import printable
from pbtool.render.layout import Layout
from pbtool.render.scopes import Group, cut

if TYPE_CHECKING:
    from pbtool.differences import Diff, Side
    from pbtool.graph import Graph
    from pbtool.render.layout import Style

Graphs = tuple["Graph | None", "Graph | None"]

_ALL = 12  # changed nodes that are all shown
_GROUPS = 10  # that they are grouped in, where there are more
_SAME = 3  # nodes shown of those that changed in the same way
_ADDED = 4  # nodes and scopes shown of those that were added or removed
_OTHERS = 8  # functions and others that are shown
_LINES = 12  # of one node
_LINES_OF_OTHERS = 5  # of something else that changed

_NODES = ("node", "scope")


def page(
    diff: Diff,
    style: Style,
    width: int | None = None,
    *,
    full: bool = False,
    graphs: Graphs = (None, None),
    names: tuple[str, str] = ("", ""),
) -> Iterator[str]:
    """The page, as lines without line ends; with ``full`` nothing is folded.

    A diff without changes has only what explains it, perhaps nothing at all. ``graphs`` are A's and
    B's, where they are at hand: they tell the ops of nodes, and whether a scope is all gone.
    ``names`` are what to call the two files, where that is not their paths.
    """
    if not diff.changes:
        yield from _explained(diff, style)
        return
    layout = Layout(style, width, full=full)
    for mark, name, side in zip((changes.OLD, changes.NEW), names, (diff.a, diff.b), strict=True):
        text = f"{mark * 3} {printable(name or side.path)}  {_about(side)}"
        yield style(text, changes.STYLES[mark])
    yield ""
    yield from _explained(diff, style)
    yield from totals(diff)
    yield ""
    yield from _Page(layout, graphs).body(diff.changes, "")
    yield from _outputs(diff.outputs, layout)
    if layout.folded:
        yield style("--full shows what … stands for", "dim")


def _explained(diff: Diff, style: Style) -> Iterator[str]:
    for explanation in diff.explanations:
        sentence = style(printable(explanation.sentence), "heading")
        proof = ", ".join(f"{what}: {count:,}" for what, count in explanation.counts if count)
        has_proof = any(map(str.isdecimal, explanation.sentence))
        yield sentence if has_proof or not proof else f"{sentence} {style(f'({proof})', 'dim')}"


def _about(side: Side) -> str:
    counts = {"node": side.nodes, "function": side.functions, "variable": side.variables}
    parts = [counted(count, noun) for noun, count in counts.items() if count]
    return ", ".join([f"{side.kind}", *parts])


class _Page:
    """Draws changes; a name is shown with the name of the function that it is in."""

    def __init__(self, layout: Layout, graphs: Graphs) -> None:
        self.layout = layout
        self.graphs = graphs
        self.moves: list[tuple[str, str]] = []  # that were renamed, in the body being drawn

    def body(self, found: Sequence[Change], prefix: str) -> Iterator[str]:
        """The changes of a graph, function or model."""
        edited = {each[:3] for each in found if isinstance(each, Edited)}
        # What was renamed and edited, too, has both names where it is edited.
        found = [each for each in found if not (isinstance(each, Renamed) and each[:3] in edited)]
        nodes = [each for each in found if each.kind in _NODES]
        others = [each for each in found if each.kind not in _NODES]
        self.moves = [
            (each.name, each.new_name)
            for each in nodes
            if isinstance(each, Renamed) and each.kind == "scope"
        ]
        yield from self.nodes(nodes, prefix)
        for kind in dict.fromkeys(each.kind for each in others):
            members = [each for each in others if each.kind == kind]
            if len(members) > _OTHERS:
                members = yield from self.constants(members, "")
            few = len(members) <= _SAME
            for each in self.layout.first(members, _OTHERS):
                yield from self.other(each, prefix, examples=few)
            if more := self.layout.more(members, _OTHERS, f"{kind}s"):
                yield more

    def other(self, change: Change, prefix: str, *, examples: bool) -> Iterator[str]:
        """A change of anything but a node."""
        if not isinstance(change, Edited):
            yield from self.single(change, "", examples=examples)
        elif change.kind == "function":
            yield self.title(change, "")
            yield from self.body(change.changes, f"{change.new_name}{FUNCTION_SEPARATOR}")
        else:  # a meta graph, or the graph in it
            # Of several meta graphs, no graph is at hand: which one it is has to be said.
            is_one_of_several = change.kind == "meta graph" and self.graphs == (None, None)
            if change.name != change.new_name or is_one_of_several:
                yield self.title(change, "")
            yield from self.body(change.changes, prefix)

    # --- nodes ---

    def nodes(self, found: Sequence[Change], prefix: str) -> Iterator[str]:
        """Changes of nodes; of many, those that are the same as one, the others by scope."""
        if self.layout.full or len(found) <= _ALL:
            for each in found:
                yield from self.single(each, prefix)
            return
        scopes = [each for each in found if each.kind == "scope"]
        for each in self.layout.first(scopes, _OTHERS):
            yield from self.single(each, prefix)
        if more := self.layout.more(scopes, _OTHERS, "scopes renamed"):
            yield f"  {more}"
        others = [each for each in found if each.kind == "node"]
        others = yield from self.constants(others, prefix)
        edited = yield from self.same(others, prefix)
        for kind, graph in zip((Removed, Added), self.graphs, strict=True):
            members = [each for each in found if isinstance(each, kind)]
            yield from self.scopes(members, prefix, scopes_beside(graph, prefix, members))
        edited = [each for each in edited if isinstance(each, Edited | Renamed)]
        names = [changes.name(each) for each in edited]
        groups = cut(names, _GROUPS, is_done=lambda group: len(group.members) <= _ALL)
        for group in groups:
            members = [edited[at] for at in group.members]
            if len(groups) > 1 and len(members) > 1:
                scope = self.layout.style(printable(f"{prefix}{group.label}"), "heading")
                yield f"{scope}  {self.layout.style(counted(len(members), 'change'), 'dim')}"
            yield from self.like(members, prefix, _SAME if len(groups) <= _SAME else 1)

    def constants(self, found: Sequence[Change], prefix: str) -> Generator[str, None, list[Change]]:
        """Show the largest changes of constants or variables, if many have only other values.

        Returns all other changes.
        """
        pairs = [] if self.layout.full else alike.by_size(found)
        if len(pairs) <= _OTHERS:
            return list(found)
        what = "variables" if pairs[0][0].kind == "variable" else "constants"
        cells = [(f"{len(pairs):,} {what} with other values, those that differ most:", "")]
        yield self.line(changes.EDITED, cells)
        rows = [
            [
                *((text, "") for text in (*changes.compared_text(comparison), "")[:2]),
                (f"{prefix}{changes.name(each)}", "name"),
            ]
            for each, comparison in self.layout.first(pairs, _OTHERS)
        ]
        yield from (f"      {line}" for line in self.layout.rows(rows))
        yield f"      {self.layout.more(pairs, _OTHERS)}"
        shown = {id(each) for each, _ in pairs}
        return [each for each in found if id(each) not in shown]

    def same(self, found: Sequence[Change], prefix: str) -> Generator[str, None, Sequence[Change]]:
        """Show what many nodes have in common; return the changes that have nothing."""
        groups, others = alike.gather(found)
        for group in groups:
            self.layout.folded = True
            yield self.line(changes.EDITED, [(places(group.members, prefix), "name")])
            yield from self.lines(group.lines)
        return others

    def like(self, found: Sequence[Change], prefix: str, most: int) -> Iterator[str]:
        """Changes of nodes in one scope: of those that are alike, at most so many are shown."""
        for members in alike.by_way(found):
            for each in self.layout.first(members, most):
                yield from self.single(each, prefix, examples=False)
            what = f"nodes {printable(alike.what(members[0]))}"
            if more := self.layout.more(members, most, what):
                yield f"  {more}"

    def scopes(
        self, found: Sequence[Change], prefix: str, beside: Collection[str]
    ) -> Iterator[str]:
        """Nodes that were added, or removed: of scopes only how many nodes of which ops.

        ``beside`` are the scopes that have other nodes as well.
        """
        most, few = (
            (_ADDED, len(found) // (2 * _ADDED)) if len(found) > _ADDED + 1 else (len(found), 0)
        )

        def is_whole(group: Group) -> bool:
            return bool(beside) and group.scope not in beside and not group.is_rest

        for group in cut([changes.name(each) for each in found], most, few, is_whole):
            members = [found[at] for at in group.members]
            if len(members) == 1:
                yield from self.single(members[0], prefix)
                continue
            self.layout.folded = True
            count = f"{'all ' if is_whole(group) else ''}{frequent(members)}"
            cells = [(printable(f"{prefix}{group.label}"), "name"), (count, "dim")]
            yield self.line(changes.mark(members[0]), cells)

    # --- lines ---

    def single(self, change: Change, prefix: str, *, examples: bool = True) -> Iterator[str]:
        """One change: its title, and below it what differs."""
        yield self.title(change, prefix)
        most = _LINES if change.kind == "node" else _LINES_OF_OTHERS
        yield from self.lines(list(changes.lines(change, examples=examples)), most)

    def lines(self, lines: Sequence[changes.Line], most: int = _LINES) -> Iterator[str]:
        """What differs."""
        for each in self.layout.first(lines, most):
            text = f"{each.mark}     {each.text}".rstrip()
            style = changes.STYLES[each.mark]
            yield self.layout.style(text, style) if style else text
        if more := self.layout.more(lines, most, "lines"):
            yield f"      {more}"

    def title(self, change: Change, prefix: str) -> str:
        is_edited = change.kind == "node" and isinstance(change, Edited | Renamed)
        body = body_of(self.graphs[1], prefix) if is_edited else None
        name = changes.name(change)
        op = "" if body is None or name not in body else body[name].op
        follows = any(
            change.name.startswith(old) and f"{new}{change.name[len(old) :]}" == name
            for old, new in self.moves
        )
        shown = change._replace(name=name) if follows and isinstance(change, Edited) else change
        return self.line(changes.mark(change), changes.title(shown, prefix, op))

    def line(self, mark: str, cells: Iterable[tuple[str, str]]) -> str:
        """A mark, and texts in their styles."""
        style = self.layout.style
        texts = (style(text, name) if name else text for text, name in cells)
        return f"{style(mark, changes.STYLES[mark])} {'  '.join(texts)}"


def _outputs(outputs: Sequence[Change], layout: Layout) -> Iterator[str]:
    """Types and shapes that changed downstream."""
    if not outputs:
        return
    yield ""
    yield layout.style("types and shapes downstream", "heading")
    rows = [
        [(each.name, "name"), (str(old), "removed"), ("->", ""), (str(new), "added")]
        for each in layout.first(outputs, _ALL)
        for old, new in [sides(each)]
    ]
    yield from (f"  {line}" for line in layout.rows(rows))
    if more := layout.more(outputs, _ALL):
        yield f"  {more}"
