"""The graph of a case: what both engines are asked about."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pbtool import dtypes, tensors
from pbtool.schema import GraphDef, NodeDef, TensorProto, TensorShapeProto
from pbtool.shapes import SCALAR, Shape
from tests.rule_case import PRODUCER, Case, Operand

NODE = "x"  # the case's node
ELEMENTS = "x_elements"  # a node whose shape shows the elements of x:0
OFFSET = 1000  # added to elements so that negative ones can be sizes, too


def graph_def(case: Case) -> GraphDef:
    """A graph of a source for each input and, last, the case's node."""
    graph = GraphDef()
    graph.versions.producer = case.producer
    node = NodeDef(name=NODE, op=case.op)
    for name, value in case.attrs.items():
        node.attr[name].CopyFrom(value)
    for operand, dtype in case.operands():
        name = f"i{len(node.input)}"
        graph.node.extend(_sources(name, operand, dtype, case.producer))
        node.input.append(name)
    graph.node.append(node)
    return graph


def ask_for_elements(graph: GraphDef, dtype: int, shape: Shape, *, offset: bool) -> None:
    """Append nodes to a case's graph of which the last has the elements of x:0 for a shape.

    ``dtype`` and ``shape`` are those of x:0. A vector of integers is read as it is, and so shows
    what is known of one that is no constant; everything else is read through other ops. With
    ``offset`` the constant elements are OFFSET more.
    """
    name = NODE
    if dtype not in (dtypes.INT32, dtypes.INT64):
        cast = graph.node.add(name="x_cast", op="Cast", input=[name])
        cast.attr["SrcT"].type, cast.attr["DstT"].type = dtype, dtypes.INT64
        name, dtype = cast.name, dtypes.INT64
    if offset:
        graph.node.extend(_sources("x_offset", Operand(SCALAR, (OFFSET,)), dtype))
        add = graph.node.add(name="x_more", op="AddV2", input=[name, "x_offset"])
        add.attr["T"].type = dtype
        name = add.name
    if shape.rank != 1:
        graph.node.extend(_sources("x_flat", Operand(Shape([1]), (-1,)), dtypes.INT32))
        reshape = graph.node.add(name="x_vector", op="Reshape", input=[name, "x_flat"])
        reshape.attr["T"].type, reshape.attr["Tshape"].type = dtype, dtypes.INT32
        name = reshape.name
    graph.node.extend(_sources("x_zero", Operand(SCALAR, (0.0,)), dtypes.FLOAT))
    fill = graph.node.add(name=ELEMENTS, op="Fill", input=[name, "x_zero"])
    fill.attr["T"].type, fill.attr["index_type"].type = dtypes.FLOAT, dtype


def can_ask_for_elements(dtype: int, shape: Shape) -> bool:
    """Whether ``ask_for_elements`` makes sense for an output of this dtype and shape."""
    return dtype in _COUNTABLE and shape.rank is not None and (shape.elements or 0) <= 64


_COUNTABLE = (dtypes.FLOAT, dtypes.INT32, dtypes.INT64, dtypes.BOOL)


def shape_proto(shape: Shape) -> TensorShapeProto:
    """The TensorShapeProto of a shape."""
    proto = TensorShapeProto(unknown_rank=shape.dims is None)
    for dim in shape.dims or ():
        proto.dim.add().size = -1 if dim is None else dim
    return proto


def tensor_proto(operand: Operand, dtype: int) -> TensorProto:
    """The TensorProto of a constant."""
    array = np.array(operand.elements, dtype=dtypes.BY_NUMBER[dtype].numpy)
    return tensors.to_proto(array.reshape(tuple(operand.shape)), dtype)


def _sources(
    name: str, operand: Operand, dtype: int, producer: int = PRODUCER
) -> Iterator[NodeDef]:
    """The nodes that make an operand; the last one has its name."""
    if operand.elements is not None:
        node = NodeDef(name=name, op="Const")
        node.attr["dtype"].type = dtype
        node.attr["value"].tensor.CopyFrom(tensor_proto(operand, dtype))
        yield node
    elif operand.keys:
        node = NodeDef(name=name, op="MutableHashTableOfTensorsV2")
        node.attr["key_dtype"].type = operand.keys
        node.attr["value_dtype"].type = operand.refers_to
        node.attr["value_shape"].shape.CopyFrom(shape_proto(operand.shape))
        yield node
    elif operand.refers_to and dtype == dtypes.VARIANT:
        yield from _tensor_list(name, operand)
    else:
        node = NodeDef(name=name, op=_source_op(operand, dtype, producer))
        node.attr["dtype"].type = operand.refers_to or dtypes.base(dtype)
        node.attr["shape"].shape.CopyFrom(shape_proto(operand.shape))
        yield node


def _source_op(operand: Operand, dtype: int, producer: int) -> str:
    if operand.refers_to:
        return "VarHandleOp"
    if dtypes.is_ref(dtype):
        return "VariableV2"
    # Up to producer 21 a Placeholder of shape [] is one of any shape.
    return "PlaceholderV2" if producer <= 21 and operand.shape.rank == 0 else "Placeholder"


def _tensor_list(name: str, operand: Operand) -> Iterator[NodeDef]:
    """A list of tensors of the operand's shape."""
    dims = operand.shape.dims
    shape = Operand(SCALAR, (-1,))
    if dims is not None:
        sizes = tuple(-1 if dim is None else dim for dim in dims)
        shape = Operand(Shape([len(dims)]), sizes)
    yield from _sources(f"{name}_shape", shape, dtypes.INT32)
    yield from _sources(f"{name}_count", Operand(SCALAR, (-1,)), dtypes.INT32)
    node = NodeDef(name=name, op="EmptyTensorList", input=[f"{name}_shape", f"{name}_count"])
    node.attr["element_dtype"].type = operand.refers_to
    node.attr["shape_type"].type = dtypes.INT32
    yield node
