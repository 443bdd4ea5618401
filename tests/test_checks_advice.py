from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from pbtool.checks import NOTE
from pbtool.graph import Graph
from pbtool.schema import GraphDef
from tests.check_examples import CONST, codes, constant, one
from tests.graphs import a_graph, graph_def


def test_constants_that_could_be_shared_or_smaller() -> None:
    graph = GraphDef()
    constant(graph, "a", np.arange(2000))
    assert not codes(graph)
    constant(graph, "b", np.arange(2000))
    assert codes(graph) == {"duplicate-constant"}
    constant(graph, "ones", np.ones(1 << 19))
    assert codes(graph) == {"duplicate-constant", "uniform-constant"}


@pytest.mark.parametrize(
    ("payload", "counts"),
    [
        ("float_val: nan", "400,000,000 NaN of 400,000,000"),
        ("float_val: inf float_val: 1", "1 infinite of 400,000,000"),
        ("float_val: nan float_val: inf", "1 NaN and 399,999,999 infinite of 400,000,000"),
    ],
)
def test_values_that_stand_for_many_are_counted_and_not_made(payload: str, counts: str) -> None:
    shape = "dim { size: 400000000 }"
    graph = Graph(graph_def(CONST.format("DT_FLOAT", shape, payload)))
    tracemalloc.start()
    assert one(graph, "nan-or-inf").sentence == f"holds {counts} values"
    assert tracemalloc.get_traced_memory()[1] < 100_000_000
    tracemalloc.stop()


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ("x = Placeholder() dtype=2", "float64"),
        ("x = Placeholder() dtype=1\ns = Switch(x, x) T=1", "control-flow-v1"),
        (
            "x = Placeholder() dtype=1\na = Identity(x) T=1\nb = Identity(a) T=1\nc = Identity(b)",
            "identity-chain",
        ),
        (
            "c = Identity(b)\nb = Identity(a)\na = Identity(x)\nx = Placeholder() dtype=1",
            "identity-chain",
        ),
        ("c = Const() dtype=1\ns = ScalarSummary(c, c) T=1", "training-leftover"),
    ],
)
def test_advice(lines: str, code: str) -> None:
    assert code in codes(a_graph(lines), NOTE)
