from __future__ import annotations

import pytest

from pbtool import schema
from pbtool.errors import UsageError
from pbtool.graph import Graph
from pbtool.pruning import prune
from tests.graphs import a_graph, graph_def
from tests.known_differences import PRUNING, PruningDifference
from tests.pruned_graphs import SPLIT, inputs, names

# --- training nodes and control edges -----------------------------------------------------------


def lean(lines: str, *outputs: str, **options: bool) -> dict[str, list[str]]:
    return inputs(prune(a_graph(lines), outputs, **options))


def test_chains_of_copies_are_spliced() -> None:
    lines = """
        x = Split(a, b) T=1 num_split=2
        a = Const() dtype=3
        b = Placeholder() dtype=1
        i = Identity(x:1) T=1
        j = StopGradient(i:0) T=1
        k = CheckNumerics(j) T=1
        y = Add(k, i) T=1
        out = Identity(y) T=1
    """
    assert lean(lines, "out", remove_training_nodes=True) == {
        "x": ["a", "b"],
        "a": [],
        "b": [],
        "y": ["x:1", "x:1"],
        "out": ["y"],
    }


def test_copies_with_control_edges_stay() -> None:
    lines = "x = Neg() T=1\n i = Identity(x) T=1\n j = Identity(x, ^x) T=1\n y = Add(i, j, ^i) T=1"
    assert set(lean(lines, "y", remove_training_nodes=True)) == {"x", "i", "j", "y"}


def test_what_is_named_stays() -> None:
    graph = a_graph("x = Neg() T=1\n i = Identity(x) T=1\n j = Identity(i) T=1\n y = Neg(j) T=1")
    kept = prune(graph, ["y"], remove_training_nodes=True, keep=["i*"])
    assert inputs(kept) == {"x": [], "i": ["x"], "y": ["i"]}


def test_the_order_through_a_check_stays() -> None:
    lines = "r = RandomUniform() dtype=1\n c = CheckNumerics(r, ^a) T=1\n a = NoOp()\n y = NoOp(^c)"
    assert lean(lines, "y", remove_training_nodes=True) == {
        "r": [],
        "a": [],
        "y": ["^r", "^a"],
    }


@pytest.mark.parametrize("difference", PRUNING, ids=lambda difference: difference.name)
def test_where_we_differ_from_tensorflow(difference: PruningDifference) -> None:
    graph = Graph(graph_def(difference.graph))
    pruned = prune(graph, difference.keep, remove_training_nodes=True)
    assert pruned.proto == graph_def(difference.ours)


INERT = """
    x = Placeholder() dtype=1
    w = Const() dtype=1
    r = Identity(w) T=1
    v = VarHandleOp() dtype=1
    read = ReadVariableOp(v) dtype=1
    gather = NoOp(^r, ^x, ^read)
    plain = NoOp(^r, ^x)
    y = Add(r, x, ^gather, ^plain) T=1
"""


def test_control_edges_that_order_nothing_go() -> None:
    assert lean(INERT, "y", drop_inert_control_edges=True) == {
        "x": [],
        "w": [],
        "r": ["w"],
        "v": [],
        "read": ["v"],
        "gather": ["^read"],
        "y": ["r", "x", "^gather"],
    }


@pytest.mark.parametrize(
    "source",
    [
        "MadeUp(x)",  # may do anything
        "Print(x, x) T=1",
        "Neg(gone) T=1",
        "Switch(x, x) T=1",  # its control edge tells which branch was taken
        "calls(x)",
        "RandomUniform(x) T=3 dtype=1",
    ],
)
def test_control_edges_that_may_order_something_stay(source: str) -> None:
    proto = a_graph(f"x = Placeholder() dtype=1\n s = {source}\n z = Neg(s)\n y = NoOp(^z)").proto
    proto.library.MergeFrom(
        graph_def(
            'library { function { signature { name: "calls" } '
            'node_def { name: "n" op: "Assert" } } }'
        ).library
    )
    pruned = prune(Graph(proto), ["y"], drop_inert_control_edges=True)
    assert inputs(pruned)["y"] == ["^z"]


def test_a_call_of_a_function_without_effects_orders_nothing() -> None:
    proto = a_graph("x = Placeholder() dtype=1\n s = calls(x)\n y = NoOp(^s)").proto
    proto.library.function.add(node_def=[schema.NodeDef(name="n", op="calls")])
    proto.library.function[0].signature.name = "calls"
    assert names(prune(Graph(proto), ["y"], drop_inert_control_edges=True)) == ["y"]


# --- nodes that are asked to go -----------------------------------------------------------------

DROPOUT = """
    x = Placeholder() dtype=1
    before = NoOp()
    drop = Neg(x, ^before) T=1
    again = Abs(drop) T=1
    assert = Assert(more, drop)
    more = Greater(x, x) T=1
    print = Print(again, x) T=1 U=1
    y = Add(print, x, ^assert, ^again) T=1
    other = Neg(drop) T=1
"""


def test_what_nobody_needs_is_removed() -> None:
    graph = a_graph(DROPOUT)
    assert names(prune(graph, ["*"], remove=["other"])) == names(graph)[:-1]
    with pytest.raises(UsageError, match=r"node 'y' \(Add\) still needs 'print'"):
        prune(graph, ["y"], remove=["pri*"])
    with pytest.raises(UsageError, match="'y' cannot be an output and be removed"):
        prune(graph, ["y"], remove=["y"])


def test_what_only_passes_on_is_bypassed() -> None:
    graph = a_graph(DROPOUT)
    assert inputs(
        prune(graph, ["y"], remove=["drop", "again", "print", "assert"], bypass=True)
    ) == {
        "x": [],
        "before": [],
        "y": ["x", "x", "^before"],
    }
    assert inputs(prune(graph, ["y"], remove=["assert"], bypass=True))["y"] == [
        "print",
        "x",
        "^again",
    ]


def test_what_a_bypassed_node_ran_after_its_users_run_after() -> None:
    graph = a_graph("x = Placeholder() dtype=1\n a = NoOp()\n d = Neg(x, ^a) T=1\n y = Abs(d) T=1")
    bypassed = prune(graph, ["y"], remove=["d"], bypass=True)
    assert inputs(bypassed) == {"x": [], "a": [], "y": ["x", "^a"]}


def test_a_node_is_bypassed_for_its_first_output_only() -> None:
    graph = a_graph("x = Const() dtype=3\n u = Unique(x) T=3 out_idx=3\n y = Neg(u:1) T=3")
    with pytest.raises(UsageError, match="not only its first output is used"):
        prune(graph, ["y"], remove=["u"], bypass=True)


def test_what_does_more_is_not_bypassed() -> None:
    graph = a_graph(SPLIT + "d = Cast(b) SrcT=1 DstT=3\n e = Neg(d) T=3\n f = Neg(a) T=1")
    with pytest.raises(UsageError, match=r"'b' \(AddV2\) cannot be bypassed, it has 2 in"):
        prune(graph, ["d"], remove=["b"], bypass=True)
    with pytest.raises(UsageError, match=r"'d' .* it makes int32 of float32"):
        prune(graph, ["e"], remove=["d"], bypass=True)


def test_a_place_beside_a_removed_node_is_forgotten() -> None:
    proto = a_graph("a = NoOp()\n b = NoOp()\n c = NoOp()").proto
    for node in proto.node[1:]:
        node.attr["_class"].list.s.append(b"loc:@a")
    proto.node[2].attr["_class"].list.s.append(b"loc:@b")
    pruned = prune(Graph(proto), ["b", "c"], remove=["a"])
    assert "_class" not in pruned["b"].attr
    assert list(pruned["c"].attr["_class"].list.s) == [b"loc:@b"]
