from __future__ import annotations

from pbtool.interface.dataflow import Dataflow
from tests.graphs import a_graph


def test_masks_follow_data_edges_in_any_order_of_the_file() -> None:
    model = a_graph("d = Add(c, b:1)\nc = Neg(a, ^b)\nb = Split()\na = Const()")
    flow = Dataflow(model)
    a, b, d = (flow.positions[name] for name in "abd")
    assert flow.downstream([a, b]) == [0b11, 0b01, 0b10, 0b01]
    assert flow.upstream([d]) == [1, 1, 1, 1]
    assert flow.downstream([a, b], stops={flow.positions["c"]})[d] == 0b10
    assert flow.awaited == {b}


def test_masks_go_round_loops() -> None:
    flow = Dataflow(
        a_graph("a = Const()\nm = Merge(a, n)\nb = Add(m, c)\nn = NextIteration(b)\nc = Const()")
    )
    assert flow.downstream([0, 4]) == [0b01, 0b11, 0b11, 0b11, 0b10]
    assert flow.upstream([3]) == [1, 1, 1, 1, 1]
