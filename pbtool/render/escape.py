"""Text from model files, made safe to show.

Names and strings in a model file are whatever its author put there. Nothing in them may steer a
terminal (control characters, ESC sequences), hide or reorder what a reader sees (bidirectional
overrides, invisible characters), break a row in two (line ends), start a formula in a spreadsheet,
or become markup in a page. Ordinary text, in any script, comes through unchanged.
"""

from __future__ import annotations

from collections.abc import Iterable

# What makes a spreadsheet read a cell as a formula; the last four are full-width = + - @.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")

# Where a cell has to be quoted: RFC 4180's two, and the separator of many European spreadsheets.
_CELL_BREAKERS = frozenset(',";')

# What means something within a line of Markdown, whatever stands around it.
_MARKDOWN = str.maketrans({char: f"\\{char}" for char in "\\`*<>|~&"})

_HTML = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"})


def printable(text: str) -> str:
    r"""``text`` with every character that is not plainly visible as a backslash escape.

    Visible is what ``str.isprintable`` says; it refuses control and format characters, lone
    surrogates, unassigned and private code points, and every space but the ordinary one. A
    backslash itself stays as it is: this is for eyes, and TensorFlow's names may hold one.

    >>> print(printable("a\x1b[31m\n"))
    a\x1b[31m\n
    """
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)


def csv_cell(value: object) -> str:
    """One cell of a csv row, quoted where it must be; None is an empty cell.

    A string that a spreadsheet would take for a formula gets a single quote in front, which is how
    spreadsheets themselves mark a text. Numbers are never marked.

    >>> print(csv_cell("=1+1"), csv_cell(-1), csv_cell("a, b"))
    '=1+1 -1 "a, b"
    """
    if value is None:
        return ""
    if not isinstance(value, str):
        return str(value)
    text = printable(value)
    if value.startswith(_FORMULA_STARTS):
        text = "'" + text
    if _CELL_BREAKERS.isdisjoint(text):
        return text
    return '"' + text.replace('"', '""') + '"'


def csv_row(cells: Iterable[object]) -> str:
    """One csv line with its line end, each value a cell as ``csv_cell`` writes it."""
    return ",".join(map(csv_cell, cells)) + "\n"


def html_text(text: str) -> str:
    """``text`` as it may stand in an HTML element or a quoted attribute."""
    return printable(text).translate(_HTML)


def markdown_text(text: str) -> str:
    """``text`` as it may stand in a cell of a Markdown table.

    An underscore within a word and a bracket that opens no link mean nothing; names and shapes are
    full of them, and stay readable.
    """
    import re

    escaped = printable(text).translate(_MARKDOWN).replace("](", "]\\(")
    return re.sub(r"\b_|_\b", r"\_", escaped)
