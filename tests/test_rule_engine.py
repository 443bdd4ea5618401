"""How two answers to a case compare."""

from __future__ import annotations

import pytest

from pbtool.infer.registry import SHAPE_RULES
from pbtool.shapes import Shape
from tests.rule_engine import Verdict, ask, check, compare, our_engine
from tests.rule_table import parse_row


def answer(text):
    return parse_row(f"NoOp -> {text}").answer


@pytest.mark.parametrize(
    ("ours", "theirs", "verdict"),
    [
        ("[2]", "[2]", Verdict.EQUAL),
        ("error", "error", Verdict.EQUAL),
        ("[2]", "error", Verdict.ACCEPTS),
        ("error", "[2]", Verdict.REJECTS),
        ("[?]", "[2]", Verdict.VAGUER),
        ("[...]", "[2]", Verdict.VAGUER),
        ("[2]", "[...]", Verdict.FINER),
        ("[2,?]", "[?,3]", Verdict.FINER),
        ("[2]", "[3]", Verdict.CONTRADICTION),
        ("[2]", "[2,?]", Verdict.CONTRADICTION),
        ("[?] ; [2]", "[2] ; [3]", Verdict.CONTRADICTION),
        ("[?] ; [2]", "[2] ; [?]", Verdict.FINER),
        ("[2]", "[2] ; [2]", Verdict.CONTRADICTION),
        ("[2]", "[2]=1,?", Verdict.VAGUER),
        ("[2]=1,2", "[2]=1,?", Verdict.FINER),
        ("[2]=1,2", "[2]=1,3", Verdict.CONTRADICTION),
        ("[2]=?,?", "[2]", Verdict.EQUAL),
        ("[]", "[]{int32[2]}", Verdict.VAGUER),
        ("[]{int32[2]}", "[]", Verdict.FINER),
        ("[]{int32[?]}", "[]{int32[2]}", Verdict.VAGUER),
        ("[]{int32[2]}", "[]{float32[2]}", Verdict.CONTRADICTION),
        ("[]{int32[2]}", "[]{int32[2],int32[2]}", Verdict.CONTRADICTION),
    ],
)
def test_verdict(ours, theirs, verdict):
    assert compare(answer(ours), answer(theirs)) == verdict


def test_a_wrong_rule_is_found(monkeypatch):
    row = parse_row("MatMul [2,3] ; [3,4] -> [2,4]")
    assert check(our_engine, row)[0] == Verdict.EQUAL

    def mat_mul(a, b):
        return Shape([a.shape[1], b.shape[0]])

    monkeypatch.setitem(SHAPE_RULES, "MatMul", mat_mul)
    assert check(our_engine, row)[0] == Verdict.CONTRADICTION


def test_elements_are_asked_for():
    row = parse_row("Shape [2,?] -> [2]=2,?")
    assert ask(our_engine, row.case, elements=True) == row.answer
    assert check(our_engine, parse_row("Shape [2,?] -> [2]=2,3"))[0] == Verdict.VAGUER
    assert check(our_engine, parse_row("Shape [2,?] -> [2]"))[0] == Verdict.EQUAL
