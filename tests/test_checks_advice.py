from __future__ import annotations

import numpy as np
import pytest

from pbtool.checks import NOTE
from pbtool.schema import GraphDef
from tests.check_examples import codes, constant
from tests.graphs import a_graph


def test_constants_that_could_be_shared_or_smaller() -> None:
    graph = GraphDef()
    constant(graph, "a", np.arange(2000))
    assert not codes(graph)
    constant(graph, "b", np.arange(2000))
    assert codes(graph) == {"duplicate-constant"}
    constant(graph, "ones", np.ones(1 << 19))
    assert codes(graph) == {"duplicate-constant", "uniform-constant"}


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
