from __future__ import annotations

from pbtool.render.layout import Layout


def a_layout(width: int = 60, *, full: bool = False) -> Layout:
    return Layout(lambda text, style: f"<{text}>" if style else text, width, full=full)


def test_columns_line_up_and_empty_ones_vanish() -> None:
    rows = [[("a", ""), ("", ""), ("1", "")], [("bcd", ""), ("", ""), ("", "")]]
    assert [*a_layout().rows(rows)] == ["a    1", "bcd"]


def test_styles_take_no_columns() -> None:
    rows = [[("a", "name"), ("1", "")], [("bcd", ""), ("2", "")]]
    assert [*a_layout().rows(rows)] == ["<a>    1", "bcd  2"]


def test_a_very_long_name_pushes_only_its_own_row() -> None:
    rows = [[("a" * 70, ""), ("1", "")], [("b", ""), ("2", "")], [("cc", ""), ("3", "")]]
    assert [*a_layout().rows(rows)] == ["a" * 70 + "  1", "b   2", "cc  3"]


def test_names_cannot_steer_the_terminal() -> None:
    layout = a_layout()
    assert [*layout.rows([[("a\x1b[2J", "name")]])] == ["<a\\x1b[2J>"]
    assert [*layout.listed(["b\n"])] == ["b\\n"]


def test_a_long_reason_has_its_own_line() -> None:
    rows = [[("", ""), ("a", ""), ("short", "")], [("", ""), ("b", ""), ("long " * 12, "")]]
    assert [*a_layout().reasoned(rows)] == ["  a  short", "  b", "    " + "long " * 12]


def test_labels_stand_beside_the_first_line_and_nothing_without_lines() -> None:
    layout = a_layout()
    assert [*layout.labelled("ops", ["a", "", "b"])] == ["<ops>           a", " " * 14 + "b"]
    assert [*layout.labelled("ops", [])] == []


def test_lists_fill_three_lines_and_count_the_rest() -> None:
    items = [f"item{number:02}" for number in range(40)]
    layout = a_layout()
    *lines, more = layout.listed(items)
    assert len(lines) == 3
    assert all(len(line) <= 60 - 14 for line in lines)
    shown = ", ".join(line.rstrip(",") for line in lines).split(", ")
    assert shown == items[: len(shown)]
    assert more == f"<… {40 - len(shown)} more>"
    assert layout.folded


def test_a_fold_hides_more_than_one() -> None:
    layout = a_layout()
    assert layout.first("abcd", 3) == "abcd"
    assert layout.more("abcd", 3) == ""
    assert not layout.folded
    assert layout.first("abcde", 3) == "abc"
    assert layout.more("abcde", 3, "letters") == "<… 2 more letters>"
    assert layout.folded


def test_full_folds_nothing() -> None:
    layout = a_layout(full=True)
    assert layout.first("abcde", 3) == "abcde"
    assert (
        len(", ".join(line.rstrip(",") for line in layout.listed(["x"] * 900)).split(", ")) == 900
    )
    assert not layout.folded
