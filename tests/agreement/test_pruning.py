"""What is left of graphs when they are pruned, against what TensorFlow leaves of them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import NamedTuple

import pytest

pytest.importorskip("tensorflow")

import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from pbtool import files, schema
from pbtool.body import parse_input
from pbtool.editing import edit
from pbtool.graph import Graph
from pbtool.pruning import Request, carry_out, prune
from pbtool.pruning.rewiring import bypass, take_out
from pbtool.pruning.training import CHECKS, checks, copies
from pbtool.writing import to_bytes
from tests.agreement.models import built
from tests.corpus import FOLDER, needs_corpus
from tests.graph_strategies import graph_defs
from tests.graphs import graph_def
from tests.known_differences import PRUNING, PruningDifference
from tests.test_corpus import manifest

v1 = tf.compat.v1
KINDS = {"GraphDef", "GraphDef-text", "MetaGraphDef", "SavedModel", "SavedModel-text"}
FILES = [row["path"] for row in manifest() if row["kind"] in KINDS]

pytestmark = pytest.mark.filterwarnings("ignore")  # TensorFlow's own


def theirs(graph: Graph) -> v1.GraphDef:
    return v1.GraphDef.FromString(to_bytes(graph))


def some_nodes(graph: Graph, seed: str) -> list[str]:
    chosen = random.Random(seed)
    return sorted(chosen.sample([node.name for node in graph], chosen.randint(1, 3)))


# --- extract_sub_graph --------------------------------------------------------------------------


@needs_corpus
@pytest.mark.parametrize("path", FILES)
def test_what_outputs_need_is_what_tensorflow_extracts(path: str) -> None:
    graph = files.load(FOLDER / path).graph
    whole = theirs(graph)
    before = {node.name: node.SerializeToString(deterministic=True) for node in graph}
    for attempt in range(2):
        names = some_nodes(graph, f"{path} {attempt}")
        try:
            expected = v1.graph_util.extract_sub_graph(whole, names)
        except KeyError:  # an input that names no node
            assert carry_out(graph, Request(names)).missing
            continue
        pruned = prune(graph, names)
        everything = theirs(prune(graph, names, all_functions=True))
        assert list(everything.node) == list(theirs(pruned).node) == list(expected.node)
        assert everything.library == expected.library
        assert everything.versions == theirs(pruned).versions == expected.versions
        for node in pruned:
            assert node.SerializeToString(deterministic=True) == before[node.name]


@given(graph_defs(), st.data())
def test_so_it_is_of_made_up_graphs(proto: schema.GraphDef, data: st.DataObject) -> None:
    graph = Graph(proto)
    if not len(graph):
        return
    names = data.draw(st.lists(st.sampled_from([node.name for node in graph]), min_size=1))
    try:
        expected = v1.graph_util.extract_sub_graph(theirs(graph), names)
    except KeyError:  # an input, or a node to be placed with, that does not exist
        return
    pruned = theirs(prune(graph, names, all_functions=True))
    same = [
        a.SerializeToString(deterministic=True) == b.SerializeToString(deterministic=True)
        for a, b in zip(pruned.node, expected.node, strict=True)
    ]
    assert all(same)  # compared as bytes, since NaN is not equal to itself
    assert pruned.versions == expected.versions


def test_inert_edges_are_what_keeps_training_nodes_in_frozen_graphs() -> None:
    graph = Graph(built("mobilenet_v2").graph_def)
    (output,) = [node.name for node in graph if not graph.consumers(node.name)]
    untouched = v1.graph_util.remove_training_nodes(theirs(graph), [output])
    assert len(untouched.node) == len(graph)
    loose = prune(graph, [output], drop_inert_control_edges=True)
    lean = v1.graph_util.remove_training_nodes(theirs(loose), [output])
    assert len(lean.node) < 0.9 * len(graph)
    ours = prune(graph, [output], drop_inert_control_edges=True, remove_training_nodes=True)
    assert list(theirs(ours).node) == list(lean.node)


# --- remove_training_nodes ----------------------------------------------------------------------


def spliced(graph: Graph, keep: set[str]) -> Graph:
    for find in (checks, copies):
        graph = edit(graph, take_out(graph, find(graph, keep)))
    return graph


def reads_a_variable(graph: Graph, name: str) -> bool:
    source, output = parse_input(graph[name].input[0])
    return (graph.output_dtypes(graph[source]) or (0,))[output] > 100


class Fate(NamedTuple):
    """What became of a node: whether both sides did the same, or differ in a way that is listed."""

    node: str
    is_equal: bool
    is_known: bool


def fates(graph: Graph, keep: set[str]) -> Iterator[Fate]:
    """What both sides make of each node when training nodes are taken out."""
    expected = v1.graph_util.remove_training_nodes(theirs(graph), keep)
    kept = {node.name: node for node in expected.node}
    ours = {node.name for node in spliced(graph, keep)}
    # Were the same nodes taken out, the others would be connected in the same way.
    out = {node.name: bypass(node) for node in graph if node.name not in kept}
    same = {node.name: node for node in theirs(edit(graph, take_out(graph, out))).node}
    for node in graph:
        if node.name in kept:
            is_equal = node.name in ours and same[node.name] == kept[node.name]
            is_known = any(is_a_difference(graph, out, text) for text in node.input)
        else:
            is_equal = node.name not in ours
            is_known = bool(node.device) or reads_a_variable(graph, node.name)
        yield Fate(node.name, is_equal, not is_equal and is_known)


@needs_corpus
@pytest.mark.parametrize("path", FILES)
def test_training_nodes_are_those_of_tensorflow(path: str) -> None:
    graph = files.load(FOLDER / path).graph
    found = list(fates(graph, set(some_nodes(graph, f"{path} 0"))))
    assert len(found) == len(graph)
    assert not [each.node for each in found if not (each.is_equal or each.is_known)]


def is_a_difference(graph: Graph, out: dict[str, object], text: str) -> bool:
    """Whether TensorFlow loses an input or leaves it dangling."""
    name = text.removeprefix("^")
    while name.partition(":")[0] in out:
        if ":" in name or graph[name].op in CHECKS:
            return True
        name = graph[name].input[0]
    return False


@pytest.mark.parametrize("difference", PRUNING, ids=lambda difference: difference.name)
def test_a_known_difference_is_one_still(difference: PruningDifference) -> None:
    proto = graph_def(difference.graph)
    expected = v1.graph_util.remove_training_nodes(
        v1.GraphDef.FromString(proto.SerializeToString()), difference.keep
    )
    ours = prune(Graph(proto), difference.keep, remove_training_nodes=True)
    assert theirs(ours) != expected
    assert theirs(ours) == v1.GraphDef.FromString(graph_def(difference.ours).SerializeToString())
    assert not list(ours.dangling_inputs())
    with tf.Graph().as_default():
        tf.import_graph_def(theirs(ours), name="")
