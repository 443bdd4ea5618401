from __future__ import annotations

import numpy as np
import pytest

import pbtool
from pbtool import files
from pbtool.graph import Graph
from pbtool.infer import Inference
from pbtool.pruning import Request, carry_out, prune
from pbtool.pruning.report import report
from pbtool.writing import save, to_bytes
from tests.graphs import DIAMOND, a_graph, graph_def
from tests.pruned_graphs import SPLIT, names


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


def test_the_report_counts_what_happened() -> None:
    graph = a_graph(SPLIT)
    told = report(graph, carry_out(graph, Request(["b"], ["parts:2"])))
    assert (told.before.nodes, told.after.nodes) == (6, 5)
    assert told.kept_ops == {"AddV2": 1, "Const": 1, "Placeholder": 1, "Split": 1}
    assert told.removed_ops == {"Neg": 1, "NoOp": 1}
    assert (told.changed, told.added, told.removed) == (1, ("parts/output_2",), ("a", "c"))
    assert told.after.bytes == len(to_bytes(prune(graph, ["b"], ["parts:2"])))
