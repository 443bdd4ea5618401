"""What a diff says that happened."""

from __future__ import annotations

import pytest
from google.protobuf import text_format

from pbtool import files, schema
from pbtool.differences import diff
from pbtool.graph import Graph
from pbtool.model import Model
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


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("loss = Sum(logits)", "loss = Mean(logits)"),
        ("loss = Sum(logits)", "loss = Sum(bn)"),
        ("loss = Sum(logits)", "lost = Sum(logits)"),
        ("loss = Sum(logits) T=1", "loss = Sum(logits) T=1\nmore = Relu(loss) T=1"),
    ],
)
def test_what_no_freeze_does(old: str, new: str) -> None:
    a = network(NETWORK.replace("w = Const()", "w = VariableV2()"))
    b = network(NETWORK.replace(old, new))
    assert said(a, b) == ["1 variable became a constant in B"]
    assert said(b, a) == ["1 variable became a constant in A"]


def test_a_freeze_changes_the_types_of_handles() -> None:
    text = "w = VarHandleOp()\ny = Enter(w) T=20\nz = ReadVariableOp(y)"
    frozen = text.replace("VarHandleOp", "Const").replace("ReadVariableOp", "Identity")
    a, b, c = nodes(text), nodes(frozen.replace("20", "1")), nodes(frozen.replace("20", "2"))
    assert said(a, b) == ["B is A frozen: 1 variable became a constant"]
    assert said(c, nodes(text.replace("20", "1"))) == ["1 variable became a constant in A"]


def test_a_freeze_may_take_out_reads() -> None:
    a = network(NETWORK.replace("w = Const()", "w = VariableV2()"))
    b = without("w/read", "loss")
    b.node[2].input[1] = "w"
    assert said(a, b) == ["B is A frozen: 1 variable became a constant"]


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


def test_batch_norms_that_nothing_took_the_place_of() -> None:
    b = without("bn", "logits", "loss")
    b.node[1].attr["value"].tensor.float_val[0] = 2
    assert said(network(), b) == []
    b = network(NETWORK.replace("bn = FusedBatchNormV3(conv, w, w, w, w)", "bn = Elu(conv)"))
    assert said(network(), b) == []


def test_another_op_is_no_part_of_folding() -> None:
    b = without("bn")
    b.node[1].attr["value"].tensor.float_val[0] = 2
    b.node[4].input[0] = "conv"
    b.node[5].op = "Mean"
    assert said(network(), b) == []


def in_a_function(*more: str) -> str:
    inside = "".join(f'node_def {{ name: "{name}" op: "MatMul" }}' for name in more)
    return f'library {{ function {{ signature {{ name: "f" }} {inside} }} }}'


def test_nodes_of_functions_are_no_nodes_of_the_graph() -> None:
    a, b = network(), without("w/read")
    b.node[2].input[1] = "w"
    text_format.Merge(in_a_function("dead"), a)
    text_format.Merge(in_a_function(), b)
    assert said(a, b) == []
    c = network()
    text_format.Merge(in_a_function(), c)
    assert said(a, c) == []


def test_of_several_meta_graphs_it_is_not_the_first_that_counts() -> None:
    def model(*texts: str) -> Model:
        saved = schema.SavedModel(saved_model_schema_version=1)
        for number, text in enumerate(texts):
            meta_graph = saved.meta_graphs.add(graph_def=network(text))
            meta_graph.meta_info_def.tags.append("serve" if not number else f"{number}")
        return files.load_bytes(saved.SerializeToString())

    more = f"{NETWORK}\nmore = Relu(loss) T=1"
    found = diff(model(NETWORK, more), model(NETWORK, NETWORK))
    assert found.explanations == ()
    (sentence,) = (
        each.sentence for each in diff(model(NETWORK), model(more), shapes=True).explanations
    )
    assert sentence == "A is B pruned to loss: 1 of 8 nodes removed"


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
