"""What TensorFlow's shape functions answer to one node."""

from __future__ import annotations

import os
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import tensorflow as tf
from tensorflow.python.client import pywrap_tf_session as c_api

from pbtool import dtypes
from pbtool.schema import GraphDef, OpList
from pbtool.shapes import SCALAR, Shape
from tests import rule_table
from tests.rule_engine import as_sizes
from tests.rule_table import Answer, Case, Elements, Operand, Output, graph_def


class InvalidCaseError(Exception):
    """A node that TensorFlow refuses before it asks for shapes: it tells nothing about a rule."""


# The end of each message that comes from a shape function.
_BY_SHAPE_FUNCTION = "with input shapes:"


def answer(case: Case, *, values: bool = False) -> Answer:
    """The shapes of the node's outputs, None where its shape function refuses the inputs.

    With ``values`` also the elements of the first output, where shape functions could ask for them.
    Raises InvalidCaseError where the node is refused for another reason.
    """
    outputs = _outputs(graph_def(case))
    if outputs is None:
        return None
    shapes = [_shape(output.shape) for output in outputs]
    elements: list[Elements | None] = [None] * len(shapes)
    if values and shapes and shapes[0].rank in (0, 1):
        dtype = outputs[0].dtype.as_datatype_enum
        if dtype in (dtypes.INT32, dtypes.INT64):
            elements[0] = _elements(case, dtype, is_scalar=shapes[0].rank == 0)
    return tuple(map(Output, shapes, elements))


def _elements(case: Case, dtype: int, *, is_scalar: bool) -> Elements | None:
    """The elements of the output: Fill makes a shape of them."""
    graph = graph_def(case)
    sizes = "x"
    if is_scalar:
        pack = graph.node.add(name="x1", op="Pack", input=["x"])
        pack.attr["T"].type = dtype
        pack.attr["N"].i = 1
        sizes = "x1"
    graph.node.extend(rule_table.sources("zero", Operand(SCALAR, (0.0,)), dtypes.FLOAT))
    fill = graph.node.add(name="y", op="Fill", input=[sizes, "zero"])
    fill.attr["T"].type = dtypes.FLOAT
    fill.attr["index_type"].type = dtype
    outputs = _outputs(graph)
    return (-2,) if outputs is None else as_sizes(_shape(outputs[0].shape).dims or ())


def _outputs(graph_def: GraphDef) -> list[tf.Tensor] | None:
    """The outputs of a graph's last node; None where a shape function refuses a node."""
    try:
        return _import(tf.Graph(), graph_def.SerializeToString()).outputs
    except tf.errors.OpError as error:
        if _BY_SHAPE_FUNCTION in str(error):
            return None
        raise InvalidCaseError(str(error)) from None


def _import(graph: tf.Graph, serialized: bytes) -> tf.Operation:
    """Import a graph; return the operation of its last node.

    This is what tf.import_graph_def does, without wrapping the other nodes in Python objects:
    six times faster.
    """
    options = c_api.TF_NewImportGraphDefOptions()
    buffer = c_api.TF_NewBufferFromString(serialized)
    try:
        with graph._c_graph.get() as c_graph:
            results = c_api.TF_GraphImportGraphDefWithResults(c_graph, buffer, options)
    finally:
        c_api.TF_DeleteBuffer(buffer)
        c_api.TF_DeleteImportGraphDefOptions(options)
    c_api.TF_DeleteImportGraphDefResults(results)
    operations = list(graph.new_operations())
    return graph._create_op_from_tf_operation(operations[-1], compute_device=False)


def _shape(shape: Any) -> Shape:
    return Shape(None if shape.rank is None else shape.as_list())


def op_names() -> frozenset[str]:
    """The ops that the installed TensorFlow knows."""
    serialized = c_api.TF_GetBuffer(c_api.TF_GetAllOpList())
    return frozenset(op.name for op in OpList.FromString(serialized).op)
