"""What a freeze needs of TensorFlow: functions inlined, variables turned into constants."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from pbtool.backend.start import refusals, start
from pbtool.ops import FUNCTIONAL

Array = Any  # a numpy array of any type

_BIG = 1 << 16  # bytes
_READ = "/Read/ReadVariableOp"  # behind a handle's name: what TensorFlow's freezer asks to read


def inline(graph: bytes, fetches: Sequence[str], *, lower_control_flow: bool) -> bytes:
    """The serialized graph with function calls replaced by what the functions do.

    ``fetches`` are the tensors and nodes that must remain. With ``lower_control_flow``, If and
    While become Switch, Merge and the like.
    """
    tensorflow = start()
    from tensorflow.core.protobuf import meta_graph_pb2
    from tensorflow.python.grappler import tf_optimizer

    meta_graph = meta_graph_pb2.MetaGraphDef()
    graph_def = meta_graph.graph_def
    graph_def.ParseFromString(graph)
    for function in graph_def.library.function:
        # An implementation for other devices to choose from keeps a function from being inlined.
        if "api_implements" in function.attr:
            del function.attr["api_implements"]
    for node in _nodes(graph_def):
        if node.op in FUNCTIONAL:
            node.attr["_lower_using_switch_merge"].b = lower_control_flow
        if node.op == "Placeholder" and "shape" not in node.attr:
            # The optimizer refuses a placeholder without the attr; this is its default.
            node.attr["shape"].shape.unknown_rank = True
    # Where TensorFlow's optimizer looks for what it must keep.
    meta_graph.collection_def["train_op"].node_list.value.extend(fetches)
    config = tensorflow.compat.v1.ConfigProto()
    options = config.graph_options.rewrite_options
    options.min_graph_nodes = -1  # small graphs, too
    options.optimizers.append("function")
    with refusals("inline the functions"):
        result: bytes = tf_optimizer.OptimizeGraph(config, meta_graph).SerializeToString()
    return result


def to_constants(graph: bytes, arrays: Mapping[str, Array], outputs: Sequence[str]) -> bytes:
    """The serialized graph with these variables, given by node, as constants.

    ``outputs`` are the nodes that are kept, with all that they need. Big arrays are left out, as
    ``stands_in`` tells.
    """
    v1 = start().compat.v1
    from tensorflow.python.framework import convert_to_constants

    graph_def = v1.GraphDef.FromString(graph)
    for node in _nodes(graph_def):
        # What was true of the handle of a variable is not of its value.
        if node.op in FUNCTIONAL and "_output_shapes" in node.attr:
            del node.attr["_output_shapes"]
    with refusals("turn the variables into constants"):
        converted = convert_to_constants.convert_variables_to_constants_from_session_graph(
            _Values(arrays), graph_def, list(outputs), variable_names_allowlist=set(arrays)
        )
    result: bytes = converted.SerializeToString()
    return result


def _nodes(graph_def: Any) -> Iterator[Any]:
    """The nodes of a graph and of its functions."""
    yield from graph_def.node
    for function in graph_def.library.function:
        yield from function.node_def


class _Values:
    """What TensorFlow's freezer takes for a session: it asks for the values of variables."""

    def __init__(self, arrays: Mapping[str, Array]) -> None:
        self._arrays = arrays

    def run(self, tensors: Sequence[str]) -> list[Array]:
        names = (tensor.removesuffix(":0").removesuffix(_READ) for tensor in tensors)
        arrays = (self._arrays[name] for name in names)
        return [_StandIn(array) if stands_in(array) else array for array in arrays]


def stands_in(array: Array) -> bool:
    """Whether a constant of one zero stands for an array at first: constants are copied often."""
    return array.nbytes >= _BIG and array.dtype.kind in "fiucb"


class _StandIn:
    """The type and shape of an array, with one zero for all its elements."""

    def __init__(self, array: Array) -> None:
        self.shape = array.shape
        self._dtype = array.dtype

    def __array__(self, *_: Any, **__: Any) -> Array:
        return np.zeros((), self._dtype)
