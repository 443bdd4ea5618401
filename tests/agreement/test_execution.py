"""What really comes out of every node of whole graphs, against what we infer."""

from __future__ import annotations

from functools import cache

import pytest

pytest.importorskip("tensorflow")

from pbtool import dtypes
from pbtool.facts import Fact
from pbtool.graph import Graph
from pbtool.infer import Inference
from pbtool.shapes import Shape
from tests.agreement.executable import Output, execute
from tests.agreement.models import MODELS, built

BATCH = 8

# The least share of nodes that execution must reach: the others lie in branches not taken.
REACHED = 0.8

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


def wrong(outputs: list[Output], inference: Inference) -> list[str]:
    """The outputs that are not as inferred."""
    facts = inference.facts(inference.graph)
    found = []
    for output in outputs:
        fact = (facts[output.node] or ())[output.number]
        if output.dtype != dtypes.base(fact.dtype) or not output.shape.refines(fact.shape):
            op = inference.graph[output.node].op
            found.append(f"{op} {output.node}:{output.number} is {output.shape}, inferred {fact}")
    return found


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
    pins = {
        tensor: Fact(graph(model).output_dtypes(graph(model)[tensor[:-2]])[0], Shape(array.shape))
        for tensor, array in feeds.items()
    }
    pinned = Inference(graph(model), pins=pins)
    assert not wrong(made, pinned)
