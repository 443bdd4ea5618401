from __future__ import annotations

from pathlib import Path

import pytest

import pbtool
from pbtool.checks import CHECKS, check, check_graph
from pbtool.errors import UsageError
from tests.check_examples import EXAMPLES, example
from tests.graphs import a_graph, nodes


def test_codes_are_words_that_differ() -> None:
    names = [each.code for each in CHECKS]
    assert len(set(names)) == len(names)
    assert all(name == name.lower() and " " not in name for name in names)


def test_explanations_are_sentences() -> None:
    assert not [each.code for each in CHECKS if not each.explanation.endswith(".")]


def test_generators_have_docstrings() -> None:
    assert not [each.code for each in CHECKS if not each.generator.__doc__]


def test_a_sound_graph_has_no_finding() -> None:
    assert not check_graph(a_graph("x = Placeholder() dtype=1\ny = Relu(x) T=1"))


def test_every_check_has_an_example() -> None:
    assert {each.code for each in CHECKS} == EXAMPLES


@pytest.mark.parametrize("code", [each.code for each in CHECKS])
def test_each_check_finds_something(code: str, tmp_path: Path) -> None:
    target = "1.5" if code == "not-in-target" else ""
    found = check(example(code, tmp_path), select=[code], target=target)
    assert {each.code for each in found} == {code}
    assert all(each.sentence for each in found)


def test_codes_that_do_not_exist() -> None:
    model = pbtool.load_bytes(nodes("a = NoOp()").SerializeToString())
    with pytest.raises(UsageError, match="did you mean cycle"):
        check(model, select=["cycel"])


def test_a_check_of_content_that_is_not_to_be_read() -> None:
    model = pbtool.load_bytes(nodes("a = NoOp()").SerializeToString())
    with pytest.raises(UsageError, match="reads what tensors hold"):
        check(model, select=["nan-or-inf"], content=False)


def test_a_check_of_a_target_without_one() -> None:
    model = pbtool.load_bytes(nodes("a = NoOp()").SerializeToString())
    with pytest.raises(UsageError, match="needs a target; add --target-version"):
        check(model, select=["not-in-target"])
