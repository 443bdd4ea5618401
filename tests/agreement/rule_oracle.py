"""TensorFlow's shape functions, as an engine to ask about cases."""

from __future__ import annotations

import ctypes
import os
from functools import cache

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import tensorflow as tf
from tensorflow.core.framework.cpp_shape_inference_pb2 import CppShapeInferenceResult
from tensorflow.python.client import pywrap_tf_session as c_api

from pbtool.facts import Handle
from pbtool.schema import GraphDef, OpList, TensorShapeProto
from pbtool.shapes import Shape
from tests.rule_case import Output

# The end of each message that comes from a shape function.
_BY_SHAPE_FUNCTION = "with input shapes:"


class InvalidCaseError(Exception):
    """A node that TensorFlow refuses before it asks for shapes: it tells nothing about a rule."""


def tensorflow_engine(graph: GraphDef) -> list[tuple[int, Output]] | None:
    """TensorFlow's answer; raises InvalidCaseError where a node is refused for another reason."""
    fresh = tf.Graph()
    try:
        outputs = _import(fresh, graph.SerializeToString()).outputs
    except tf.errors.OpError as error:
        if _BY_SHAPE_FUNCTION in str(error):
            return None
        raise InvalidCaseError(str(error)) from None
    except (LookupError, MemoryError, RuntimeError, ValueError) as error:
        # A shape function threw a C++ exception, and left the graph locked: it must not be
        # destroyed, for that would wait for the lock.
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(fresh._c_graph))
        raise InvalidCaseError(str(error)) from None
    return [
        (output.dtype.as_datatype_enum, Output(_shape(output), _handles(fresh, output)))
        for output in outputs
    ]


def _import(graph: tf.Graph, serialized: bytes) -> tf.Operation:
    """Import a graph; return the operation of its last node.

    This is what tf.import_graph_def does, without wrapping every node in a Python object, which
    would take most of the time.
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


def _shape(tensor: tf.Tensor) -> Shape:
    try:
        shape = tensor.shape
    except ValueError as error:  # a shape function made a negative size
        raise InvalidCaseError(str(error)) from None
    return Shape(None if shape.rank is None else shape.as_list())


def _handles(graph: tf.Graph, tensor: tf.Tensor) -> tuple[Handle, ...] | None:
    if tensor.dtype.base_dtype not in (tf.resource, tf.variant):
        return None
    with graph._c_graph.get() as c_graph:
        serialized = c_api.GetHandleShapeAndType(c_graph, tensor._as_tf_output())
    data = CppShapeInferenceResult.HandleData.FromString(serialized)
    if not data.is_set:
        return None
    return tuple(
        Handle(
            part.dtype,
            Shape.from_proto(TensorShapeProto.FromString(part.shape.SerializeToString())),
        )
        for part in data.shape_and_type
    )


@cache
def op_names() -> frozenset[str]:
    """The ops that the installed TensorFlow knows."""
    serialized = c_api.TF_GetBuffer(c_api.TF_GetAllOpList())
    return frozenset(op.name for op in OpList.FromString(serialized).op)
