"""Declarations of ops as text for people, and as plain values for JSON."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from pbtool.render import attr
from pbtool.render.escape import printable
from pbtool.render.listing import argument_type
from pbtool.view.declaration import FILE, FUNCTION

if TYPE_CHECKING:
    from pbtool.schema import OpDef
    from pbtool.view.declaration import Declaration

_WIDTH = 88
_EVERY = 1_000  # items of a list of allowed values: all of them

_NOTES = {
    "is_stateful": "stateful",
    "is_commutative": "commutative",
    "is_aggregate": "aggregate",
    "allows_uninitialized_input": "allows uninitialized input",
    "is_distributed_communication": "communicates with other processes",
}


def signature(op_def: OpDef) -> str:
    """The op's name, inputs and outputs: ``MatMul(a: T, b: T) -> product: T``."""
    results = _arguments(op_def.output_arg) or "nothing"
    return f"{printable(op_def.name)}({_arguments(op_def.input_arg)}) -> {results}"


def _arguments(args: Iterable[OpDef.ArgDef]) -> str:
    return ", ".join(printable(f"{arg.name}: {argument_type(arg)}") for arg in args)


def lines(declared: Declaration, width: int | None = None) -> Iterator[str]:
    """The declaration on lines without line ends: signature, attrs, and notes."""
    op_def = declared.op_def
    yield from _wrapped(signature(op_def), width)
    name_width = max((len(printable(each.name)) for each in op_def.attr), default=0)
    for each in op_def.attr:
        start = f"  {printable(each.name):<{name_width}}  "
        yield from _wrapped(start + _attr(each), width, indent=len(start))
    if notes := "; ".join(_notes(declared)):
        yield from _wrapped(f"({notes})", width)


def _attr(declared: OpDef.AttrDef) -> str:
    """``type in [float32, int32]``, ``int >= 1``, ``bool = false``."""
    text = printable(declared.type)
    if declared.has_minimum and not declared.type.startswith("list"):
        text += f" >= {declared.minimum}"
    elif declared.minimum > 0:
        text += f" of length >= {declared.minimum}"
    if declared.HasField("allowed_values"):
        text += f" in {attr.text(declared.allowed_values, fold=_EVERY)}"
    if declared.HasField("default_value"):
        text += f" = {attr.text(declared.default_value)}"
    return text


def _notes(declared: Declaration) -> Iterator[str]:
    op_def = declared.op_def
    yield from (note for field, note in _NOTES.items() if getattr(op_def, field))
    if declared.origin == FUNCTION:
        yield "a function of this graph"
    if declared.origin == FILE:
        yield "declared by the file, not by TensorFlow"
    if op_def.deprecation.version:
        why = printable(op_def.deprecation.explanation).rstrip(".")
        yield f"deprecated since graph version {op_def.deprecation.version}: {why}"
    if declared.versions is not None and declared.versions.last:
        yield f"TensorFlow {declared.versions.last} was the last that had it"


def documentation(op_def: OpDef, width: int | None = None) -> Iterator[str]:
    """What the declaration says of the op in sentences, on lines without line ends."""
    yield from _wrapped(printable(op_def.summary), width)
    for paragraph in op_def.description.strip().splitlines():
        yield from _wrapped(printable(paragraph), width) if paragraph else [""]


def _wrapped(text: str, width: int | None, indent: int = 4) -> list[str]:
    # Types and names are cut nowhere, so a single long one may stick out.
    return textwrap.wrap(
        text,
        max(width or _WIDTH, indent + 20),
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


# --- JSON ---------------------------------------------------------------------------------------


def declaration_json(declared: Declaration) -> dict[str, Any]:
    """The declaration for JSON; arguments have their types as ``argument_type`` writes them."""
    op_def = declared.op_def
    return {
        "origin": declared.origin,
        "inputs": _arguments_json(op_def.input_arg),
        "outputs": _arguments_json(op_def.output_arg),
        "attrs": [_attr_json(each) for each in op_def.attr],
        **{field.removeprefix("is_"): getattr(op_def, field) for field in _NOTES},
        "deprecated_since": op_def.deprecation.version or None,
        "first_version": declared.versions.first if declared.versions else None,
        "last_version": (declared.versions.last or None) if declared.versions else None,
    }


def _arguments_json(args: Iterable[OpDef.ArgDef]) -> list[dict[str, str]]:
    return [{"name": arg.name, "type": argument_type(arg)} for arg in args]


def _attr_json(declared: OpDef.AttrDef) -> dict[str, Any]:
    default = declared.default_value if declared.HasField("default_value") else None
    allowed = declared.allowed_values if declared.HasField("allowed_values") else None
    return {
        "name": declared.name,
        "type": declared.type,
        "has_default": default is not None,
        "default": None if default is None else attr.value_json(default),
        "allowed": None if allowed is None else attr.value_json(allowed),
        "minimum": declared.minimum if declared.has_minimum else None,
    }
