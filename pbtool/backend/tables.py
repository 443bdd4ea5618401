"""Tables of a frozen graph: they remain, and so does what fills them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from pbtool import schema
from pbtool.backend.naming import free
from pbtool.body import parse_input
from pbtool.editing import edit
from pbtool.execution.tables import FILLERS
from pbtool.graph import Graph
from pbtool.writing import to_bytes

_ASSIGNS = re.compile(r"Assign\w*")


def only_of_tables(
    graph: Graph, outputs: Sequence[str], starts: Sequence[str]
) -> tuple[Graph, str]:
    """The graph with a node that fills the tables and nothing else, and its name: "" for no node.

    ``starts`` are nodes that fill them: the initializer, which also gives variables their first
    values, or no more than is needed.
    """
    needed = graph.ancestors(starts)
    fillers = [node.name for node in graph if FILLERS.fullmatch(node.op) and node.name in needed]
    inside = (node.op for body in graph.functions.values() for node in body)
    if len(starts) == 1 and any(map(FILLERS.fullmatch, inside)):
        return graph, starts[0]
    if not fillers:
        return graph, ""
    needed -= graph.ancestors(parse_input(output).node for output in outputs)
    proto = schema.GraphDef.FromString(to_bytes(graph))
    writers = {f"^{each.name}" for each in graph if each.name in needed and _ASSIGNS.match(each.op)}
    for node in proto.node:
        if not writers.isdisjoint(node.input):
            kept = [text for text in node.input if text not in writers]
            del node.input[:]
            node.input.extend(kept)
    name = free("initialize_tables", {node.name for node in graph})
    proto.node.add(name=name, op="NoOp", input=[f"^{each}" for each in fillers])
    return Graph(proto, extra_ops=graph.extra_ops.values()), name


def with_assets(graph: Graph, assets: Mapping[str, str]) -> Graph:
    """The graph with constants for the paths of its files."""
    edits = {}
    for tensor, path in assets.items():
        name = parse_input(tensor).node
        for position, node in enumerate(graph):
            if node.name == name:
                new = schema.NodeDef(name=name, op="Const")
                new.attr["dtype"].type = schema.DataType.Value("DT_STRING")
                new.attr["value"].tensor.dtype = schema.DataType.Value("DT_STRING")
                new.attr["value"].tensor.tensor_shape.SetInParent()
                new.attr["value"].tensor.string_val.append(path.encode())
                edits[position] = [new]
    return edit(graph, edits) if edits else graph
