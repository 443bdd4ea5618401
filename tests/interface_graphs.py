"""Graphs whose inputs and outputs are to be guessed, and the guesses in short."""

from __future__ import annotations

from collections.abc import Sequence

from pbtool.graph import Graph
from pbtool.infer import Inference
from pbtool.interface import Endpoint, find_interface
from tests.graphs import graph_def

PLACEHOLDER = """
node { name: "%s" op: "%s" attr { key: "dtype" value { type: %s } }
  attr { key: "shape" value { shape { %s } } } }
"""


def placeholder(
    name: str, dims: Sequence[int] = (), dtype: str = "DT_FLOAT", op: str = "Placeholder"
) -> str:
    return PLACEHOLDER % (name, op, dtype, " ".join(f"dim {{ size: {dim} }}" for dim in dims))


def node(name: str, op: str, *inputs: str, dtype: str = "T") -> str:
    texts = " ".join(f'input: "{text}"' for text in inputs)
    attr = f'attr {{ key: "{dtype}" value {{ type: DT_FLOAT }} }}'
    return f'node {{ name: "{name}" op: "{op}" {texts} {attr} }}\n'


def graph(*nodes: str) -> Graph:
    return Graph(graph_def("versions { producer: 27 }" + "".join(nodes)))


def inputs(model: Graph) -> list[tuple[str, str]]:
    return said(find_interface(model, Inference(model).facts).inputs)


def outputs(model: Graph) -> list[tuple[str, str]]:
    return said(find_interface(model, Inference(model).facts).outputs)


def said(endpoints: Sequence[Endpoint]) -> list[tuple[str, str]]:
    return [(endpoint.name, endpoint.confidence) for endpoint in endpoints]


def reason(endpoints: Sequence[Endpoint], name: str) -> str:
    return next(endpoint.reason for endpoint in endpoints if endpoint.name == name)
