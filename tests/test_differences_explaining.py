"""What a diff says that happened."""

from __future__ import annotations

import pytest

from pbtool import schema
from pbtool.differences import diff
from pbtool.graph import Graph
from tests.graphs import nodes

NETWORK = """
    x = Placeholder() dtype=1
    w = Const() dtype=1
    w/read = Identity(w) T=1
    conv = Conv2D(x, w/read) T=1
    bn = FusedBatchNormV3(conv, w, w, w, w) T=1
    logits = Relu(bn) T=1
    loss = Sum(logits) T=1
"""


def network(text: str = NETWORK, weight: float = 1.0) -> schema.GraphDef:
    graph = nodes(text)
    for node in graph.node:
        if node.op == "Const":
            tensor = node.attr["value"].tensor
            tensor.dtype = 1
            tensor.float_val.append(weight)
    return graph


def said(a: schema.GraphDef, b: schema.GraphDef) -> list[str]:
    return [each.sentence for each in diff(Graph(a), Graph(b)).explanations]


def without(*names: str) -> schema.GraphDef:
    graph = network()
    kept = [node for node in graph.node if node.name not in names]
    del graph.node[:]
    graph.node.extend(kept)
    return graph


def test_nothing_is_said_of_identical_graphs() -> None:
    assert said(network(), network()) == []


def test_another_order() -> None:
    b = network()
    order = list(b.node)[::-1]
    del b.node[:]
    b.node.extend(order)
    assert said(network(), b) == ["same graph, other order or encoding"]


def test_names() -> None:
    b = network(NETWORK.replace("conv", "my/conv"))
    assert said(network(), b) == ["only names changed: 1 node"]


def test_weights() -> None:
    assert said(network(), network(weight=1.25)) == [
        "only weights changed: 1 of 1 tensor, largest change 0.25"
    ]


def test_pruned() -> None:
    sentence = "pruned to logits: 1 of 7 nodes removed"
    assert said(network(), without("loss")) == [f"B is A {sentence}"]
    assert said(without("loss"), network()) == [f"A is B {sentence}"]


def test_a_graph_with_a_hole_is_not_pruned() -> None:
    assert said(network(), without("bn")) == []


def test_frozen() -> None:
    a = network(NETWORK.replace("w = Const()", "w = VariableV2()"))
    assert said(a, network()) == ["B is A frozen: 1 variable became a constant"]
    assert said(network(), a) == ["A is B frozen: 1 variable became a constant"]


def test_training_nodes() -> None:
    b = without("w/read")
    b.node[2].input[1] = "w"
    assert said(network(), b) == ["training nodes removed: 1 Identity"]


def test_rewiring_to_something_else_is_not_that() -> None:
    b = without("w/read")
    b.node[2].input[1] = "x"
    assert said(network(), b) == []


def test_batch_norms() -> None:
    b = without("bn")
    b.node[1].attr["value"].tensor.float_val[0] = 2
    b.node[4].input[0] = "conv"
    assert said(network(), b) == ["batch norms folded: 1 gone, 1 constant changed"]


@pytest.mark.parametrize(
    ("field", "sentence"),
    [("device", "only devices changed: 1 node"), ("versions", "only versions changed")],
)
def test_only_one_kind_of_change(field: str, sentence: str) -> None:
    b = network()
    if field == "device":
        b.node[0].device = "/cpu:0"
    else:
        b.versions.producer = 7
    assert said(network(), b) == [sentence]
