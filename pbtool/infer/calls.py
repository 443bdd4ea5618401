"""Calls of functions: which function a node calls, and what is known of a function's arguments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from pbtool import dtypes, instances, opdefs, schema
from pbtool.errors import ShapeError
from pbtool.facts import Fact, Handle
from pbtool.graph import Function
from pbtool.ops import CALLS
from pbtool.shapes import UNKNOWN, Shape

if TYPE_CHECKING:
    from pbtool.schema import AttrValue, NodeDef, OpDef


def called(node: NodeDef) -> str | None:
    """The name of the function a node would call; None where TensorFlow does not look into it."""
    attr = node.attr
    if "_disable_call_shape_inference" in attr and attr["_disable_call_shape_inference"].b:
        return None
    return attr["f"].func.name if node.op in CALLS and "f" in attr else node.op


def attrs_given(function: Function, call: NodeDef) -> dict[str, AttrValue]:
    """The attrs of a call that the function asks for, with defaults; empty where it asks for none.

    Raises ShapeError where the call leaves one open, or states it as another type than declared.
    """
    declared = {attr.name: attr for attr in function.proto.signature.attr}
    if not declared and not function.placeholders:
        return {}
    attrs = {
        name: attr.default_value
        for name, attr in declared.items()
        if attr.HasField("default_value")
    }
    asked = function.placeholders | declared.keys()
    attrs |= {name: value for name, value in instances.given(call).items() if name in asked}
    if "" in function.placeholders:
        node = next(filter(instances.is_unset, function))
        raise ShapeError(
            f"in function {function.name!r}, an attr of node {node.name!r} has no value"
        )
    for name in sorted(asked):
        held = attrs[name].WhichOneof("value") if name in attrs else None
        if name not in attrs or (held is None and name not in declared):
            raise ShapeError(f"function {function.name!r} needs the attr {name!r}")
        if name in declared and not _fits(held, declared[name]):
            raise ShapeError(f"attr {name!r} must be of type {declared[name].type}")
    return attrs


def _fits(held: str | None, attr: OpDef.AttrDef) -> bool:
    """Whether a value in this field is of the type that an attr is declared to be."""
    declared = opdefs.attr_type(attr)
    return held == declared.field or (held is None and declared.is_list)  # an empty list


def instance(function: Function, attrs: Mapping[str, AttrValue]) -> Function:
    """The function with these attrs in place of what stands for them."""
    if not attrs:
        return function
    proto = schema.FunctionDef()
    proto.CopyFrom(function.proto)
    for node in proto.node_def:
        for value in node.attr.values():
            value.CopyFrom(instances.filled(value, attrs))
    for arg in (*proto.signature.input_arg, *proto.signature.output_arg):
        if arg.type_attr in attrs:
            arg.type = attrs[arg.type_attr].type
    return Function(proto, function.graph, function.region)


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
