"""Patterns of shapes: what they match and what they build."""

from __future__ import annotations

import pytest

from pbtool.errors import ShapeError
from pbtool.facts import Fact, Handle
from pbtool.infer.patterns import parse, pattern_rule
from pbtool.shapes import SCALAR, UNKNOWN, Shape


def shapes(pattern, inputs, outputs=1):
    facts = [Fact(1, Shape.parse(text)) for text in inputs.split(";")]
    return " ; ".join(map(str, pattern_rule(pattern)(*facts, dtypes=(1,) * outputs)))


@pytest.mark.parametrize(
    ("pattern", "inputs", "output"),
    [
        ("[n,k] ; [k] -> [k,n]", "[2,?];[3]", "[3,2]"),
        ("[n] -> [n,2]", "[...]", "[?,2]"),
        ("S ; S -> S", "[2,?];[?,3]", "[2,3]"),
        ("S ; S -> S", "[...];[4]", "[4]"),
        ("[n,S] -> [S,n]", "[1,2,3]", "[2,3,1]"),
        ("[n,S,m] -> [m,S]", "[1,2,3]", "[3,2]"),
        ("[n,S] -> S", "[...]", "[...]"),
        ("[n,_] -> [n]", "[5,6,7]", "[5]"),
        ("_ ; [] -> []", "[2,3];[]", "[]"),
        ("[] | [?] -> [?]", "[7]", "[?]"),
        ("[2] -> _", "[?]", "[...]"),
    ],
)
def test_match_and_build(pattern, inputs, output):
    assert shapes(pattern, inputs) == output


@pytest.mark.parametrize(
    ("pattern", "inputs"),
    [
        ("[n,k] ; [k] -> [n]", "[2,4];[3]"),
        ("[n] -> [n]", "[]"),
        ("[n,S] -> S", "[]"),
        ("S ; S -> S", "[2];[3]"),
        ("[2] -> []", "[3]"),
        ("[] | [?] -> [?]", "[2,2]"),
    ],
)
def test_refuse(pattern, inputs):
    with pytest.raises(ShapeError):
        shapes(pattern, inputs)


def test_left_out_inputs_may_have_any_shape():
    assert shapes("[] -> []", "[];[2,3]") == "[]"


def test_list_matches_when_each_tensor_does():
    rule = pattern_rule("[n] -> [n]")
    vectors = [Fact(1, Shape([None])), Fact(1, Shape([4]))]
    assert rule(vectors, dtypes=(1,)) == [Shape([4])]
    with pytest.raises(ShapeError):
        rule([*vectors, Fact(1, SCALAR)], dtypes=(1,))


def test_repeated_output_fills_up():
    assert shapes("[n] -> [] ; [n]* ; [2]", "[5]", 4) == "[] ; [5] ; [5] ; [2]"
    assert shapes("[n] -> [] ; [n]* ; [2]", "[5]", 2) == "[] ; [2]"


REFERENCE = Fact(20, SCALAR, handles=(Handle(1, Shape((3, None))),))
SOMETHING = Fact(20, SCALAR)
ROW = Fact(1, Shape([8]))


def test_what_a_tensor_refers_to():
    rule = pattern_rule("[]@[n,S] ; S -> [n,S]")
    assert rule(REFERENCE, ROW, dtypes=(1,)) == [Shape((3, 8))]
    assert rule(SOMETHING, ROW, dtypes=(1,)) == [Shape((None, 8))]
    with pytest.raises(ShapeError):
        rule(REFERENCE, SOMETHING, dtypes=(1,))


def test_what_a_resource_refers_to_or_another_tensor_itself():
    rule = pattern_rule("@S -> S")
    assert rule(REFERENCE, dtypes=(1,)) == [Shape((3, None))]
    assert rule(SOMETHING, dtypes=(1,)) == [UNKNOWN]
    assert rule(ROW, dtypes=(1,)) == [Shape([8])]


@pytest.mark.parametrize("pattern", ["[n -> []", "n -> []", "[A,B] -> []", "[A,_] -> []"])
def test_misspelt_pattern(pattern):
    with pytest.raises(ValueError, match="no term of a pattern"):
        parse(pattern)
