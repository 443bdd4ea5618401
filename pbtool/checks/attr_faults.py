"""What an op declares of its attrs, and what is wrong with those of a node."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from pbtool import dtypes
from pbtool.opdefs import FIELDS, attr_type

if TYPE_CHECKING:
    from pbtool.schema import AttrValue, NodeDef, OpDef

_TYPE_NAMES = {field: name for name, field in FIELDS.items()}


class AttrFaults(NamedTuple):
    """What is wrong with the attrs of a node: names, and of some the fault.

    Attrs are ``missing`` that the node must have, ``unknown`` where the op does not declare them,
    ``ill_typed`` where they are of another type than declared, and ``disallowed`` where the op does
    not take their value.
    """

    missing: Sequence[str]
    unknown: Sequence[str]
    ill_typed: Sequence[tuple[str, str]]
    disallowed: Sequence[tuple[str, str]]

    @property
    def refused(self) -> bool:
        """Whether TensorFlow refuses the node for them."""
        return bool(self.missing or self.ill_typed or self.disallowed)


class OpAttrs:
    """What an op declares of its attrs, to look at its nodes.

    In a function, its callers may fill in attrs of the nodes.
    """

    def __init__(self, op_def: OpDef, *, in_function: bool) -> None:
        self._required = [attr.name for attr in op_def.attr if not attr.HasField("default_value")]
        args = (*op_def.input_arg, *op_def.output_arg)
        counts = {arg.number_attr for arg in args}
        needed = set() if in_function else counts.union(arg.type_attr for arg in args)
        self._declared = {
            attr.name: _Declared(attr, attr.name in needed, attr.name in counts)
            for attr in op_def.attr
        }

    def faults(self, node: NodeDef) -> AttrFaults | None:
        """What is wrong with the attrs of a node of the op; None if nothing is."""
        attrs, declared = node.attr, self._declared
        for name in attrs:
            known = declared.get(name)
            # Attrs with _ in front are for anybody.
            if not (name[:1] == "_" if known is None else known.is_fine(attrs[name])):
                return self._told(node)
        for name in self._required:
            if name not in attrs:
                return self._told(node)
        return None

    def _told(self, node: NodeDef) -> AttrFaults:
        names = sorted(node.attr)
        held = [(name, self._declared[name], node.attr[name]) for name in names if name in self]
        return AttrFaults(
            sorted(name for name in self._required if name not in names),
            [name for name in names if name not in self and name[:1] != "_"],
            [(name, why) for name, attr, value in held if (why := attr.fault_of_type(value))],
            [(name, why) for name, attr, value in held if (why := attr.fault_of_value(value))],
        )

    def __contains__(self, name: str) -> bool:
        return name in self._declared


class _Declared:
    """What an op declares of one attr, which may be a count of its tensors."""

    def __init__(self, attr: OpDef.AttrDef, needed: bool, is_count: bool) -> None:
        self.fault_of_type = _fault_of_type(attr, needed=needed)
        self.fault_of_value = _fault_of_value(attr, is_count=is_count)
        self.is_fine = self._is_faultless
        if attr.type == "type":  # the most frequent by far
            allowed = frozenset(attr.allowed_values.list.type or dtypes.BY_NUMBER)
            self.is_fine = lambda value: value.type in allowed  # 0, that of other values, is not

    def _is_faultless(self, value: AttrValue) -> bool:
        return not (self.fault_of_type(value) or self.fault_of_value(value))


def _fault_of_type(attr: OpDef.AttrDef, *, needed: bool) -> Callable[[AttrValue], str]:
    """A function that says what is wrong with the type of an attr's value; "" if nothing is.

    A placeholder, which stands for an attr of the function around, is nothing that TensorFlow can
    do without where it is ``needed``.
    """
    of_placeholder = "is a placeholder" if needed else ""
    is_list, kind, field = attr_type(attr)
    has_default = attr.HasField("default_value")
    if not field:  # only functions declare such ones; TensorFlow lets an empty list through
        unheard_of = f"is declared as {attr.type!r}, which is no type of attrs"
        return lambda value: "" if is_list and _is_empty(value) else unheard_of

    def of_one(value: AttrValue) -> str:
        held = value.WhichOneof("value")
        if held == field:
            return _fault_of_dtype(value.type) if kind == "type" else ""
        if held is None:  # importing puts the default there
            return "" if has_default else f"has no value, but is of type {attr.type}"
        if held == "placeholder":
            return of_placeholder
        return f"is of type {_TYPE_NAMES.get(held, held)}, not {attr.type}"

    def of_list(value: AttrValue) -> str:
        held = value.WhichOneof("value")
        if held == "list":
            filled = {each.name for each, _ in value.list.ListFields()}
            if filled - {field}:
                return f"is a list of other things than {kind}s"
            faults = map(_fault_of_dtype, value.list.type) if kind == "type" else ()
            return next(filter(None, faults), "")
        if held is None:  # an empty list
            return ""
        if held == "placeholder":
            return of_placeholder
        return f"is of type {_TYPE_NAMES.get(held, held)}, not {attr.type}"

    return of_list if is_list else of_one


def _is_empty(value: AttrValue) -> bool:
    return value.WhichOneof("value") in (None, "list") and not value.list.ListFields()


def _fault_of_dtype(dtype: int) -> str:
    if dtype in dtypes.BY_NUMBER:
        return ""
    if dtypes.is_ref(dtype) and dtypes.base(dtype) in dtypes.BY_NUMBER:
        return f"is the reference type {dtypes.name(dtype)}"
    return f"is {dtypes.name(dtype)}, no type that TensorFlow has"


def _fault_of_value(attr: OpDef.AttrDef, *, is_count: bool) -> Callable[[AttrValue], str]:
    """A function that says why an op does not take an attr's value; "" if it does."""
    is_list, kind, field = attr_type(attr)
    if not field:
        return lambda _: ""  # another check's
    allowed = set(getattr(attr.allowed_values.list, field)) if kind in ("type", "string") else set()
    minimum = attr.minimum if attr.has_minimum else None
    has_default = attr.HasField("default_value")

    def fault(value: AttrValue) -> str:
        held_in = value.WhichOneof("value")
        is_unset_list = is_list and held_in is None and not has_default
        if held_in != ("list" if is_list else field) and not is_unset_list:
            return ""  # another check's, or the default
        held = getattr(value.list, field) if is_list else [getattr(value, field)]
        if allowed and not allowed.issuperset(held):
            wrong = next(each for each in held if each not in allowed)
            return f"is {_shown(wrong)}, not one of {', '.join(sorted(map(_shown, allowed)))}"
        if minimum is not None and is_list and len(held) < minimum:
            return f"has {len(held)} entries; {minimum} are the least"
        if minimum is not None and not is_list and held[0] < minimum:
            return f"is {held[0]}; {minimum} is the least"
        if is_count and held[0] > _MOST_TENSORS:
            return f"is {held[0]}; no node has so many tensors"
        return ""

    return fault


_MOST_TENSORS = (1 << 31) - 1  # that TensorFlow counts in one list


def _shown(value: int | bytes) -> str:
    if isinstance(value, bytes):
        return repr(value.decode(errors="backslashreplace"))
    return dtypes.name(value)
