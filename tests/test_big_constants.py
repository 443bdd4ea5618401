from __future__ import annotations

import numpy as np
import pytest

from pbtool import schema
from pbtool.errors import UsageError
from pbtool.execution import big_constants
from pbtool.execution.big_constants import LARGE, constants_apart, size_of
from pbtool.graph import Graph
from pbtool.tensors import to_proto
from pbtool.writing import to_bytes
from tests.graphs import nodes


def graph() -> Graph:
    proto = nodes(
        """
        x = Placeholder() dtype=1
        big = Const() dtype=1
        small = Const() dtype=1
        in_loop = Const(^x) dtype=1
        y = AddN(big, small, in_loop) T=1 N=3
        """
    )
    for node in proto.node:
        if node.op == "Const":
            size = 4 if node.name == "small" else 1 << 15
            tensor = to_proto(np.ones(size, np.float32), 1)
            node.attr["value"].tensor.CopyFrom(tensor)
    return Graph(proto)


def test_big_constants_become_variables() -> None:
    given = graph()
    before = to_bytes(given)
    result, constants = constants_apart(given, 0)
    ((handle, name),) = constants.items()
    assert name == "big"
    assert result[handle].op == "VarHandleOp"
    assert result["big"].op == "ReadVariableOp"
    assert list(result["big"].input) == [handle]
    assert result["big"].attr.keys() == {"dtype"}
    assert [dim.size for dim in result[handle].attr["shape"].shape.dim] == [1 << 15]
    assert [node.op for node in result if "Const" in node.op] == ["Const", "Const"]
    assert size_of(given) - size_of(result) > (1 << 17) - 500
    assert to_bytes(given) == before
    assert schema.GraphDef.FromString(to_bytes(result)) == result.proto


def test_small_graphs_stay_as_they_are() -> None:
    given = graph()
    assert size_of(given) < LARGE
    assert constants_apart(given) == (given, {})


def test_what_stays_too_big_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(big_constants, "PROTOBUF_LIMIT", 1 << 17)
    with pytest.raises(UsageError, match="more than the 2 GB that TensorFlow imports"):
        constants_apart(graph(), 0)
