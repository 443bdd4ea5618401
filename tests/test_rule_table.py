"""The language of the rule tables says what it is read as."""

from __future__ import annotations

import pytest

from pbtool.errors import ShapeError
from pbtool.facts import Handle
from pbtool.shapes import UNKNOWN, Shape
from tests.rule_case import PRODUCER, Operand, Output
from tests.rule_table import parse_row, read_tables, write_row

LINES = read_tables()


@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
def test_a_row_is_read_as_it_is_written(line):
    row = parse_row(line)
    assert parse_row(write_row(row)) == row


def test_shapes_and_attrs():
    case, answer = parse_row("MatMul transpose_a=true  [3,?] ; [...] -> [?,?]  # a comment")
    assert case.op == "MatMul"
    assert case.attrs["transpose_a"].b
    assert not case.attrs["transpose_b"].b
    assert case.attrs["T"].type == 1
    assert case.inputs == (Operand(Shape([3, None])), Operand(UNKNOWN))
    assert case.producer == PRODUCER
    assert answer == (Output(Shape([None, None])),)


@pytest.mark.parametrize(
    ("text", "operand"),
    [
        ("2,-1", Operand(Shape([2]), (2, -1))),
        ("3,", Operand(Shape([1]), (3,))),
        ("=3", Operand(Shape([]), (3,))),
        ("[1,2]=3,4", Operand(Shape([1, 2]), (3, 4))),
        ("[0]=", Operand(Shape([0]), ())),
    ],
)
def test_constants(text, operand):
    assert parse_row(f"Reshape [] ; {text} -> [...]").case.inputs[1] == operand


def test_types_in_front_of_inputs():
    attrs = parse_row("Reshape int64:[2] ; int64:1,2 -> [1,2]").case.attrs
    assert (attrs["T"].type, attrs["Tshape"].type) == (9, 9)
    attrs = parse_row("IdentityN ( int32:[] ; string:[2] ) -> [] ; [2]").case.attrs
    assert list(attrs["T"].list.type) == [3, 7]


def test_lists():
    case = parse_row("Pack axis=1  ( [2] ; [2] ; [?] ) -> [2,3]").case
    assert case.attrs["N"].i == 3
    assert case.inputs == ((Operand(Shape([2])), Operand(Shape([2])), Operand(Shape([None]))),)
    assert parse_row("IdentityN  ( ) -> error").case.inputs == ((),)


def test_strings():
    case = parse_row('RestoreV2 dtypes=[int32]  [] ; "a # b;c" , ; "4 5 1,2:-", -> [2,5]').case
    assert [operand.elements for operand, _ in case.operands()] == [
        None,
        (b"a # b;c",),
        (b"4 5 1,2:-",),
    ]
    assert parse_row('Einsum equation="ij,jk -> ik"  ( [] ) -> error').case.attrs["equation"].s == (
        b"ij,jk -> ik"
    )


def test_what_a_resource_refers_to():
    case, answer = parse_row("Identity T=resource  int32[2,?] -> []{int32[2,?]}")
    assert case.inputs == (Operand(Shape([2, None]), None, 3),)
    assert answer == (Output(Shape([]), (Handle(3, Shape([2, None])),)),)


def test_what_a_table_holds():
    line = "LookupTableSizeV2  {int64,string[?,3]} -> []"
    assert parse_row(line).case.inputs == (Operand(Shape([None, 3]), None, 7, 9),)
    assert write_row(parse_row(line)) == line


def test_elements_and_refusals():
    assert parse_row("Shape  [2,?] -> [2]=2,?").answer == (Output(Shape([2]), None, (2, None)),)
    assert parse_row("Shape  [2,?] -> error").answer is None
    assert parse_row("NoOp ->").answer == ()


@pytest.mark.parametrize(
    "line",
    [
        "MatMul [2] ; [3]",
        "MatMul [2] -> [2]",
        "MatMul T=float23 [2] ; [3] -> error",
        "MatMul [2] ; [3 -> error",
        "Pack N=3  ( [2] ) -> error",
    ],
)
def test_nonsense_is_refused(line):
    with pytest.raises((ValueError, ShapeError)):
        parse_row(line)
