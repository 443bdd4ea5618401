"""A whole graph, and what comes out of every node when it is executed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf

from pbtool.schema import TensorShapeProto
from pbtool.shapes import Shape

v1 = tf.compat.v1

Feeds = dict[str, np.ndarray]  # by tensor; the first dimension is the batch


@dataclass(frozen=True)
class Model:
    """A graph and how to execute it: what to feed, and the operations to run once beforehand.

    Without feeds and operations to run, it is not executed.
    """

    graph_def: v1.GraphDef
    feeds: Feeds = field(default_factory=dict)
    setup: tuple[str, ...] = ()

    @property
    def is_executable(self) -> bool:
        """Whether it is known how to execute it."""
        return bool(self.feeds or self.setup)

    def batch(self, size: int) -> Feeds:
        """The feeds, made that many examples by repeating them."""
        return {
            key: np.resize(value, (size, *value.shape[1:])) for key, value in self.feeds.items()
        }


class Output(NamedTuple):
    """What one execution of a node made: a loop executes it many times."""

    node: str
    number: int
    dtype: int
    shape: Shape


def execute(model: Model, feeds: Feeds) -> Iterator[Output]:
    """Yield all outputs of all nodes that are alive, inside of loops too.

    They are those that TensorFlow's tracing of an execution records: nothing need be fetched, so
    that no branch that is not taken is in the way.
    """
    with tf.Graph().as_default() as graph:
        tf.import_graph_def(model.graph_def, name="")
    targets = _targets(graph, {tensor.rpartition(":")[0] for tensor in feeds})
    options = v1.RunOptions(trace_level=v1.RunOptions.FULL_TRACE)
    trace = v1.RunMetadata()
    with v1.Session(graph=graph, config=without_optimization()) as session:
        session.run([graph.get_operation_by_name(name) for name in model.setup])
        session.run(targets, feeds, options=options, run_metadata=trace)
    names = {node.name for node in model.graph_def.node}
    for device in trace.step_stats.dev_stats:
        for node in device.node_stats:
            for output in node.output if node.node_name in names else ():
                tensor = output.tensor_description
                shape = TensorShapeProto.FromString(tensor.shape.SerializeToString())
                yield Output(node.node_name, output.slot, tensor.dtype, Shape.from_proto(shape))


def without_optimization() -> v1.ConfigProto:
    """The configuration of a session that executes each node as it stands."""
    config = v1.ConfigProto()
    config.graph_options.optimizer_options.opt_level = v1.OptimizerOptions.L0
    config.graph_options.rewrite_options.disable_meta_optimizer = True
    return config


# They need what is outside of the graph: a feed that nobody gives, or files.
_OUTSIDE = frozenset({"Placeholder", "RestoreV2", "SaveV2"})


def _targets(graph: tf.Graph, fed: set[str]) -> list[tf.Operation]:
    """The operations that can be executed when those are fed."""
    missing = {op for op in graph.get_operations() if op.type in _OUTSIDE and op.name not in fed}
    pending = list(missing)
    while pending:
        op = pending.pop()
        users = {*op._control_outputs, *(user for out in op.outputs for user in out.consumers())}
        pending += users - missing
        missing |= users
    return [op for op in graph.get_operations() if op not in missing and op.name not in fed]


def floats(*dims: int) -> np.ndarray:
    """Random numbers of either sign, the same each time."""
    return np.random.default_rng(0).normal(size=dims).astype(np.float32)
