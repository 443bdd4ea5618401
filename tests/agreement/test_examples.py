"""TensorFlow parses the tf.Examples that are made for its parsers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("tensorflow")

import tensorflow as tf

from pbtool import files
from pbtool.execution.program import find_program
from pbtool.execution.values import RANDOM, make
from tests.test_corpus import run

pytestmark = pytest.mark.filterwarnings("ignore")  # TensorFlow's own

FEATURES = {
    "floats": tf.io.FixedLenFeature([2, 3], tf.float32),
    "many": tf.io.FixedLenSequenceFeature([2], tf.int64, allow_missing=True),
    "word": tf.io.FixedLenFeature([], tf.string),
    "sparse": tf.io.VarLenFeature(tf.int64),
    "ragged": tf.io.RaggedFeature(tf.float32, row_splits_dtype=tf.int64),
}


class Reader(tf.Module):
    def __init__(self) -> None:
        self.scale = tf.Variable(2.0)

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="examples")])
    def serve(self, examples: tf.Tensor) -> dict[str, tf.Tensor]:
        return self.inner(tf.identity(examples))

    @tf.function
    def inner(self, examples: tf.Tensor) -> dict[str, tf.Tensor]:
        found = tf.io.parse_example(examples, FEATURES)
        return {"scaled": self.scale * found["floats"], "ids": tf.sparse.to_dense(found["sparse"])}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reader")
    module = Reader()
    tf.saved_model.save(module, str(folder), signatures=module.serve)
    return folder


def test_they_are_parsed(model: Path) -> None:
    (port,) = find_program(files.load(model)).inputs
    made = make(RANDOM, port, (3,))
    found = tf.io.parse_example(made.tolist(), FEATURES)
    assert found["floats"].shape == (3, 2, 3)
    assert found["many"].shape == (3, 2, 2)
    assert found["sparse"].dense_shape.numpy().tolist() == [3, 2]
    assert found["ragged"].shape.as_list() == [3, None]
    assert found["ragged"].flat_values.shape == (6,)
    assert np.unique(found["floats"]).size == 18


@pytest.mark.parametrize("api", ["parse_example", "parse_single_example"])
def test_the_ops_of_tensorflow_1(api: str, tmp_path: Path) -> None:
    v1 = tf.compat.v1
    with tf.Graph().as_default() as graph:
        shape = [None] if api == "parse_example" else []
        x = v1.placeholder(tf.string, shape, name="x")
        features = {key: FEATURES[key] for key in ("floats", "word", "sparse")}
        found = getattr(v1, api)(x, features)
        tf.identity(found["floats"], name="y")
    (tmp_path / "g.pb").write_bytes(graph.as_graph_def().SerializeToString())
    words = ["run", str(tmp_path / "g.pb"), "--feed", "x=random", "--fetch", "y"]
    words += ["--shape", "x=4"] if shape else []
    status, output, _ = run(*words)
    assert status == 0
    assert f"float32[{'4,' if shape else ''}2,3]" in output


def test_a_freeze_is_verified_with_them(model: Path, tmp_path: Path) -> None:
    status, output, _ = run("freeze", str(model), "-o", str(tmp_path / "frozen.pb"))
    assert status == 0
    assert "2 outputs equal to the source's, fed with random values" in output
