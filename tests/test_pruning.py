from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import pbtool
from pbtool import files, schema
from pbtool.body import Region
from pbtool.errors import NotFoundError, UsageError
from pbtool.graph import Graph
from pbtool.infer import Inference
from pbtool.pruning import Request, carry_out, prune
from pbtool.pruning.frames import loop_depths
from pbtool.pruning.report import report
from pbtool.source import MemorySource
from pbtool.writing import save, to_bytes
from tests.graph_strategies import graph_defs
from tests.graphs import a_graph, graph_def
from tests.known_differences import PRUNING, PruningDifference
from tests.test_graph import LOOP

EVERY_STEP = {
    "remove_training_nodes": True,
    "drop_inert_control_edges": True,
    "clear_devices": True,
}


def opened(proto: schema.GraphDef) -> Graph:
    """The graph as it comes out of a file."""
    data = proto.SerializeToString()
    region = Region(MemorySource(data), 0, len(data), whole=True)
    return Graph(schema.GraphDef.FromString(data), region=region)


def names(graph: Graph) -> list[str]:
    return [node.name for node in graph]


def inputs(graph: Graph) -> dict[str, list[str]]:
    return {node.name: list(node.input) for node in graph}


# --- laws ---------------------------------------------------------------------------------------


@given(graph_defs())
def test_who_keeps_every_node_keeps_every_byte(proto: schema.GraphDef) -> None:
    graph = opened(proto)
    if len(graph):
        assert to_bytes(prune(graph, names(graph), all_functions=True)) == to_bytes(graph)


@given(graph_defs(), st.data(), st.booleans())
def test_to_prune_twice_is_to_prune_once(
    proto: schema.GraphDef, data: st.DataObject, thorough: bool
) -> None:
    graph = opened(proto)
    if not len(graph):
        return
    before = to_bytes(graph)
    outputs = data.draw(st.lists(st.sampled_from(names(graph)), min_size=1))
    options = EVERY_STEP if thorough else {}
    once = prune(graph, outputs, **options)
    assert to_bytes(prune(once, outputs, **options)) == to_bytes(once)
    assert to_bytes(graph) == before


@given(graph_defs(), st.data())
def test_what_stays_is_a_part_of_the_bytes(proto: schema.GraphDef, data: st.DataObject) -> None:
    graph = opened(proto)
    if not len(graph):
        return
    pruned = prune(graph, data.draw(st.lists(st.sampled_from(names(graph)), min_size=1)))
    rest = iter(spans(graph))
    assert all(span in rest for span in spans(pruned))  # in the same order
    assert pruned.versions == graph.versions


def spans(graph: Graph) -> list[bytes]:
    assert graph.region is not None
    source = graph.region.source
    return [source.read(*span) for span in graph.region.spans(1)]


@given(graph_defs(), st.data())
def test_whatever_is_asked_for_there_is_a_graph_or_a_sentence(
    proto: schema.GraphDef, data: st.DataObject
) -> None:
    graph = opened(proto)
    texts = st.lists(st.sampled_from([*names(graph), "a:1", "x", "s/*", "^b"]), max_size=3)
    try:
        pruned = prune(
            graph,
            data.draw(texts),
            [f"{text}:float32[?]" for text in data.draw(texts)],
            remove=data.draw(texts),
            bypass=data.draw(st.booleans()),
            **EVERY_STEP,
        )
    except (NotFoundError, UsageError):
        return
    assert schema.GraphDef.FromString(to_bytes(pruned)) == pruned.proto
    assert len(pruned)


# --- outputs ------------------------------------------------------------------------------------


DIAMOND = """
    x = Placeholder() dtype=1
    left = Neg(x) T=1
    right = Abs(x:0, ^left) T=1
    sum = Add(left, right) T=1
    alone = NoOp()
"""


def test_outputs_are_nodes_tensors_or_globs() -> None:
    graph = a_graph(DIAMOND)
    assert names(prune(graph, ["left"])) == ["x", "left"]
    assert names(prune(graph, ["right:0"])) == ["x", "left", "right"]
    assert names(prune(graph, ["al*", "x"])) == ["x", "alone"]
    assert names(prune(graph, ["^alone"])) == ["alone"]


def test_nodes_that_others_are_placed_with_stay() -> None:
    graph = graph_def(
        """node { name: "a" op: "NoOp" } node { name: "b" op: "NoOp" input: "^a" }
        node { name: "c" op: "NoOp" attr { key: "_class" value { list { s: "loc:@b" } } } }
        node { name: "d" op: "NoOp" }"""
    )
    assert names(prune(Graph(graph), ["c"])) == ["a", "b", "c"]


def test_inputs_that_name_no_node_are_told() -> None:
    pruned = carry_out(a_graph("a = Neg(gone) T=1\n b = Abs(other)"), Request(["a"]))
    assert [(node.name, text) for node, text in pruned.missing] == [("a", "gone")]


def test_a_pruned_graph_is_like_any_other(
    tmp_path: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    proto = graph_def('node { name: "first" op: "NoOp" }')
    for name in ("w", "v"):
        tensor = proto.node.add(name=name, op="Const").attr["value"].tensor
        proto.node[-1].attr["dtype"].type = tensor.dtype = 1
        tensor.tensor_content = np.full(5000, ord(name), np.float32).tobytes()
        tensor.tensor_shape.dim.add(size=5000)
    path = tmp_path / "big.pb"
    path.write_bytes(proto.SerializeToString())
    monkeypatch.setattr(files, "WHOLE", 1000)
    pruned = pbtool.prune(pbtool.load(path).graph, ["v"])
    assert pruned.proto.ByteSize() < 1000  # the tensors stay in the file
    assert set(pruned.tensor("v")) == {ord("v")}
    assert pruned.node_size(pruned["v"]) == proto.node[2].ByteSize()
    assert pruned.whole(pruned["v"]) == proto.node[2]
    assert str(Inference(pruned).outputs("v")[0]) == "float32[5000]"
    save(pruned, path)
    assert pbtool.load(path).graph.proto.node[0].name == "v"


FUNCTIONS = """
    node { name: "a" op: "f" }
    node { name: "b" op: "g" }
    library {
      function { signature { name: "f" } node_def { name: "n" op: "h" device: "/gpu:0" } }
      function { signature { name: "g" } }
      function { signature { name: "h" } }
      gradient { function_name: "g" gradient_func: "h" }
    }
"""


def test_functions_that_nothing_can_call_go() -> None:
    graph = Graph(graph_def(FUNCTIONS))
    assert list(prune(graph, ["a"]).functions) == ["f", "h"]
    assert not prune(graph, ["a"]).proto.library.gradient
    assert list(prune(graph, ["b"]).functions) == ["g", "h"]
    assert list(prune(graph, ["a"], all_functions=True).functions) == ["f", "g", "h"]


def test_devices_are_cleared_in_functions_too() -> None:
    graph = Graph(graph_def(FUNCTIONS + 'node { name: "c" op: "NoOp" device: "/cpu:0" }'))
    cleared = prune(graph, ["*"], clear_devices=True)
    assert not any(node.device for body in cleared.bodies for node in body)
    assert graph["c"].device == "/cpu:0"


# --- inputs -------------------------------------------------------------------------------------

SPLIT = """
    x = Placeholder() dtype=1
    axis = Const() dtype=3
    parts = Split(axis, x) T=1 num_split=3
    a = Neg(parts:1) T=1
    b = AddV2(parts, parts:2) T=1
    c = NoOp(^parts)
"""


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


# --- what is taken out --------------------------------------------------------------------------


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


# --- remove -------------------------------------------------------------------------------------

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


# --- report -------------------------------------------------------------------------------------


def test_the_report_counts_what_happened() -> None:
    graph = a_graph(SPLIT)
    told = report(graph, carry_out(graph, Request(["b"], ["parts:2"])))
    assert (told.before.nodes, told.after.nodes) == (6, 5)
    assert told.kept_ops == {"AddV2": 1, "Const": 1, "Placeholder": 1, "Split": 1}
    assert told.removed_ops == {"Neg": 1, "NoOp": 1}
    assert (told.changed, told.added, told.removed) == (1, ("parts/output_2",), ("a", "c"))
    assert told.after.bytes == len(to_bytes(prune(graph, ["b"], ["parts:2"])))
