"""``Runtime``: a graph that TensorFlow executes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from pbtool import dtypes
from pbtool.backend.start import refusals, start

Array = Any  # a numpy array of any type

_BATCH = 1 << 27  # bytes of values that are handed over at once


class Value(NamedTuple):
    """A tensor that came out: its dtype, and an array of the numpy type for that dtype."""

    dtype: int
    array: Array


class Runtime:
    """A session of TensorFlow's on a serialized GraphDef, to be used in a ``with`` block.

    ``plain`` executes each node as it stands, without TensorFlow's optimizations of graphs: then
    two graphs of the same ops compute the same bits.
    """

    def __init__(self, graph: bytes, *, plain: bool = False) -> None:
        tensorflow = start()
        v1 = tensorflow.compat.v1
        self._tensorflow = tensorflow
        self._graph = tensorflow.Graph()
        with refusals("import the graph"), self._graph.as_default():
            tensorflow.graph_util.import_graph_def(v1.GraphDef.FromString(graph), name="")
        config = v1.ConfigProto(allow_soft_placement=True)
        if plain:
            config.graph_options.optimizer_options.opt_level = v1.OptimizerOptions.L0
            config.graph_options.rewrite_options.disable_meta_optimizer = True
        self._session = v1.Session(graph=self._graph, config=config)
        self.trace = b""  # the serialized RunMetadata of the last run that was traced

    def __enter__(self) -> Runtime:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def restore(self, prefix: str, variables: Mapping[str, str]) -> None:
        """Read tensors of a checkpoint into variables; ``variables`` gives their names by node."""
        ops = self._tensorflow.raw_ops
        with refusals("restore the checkpoint"), self._graph.as_default():
            assigns = []
            for node, name in variables.items():
                operation = self._graph.get_operation_by_name(node)
                (value,) = ops.RestoreV2(
                    prefix=prefix,
                    tensor_names=[name],
                    shape_and_slices=[""],
                    dtypes=[operation.get_attr("dtype")],
                )
                assigns.append(self._assign(operation, value))
            self._session.run(assigns)

    def fill(self, variables: Mapping[str, str], read: Callable[[str], Array]) -> None:
        """Give variables, by node, the values that are read by what they are called there.

        Few values are in memory at one time.
        """
        with refusals("set the variables"), self._graph.as_default():
            assigns = {}  # all of them first: a session looks at its graph anew after each change
            for node in variables:
                operation = self._graph.get_operation_by_name(node)
                value = self._tensorflow.compat.v1.placeholder(operation.get_attr("dtype"))
                assigns[node] = value, self._assign(operation, value)
            given: dict[Any, Array] = {}
            pending = []
            for number, (node, name) in enumerate(variables.items(), 1):
                value, assign = assigns[node]
                given[value] = _as_fed(value, read(name))
                pending.append(assign)
                if number == len(variables) or sum(each.nbytes for each in given.values()) > _BATCH:
                    self._session.run(pending, given)
                    given, pending = {}, []

    def _assign(self, variable: Any, value: Any) -> Any:
        """The operation that sets a variable."""
        ops = self._tensorflow.raw_ops
        (target,) = variable.outputs
        if variable.type == "VarHandleOp":
            return ops.AssignVariableOp(resource=target, value=value)
        return ops.Assign(ref=target, value=value).op

    def run_nodes(self, nodes: Sequence[str], feeds: Mapping[str, str]) -> None:
        """Run nodes for their effect; the feeds are strings, by tensor."""
        with refusals(f"run {', '.join(nodes)}"):
            operations = [self._graph.get_operation_by_name(name) for name in nodes]
            self._session.run(operations, {_tensor(name): text for name, text in feeds.items()})

    def variables(self, nodes: Sequence[str]) -> list[Value]:
        """The values of variables, by the names of their nodes."""
        ops = self._tensorflow.raw_ops
        tensors = []
        with refusals("read the variables"), self._graph.as_default():
            for name in nodes:
                operation = self._graph.get_operation_by_name(name)
                (tensor,) = operation.outputs
                if operation.type == "VarHandleOp":
                    dtype = operation.get_attr("dtype")
                    tensor = ops.ReadVariableOp(resource=tensor, dtype=dtype)
                tensors.append(tensor)
            arrays = self._session.run(tensors)
        return [
            Value(tensor.dtype.base_dtype.as_datatype_enum, np.asarray(array))
            for tensor, array in zip(tensors, arrays, strict=True)
        ]

    def run(
        self,
        fetches: Sequence[str],
        feeds: Mapping[str, Array],
        *,
        trace: bool = False,
        seconds: float = 0,
    ) -> list[Value]:
        """What comes out of these tensors; ``^node`` runs a node and gives nothing.

        With ``trace``, ``trace`` tells afterwards what was executed when. Raises
        ExecutionError for what TensorFlow refuses, and where it takes longer than ``seconds``,
        unless that is 0.
        """
        v1 = self._tensorflow.compat.v1
        with refusals("execute the graph"):
            tensors = {self._tensor(name): array for name, array in feeds.items()}
            given = {tensor: _as_fed(tensor, array) for tensor, array in tensors.items()}
            wanted = [self._fetch(name) for name in fetches]
            level = v1.RunOptions.FULL_TRACE if trace else v1.RunOptions.NO_TRACE
            options = v1.RunOptions(trace_level=level, timeout_in_ms=round(seconds * 1000))
            metadata = v1.RunMetadata() if trace else None
            results = self._session.run(wanted, given, options=options, run_metadata=metadata)
        self.trace = metadata.SerializeToString() if metadata is not None else b""
        return [
            _value(tensor.dtype.base_dtype.as_datatype_enum, result)
            for tensor, result in zip(wanted, results, strict=True)
            if result is not None
        ]

    def chrome_trace(self) -> str:
        """What was traced, as JSON for chrome://tracing."""
        from tensorflow.python.client import timeline

        metadata = self._tensorflow.compat.v1.RunMetadata.FromString(self.trace)
        text: str = timeline.Timeline(metadata.step_stats).generate_chrome_trace_format()
        return text

    def _fetch(self, name: str) -> Any:
        if name.startswith("^"):
            return self._graph.get_operation_by_name(name[1:])
        return self._tensor(name)

    def _tensor(self, name: str) -> Any:
        return self._graph.get_tensor_by_name(_tensor(name))


def _as_fed(tensor: Any, array: Array) -> Array:
    """The array in the numpy type that TensorFlow has for the tensor's."""
    return np.asarray(array).astype(tensor.dtype.base_dtype.as_numpy_dtype, copy=False)


def _tensor(name: str) -> str:
    return name if ":" in name else f"{name}:0"


def _value(dtype: int, result: Any) -> Value:
    """The value in pbtool's numpy type: TensorFlow's own types for bfloat16 and the like go."""
    array = np.asarray(result)
    row = dtypes.BY_NUMBER.get(dtype)
    if row is not None and row.numpy and array.dtype != np.dtype(row.numpy):
        array = array.astype(row.numpy)
    return Value(dtype, array)
