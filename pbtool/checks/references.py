"""What the inputs of nodes in a function refer to, as checks have to know it: or to nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pbtool.body import Input

if TYPE_CHECKING:
    from pbtool.checks.nodes import BodyNodes

UNKNOWN_OUTPUT = -2  # an output that its node does not declare under this name

_INDEX = re.compile("0|[1-9][0-9]{0,9}")  # of an output: TensorFlow compares texts


def tensors(body: BodyNodes, text: str) -> list[Input]:
    """The tensors of a data input; one UNKNOWN_OUTPUT where there is none such."""
    name, *port = text.split(":")
    position = body.positions.get(name)
    if position is None or position >= len(body.nodes):
        return [Input(name, 0 if not port or port == ["0"] else UNKNOWN_OUTPUT)]
    if not 1 <= len(port) <= 2 or not all(map(_INDEX.fullmatch, port[1:])):
        return [Input(name, UNKNOWN_OUTPUT)]
    op = body.ops[position]
    if op not in body.outputs:
        return [Input(name, 0)]
    if position in body.open:
        return [Input(name, 0 if _may_have(body, op, *port) else UNKNOWN_OUTPUT)]
    output = body.outputs[op].ports(body.nodes[position]).get(port[0])
    if output is None:
        return [Input(name, UNKNOWN_OUTPUT)]
    if len(port) == 1:
        return [Input(name, number) for number in output]
    number = int(port[1])
    return [Input(name, output[number] if number < len(output) else UNKNOWN_OUTPUT)]


def _may_have(body: BodyNodes, op: str, output: str, number: str = "0") -> bool:
    """Whether a node of the op may have an output, before it says how many there are."""
    op_def = body.op_def(op)
    args = () if op_def is None else op_def.output_arg
    return any(
        number == "0" or arg.number_attr or arg.type_list_attr for arg in args if arg.name == output
    )
