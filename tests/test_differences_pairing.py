"""Nodes whose names are numbers that count: layers that came in before others, or went."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pbtool import schema, tensors
from pbtool.differences import Added, Edited, Removed, Renamed, apply, diff
from pbtool.graph import Graph
from tests.graphs import nodes
from tests.test_differences_laws import canonical


def network(*weights: float, prefix: str = "net/") -> Graph:
    """Layers one behind the other, as Keras numbers them: dense, dense_1, dense_2, ..."""
    source, lines = "x", ["x = Placeholder() dtype=1"]
    for number in range(len(weights)):
        layer = f"{prefix}dense_{number}" if number else f"{prefix}dense"
        lines += [
            f"{layer}/kernel = Const() dtype=1",
            f"{layer}/MatMul = MatMul({source}, {layer}/kernel) T=1",
            f"{layer}/Relu = Relu({layer}/MatMul) T=1",
        ]
        source = f"{layer}/Relu"
    graph = nodes("\n".join([*lines, f"y = Identity({source}) T=1"]))
    kernels = (node for node in graph.node if node.op == "Const")
    for node, weight in zip(kernels, weights, strict=True):
        node.attr["value"].tensor.CopyFrom(tensors.to_proto(np.full((2, 2), weight, "f4"), 1))
    return Graph(graph)


def test_a_layer_that_came_in_moves_the_numbers_of_those_behind() -> None:
    found = diff(network(1, 2, 3, 4), network(1, 9, 2, 3, 4))
    assert [each for each in found if isinstance(each, Renamed)] == [
        Renamed("scope", f"net/dense_{number}/", f"net/dense_{number + 1}/", 3)
        for number in (1, 2, 3)
    ]
    added = {each.name for each in found if isinstance(each, Added)}
    assert added == {f"net/dense_1/{name}" for name in ("kernel", "MatMul", "Relu")}
    (edited,) = (each for each in found if isinstance(each, Edited))
    assert (edited.name, edited.new_name) == ("net/dense_1/MatMul", "net/dense_2/MatMul")
    (change,) = edited.changes
    assert change[:4] == ("input", "0", "net/dense/Relu", "net/dense_1/Relu")
    assert len(found) == 3 + 3 + 1


def test_a_layer_that_went() -> None:
    found = diff(network(1, 9, 2, 3, 4), network(1, 2, 3, 4))
    removed = {each.name for each in found if isinstance(each, Removed)}
    assert removed == {f"net/dense_1/{name}" for name in ("kernel", "MatMul", "Relu")}
    assert len(found) == 3 + 3 + 1


def test_the_last_layer_is_only_added() -> None:
    found = diff(network(1, 2, 3), network(1, 2, 3, 4))
    assert {type(each) for each in found} == {Added, Edited}
    assert len(found) == 3 + 1


def test_layers_with_other_weights_keep_their_names() -> None:
    found = diff(network(1, 2, 3), network(5, 6, 7, 8))
    assert not [each for each in found if isinstance(each, Renamed)]


def test_layers_that_are_alike_are_not_guessed() -> None:
    """Of four layers of one weight, nothing tells which is new."""
    found = diff(network(1, 1, 1), network(1, 1, 1, 1))
    assert not [each for each in found if isinstance(each, Renamed)]


def test_numbers_that_do_not_count_change_nothing() -> None:
    a = network(1, 2, 3)
    b = schema.GraphDef.FromString(a.proto.SerializeToString())
    b.node[1].attr["value"].tensor.CopyFrom(tensors.to_proto(np.zeros((2, 2), "f4"), 1))
    (edited,) = diff(a, Graph(b))
    assert edited.name == "net/dense/kernel"


WEIGHTS = st.lists(st.integers(0, 3), min_size=1, max_size=6)


@given(WEIGHTS, WEIGHTS)
def test_the_laws_hold_whatever_came_in_and_went(old: list[int], new: list[int]) -> None:
    a, b = network(*old), network(*new)
    found = diff(a, b)
    assert canonical(apply(a, found)) == canonical(b)
    assert canonical(apply(b, found.inverse())) == canonical(a)
    assert bool(found) == (old != new)
    assert len(diff(b, a)) == len(found)


@pytest.mark.parametrize("strict", [False, True])
def test_what_took_the_name_of_another(strict: bool) -> None:
    """The node that had the name before is gone, and what referred to it refers to nothing."""
    a = Graph(nodes("c = Const() N=1\nc_1 = Const() N=2\nx = Op(c_1)\nz = Op(c)"))
    b = Graph(nodes("c_1 = Const() N=1\nx = Op(c_1)\nz = Op(c_1)"))
    found = diff(a, b, strict=strict)
    assert canonical(apply(a, found)) == canonical(b)
    assert canonical(apply(b, found.inverse())) == canonical(a)
