"""Gathers from variables, in terms that a freeze can handle.

TensorFlow's freezer leaves ResourceGather and ResourceGatherNd in functions as they are, and
refuses those with batch dimensions. To read the variable and gather from its value is the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pbtool import dtypes, schema
from pbtool.body import Body
from pbtool.editing import NodeEdits, edit
from pbtool.graph import Graph

if TYPE_CHECKING:
    from pbtool.schema import NodeDef

_VALUES = {"ResourceGather": "GatherV2", "ResourceGatherNd": "GatherNd"}


def read_before_gather(graph: Graph) -> Graph:
    """The graph with a ReadVariableOp before each gather from a variable."""
    functions = {name: _edits(body) for name, body in graph.functions.items()}
    nodes, functions = _edits(graph), {name: edits for name, edits in functions.items() if edits}
    return edit(graph, nodes, functions) if nodes or functions else graph


def _edits(body: Body) -> NodeEdits:
    return {
        position: _parts(node, in_function=body.name is not None)
        for position, node in enumerate(body)
        if node.op in _VALUES
    }


def _parts(node: NodeDef, *, in_function: bool) -> list[NodeDef]:
    """The nodes that stand for a gather: one that reads, one for the axis, and one that gathers."""
    resource, indices, *control = node.input
    batch_dims = node.attr["batch_dims"].i if "batch_dims" in node.attr else 0
    read = schema.NodeDef(name=f"{node.name}/read", op="ReadVariableOp", input=[resource])
    read.device = node.device
    read.attr["dtype"].CopyFrom(node.attr["dtype"])
    gather = schema.NodeDef(name=node.name, op=_VALUES[node.op], device=node.device)
    gather.input.extend([f"{read.name}:value:0" if in_function else read.name, indices])
    gather.attr["Tparams"].CopyFrom(node.attr["dtype"])
    gather.attr["Tindices"].CopyFrom(node.attr["Tindices"])
    parts = [read]
    if gather.op == "GatherV2":
        axis = schema.NodeDef(name=f"{node.name}/axis", op="Const", device=node.device)
        axis.attr["dtype"].type = dtypes.INT32
        axis.attr["value"].tensor.dtype = dtypes.INT32
        axis.attr["value"].tensor.tensor_shape.SetInParent()
        axis.attr["value"].tensor.int_val.append(batch_dims)
        gather.input.append(f"{axis.name}:output:0" if in_function else axis.name)
        gather.attr["Taxis"].type = dtypes.INT32
        gather.attr["batch_dims"].i = batch_dims
        parts.append(axis)
    gather.input.extend(control)
    return [*parts, gather]
