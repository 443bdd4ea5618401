"""Write the example models in ``examples/`` with the installed tensorflow.

    python scripts/make_examples.py [FOLDER]

It is the graph of a tutorial for TensorFlow 1: ``sum_operation`` adds the placeholder ``var1`` and
the variables ``var2`` (50) and ``var3`` (1000), by way of ``var4op1``. Written are the graph as it
was built, the same graph frozen, and its checkpoint.
"""

from __future__ import annotations

import sys
from pathlib import Path

import tensorflow as tf

v1 = tf.compat.v1
ROOT = Path(__file__).resolve().parent.parent


def build() -> tf.Graph:
    """The tutorial's graph, with variables that are references, as TensorFlow 1 made them."""
    graph = v1.Graph()
    with graph.as_default():
        var1 = v1.placeholder(tf.int32, shape=(), name="var1")
        var2 = v1.Variable(50, name="var2", use_resource=False)
        var3 = v1.Variable(1000, name="var3", use_resource=False)
        var4op1 = v1.add(var1, var2, name="var4op1")
        v1.add(var4op1, var3, name="sum_operation")
    return graph


def main(folder: Path) -> None:
    """Write all examples into the folder."""
    folder.mkdir(exist_ok=True)
    graph = build()
    built = graph.as_graph_def()
    (folder / "unfrozen.pb").write_bytes(built.SerializeToString(deterministic=True))
    with v1.Session(graph=graph) as session:
        session.run([variable.initializer for variable in graph.get_collection("variables")])
        frozen = v1.graph_util.convert_variables_to_constants(session, built, ["sum_operation"])
        (folder / "frozen.pb").write_bytes(frozen.SerializeToString(deterministic=True))
        saver = v1.train.Saver(graph.get_collection("variables"))
        saver.save(session, str(folder / "model.ckpt"), write_state=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "examples")
