"""TensorFlow's op table: what each op declares about its inputs, outputs and attrs.

The table holds the ops of the TensorFlow that wrote it and those that earlier versions had and
dropped since. It is data, written by ``scripts/update_ops.py``, and loaded when first asked for.
Every output's type follows from it and the node's attrs; no op needs code for that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pbtool import dtypes, schema

if TYPE_CHECKING:
    from pbtool.schema import AttrValue, NodeDef, OpDef

# The dtype of an output that an attr should name but does not, in a node that lacks the attr.
MISSING = 0  # DT_INVALID


_DATA = Path(__file__).with_name("_data")


@cache
def table() -> Mapping[str, OpDef]:
    """Every op that TensorFlow has or had, by name, as its newest declaration."""
    import zlib

    data = zlib.decompress((_DATA / "ops.binpb.z").read_bytes())
    return {op_def.name: op_def for op_def in schema.OpList.FromString(data).op}


class Versions(NamedTuple):
    """The TensorFlow versions that know an op or attr: the first, and the last before it went.

    ``last`` is "" for what the newest version knows. The oldest version that was asked stands for
    all before it.
    """

    first: str
    last: str


@cache
def versions() -> Mapping[str, Versions]:
    """Which versions know each op, and each attr (``Op.attr``) that came later or went earlier.

    ``tensorflow`` itself has the oldest and the newest version that was asked.
    """
    lines = (_DATA / "op_versions.tsv").read_text().splitlines()
    rows = (line.split("\t") for line in lines)
    return {name: Versions(first, last) for name, first, last in rows}


# The field of an AttrValue, or of its list, that holds a value of each declared type.
FIELDS = {
    "string": "s",
    "int": "i",
    "float": "f",
    "bool": "b",
    "type": "type",
    "shape": "shape",
    "tensor": "tensor",
    "func": "func",
}


class AttrType(NamedTuple):
    """What an op declares an attr to be: its ``kind``, or a list of those.

    ``entry`` is the field that holds one of the kind, "" for a kind that TensorFlow does not have,
    as only functions declare it.
    """

    is_list: bool
    kind: str
    entry: str

    @property
    def field(self) -> str:
        """The field of an AttrValue that holds such an attr."""
        return "list" if self.is_list else self.entry


def attr_type(attr: OpDef.AttrDef) -> AttrType:
    """The type that an attr is declared to be."""
    is_list = attr.type.startswith("list(")
    kind = attr.type[5:-1] if is_list else attr.type
    return AttrType(is_list, kind, FIELDS.get(kind, ""))


def attr_value(node: NodeDef, op_def: OpDef, name: str) -> AttrValue | None:
    """The node's attr, or else the default that the op declares, or else None."""
    # Not node.attr[name]: that would insert an empty one.
    value = node.attr.get(name)
    if value is not None:
        return value
    for attr in op_def.attr:
        if attr.name == name:
            return attr.default_value if attr.HasField("default_value") else None
    return None


Types = Callable[["NodeDef"], tuple[int, ...]]  # the dtypes of one argument of a node


def _argument_types(arg: OpDef.ArgDef, op_def: OpDef) -> Types:
    """A function from a node to the dtypes of its tensors for this argument.

    The four ways in which an OpDef declares types are told apart once for an op, not for each of
    its nodes.
    """
    ref = dtypes.REF if arg.is_ref else 0

    name = arg.type_attr

    def of_attr(node: NodeDef) -> tuple[int, ...]:
        value = node.attr.get(name) or attr_value(node, op_def, name)
        return (value.type + ref if value is not None and value.type else MISSING,)

    def of_list(node: NodeDef) -> tuple[int, ...]:
        value = attr_value(node, op_def, arg.type_list_attr)
        return tuple(dtype + ref for dtype in value.list.type) if value is not None else ()

    def of_number(node: NodeDef) -> tuple[int, ...]:
        value = attr_value(node, op_def, arg.number_attr)
        count = value.i if value is not None else 0
        # A damaged count must not become a tuple of a billion entries.
        return single(node) * min(max(count, 0), max(MAX_LIST, len(node.input) + 1))

    fixed = (arg.type + ref,)
    single = of_attr if arg.type_attr else lambda _: fixed
    if arg.number_attr:
        return of_number
    return of_list if arg.type_list_attr else single


MAX_LIST = 1 << 16  # tensors in a list argument, unless the node itself lists more


class Signature:
    """What an OpDef says of the types on one side of an op: its inputs or its outputs."""

    def __init__(self, args: list[OpDef.ArgDef], op_def: OpDef) -> None:
        self.names = tuple(arg.name for arg in args)
        self._types = [_argument_types(arg, op_def) for arg in args]
        # The types of all tensors on this side of a node, in order; most ops have one output.
        self.dtypes: Types = self._types[0] if len(args) == 1 else self._all

    def _all(self, node: NodeDef) -> tuple[int, ...]:
        return tuple(dtype for types in self._types for dtype in types(node))

    def spans(self, node: NodeDef) -> list[range]:
        """Which tensors of this side belong to each argument."""
        result, start = [], 0
        for types in self._types:
            end = start + len(types(node))
            result.append(range(start, end))
            start = end
        return result

    def ports(self, node: NodeDef) -> dict[str, range]:
        """Which tensors of this side belong to the argument of each name."""
        return dict(zip(self.names, self.spans(node), strict=True))


def inputs(op_def: OpDef) -> Signature:
    """The input side of an op."""
    return Signature(list(op_def.input_arg), op_def)


def outputs(op_def: OpDef) -> Signature:
    """The output side of an op."""
    return Signature(list(op_def.output_arg), op_def)
