"""SavedModels that TensorFlow writes, against the graphs that freezes make of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("tensorflow")

import keras
import tensorflow as tf
from keras import layers
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

from pbtool import files
from pbtool.backend.freezing import freeze
from pbtool.differences import Diff, Edited, diff
from pbtool.execution.program import find_program
from pbtool.writing import save

v1 = tf.compat.v1


def said(found: Diff) -> list[str]:
    return [each.sentence for each in found.explanations]


def network(*inner: layers.Layer, shape: tuple[int, ...]) -> keras.Model:
    return keras.Sequential([layers.Input(shape), *inner])


NETWORKS = {
    "convolution": lambda: network(
        layers.Conv2D(4, 3),
        layers.BatchNormalization(),
        layers.DepthwiseConv2D(3),
        layers.Flatten(),
        layers.Dense(5),
        shape=(8, 8, 3),
    ),
    "recurrent": lambda: network(layers.LSTM(4), layers.Dense(2), shape=(5, 3)),
    "embedding": lambda: network(layers.Embedding(7, 3), layers.Dense(2), shape=(5,)),
}


@pytest.fixture(params=NETWORKS)
def exported(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[keras.Model, Path]:
    """A network with values of its own in all variables, and the SavedModel of it."""
    made = NETWORKS[request.param]()
    generator = np.random.default_rng(7)
    made.set_weights([generator.random(each.shape, "f4") for each in made.get_weights()])
    made.export(tmp_path / "saved", verbose=False)
    return made, tmp_path / "saved"


def test_a_freeze_by_tensorflow_changes_nothing_else(exported: tuple[keras.Model, Path]) -> None:
    _, folder = exported
    loaded = tf.saved_model.load(str(folder))  # which has the variables as long as it is there
    concrete = loaded.signatures["serving_default"]
    frozen = convert_variables_to_constants_v2(concrete, lower_control_flow=False)
    path = folder.parent / "frozen.pb"
    path.write_bytes(frozen.graph.as_graph_def().SerializeToString())
    found = diff(files.load(folder), files.load(path))
    assert not found
    count = len(concrete.variables)
    assert said(found) == [f"B is A frozen: {count} variables became constants"]
    assert dict(found.explanations[0].counts)["of these without values to compare"] == 0


def test_a_freeze_of_the_network_itself_does_not_either(
    exported: tuple[keras.Model, Path],
) -> None:
    made, folder = exported
    shape = tf.TensorSpec(made.inputs[0].shape, made.inputs[0].dtype)
    concrete = tf.function(made).get_concrete_function(shape)
    frozen = convert_variables_to_constants_v2(concrete, lower_control_flow=False)
    path = folder.parent / "frozen.pb"
    path.write_bytes(frozen.graph.as_graph_def().SerializeToString())
    assert not diff(files.load(folder), files.load(path))


def test_a_freeze_by_pbtool_does_not_either(exported: tuple[keras.Model, Path]) -> None:
    _, folder = exported
    model = files.load(folder)
    path = folder.parent / "frozen.pb"
    save(freeze(find_program(model)).graph, str(path))
    assert not diff(model, files.load(path))


def test_a_weight_that_changed_is_told(exported: tuple[keras.Model, Path]) -> None:
    made, folder = exported
    path = folder.parent / "frozen.pb"
    save(freeze(find_program(files.load(folder))).graph, str(path))
    weights = made.get_weights()
    weights[-1] = weights[-1] + np.float32(0.25)
    made.set_weights(weights)
    made.export(folder.parent / "changed", verbose=False)
    (edited,) = diff(files.load(folder.parent / "changed"), files.load(path))
    assert isinstance(edited, Edited)
    (change,) = edited.changes
    assert change.comparison.different == weights[-1].size
    assert change.comparison.max_abs == pytest.approx(0.25)


@pytest.mark.parametrize("use_resource", [False, True])
def test_a_session_with_variables(tmp_path: Path, use_resource: bool) -> None:
    with tf.Graph().as_default(), v1.Session() as session:
        x = v1.placeholder(tf.float32, [None, 4], "x")
        options = {"partitioner": v1.fixed_size_partitioner(2), "use_resource": use_resource}
        with v1.variable_scope("net", **options):
            w = v1.get_variable("w", [4, 6])
            b = v1.get_variable("b", [6], partitioner=None)
        y = tf.nn.relu(x @ w + b, "y")
        loss = tf.reduce_sum(y)
        v1.train.AdamOptimizer().minimize(loss)
        variables = len(v1.trainable_variables())
        session.run(v1.global_variables_initializer())
        v1.train.Saver().save(session, str(tmp_path / "model"))
        v1.saved_model.simple_save(session, str(tmp_path / "saved"), {"x": x}, {"y": y})
        frozen = v1.graph_util.convert_variables_to_constants(
            session, session.graph.as_graph_def(), ["y"]
        )
    (tmp_path / "frozen.pb").write_bytes(frozen.SerializeToString())
    for source in ("model.meta", "saved"):
        found = diff(files.load(tmp_path / source), files.load(tmp_path / "frozen.pb"))
        assert not found, source
        assert said(found) == [f"B is A frozen: {variables} variables became constants"]
