from __future__ import annotations

import pytest

from pbtool.dtypes import BY_NAME
from pbtool.errors import ShapeError
from pbtool.facts import Fact, Value
from pbtool.infer.shape_functions import check_same, partial_shape, shape_from, smaller
from pbtool.shapes import SCALAR, UNKNOWN, Shape

INT32 = BY_NAME["int32"].number


def vector(length=None, elements=None, as_shape=None, dtype=INT32):
    value = None if elements is None else Value((len(elements),), tuple(elements))
    length = length if value is None else len(elements)
    return Fact(dtype, Shape([length]), value, None, as_shape)


def test_shape_from():
    assert shape_from(vector(elements=[2, -1])) == Shape([2, None])
    assert shape_from(vector(2)) == Shape([None, None])
    assert shape_from(vector()) == UNKNOWN
    assert shape_from(vector(2, as_shape=Shape([None, 3]))) == Shape([None, 3])
    # What an op fails to look through may still be constant, but not for the next such op.
    lost = vector(elements=[2, 3], as_shape=UNKNOWN)
    assert shape_from(lost) == Shape([2, 3])
    assert partial_shape(lost) == UNKNOWN
    assert shape_from(vector(0, as_shape=ShapeError("no one reads it"))) == SCALAR


@pytest.mark.parametrize(
    ("fact", "message"),
    [
        (vector(elements=[-2]), "negative"),
        (vector(2, as_shape=ShapeError("out of range")), "out of range"),
        (vector(elements=[2.5], dtype=BY_NAME["float32"].number), "must be an int32 or int64"),
        (Fact(INT32, SCALAR), "rank 1"),
    ],
)
def test_vectors_that_state_no_shape(fact, message):
    with pytest.raises(ShapeError, match=message):
        shape_from(fact)


@pytest.mark.parametrize(
    ("a", "b", "least"), [(2, 3, 2), (3, 2, 2), (None, 3, None), (None, 0, 0), (0, None, 0)]
)
def test_smaller(a, b, least):
    assert smaller(a, b) == least


def test_the_first_tells_the_rank_and_none_tells_nothing():
    check_same(1, [])
    check_same(1, [vector(), vector(3), vector()])
    with pytest.raises(ShapeError, match="cannot be the same"):
        check_same(1, [vector(2), vector(3)])
    with pytest.raises(ShapeError, match="must be of rank 2"):
        check_same(2, [vector(2)])
