from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pbtool import schema
from pbtool.errors import NotFoundError, UsageError
from pbtool.graph import Graph
from pbtool.pruning import prune
from pbtool.writing import to_bytes
from tests.graph_strategies import graph_defs
from tests.pruned_graphs import names, opened

EVERY_STEP = {
    "remove_training_nodes": True,
    "drop_inert_control_edges": True,
    "clear_devices": True,
}


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
