"""Blocks of text for people: titles, and rows of cells in aligned columns under them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pbtool.render.fold import first, more
from pbtool.render.layout import Cell, Style, aligned

INDENT = 4  # columns before what stands under a title

_MOST_ROWS = 8  # that are shown of many, before "… 120 more"


class BlockLayout:
    """How blocks are laid out: in which style, on how many columns (None: no terminal)."""

    def __init__(self, style: Style, width: int | None = None) -> None:
        self.style = style
        self.width = width

    @property
    def room(self) -> int | None:
        """The columns for what stands under a title."""
        return None if self.width is None else max(self.width - INDENT, 20)

    def title(self, *cells: Cell) -> Iterator[str]:
        """The line on top of a block, with its line end."""
        return (f"{line}\n" for line in self.columns([cells]))

    def section(self, title: str, lines: Iterable[str]) -> Iterator[str]:
        """The lines, with line ends, under a title; not even that when there are none."""
        for number, line in enumerate(lines):
            if number == 0:
                yield f"  {self.style(title, 'heading')}\n"
            yield f"{' ' * INDENT}{line}".rstrip() + "\n"

    def columns(self, rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
        """Lines with the cells of the rows in columns."""
        return aligned(list(rows), self.style)

    def folded(self, rows: Sequence[Sequence[Cell]]) -> Iterator[str]:
        """Lines with the rows in columns; of many rows the first, and how many more there are."""
        shown = first(rows, _MOST_ROWS)
        yield from self.columns(shown)
        if len(rows) > len(shown):
            yield self.style(more(len(rows) - len(shown)), "dim")
