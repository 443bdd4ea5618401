"""Renamed nodes and scopes, found by what they are."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from pbtool import schema
from pbtool.differences import Added, Edited, Renamed, apply, diff
from pbtool.differences.naming import following, renamed_node
from pbtool.differences.scopes import renames
from pbtool.files import load
from pbtool.graph import Graph
from tests.corpus import FOLDER, needs_corpus
from tests.graphs import a_graph, nodes

LAYERS = 30


def network() -> schema.GraphDef:
    """Layers that are all alike but for their weights, in two towers of one scope each."""
    lines = ["x = Placeholder() dtype=1"]
    for tower in ("left", "right"):
        source = "x"
        for layer in range(LAYERS):
            scope = f"{tower}/layer_{layer}"
            lines += [
                f"{scope}/w = Const() dtype=1",
                f"{scope}/w/read = Identity({scope}/w) T=1",
                f"{scope}/matmul = MatMul({source}, {scope}/w/read) T=1",
                f"{scope}/relu = Relu({scope}/matmul) T=1",
            ]
            source = f"{scope}/relu"
    lines.append(f"sum = AddV2(left/layer_{LAYERS - 1}/relu, right/layer_{LAYERS - 1}/relu) T=1")
    graph = nodes("\n".join(lines))
    for node in graph.node:
        if node.op == "Const":
            tensor = node.attr["value"].tensor
            tensor.dtype = 1
            tensor.tensor_shape.dim.add(size=2)
    return graph


def renamed(graph: schema.GraphDef, new_name: Callable[[str], str]) -> schema.GraphDef:
    names = following({node.name: new_name(node.name) for node in graph.node}, {})
    return schema.GraphDef(node=[renamed_node(node, names) for node in graph.node])


def moved(graph: schema.GraphDef, old: str, new: str) -> schema.GraphDef:
    return renamed(graph, lambda name: new + name[len(old) :] if name.startswith(old) else name)


def test_a_scope_that_was_renamed_is_one_change() -> None:
    a = network()
    found = diff(Graph(a), Graph(moved(a, "left/", "a/b/")))
    assert found.changes == (Renamed("scope", "left/", "a/b/", 4 * LAYERS),)


def test_a_graph_that_was_imported_under_a_name_is_one_change() -> None:
    a = network()
    found = diff(Graph(a), Graph(renamed(a, lambda name: f"import/{name}")))
    assert found.changes == (Renamed("scope", "", "import/", len(a.node)),)


def test_part_of_a_scope_is_not_the_scope() -> None:
    a = network()
    b = renamed(a, lambda name: name.replace("left/layer_3/", "left/new/"))
    assert diff(Graph(a), Graph(b)).changes == (Renamed("scope", "left/layer_3/", "left/new/", 4),)


def test_a_node_of_a_renamed_scope_may_have_a_name_of_its_own() -> None:
    names = [f"s/{part}/{number}" for part in ("a", "b") for number in range(4)]
    moved = {name: name.replace("s/", "t/") for name in names}
    assert list(renames(moved, names, moved.values())) == [Renamed("scope", "s/", "t/", 8)]
    moved["s/b/3"] = "other"
    assert list(renames(moved, names, moved.values())) == [
        Renamed("scope", "s/", "t/", 7),
        Renamed("node", "s/b/3", "other"),
    ]
    # What stayed where it was did not move with its scope.
    assert list(renames(moved, [*names, "s/stays"], [*moved.values(), "s/stays"])) == [
        Renamed("scope", "s/a/", "t/a/", 4),
        Renamed("scope", "s/b/", "t/b/", 3),
        Renamed("node", "s/b/3", "other"),
    ]
    assert [each.kind for each in renames(moved, names, [*moved.values(), "t/was_there"])] == [
        "scope",
        "scope",
        "node",
    ]


def test_changes_inside_a_renamed_scope_are_all_there_is() -> None:
    a = network()
    b = moved(a, "left/", "renamed/")
    by_name = {node.name: node for node in b.node}
    for layer in (2, 7):  # other weights
        by_name[f"renamed/layer_{layer}/w"].attr["value"].tensor.float_val.append(layer)
    by_name["renamed/layer_4/matmul"].attr["transpose_a"].b = True
    inserted = b.node.add(name="renamed/inserted", op="Identity")
    inserted.input.append("renamed/layer_9/matmul")
    by_name["renamed/layer_9/relu"].input[0] = "renamed/inserted"
    found = diff(Graph(a), Graph(b))
    assert {(type(each), each.kind, each.name) for each in found} == {
        (Renamed, "scope", "left/"),
        (Added, "node", "renamed/inserted"),
        (Edited, "node", "left/layer_2/w"),
        (Edited, "node", "left/layer_7/w"),
        (Edited, "node", "left/layer_4/matmul"),
        (Edited, "node", "left/layer_9/relu"),
    }


def test_nodes_that_cannot_be_told_apart_are_not_guessed() -> None:
    a = a_graph("a = NoOp()\nb = NoOp()")
    b = a_graph("c = NoOp()\nd = NoOp()")
    assert not any(isinstance(each, Renamed) for each in diff(a, b))


def test_the_end_of_a_name_tells_apart_what_is_alike() -> None:
    a = a_graph("s/a = NoOp()\ns/b = NoOp()")
    b = a_graph("t/a = NoOp()\nt/b = NoOp()")
    assert diff(a, b).changes == (Renamed("scope", "s/", "t/", 2),)


def test_a_constant_of_the_same_value_elsewhere_is_another() -> None:
    a = a_graph("c = Const() dtype=1\nx = Relu(c) T=1")
    b = a_graph("d = Const() dtype=1\nx = Relu() T=1\ny = Tanh(d) T=1")
    assert not any(isinstance(each, Renamed) for each in diff(a, b))


def test_loops_do_not_confuse() -> None:
    loop = """
        start = Const() dtype=3
        one = Const() dtype=3
        two = Const() dtype=3
        {0}enter = Enter(start) T=3
        {0}merge = Merge({0}enter, {0}next) T=3
        {0}next = NextIteration({0}add) T=3
        {0}add = AddV2({0}merge, one) T=3
        {0}enter_2 = Enter(start) T=3
        {0}merge_2 = Merge({0}enter_2, {0}next_2) T=3
        {0}next_2 = NextIteration({0}add_2) T=3
        {0}add_2 = AddV2({0}merge_2, two) T=3
    """
    found = diff(a_graph(loop.format("while/")), a_graph(loop.format("other/")))
    assert found.changes == (Renamed("scope", "while/", "other/", 8),)


CORPUS = ["faceboxes_detector", "lstm_while", "kws_crnn_s", "opencv_face_detector_uint8"]


@needs_corpus
@pytest.mark.parametrize("name", CORPUS)
def test_a_real_graph_without_its_names_is_recognised(name: str) -> None:
    a = load(FOLDER / "frozen" / f"{name}.pb").graph
    numbers = list(range(len(a)))
    random.Random(1).shuffle(numbers)
    names = {node.name: f"n{number}" for node, number in zip(a, numbers, strict=True)}
    b = renamed(a.proto, names.__getitem__)
    found = diff(a, Graph(b), ignore=["versions"])
    assert all(isinstance(each, Renamed) for each in found)
    assert {each.name: each.new_name for each in found} == names
    assert not diff(apply(a, found), Graph(b), ignore=["versions"])
