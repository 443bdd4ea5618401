"""Calls of functions: which function a node calls, and what is known of a function's arguments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pbtool import dtypes
from pbtool.facts import Fact, Handle
from pbtool.graph import Function
from pbtool.ops import CALLS
from pbtool.shapes import UNKNOWN, Shape

if TYPE_CHECKING:
    from pbtool.schema import NodeDef


def called(node: NodeDef) -> str | None:
    """The name of the function a node would call; None where TensorFlow does not look into it."""
    attr = node.attr
    if "_disable_call_shape_inference" in attr and attr["_disable_call_shape_inference"].b:
        return None
    return attr["f"].func.name if node.op in CALLS and "f" in attr else node.op


def arguments(
    function: Function, known: Sequence[Fact] | None = None
) -> dict[str, tuple[Fact, ...]]:
    """The facts of a function's arguments: those of a call, or else as its attrs state them."""
    signature = function.proto.signature
    if known is not None:
        pairs = zip(signature.input_arg, known, strict=True)
        return {arg.name: (fact._replace(dtype=arg.type),) for arg, fact in pairs}
    shapes = [UNKNOWN] * len(signature.input_arg)
    stated = function.proto.attr.get("_input_shapes")
    if stated is not None and len(stated.list.shape) == len(shapes):
        shapes = [Shape.from_proto(proto) for proto in stated.list.shape]
    facts: dict[str, tuple[Fact, ...]] = {}
    for number, arg in enumerate(signature.input_arg):
        shape, handles = shapes[number], None
        if number in function.proto.arg_attr:
            own = function.proto.arg_attr[number].attr.get("_output_shapes")
            if own is not None:
                protos = own.list.shape if own.WhichOneof("value") == "list" else [own.shape]
                shape = Shape.from_proto(protos[0]) if protos else shape
        if arg.handle_data:
            shape = UNKNOWN if arg.type == dtypes.RESOURCE else shape
            handles = tuple(
                Handle(data.dtype, Shape.from_proto(data.shape)) for data in arg.handle_data
            )
        facts[arg.name] = (Fact(arg.type, shape, None, handles),)
    return facts
