"""Text from model files never steers a terminal, a spreadsheet or a page."""

from __future__ import annotations

import csv
import html
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pbtool.render.escape import csv_cell, csv_row, html_text, markdown_text, printable

# Every code point, lone surrogates included.
ANY_TEXT = st.text(st.characters())


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("conv1/weights:0", "conv1/weights:0"),
        ("größe/重み/вес", "größe/重み/вес"),
        ("a b", "a b"),
        ("", ""),
        ("C:\\models", "C:\\models"),
        ("a\nb\r\tc", "a\\nb\\r\\tc"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("\x9b31m", "\\x9b31m"),
        ("\x00\x7f", "\\x00\\x7f"),
        ("a\u202eb", "a\\u202eb"),
        ("a\u2066b\u200b", "a\\u2066b\\u200b"),
        ("line\u2028end", "line\\u2028end"),
        ("\udc80", "\\udc80"),
        ("\U000e0041", "\\U000e0041"),
        ("no\u00a0break", "no\\xa0break"),
    ],
)
def test_printable(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(ANY_TEXT)
def test_what_is_printable_can_be_written_anywhere(text: str) -> None:
    shown = printable(text)
    assert shown.isprintable()
    shown.encode()


@given(ANY_TEXT.filter(str.isprintable))
def test_visible_text_stays_as_it_is(text: str) -> None:
    assert printable(text) is text


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("var1", "var1"),
        (
            'Tensor("var2:0", shape=(), dtype=int32_ref)',
            '"Tensor(""var2:0"", shape=(), dtype=int32_ref)"',
        ),
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\\t=1"),
        ("\r=1", "'\\r=1"),
        ("\uff1d1", "'\uff1d1"),
        ("=a,b", '"\'=a,b"'),
        ("a;=1", '"a;=1"'),
        ("a-b=c", "a-b=c"),
        ("a\nb", "a\\nb"),
        (-1, "-1"),
        (2.5, "2.5"),
        (None, ""),
        ("", ""),
    ],
)
def test_csv_cell(value: object, cell: str) -> None:
    assert csv_cell(value) == cell


@given(st.lists(ANY_TEXT, min_size=1, max_size=4))
def test_a_csv_row_is_one_line_of_as_many_cells(cells: list[str]) -> None:
    row = csv_row(cells)
    assert row.count("\n") == 1
    (read,) = csv.reader(io.StringIO(row)) if row != "\n" else [[""]]
    assert len(read) == len(cells)
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in read)


def test_ordinary_cells_survive_a_csv_reader() -> None:
    cells = ["name", 'Tensor("a:0", shape=(?, 2), dtype=float32)', "größe; zwei"]
    assert list(csv.reader(io.StringIO(csv_row(cells)))) == [cells]


@given(ANY_TEXT)
def test_html_text_is_the_text_and_no_markup(text: str) -> None:
    markup = html_text(text)
    assert not set("<>\"'") & set(markup)
    assert html.unescape(markup) == printable(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("model/dense_1/kernel:0", "model/dense_1/kernel:0"),
        ("float32[?,224]", "float32[?,224]"),
        ("_a_", "\\_a\\_"),
        ("a _b", "a \\_b"),
        ("a|b", "a\\|b"),
        ("*a*`b`", "\\*a\\*\\`b\\`"),
        ("<img src=x>", "\\<img src=x\\>"),
        ("[a](http://b)", "[a]\\(http://b)"),
        ("&amp;", "\\&amp;"),
        ("a\nb", "a\\\\nb"),
    ],
)
def test_markdown_text(text: str, shown: str) -> None:
    assert markdown_text(text) == shown
