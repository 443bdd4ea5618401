"""Who declares an op, and what its inputs and outputs are called."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from pbtool import opdefs

if TYPE_CHECKING:
    from pbtool.graph import Graph
    from pbtool.schema import NodeDef, OpDef

# Who declares an op.
TENSORFLOW = "tensorflow"
FUNCTION = "function"  # a function of the graph, whose signature is the declaration
FILE = "file"  # a custom op, whose declaration came with the meta graph


class Declaration(NamedTuple):
    """The declaration of an op, and who declares it: TENSORFLOW, FUNCTION or FILE.

    ``versions`` tells which TensorFlows know the op; None unless TensorFlow declares it.
    """

    op_def: OpDef
    origin: str
    versions: opdefs.Versions | None


def declaration(graph: Graph, op: str) -> Declaration | None:
    """The declaration of an op of the graph; None if nobody declares it."""
    op_def = graph.op_def(op)
    if op_def is None:
        return None
    if op in opdefs.table():
        return Declaration(op_def, TENSORFLOW, opdefs.versions().get(op))
    return Declaration(op_def, FUNCTION if op in graph.functions else FILE, None)


def argument_names(node: NodeDef, op_def: OpDef | None, *, outputs: bool = False) -> list[str]:
    """The op's name for each input (or output) of the node: ``x``, or ``values[2]`` in a list."""
    if op_def is None:
        return []
    args = op_def.output_arg if outputs else op_def.input_arg
    side = opdefs.outputs(op_def) if outputs else opdefs.inputs(op_def)
    names = []
    for arg, ports in zip(args, side.spans(node), strict=True):
        if arg.number_attr or arg.type_list_attr:
            names += [f"{arg.name}[{index}]" for index in range(len(ports))]
        else:
            names.append(arg.name)
    return names


def has_lists(args: Iterable[OpDef.ArgDef]) -> bool:
    """Whether how many tensors the arguments are depends on the node."""
    return any(arg.number_attr or arg.type_list_attr for arg in args)
