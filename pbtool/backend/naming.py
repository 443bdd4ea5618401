"""Nodes named after the inputs and outputs of a signature."""

from __future__ import annotations

import re

from pbtool import schema
from pbtool.body import parse_input
from pbtool.execution.ports import Port
from pbtool.execution.program import Program
from pbtool.graph import Graph
from pbtool.ops import CALLS
from pbtool.writing import to_bytes

_NAME = re.compile(r"[A-Za-z0-9.][A-Za-z0-9_.\\/>-]*")  # what TensorFlow takes for a node's


def with_names(program: Program) -> tuple[Graph, tuple[Port, ...], tuple[Port, ...]]:
    """The graph with nodes named after the signature's inputs and outputs, where they have none.

    That is so in SavedModels of TensorFlow 2: their graph calls one function, from placeholders
    that are called after the signature.
    """
    graph = program.graph
    calls = [graph[parse_input(port.tensor).node].op in CALLS for port in program.outputs]
    if not program.signature or not any(calls):
        return graph, program.inputs, program.outputs
    proto = schema.GraphDef.FromString(to_bytes(graph))
    taken = {node.name for node in proto.node}
    renamed: dict[str, str] = {}
    inputs, outputs = [], []
    for port in program.inputs:
        name, output = parse_input(port.tensor)
        new = free(port.key, taken)
        if name.startswith(program.signature) and output == 0:
            renamed[name] = new
            taken.add(new)
            port = port._replace(tensor=f"{new}:0")
        inputs.append(port)
    for port, is_call in zip(program.outputs, calls, strict=True):
        if is_call:
            new = free(port.key, taken)
            taken.add(new)
            call = parse_input(port.tensor).node
            node = proto.node.add(name=new, op="Identity", input=[port.tensor, f"^{call}"])
            node.attr["T"].type = port.dtype
            port = port._replace(tensor=f"{new}:0")
        outputs.append(port)
    for node in proto.node:
        node.name = renamed.get(node.name, node.name)
        for position, text in enumerate(node.input):
            tensor = parse_input(text)
            if tensor.node in renamed:
                node.input[position] = str(tensor._replace(node=renamed[tensor.node]))
    return Graph(proto, extra_ops=graph.extra_ops.values()), tuple(inputs), tuple(outputs)


def free(key: str, taken: set[str]) -> str:
    """A node's name that is as close to a key of a signature as may be."""
    name = key if _NAME.fullmatch(key) else re.sub(r"[^A-Za-z0-9_.]", "_", f"x{key}")
    lower = {each.lower() for each in taken}
    number = 0
    result = name
    while result.lower() in lower:
        number += 1
        result = f"{name}_{number}"
    return result
