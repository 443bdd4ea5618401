from __future__ import annotations

import pytest

from pbtool.nearest import Suggestions, nearest, suggest

NAMES = [f"model/layer_{number:05}/kernel" for number in range(19_999)] + ["model/embedding/bias"]


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("model/layer_01234/kernel2", "model/layer_01234/kernel"),
        ("model/leyar_00005/karnel", "model/layer_00005/kernel"),
        ("mode/layer_07777/kernle", "model/layer_07777/kernel"),
        ("modl/embeding/bais", "model/embedding/bias"),
    ],
)
def test_misspelt_names_are_found_among_many_that_are_alike(name: str, near: str) -> None:
    assert nearest(name, NAMES)[0] == near


def test_names_with_the_same_last_component_are_near() -> None:
    assert nearest("a/very/long/scope/logits", ["x", "logits", "b/logits"]) == [
        "logits",
        "b/logits",
    ]


def test_names_of_a_page_are_not_compared_letter_by_letter() -> None:
    page = "x" * 1_000
    assert nearest(page + "y", [page]) == []
    assert nearest(f"{page}/logits", ["logits"]) == ["logits"]


def test_nothing_is_suggested_where_nothing_is_near() -> None:
    assert suggest("sum", ["placeholder", "q"]) == ""
    assert suggest("sun", ["sum", "q"]) == "did you mean sum?"


def test_only_so_many_suggestions_are_searched_for() -> None:
    suggestions = Suggestions(most=2)
    told = [suggestions("sun", each) for each in (["sum"], ["x"], ["sum"])]
    assert told == ["did you mean sum?", "", ""]
