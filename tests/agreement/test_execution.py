"""What really comes out of every node of whole graphs, against what we infer."""

from __future__ import annotations

from functools import cache

import pytest

pytest.importorskip("tensorflow")

from pbtool import dtypes
from pbtool.body import Input
from pbtool.graph import Graph
from pbtool.infer import Inference
from pbtool.pins import parse_pins
from tests.agreement.executable import Output, execute
from tests.agreement.models import MODELS, built

BATCH = 8

# The least share of nodes that execution must reach: the others lie in branches not taken.
REACHED = 0.6

pytestmark = [
    pytest.mark.filterwarnings("ignore"),  # TensorFlow's own
    pytest.mark.parametrize("model", MODELS),
]


@cache
def graph(model: str) -> Graph:
    return Graph(built(model).graph_def)


@cache
def outputs(model: str) -> list[Output]:
    """All that an execution with a batch of eight makes."""
    if not built(model).is_executable:
        pytest.skip("its variables have no values")
    return sorted(set(execute(built(model), built(model).batch(BATCH))), key=str)


# What TensorFlow's shape functions, too, say of these outputs, is not true on a processor.
UNTRUE = {
    ("FusedBatchNormV3", 5): "the space that only graphic cards need is no vector but a scalar",
    ("StackV2", 0): "the handle is a scalar resource, and no longer a vector of two strings",
    ("TensorArrayGradV3", 0): "likewise",
    ("TensorArrayV3", 0): "likewise",
}


def wrong(outputs: list[Output], inference: Inference) -> list[str]:
    """The outputs that are not as inferred, but for those that only follow from such."""
    graph = inference.graph
    facts = inference.facts(graph)
    found = {}
    for output in outputs:
        fact = (facts[output.node] or ())[output.number]
        if output.dtype != dtypes.base(fact.dtype) or not output.shape.refines(fact.shape):
            text = f"{output.node}:{output.number} is {output.shape}, inferred {fact}"
            found[Input(output.node, output.number)] = text
    return [
        f"{graph[source.node].op} {text}"
        for source, text in found.items()
        if (graph[source.node].op, source.output) not in UNTRUE
        and not found.keys() & set(graph.inputs(graph[source.node]))
    ]


def test_execution_reaches_the_graph(model: str) -> None:
    with_outputs = {node.name for node in graph(model) if graph(model).output_dtypes(node)}
    reached = {output.node for output in outputs(model)}
    assert len(reached & with_outputs) >= REACHED * len(with_outputs), with_outputs - reached


def test_what_comes_out_is_as_inferred(model: str) -> None:
    assert not wrong(outputs(model), Inference(graph(model)))


def test_what_comes_out_is_as_inferred_from_pins(model: str) -> None:
    feeds = built(model).batch(BATCH)
    if not feeds:
        pytest.skip("it has no input to pin")
    made = outputs(model)
    pins = parse_pins([f"{key}{list(array.shape)}" for key, array in feeds.items()], graph(model))
    pinned, free = Inference(graph(model), pins=pins), Inference(graph(model))
    assert not wrong(made, pinned)
    assert known_shapes(pinned) > known_shapes(free)


def known_shapes(inference: Inference) -> int:
    """How many outputs have a shape that is fully known."""
    facts = inference.facts(inference.graph)
    return sum(fact.shape.is_full for node in facts.values() for fact in node or ())
