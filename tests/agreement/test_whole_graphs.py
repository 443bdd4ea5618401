"""Types and shapes of every node of whole graphs, against what TensorFlow says of them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

import pytest

pytest.importorskip("tensorflow")

import tensorflow as tf
from tensorflow.python.framework.function_def_to_graph import function_def_to_graph

from pbtool import dtypes
from pbtool.graph import Graph
from pbtool.infer import Inference, Problem
from pbtool.shapes import Shape
from tests.agreement.models import MODELS, built
from tests.known_differences import tolerated
from tests.rule_case import Output
from tests.rule_engine import Verdict, compare

pytestmark = [
    pytest.mark.filterwarnings("ignore"),  # TensorFlow's own
    pytest.mark.parametrize("model", MODELS),
]


class Answers(NamedTuple):
    """What the two say of one output, each as a dtype and a shape."""

    op: str
    place: str
    ours: tuple[str, Shape]
    theirs: tuple[str, Shape]

    @property
    def verdict(self) -> str:
        return compare((Output(self.ours[1]),), (Output(self.theirs[1]),))

    def __str__(self) -> str:
        ours, theirs = ("".join(map(str, answer)) for answer in (self.ours, self.theirs))
        return f"{self.verdict} {self.op} {self.place}: we say {ours}, TensorFlow {theirs}"


@cache
def inferred(model: str) -> tuple[list[Answers], list[Problem]]:
    """The answers for all outputs of a model, and what we refuse of it."""
    graph = Graph(built(model).graph_def)
    inference = Inference(graph)
    theirs = dict(tensorflows(built(model).graph_def))
    answers = []
    for body in graph.bodies:
        facts = inference.facts(body)
        for node in body:
            ours = [(dtypes.name(fact.dtype), fact.shape) for fact in facts[node.name] or ()]
            place = f"{body.name or ''}::{node.name}"
            outputs = theirs.pop((body.name, node.name))
            assert len(ours) == len(outputs), f"{node.op} {place}"
            for number, (one, other) in enumerate(zip(ours, outputs, strict=True)):
                answers.append(Answers(node.op, f"{place}:{number}", one, other))
    return answers, inference.problems


def tensorflows(graph_def: Any) -> Iterator[tuple[tuple[str | None, str], list[tuple[str, Shape]]]]:
    """TensorFlow's dtypes and shapes of each node, by function and node."""
    with tf.Graph().as_default() as graph:
        tf.import_graph_def(graph_def, name="")
        functions = [
            function_def_to_graph(function, include_library_functions=True)
            for function in graph_def.library.function
        ]
    for name, body in [(None, graph), *((function.name, function) for function in functions)]:
        for op in body.get_operations():
            yield (name, op.name), [(each.dtype.name, shape_of(each)) for each in op.outputs]


def shape_of(tensor: Any) -> Shape:
    return Shape(None if tensor.shape.rank is None else tensor.shape.as_list())


def test_types(model: str) -> None:
    answers, _ = inferred(model)
    assert not [str(each) for each in answers if each.ours[0] != each.theirs[0]]


def test_nothing_is_refused(model: str) -> None:
    _, problems = inferred(model)
    assert not list(map(str, problems))


def test_shapes(model: str) -> None:
    answers, _ = inferred(model)
    differences = [
        each
        for each in answers
        if each.verdict != Verdict.EQUAL and each.verdict not in tolerated(each.op)
    ]
    assert not list(map(str, differences))
