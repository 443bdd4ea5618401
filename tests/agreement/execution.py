"""The shapes that really come out when a case's node is executed."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import tensorflow as tf

from pbtool import dtypes
from pbtool.shapes import Shape
from tests.agreement.random_values import RandomValues
from tests.case_graph import NODE, graph_def
from tests.rule_case import Case


def executions(case: Case, tries: int) -> Iterator[list[Shape]]:
    """Yield the shapes of the outputs, each time for other inputs that the case allows.

    Inputs that the op refuses to compute yield nothing.
    """
    values = RandomValues(case.op)
    graph = tf.Graph()
    with graph.as_default():
        serialized = graph_def(case).SerializeToString()
        tf.compat.v1.import_graph_def(tf.compat.v1.GraphDef.FromString(serialized), name="")
    outputs = graph.get_operation_by_name(NODE).outputs
    with tf.compat.v1.Session(graph=graph) as session:
        for _ in range(tries):
            feeds = {
                f"i{number}:0": _input(operand.shape, dtype, values)
                for number, (operand, dtype) in enumerate(case.operands())
                if operand.elements is None
            }
            try:
                yield [Shape(array.shape) for array in session.run(outputs, feeds)]
            except tf.errors.OpError:
                continue


def _input(shape: Shape, dtype: int, values: RandomValues) -> np.ndarray:
    if shape.dims is None:
        shape = values.shape(known=True)
    dims = [values.dimension(known=True) if dim is None else dim for dim in shape.known_dims]
    count = int(np.prod(dims))
    elements = [values.element(dtype) for _ in range(count)]
    return np.array(elements, dtypes.BY_NUMBER[dtype].numpy).reshape(dims)
