"""What ``list`` writes as csv, against what TensorFlow itself says of the same graph."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest

import pbtool
from pbtool import cli
from tests.corpus import FOLDER, needs_corpus

tf = pytest.importorskip("tensorflow")

EXAMPLES = Path(__file__).parents[2] / "examples"
GRAPHS = sorted(FOLDER.glob("frozen/*")) + sorted(FOLDER.glob("text/*"))


def listed(path: Path) -> list[list[str]]:
    output = io.StringIO()
    assert cli.main(["list", str(path), "--main", "--format", "csv"], stdout=output) == 0
    return list(csv.reader(io.StringIO(output.getvalue())))


def tensorflows(path: Path) -> list[list[str]]:
    """The tutorial's listing: every operation with its outputs as TensorFlow prints them."""
    graph_def = tf.compat.v1.GraphDef.FromString(pbtool.load(path).graph.proto.SerializeToString())
    with tf.Graph().as_default() as graph:
        tf.import_graph_def(graph_def, name="")
    rows = {
        op.name: [op.name, op.type, "; ".join(map(str, op.outputs))]
        for op in graph.get_operations()
    }
    return [["name", "type", "output"], *(rows[node.name] for node in graph_def.node)]


@pytest.mark.parametrize("name", ["unfrozen.pb", "frozen.pb", "model.ckpt.meta"])
def test_the_examples_line_by_line(name: str) -> None:
    assert listed(EXAMPLES / name) == tensorflows(EXAMPLES / name)


@needs_corpus
@pytest.mark.parametrize("path", GRAPHS, ids=lambda path: path.name)
def test_the_corpus_line_by_line(path: Path) -> None:
    try:
        expected = tensorflows(path)
    except (ValueError, tf.errors.NotFoundError) as error:
        pytest.skip(f"TensorFlow refuses this graph: {str(error)[:60]}")
    shapeless = [[without_shapes(cell) for cell in row] for row in expected]
    assert [[without_shapes(cell) for cell in row] for row in listed(path)] == shapeless


def without_shapes(cell: str) -> str:
    return re.sub(r", shape=\([^)]*\)", "", cell)


def test_a_graph_of_tensorflows_own_class() -> None:
    with tf.Graph().as_default() as graph:
        x = tf.compat.v1.placeholder(tf.float32, [None, 3], name="x")
        tf.nn.relu(x, name="y")
    ours = pbtool.Graph(graph.as_graph_def())
    assert [(node.name, node.op) for node in ours] == [("x", "Placeholder"), ("y", "Relu")]
    assert str(pbtool.Inference(ours).outputs("y")[0]) == "float32[?,3]"
