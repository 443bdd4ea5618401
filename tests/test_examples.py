"""What parsers of tf.Example ask for; ``tests/agreement/test_examples.py`` parses what is made."""

from __future__ import annotations

import numpy as np
import pytest

from pbtool import dtypes
from pbtool.execution.examples import Examples, Feature, find_examples, serialized
from pbtool.execution.ports import Port
from pbtool.execution.values import RANDOM, make, sizes
from pbtool.graph import Graph
from pbtool.shapes import UNKNOWN
from tests.graphs import graph_def

PARSER = """
    node {{ name: "parse" op: "ParseExampleV2" input: "{source}"
      input: "none" input: "sparse" input: "dense" input: "none" input: "default"
      attr {{ key: "num_sparse" value {{ i: 1 }} }}
      attr {{ key: "sparse_types" value {{ list {{ type: DT_STRING }} }} }}
      attr {{ key: "Tdense" value {{ list {{ type: DT_FLOAT type: DT_INT64 }} }} }}
      attr {{ key: "dense_shapes" value {{ list {{
        shape {{ dim {{ size: 2 }} dim {{ size: 3 }} }} shape {{ dim {{ size: -1 }} }} }} }} }}
    }}
    {constants}
"""

FEATURES = {Feature(b"f", dtypes.FLOAT, 6), Feature(b"i", dtypes.INT64, 2), Feature(b"s", 7, 2)}


def strings(name: str, *values: str) -> str:
    listed = " ".join(f'string_val: "{value}"' for value in values)
    shape = f"tensor_shape {{ dim {{ size: {len(values)} }} }}"
    return (
        f'node {{ name: "{name}" op: "Const" attr {{ key: "dtype" value {{ type: DT_STRING }} }}'
        f' attr {{ key: "value" value {{ tensor {{ dtype: DT_STRING {shape} {listed} }} }} }} }}'
    )


CONSTANTS = strings("none") + strings("sparse", "s") + strings("dense", "f", "i")
X = 'node { name: "x" op: "Placeholder" attr { key: "dtype" value { type: DT_STRING } } }'


def test_a_parser_of_the_graph() -> None:
    text = X + 'node { name: "again" op: "Identity" input: "x" }'
    graph = Graph(graph_def(text + PARSER.format(source="again", constants=CONSTANTS)))
    found = find_examples(graph, "x:0")
    assert found is not None
    assert set(found.features) == FEATURES
    assert not found.is_vector
    assert find_examples(graph, "none:0") is None


def test_a_parser_in_a_function() -> None:
    body = PARSER.format(source="arg", constants=CONSTANTS)
    for name in ("none", "sparse", "dense"):
        body = body.replace(f'input: "{name}"', f'input: "{name}:output:0"')
    text = X + 'node { name: "call" op: "PartitionedCall" input: "x" %s }'
    attr = 'attr { key: "f" value { func { name: "fun" } } }'
    library = 'library { function { signature { name: "fun" input_arg { name: "arg" } } %s } }'
    nodes = body.replace("node {", "node_def {")
    found = find_examples(Graph(graph_def(text % attr + library % nodes)), "x:0")
    assert found is not None
    assert set(found.features) == FEATURES


def test_keys_that_are_not_constant_are_not_known() -> None:
    constants = CONSTANTS.replace('op: "Const"', 'op: "Placeholder"')
    graph = Graph(graph_def(X + PARSER.format(source="x", constants=constants)))
    assert find_examples(graph, "x:0") is None


def test_a_parser_that_lacks_inputs_asks_for_nothing_known() -> None:
    text = PARSER.format(source="x", constants=CONSTANTS)
    cut = text.replace('input: "none" input: "sparse" input: "dense" input: "none"', "")
    assert find_examples(Graph(graph_def(X + cut)), "x:0") is None


def test_an_example_is_what_protobuf_calls_one() -> None:
    dice = np.random.default_rng(0)
    assert serialized([Feature(b"k", dtypes.STRING, 1)], [b"word"], dice) == (
        b"\x0a\x0f\x0a\x0d\x0a\x01k\x12\x08\x0a\x06\x0a\x04word"
    )
    assert serialized([], [b"word"], dice) == b"\x0a\x00"


@pytest.mark.parametrize(("is_vector", "shape"), [(True, (3,)), (False, ())])
def test_random_values_for_a_parser(is_vector: bool, shape: tuple[int, ...]) -> None:
    examples = Examples((Feature(b"f", dtypes.FLOAT, 2),), is_vector)
    port = Port("x", "x:0", dtypes.STRING, UNKNOWN, examples)
    assert sizes(port, unknown=3) == shape
    made = make(RANDOM, port, shape)
    assert made.shape == shape
    assert all(value.startswith(b"\x0a\x13") for value in made.flat)
    assert made.tolist() == make(RANDOM, port, shape).tolist()
