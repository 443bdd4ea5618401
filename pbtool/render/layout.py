"""How a page of text is laid out: aligned rows, labels on the left, long lists folded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from pbtool.render import fold
from pbtool.render.escape import printable

T = TypeVar("T")
Cell = tuple[str, str]  # a text, and the name of the style that it is shown in ("": plain)
Style = Callable[[str, str], str]

WIDTH = 100  # columns, where there is no terminal that tells
_NARROWEST = 40

_LABEL = 14  # columns of the labels on the left
_WIDEST = 60  # columns: a longer cell pushes what stands beside it, not its whole column
_LINES = 3  # of a list, before the rest is folded


class Layout:
    """A page under way; all methods give lines without line ends.

    ``style`` colours a text; with ``full`` nothing is folded. ``folded`` says whether anything was.
    """

    def __init__(self, style: Style, width: int | None, *, full: bool) -> None:
        self.style = style
        self.full = full
        self.width = max(width or WIDTH, _NARROWEST)
        self.folded = False

    def rows(self, rows: Sequence[Sequence[Cell]]) -> Iterator[str]:
        """Rows of cells with two spaces between their columns; columns that are empty vanish."""
        return aligned(rows, self.style)

    def reasoned(self, rows: Sequence[Sequence[Cell]]) -> Iterator[str]:
        """The rows, indented; where one is too long, its last cell has a line of its own."""
        whole = zip(self.rows(rows), aligned(rows, lambda text, _: text), strict=True)
        short = self.rows([row[:-1] for row in rows])
        marked = any(row[0][0] for row in rows)
        for (line, plain), without, row in zip(whole, short, rows, strict=True):
            if len(plain) + 2 <= self.width:
                yield f"  {line}"
            else:
                text, style = row[-1]
                yield f"  {without}"
                yield " " * (7 if marked else 4) + self.style(printable(text), style)

    def labelled(self, label: str, lines: Iterable[str]) -> Iterator[str]:
        """Lines with a label beside the first of them."""
        head = self.style(label, "heading") + " " * max(_LABEL - len(label), 1)
        for line in filter(None, lines):
            yield head + line
            head = " " * _LABEL

    def listed(self, items: Sequence[str]) -> Iterator[str]:
        """Items separated by commas, to stand beside a label."""
        room = self.width - _LABEL
        lines: list[list[str]] = [[]]
        length = 0
        for item in map(printable, items):
            length += len(item) + 2
            if length > room + 1 and lines[-1]:
                lines.append([])
                length = len(item) + 2
            lines[-1].append(item)
        shown = lines if self.full else lines[:_LINES]
        left = sum(map(len, lines[len(shown) :]))
        for number, line in enumerate(shown):
            last = number + 1 == len(shown)
            yield ", ".join(line) + ("" if last else ",")
        if left:
            yield self.fold(left)

    def first(self, items: Sequence[T], count: int) -> Sequence[T]:
        """The items that are shown."""
        return items if self.full else fold.first(items, count)

    def more(self, items: Sequence[T], count: int, noun: str = "") -> str:
        """What stands for the items that ``first`` left out; "" when it left out none."""
        left = len(items) - len(self.first(items, count))
        return self.fold(left, noun) if left else ""

    def fold(self, left: int, noun: str = "") -> str:
        """What stands for so many items that are not shown."""
        self.folded = True
        return self.style(fold.more(left, noun), "dim")


def aligned(rows: Sequence[Sequence[Cell]], style: Style) -> Iterator[str]:
    """Rows of equally many cells as lines, two spaces between columns; empty columns vanish."""
    cells = [[(printable(text), name) for text, name in row] for row in rows]
    widths = [
        max((len(text) for text in column if len(text) <= _WIDEST), default=0)
        for column in zip(*([text for text, _ in row] for row in cells), strict=True)
    ]
    for row in cells:
        line, gap = "", 0
        for (text, name), width in zip(row, widths, strict=True):
            if text:
                line += " " * gap + (style(text, name) if name else text)
                gap = 0
            if width or text:
                gap += max(width - len(text), 0) + 2
        yield line
