"""The verdict of ``pbtool diff --tensorflow`` against TensorFlow's own."""

from __future__ import annotations

import random
from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given, settings

from pbtool import schema
from pbtool.differences.equal_graph_def import difference
from pbtool.errors import PbtoolError
from pbtool.files import load
from pbtool.graph import Graph
from tests.corpus import FOLDER, needs_corpus
from tests.graph_strategies import pairs

pytest.importorskip("tensorflow")
pywrap_tf_session = pytest.importorskip("tensorflow.python.client.pywrap_tf_session")


def tensorflow_says(a: schema.GraphDef, b: schema.GraphDef) -> bool:
    text = pywrap_tf_session.EqualGraphDefWrapper(a.SerializeToString(), b.SerializeToString())
    return not text


def agree(a: schema.GraphDef, b: schema.GraphDef) -> None:
    said = difference(Graph(a), Graph(b))
    assert (said is None) == tensorflow_says(a, b), said


@settings(max_examples=200)
@given(pairs())
def test_graphs_of_hypothesis(pair: tuple[Graph, Graph]) -> None:
    a, b = pair
    agree(a.proto, b.proto)


def _shuffle(graph: schema.GraphDef, dice: random.Random) -> None:
    order = list(graph.node)
    dice.shuffle(order)
    del graph.node[:]
    graph.node.extend(order)


def _add_a_value(graph: schema.GraphDef, dice: random.Random) -> None:
    constants = [node for node in graph.node if node.op == "Const"]
    if constants:
        dice.choice(constants).attr["value"].tensor.float_val.append(1.5)


def _drop_an_attr(node: schema.NodeDef, dice: random.Random) -> None:
    if node.attr:
        del node.attr[dice.choice(sorted(node.attr))]


def _state_the_output(node: schema.NodeDef) -> None:
    if node.input:
        node.input[0] += ":0"


# What may count or not, each done to a graph, one of its nodes, and with dice.
MUTATIONS = (
    lambda graph, node, dice: setattr(node, "name", node.name + "_1"),
    lambda graph, node, dice: setattr(node, "op", node.op + "V9"),
    lambda graph, node, dice: setattr(node, "device", "/device:GPU:7"),
    lambda graph, node, dice: setattr(node.attr["_mine"], "i", 3),
    lambda graph, node, dice: setattr(node.attr["mine"], "i", 3),
    lambda graph, node, dice: _state_the_output(node),
    lambda graph, node, dice: node.input.extend(["^a", "^b", "^a"]),
    lambda graph, node, dice: _drop_an_attr(node, dice),
    lambda graph, node, dice: graph.node.append(node),
    lambda graph, node, dice: _shuffle(graph, dice),
    lambda graph, node, dice: _add_a_value(graph, dice),
    lambda graph, node, dice: setattr(graph.versions, "producer", 3),
)


def mutated(graph: schema.GraphDef, dice: random.Random) -> schema.GraphDef:
    """A copy with one thing changed."""
    copy = schema.GraphDef.FromString(graph.SerializeToString())
    if copy.node:
        dice.choice(MUTATIONS)(copy, dice.choice(copy.node), dice)
    return copy


def corpus_graphs() -> list[schema.GraphDef]:
    found = []
    for path in sorted(FOLDER.rglob("*")):
        if path.suffix in (".pb", ".pbtxt", ".meta"):
            with suppress(PbtoolError):
                found.append(load(path).graph.proto)
    return [graph for graph in found if graph.ByteSize() < 1 << 18]


@needs_corpus
def test_pairs_and_mutations_of_the_corpus() -> None:
    dice = random.Random(5)
    graphs = corpus_graphs()
    assert len(graphs) > 20
    for a, b in pairwise(graphs):
        agree(a, b)
        agree(a, a)
        for _ in range(3):
            agree(a, mutated(a, dice))
            agree(mutated(mutated(a, dice), dice), a)
