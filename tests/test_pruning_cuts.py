from __future__ import annotations

import pytest

from pbtool.errors import UsageError
from pbtool.infer import Inference
from pbtool.pruning import Request, carry_out, prune
from pbtool.pruning.frames import loop_depths
from pbtool.writing import to_bytes
from tests.graphs import DIAMOND, LOOP, a_graph
from tests.pruned_graphs import SPLIT, inputs, names, opened


def test_a_placeholder_takes_the_place_of_its_node() -> None:
    pruned = carry_out(a_graph(DIAMOND), Request(["sum"], ["left"]))
    assert names(pruned.graph) == ["x", "left", "right", "sum"]
    assert pruned.graph["left"].op == "Placeholder"
    assert pruned.graph["left"].attr["dtype"].type == 1
    assert inputs(pruned.graph)["right"] == ["x:0", "^left"]
    assert [cut[:3] for cut in pruned.cuts] == [("left:0", "left", 1)]


def test_type_and_shape_are_inferred_or_stated() -> None:
    pruned = prune(a_graph(SPLIT), ["b"], ["parts:0", "parts:2:float64[?,4]"])
    facts = Inference(pruned)
    assert [str(facts.outputs(name)[0]) for name in names(pruned)[:2]] == [
        "float32[...]",
        "float64[?,4]",
    ]


def test_one_output_of_several_is_cut() -> None:
    graph = a_graph(SPLIT)
    assert inputs(prune(graph, ["a"], ["parts:1"])) == {"parts": [], "a": ["parts"]}
    assert inputs(prune(graph, ["b"], ["parts:2"])) == {
        "x": [],
        "axis": [],
        "parts/output_2": [],
        "parts": ["axis", "x"],
        "b": ["parts", "parts/output_2"],
    }
    whole = prune(graph, ["a", "b", "c"], ["parts"])
    assert inputs(whole) == {
        "parts": [],
        "parts/output_1": [],
        "parts/output_2": [],
        "a": ["parts/output_1"],
        "b": ["parts", "parts/output_2"],
        "c": ["^parts"],
    }


def test_a_control_edge_alone_needs_a_node() -> None:
    assert inputs(prune(a_graph(SPLIT), ["c"], ["parts"])) == {"parts": [], "c": ["^parts"]}


def test_an_output_may_be_cut_itself() -> None:
    pruned = carry_out(a_graph(SPLIT), Request(["parts:1"], ["parts:1"]))
    assert inputs(pruned.graph) == {"parts": []}
    assert [str(target) for target in pruned.outputs] == ["parts:0"]


def test_a_placeholder_that_is_one_stays_and_may_get_another_shape() -> None:
    graph = opened(a_graph(DIAMOND).proto)
    assert to_bytes(prune(graph, ["sum"], ["x"])) == to_bytes(prune(graph, ["sum"]))
    pruned = prune(graph, ["sum"], ["x:float32[8,3]"])
    assert str(Inference(pruned).outputs("x")[0]) == "float32[8,3]"


def test_the_type_of_an_unknown_op_is_that_which_its_users_need() -> None:
    graph = a_graph("x = MadeUp()\n y = Gather(z, x) Tparams=1 Tindices=9\n z = Const() dtype=1")
    pruned = prune(graph, ["y"], ["x"])
    assert str(Inference(pruned).outputs("x")[0]) == "int64[...]"
    with pytest.raises(UsageError, match="nobody knows the type of y:0"):
        prune(a_graph("y = MadeUp()"), ["y"], ["y"])


def test_of_an_unknown_op_only_the_outputs_that_are_used_are_cut() -> None:
    graph = a_graph("x = MadeUp()\n y = Neg(x:3000000000) T=1\n z = Neg(x:2, ^x) T=1")
    assert inputs(prune(graph, ["y"], ["x"])) == {"x": [], "y": ["x"]}
    cuts = carry_out(graph, Request(["y", "z"], ["x:0:int8[]", "x:2", "x:3000000000"])).cuts
    assert [each.tensor for each in cuts] == ["x:0", "x:2", "x:3000000000"]


def test_a_cut_that_lies_above_another_is_an_error() -> None:
    with pytest.raises(UsageError, match="no output needs the cut 'x:0'"):
        prune(a_graph("x = Neg() T=1\n y = Neg(x) T=1\n z = Neg(y) T=1"), ["z"], ["x:0", "y"])


def test_loops_are_as_deep_as_they_are_nested() -> None:
    nested = """
        s = Const() dtype=1
        e1 = Enter(s) T=1
        e2 = Enter(e1) T=1
        m = Merge(e2, n) T=1 N=2
        n = NextIteration(m) T=1
        o2 = Exit(m) T=1
        a = Neg(o2) T=1
        o1 = Exit(a) T=1
        b = Neg(o1) T=1
    """
    depths = loop_depths(a_graph(nested))
    assert [depths[name] for name in ("s", "e1", "e2", "m", "n", "o2", "a", "o1", "b")] == [
        *(0, 1, 2, 2, 2, 1, 1, 0, 0)
    ]
    assert not loop_depths(a_graph(DIAMOND))


def test_a_loop_is_cut_outside_of_it() -> None:
    graph = a_graph(LOOP)
    with pytest.raises(UsageError, match="'switch:1' lies within a loop"):
        prune(graph, ["exit"], ["switch:1"])
    assert len(prune(graph, ["exit"], ["start"])) == len(graph)
    assert names(prune(graph, ["exit"], ["exit"])) == ["exit"]
