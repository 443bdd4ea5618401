"""Checks of ops and their attrs against TensorFlow's op table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pbtool import opdefs
from pbtool.checks.finding import Found
from pbtool.checks.libraries import library_of

if TYPE_CHECKING:
    from pbtool.checks.nodes import BodyNodes


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
    versions, library = opdefs.versions().get(op), library_of(op)
    if versions is not None:
        of = f"the op {op}" + (f" of {library.name}" if library else "")
        remedy = f"use TensorFlow {versions.last}, or make the model anew"
        return f"TensorFlow dropped {of} after version {versions.last}", remedy
    if library is not None:
        return f"TensorFlow itself has no op {op}, but {library.name} does", library.remedy
    return f"TensorFlow has no op {op}", "load the library or plugin that registers it"


def missing_attrs(body: BodyNodes) -> Iterator[Found]:
    """Attrs without a default that a node lacks."""
    for position, faults in body.attr_faults.items():
        for attr in faults.missing:
            sentence = f"lacks the attr {attr!r}, which {body.ops[position]} has no default for"
            yield Found(body.names[position], sentence)


def unknown_attrs(body: BodyNodes) -> Iterator[Found]:
    """Attrs that the op does not declare."""
    functions = body.whole.graph.functions
    for position, faults in body.attr_faults.items():
        function = functions.get(body.ops[position])
        asked = frozenset() if function is None else function.placeholders
        for attr in (attr for attr in faults.unknown if attr not in asked):
            sentence = f"{body.ops[position]} has no attr {attr!r}: TensorFlow ignores it"
            yield Found(body.names[position], sentence, "a newer TensorFlow may have written it")


def ill_typed_attrs(body: BodyNodes) -> Iterator[Found]:
    """Attrs of another type than the op declares."""
    for position, faults in body.attr_faults.items():
        for attr, fault in faults.ill_typed:
            yield Found(body.names[position], f"its attr {attr!r} {fault}")


def disallowed_attrs(body: BodyNodes) -> Iterator[Found]:
    """Attrs with values that the op does not take."""
    for position, faults in body.attr_faults.items():
        for attr, fault in faults.disallowed:
            yield Found(body.names[position], f"its attr {attr!r} {fault}")
