from __future__ import annotations

import numpy as np
import pytest

from pbtool.errors import ShapeError
from pbtool.facts import Value
from pbtool.infer import arrays

SAMPLES = [
    np.arange(6).reshape(2, 3),
    np.arange(12).reshape(2, 1, 3, 2),
    np.array(5),
    np.zeros((2, 0, 3), int),
]


def as_value(array):
    return Value(array.shape, tuple(array.ravel().tolist()))


@pytest.mark.parametrize("array", SAMPLES, ids=str)
def test_arrays_do_what_numpy_does(array):
    value = as_value(array)
    rank = array.ndim
    assert arrays.reshape(value, (-1, 1)) == as_value(array.reshape(-1, 1)) or not array.size
    assert arrays.transpose(value, range(rank)[::-1]) == as_value(array.T)
    assert arrays.broadcast_to(value, (4, *array.shape)) == as_value(
        np.broadcast_to(array, (4, *array.shape))
    )
    doubled = arrays.elementwise(lambda x, y: x + y, value, value)
    assert doubled == as_value(array + array)
    for axis in range(rank):
        positions = [0, 0] if array.shape[axis] else []
        assert arrays.take(value, axis, positions) == as_value(array.take(positions, axis))
        joined = np.concatenate([array, array], axis)
        assert arrays.concatenate([value, value], axis) == as_value(joined)
        assert arrays.reduce(value, [axis], False, sum) == as_value(array.sum(axis))
        assert arrays.reduce(value, [axis], True, sum) == as_value(array.sum(axis, keepdims=True))
    assert arrays.reduce(value, range(rank), False, sum) == as_value(array.sum())


def test_slices_that_are_not_there_are_filled():
    value = as_value(np.array([[1, 2], [3, 4]]))
    assert arrays.take(value, 0, [None, 1], 9) == ((2, 2), (9, 9, 3, 4))
    assert arrays.take(value, 1, [0, None], 9) == ((2, 2), (1, 9, 3, 9))
    assert arrays.take(Value((0,), ()), 0, [None], 9) == ((1,), (9,))


@pytest.mark.parametrize(
    "impossible",
    [
        lambda v: arrays.take(v, 0, [2]),
        lambda v: arrays.take(v, 0, [-1]),
        lambda v: arrays.reshape(v, (3,)),
        lambda v: arrays.reshape(v, (-4, -1)),
        lambda v: arrays.transpose(v, (0, 0)),
        lambda v: arrays.broadcast_to(v, (3, 2)),
        lambda v: arrays.concatenate([v, Value((2, 3), (0,) * 6)], 0),
        lambda v: arrays.elementwise(max, v, Value((3,), (1, 2, 3))),
        lambda v: arrays.scalar(v),
        lambda v: arrays.integer(v),
        lambda v: arrays.sizes(Value((1,), (-1,))),
    ],
)
def test_what_makes_no_sense_is_refused(impossible):
    with pytest.raises((ShapeError, ValueError)):
        impossible(as_value(np.array([[1, 2], [3, 4]])))
