"""One node to ask shape rules about: its op, its attrs, and what is known of its inputs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from pbtool import dtypes, opdefs
from pbtool.facts import Handle
from pbtool.schema import AttrValue, NameAttrList, OpDef, TensorProto, TensorShapeProto
from pbtool.shapes import UNKNOWN, Shape

PRODUCER = 2517  # of the TensorFlow that the rules are held against


class Operand(NamedTuple):
    """One input tensor: its shape, its elements where it is a constant, what it refers to."""

    shape: Shape = UNKNOWN
    elements: tuple[Any, ...] | None = None
    refers_to: int = 0  # to tensors of this dtype and of the shape above
    keys: int = 0  # the dtype of the keys, where it is a table of such tensors


Input = Operand | tuple[Operand, ...]  # a tuple for a list input
Attrs = dict[str, AttrValue]


class Case(NamedTuple):
    """One node: its op, all its attrs, its inputs, and the version of the graph's writer."""

    op: str
    attrs: Attrs
    inputs: tuple[Input, ...]
    producer: int = PRODUCER

    @property
    def op_def(self) -> OpDef:
        """The op's declaration."""
        return opdefs.table()[self.op]

    def operands(self) -> Iterator[tuple[Operand, int]]:
        """Each input tensor, with its dtype."""
        for arg, value in zip(self.op_def.input_arg, self.inputs, strict=True):
            operands = [value] if isinstance(value, Operand) else value
            yield from zip(operands, operand_types(arg, self.attrs), strict=True)


class Output(NamedTuple):
    """One output tensor: its shape, what it refers to if it is a resource or variant, and its
    elements where they are asked for."""

    shape: Shape
    handles: tuple[Handle, ...] | None = None
    elements: tuple[int | None, ...] | None = None


Answer = tuple[Output, ...] | None  # None: the node is refused


def newest_producer(op_def: OpDef) -> int:
    """The newest version of a graph's writer that may use the op."""
    return op_def.deprecation.version - 1 if op_def.deprecation.version else PRODUCER


def is_list(arg: OpDef.ArgDef) -> bool:
    """Whether an input of an op is a list of tensors."""
    return bool(arg.number_attr or arg.type_list_attr)


def operand_types(arg: OpDef.ArgDef, attrs: Attrs) -> list[int]:
    """The dtypes of the tensors of one input, in a node with these attrs."""
    ref = dtypes.REF if arg.is_ref else 0
    if arg.type_list_attr:
        return [dtype + ref for dtype in attrs[arg.type_list_attr].list.type]
    dtype = (arg.type or attrs[arg.type_attr].type) + ref
    return [dtype] * (attrs[arg.number_attr].i if arg.number_attr else 1)


def complete(op_def: OpDef, attrs: Attrs, counts: Sequence[int]) -> Attrs:
    """All attrs of a node of which some are given; ``counts`` has the tensors of each input.

    What follows from the inputs comes before the op's default, and that before a free choice.
    """
    follows = dict(_following(op_def, counts))
    result = {}
    for attr in op_def.attr:
        if attr.name in attrs:
            value = attrs[attr.name]
        elif attr.name in follows:
            value = _repeated(attr, follows[attr.name])
        elif attr.HasField("default_value"):
            value = attr.default_value
        else:
            value = _choose(attr)
        result[attr.name] = value
    return result


def _following(op_def: OpDef, counts: Sequence[int]) -> Iterator[tuple[str, int]]:
    """The attrs that follow from the number of tensors in an input, and that number."""
    for arg, count in zip(op_def.input_arg, counts, strict=True):
        if is_list(arg):
            yield arg.number_attr or arg.type_list_attr, count


def _repeated(attr: OpDef.AttrDef, count: int) -> AttrValue:
    if attr.type == "int":
        return AttrValue(i=count)
    value = AttrValue()
    value.list.type.extend([_usual_type(attr)] * count)
    return value


def _usual_type(attr: OpDef.AttrDef) -> int:
    allowed = list(attr.allowed_values.list.type)
    return dtypes.FLOAT if not allowed or dtypes.FLOAT in allowed else allowed[0]


def _choose(attr: OpDef.AttrDef) -> AttrValue:
    """The simplest value of an attr that has no default."""
    kind = attr.type.removeprefix("list(").removesuffix(")")
    if kind == attr.type:
        value = AttrValue()
        put(value, kind, _SIMPLEST[kind](attr))
        return value
    value = AttrValue()
    value.list.SetInParent()
    if attr.name in ("strides", "ksize"):
        value.list.i.extend([1] * max(attr.minimum, 4))
    else:
        getattr(value.list, FIELDS[kind]).extend([_SIMPLEST[kind](attr)] * attr.minimum)
    return value


def put(value: AttrValue, kind: str, content: Any) -> None:
    """Set an attr's value; ``kind`` is the attr's declared type."""
    field = FIELDS[kind]
    if field in ("shape", "tensor", "func"):
        getattr(value, field).CopyFrom(content)
    else:
        setattr(value, field, content)


# The field of AttrValue, by the declared type of an attr.
FIELDS = {
    "int": "i",
    "float": "f",
    "bool": "b",
    "type": "type",
    "string": "s",
    "shape": "shape",
    "func": "func",
    "tensor": "tensor",
}

_SIMPLEST: dict[str, Callable[[OpDef.AttrDef], Any]] = {
    "int": lambda attr: max(attr.minimum, 0) if attr.has_minimum else 0,
    "float": lambda _: 0.0,
    "bool": lambda _: False,
    "type": _usual_type,
    "string": lambda attr: (*attr.allowed_values.list.s, b"")[0],
    "shape": lambda _: TensorShapeProto(unknown_rank=True),
    "func": lambda _: NameAttrList(name="f"),
    "tensor": lambda _: TensorProto(dtype=dtypes.FLOAT, float_val=[0.0]),
}
