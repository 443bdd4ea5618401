"""Checks of ops and their attrs against TensorFlow's op table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from pbtool import dtypes, opdefs
from pbtool.checks.finding import Found
from pbtool.checks.libraries import library_of

if TYPE_CHECKING:
    from pbtool.checks.nodes import BodyNodes
    from pbtool.schema import AttrValue, NodeDef, OpDef

# The field of an AttrValue, or of its list, that holds a value of each declared type.
_FIELDS = {
    "string": "s",
    "int": "i",
    "float": "f",
    "bool": "b",
    "type": "type",
    "shape": "shape",
    "tensor": "tensor",
    "func": "func",
}
_TYPE_NAMES = {field: name for name, field in _FIELDS.items()}


def unknown_ops(body: BodyNodes) -> Iterator[Found]:
    """Nodes whose op TensorFlow does not know."""
    unknown = {op for op in body.counts if body.op_def(op) is None}
    if not unknown:
        return
    for name, op in zip(body.names, body.ops, strict=True):
        if op in unknown:
            yield Found(name, *_unknown(op))


def _unknown(op: str) -> tuple[str, str]:
    if not op:
        return "states no op", ""
    versions = opdefs.versions().get(op)
    if versions is not None:
        remedy = f"use TensorFlow {versions.last}, or make the model anew"
        return f"TensorFlow dropped the op {op} after version {versions.last}", remedy
    library = library_of(op)
    if library is not None:
        return f"TensorFlow itself has no op {op}, but {library.name} does", library.remedy
    return f"TensorFlow has no op {op}", "load the library or plugin that registers it"


class Attrs:
    """What an op declares of its attrs, to look at its nodes."""

    def __init__(self, op_def: OpDef) -> None:
        self.declared = {attr.name: attr for attr in op_def.attr}
        self._required = {attr.name for attr in op_def.attr if not attr.HasField("default_value")}

    @cached_property
    def _faults(self) -> dict[str, Callable[[AttrValue], str]]:
        return {name: _fault_of_type(attr) for name, attr in self.declared.items()}

    @cached_property
    def _limits(self) -> dict[str, Callable[[AttrValue], str]]:
        return {
            name: _fault_of_value(attr)
            for name, attr in self.declared.items()
            if attr.has_minimum or attr.HasField("allowed_values")
        }

    def missing(self, node: NodeDef) -> set[str]:
        """The attrs that the node must have and lacks."""
        return {name for name in self._required if name not in node.attr}

    def unknown(self, node: NodeDef) -> Iterator[str]:
        """The node's attrs that the op does not declare; those with _ in front are for anybody."""
        return (name for name in node.attr if name not in self.declared and name[:1] != "_")

    def ill_typed(self, node: NodeDef) -> Iterator[tuple[str, str]]:
        """The node's attrs of another type than declared, and what is wrong with them."""
        return self._faulty(node, self._faults)

    def disallowed(self, node: NodeDef) -> Iterator[tuple[str, str]]:
        """The node's attrs with a value that the op does not take, and what is wrong with it."""
        return self._faulty(node, self._limits)

    @staticmethod
    def _faulty(
        node: NodeDef, faults: dict[str, Callable[[AttrValue], str]]
    ) -> Iterator[tuple[str, str]]:
        for name, fault in faults.items():
            value = node.attr.get(name)
            if value is not None and (wrong := fault(value)):
                yield name, wrong


def _fault_of_type(attr: OpDef.AttrDef) -> Callable[[AttrValue], str]:
    """A function that says what is wrong with the type of an attr's value; "" if nothing is."""
    is_list = attr.type.startswith("list(")
    kind = attr.type[5:-1] if is_list else attr.type
    field = _FIELDS[kind]
    has_default = attr.HasField("default_value")

    def of_one(value: AttrValue) -> str:
        held = value.WhichOneof("value")
        if held == field:
            return _fault_of_dtype(value.type) if kind == "type" else ""
        if held is None:  # importing puts the default there
            return "" if has_default else f"has no value, but is of type {attr.type}"
        if held == "placeholder":
            return ""
        return f"is of type {_TYPE_NAMES.get(held, held)}, not {attr.type}"

    def of_list(value: AttrValue) -> str:
        held = value.WhichOneof("value")
        if held == "list":
            filled = {each.name for each, _ in value.list.ListFields()}
            if filled - {field}:
                return f"is a list of other things than {kind}s"
            faults = map(_fault_of_dtype, value.list.type) if kind == "type" else ()
            return next(filter(None, faults), "")
        if held is None:
            return "" if has_default else f"has no value, but is of type {attr.type}"
        if held == "placeholder":
            return ""
        return f"is of type {_TYPE_NAMES.get(held, held)}, not {attr.type}"

    return of_list if is_list else of_one


def _fault_of_dtype(dtype: int) -> str:
    if dtype in dtypes.BY_NUMBER:
        return ""
    if dtypes.is_ref(dtype) and dtypes.base(dtype) in dtypes.BY_NUMBER:
        return f"is the reference type {dtypes.name(dtype)}"
    return f"is {dtypes.name(dtype)}, no type that TensorFlow has"


def _fault_of_value(attr: OpDef.AttrDef) -> Callable[[AttrValue], str]:
    """A function that says why an op does not take an attr's value; "" if it does."""
    is_list = attr.type.startswith("list(")
    kind = attr.type[5:-1] if is_list else attr.type
    field = _FIELDS[kind]
    allowed = set(getattr(attr.allowed_values.list, field)) if kind in ("type", "string") else set()
    minimum = attr.minimum if attr.has_minimum else None

    def fault(value: AttrValue) -> str:
        if value.WhichOneof("value") != ("list" if is_list else field):
            return ""  # another check's
        held = getattr(value.list, field) if is_list else [getattr(value, field)]
        if allowed and not allowed.issuperset(held):
            wrong = next(each for each in held if each not in allowed)
            return f"is {_shown(wrong)}, not one of {', '.join(sorted(map(_shown, allowed)))}"
        if minimum is not None and is_list and len(held) < minimum:
            return f"has {len(held)} entries; {minimum} are the least"
        if minimum is not None and not is_list and held[0] < minimum:
            return f"is {held[0]}; {minimum} is the least"
        return ""

    return fault


def _shown(value: int | bytes) -> str:
    if isinstance(value, bytes):
        return repr(value.decode(errors="backslashreplace"))
    return dtypes.name(value)


def _known(body: BodyNodes) -> Iterator[tuple[NodeDef, str, Attrs]]:
    """Each node whose op is known, its name, and what the op declares of its attrs."""
    every = {op: Attrs(op_def) for op in body.counts if (op_def := body.op_def(op)) is not None}
    for node, name, op in zip(body.nodes, body.names, body.ops, strict=True):
        if op in every:
            yield node, name, every[op]


def missing_attrs(body: BodyNodes) -> Iterator[Found]:
    """Attrs without a default that a node lacks."""
    for node, name, attrs in _known(body):
        for attr in sorted(attrs.missing(node)):
            yield Found(name, f"lacks the attr {attr!r}, which {node.op} has no default for")


def unknown_attrs(body: BodyNodes) -> Iterator[Found]:
    """Attrs that the op does not declare."""
    for node, name, attrs in _known(body):
        for attr in sorted(attrs.unknown(node)):
            sentence = f"{node.op} has no attr {attr!r}: TensorFlow ignores it"
            yield Found(name, sentence, "a newer TensorFlow may have written it")


def ill_typed_attrs(body: BodyNodes) -> Iterator[Found]:
    """Attrs of another type than the op declares."""
    for node, name, attrs in _known(body):
        for attr, fault in attrs.ill_typed(node):
            yield Found(name, f"its attr {attr!r} {fault}")


def disallowed_attrs(body: BodyNodes) -> Iterator[Found]:
    """Attrs with values that the op does not take."""
    for node, name, attrs in _known(body):
        for attr, fault in attrs.disallowed(node):
            yield Found(name, f"its attr {attr!r} {fault}")
