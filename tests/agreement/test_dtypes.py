from __future__ import annotations

import numpy as np
import pytest

from pbtool import dtypes
from pbtool.narrow_types import NAMES
from pbtool.schema import TensorProto

tf = pytest.importorskip("tensorflow")
types_pb2 = pytest.importorskip("tensorflow.core.framework.types_pb2")

ENUM = {number: enum for enum, number in types_pb2.DataType.items() if number}
WITH_VALUES = [row for row in dtypes.BY_NUMBER.values() if row.numpy]


def test_every_type_of_tensorflow_is_in_the_table():
    assert {row.number: row.enum for row in dtypes.BY_NUMBER.values()} == {
        number: enum for number, enum in ENUM.items() if number < dtypes.REF
    }


@pytest.mark.parametrize("number", ENUM, ids=ENUM.get)
def test_names_and_references(number):
    theirs = tf.as_dtype(number)
    assert dtypes.name(number) == theirs.name
    assert dtypes.number(theirs.name) == number
    assert dtypes.base(number) == theirs.base_dtype.as_datatype_enum
    assert dtypes.is_ref(number) == (theirs != theirs.base_dtype)


@pytest.mark.parametrize("row", dtypes.BY_NUMBER.values(), ids=lambda row: row.name)
def test_sizes(row):
    assert row.size == tf.as_dtype(row.number).size


@pytest.mark.parametrize("row", WITH_VALUES, ids=lambda row: row.name)
def test_numpy_types(row):
    tensor = TensorProto(dtype=row.number)
    tensor.tensor_shape.dim.add(size=2)
    theirs = tf.io.parse_tensor(tensor.SerializeToString(), row.number).numpy().dtype
    if theirs.type.__module__ == "ml_dtypes":  # numpy itself does not have it
        assert row.name in NAMES
    else:
        assert np.dtype(row.numpy) == theirs


def test_the_types_without_values_are_those_without_a_numpy_array():
    for row in dtypes.BY_NUMBER.values():
        assert bool(row.numpy) == tf.as_dtype(row.number).is_numpy_compatible
