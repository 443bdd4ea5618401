"""Big constants as variables, which leaves a graph that TensorFlow can import.

Protobuf, and so TensorFlow, reads 2 GB of a message at most, and copies a graph several times when
it imports and executes it. The variables of a session are as big as the memory, and are there once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pbtool import dtypes, schema
from pbtool.editing import edit, region_of
from pbtool.errors import UsageError
from pbtool.graph import Graph
from pbtool.tensors import payload_bytes
from pbtool.writing import PROTOBUF_LIMIT

if TYPE_CHECKING:
    from pbtool.schema import NodeDef

LARGE = 1 << 30  # bytes of a graph of which TensorFlow's copies are worth avoiding

_BIG = 1 << 16  # bytes of a constant: no shape depends on so many
_CONTAINER = "pbtool"  # keeps the variables apart from the graph's own


def size_of(graph: Graph) -> int:
    """The bytes of a graph when it is written."""
    region = region_of(graph)
    return region.end - region.start


def constants_apart(graph: Graph, large: int = LARGE) -> tuple[Graph, Mapping[str, str]]:
    """The graph with variables in place of its big constants, and their names by variable.

    A graph that is not ``large`` stays as it is. Raises UsageError for one that TensorFlow cannot
    import even so.
    """
    size = size_of(graph)
    if size <= large:
        return graph, {}
    edits, constants = {}, {}
    for position, node in enumerate(graph):
        if _is_big(node):
            handle = f"{node.name}/pbtool_variable"
            edits[position] = _as_variable(node, handle)
            constants[handle] = node.name
    result = edit(graph, edits) if edits else graph
    if size_of(result) > PROTOBUF_LIMIT:
        raise UsageError(
            f"the graph takes {size:,} bytes, more than the 2 GB that TensorFlow imports, and "
            "not because of constants that could be set apart",
            remedy="choose outputs that need less of it",
        )
    return result, constants


def _is_big(node: NodeDef) -> bool:
    # With a control input, the constant may lie in a loop, which a variable cannot.
    if node.op != "Const" or node.input or "value" not in node.attr:
        return False
    tensor = node.attr["value"].tensor
    row = dtypes.BY_NUMBER.get(tensor.dtype)
    sizes = [dim.size for dim in tensor.tensor_shape.dim]
    return bool(row and row.numpy) and (payload_bytes(tensor.dtype, sizes) or 0) >= _BIG


def _as_variable(node: NodeDef, handle: str) -> list[NodeDef]:
    """A variable, and the node that reads it under the constant's name."""
    variable = schema.NodeDef(name=handle, op="VarHandleOp", device=node.device)
    tensor = node.attr["value"].tensor
    variable.attr["dtype"].type = tensor.dtype
    variable.attr["shape"].shape.CopyFrom(tensor.tensor_shape)
    variable.attr["shared_name"].s = handle.encode()
    variable.attr["container"].s = _CONTAINER.encode()
    read = schema.NodeDef(name=node.name, op="ReadVariableOp", device=node.device)
    read.input.append(handle)
    read.attr["dtype"].type = tensor.dtype
    return [variable, read]
