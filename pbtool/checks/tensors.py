"""Checks of the tensors that constants hold, and of the shapes that attrs state."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pbtool import dtypes
from pbtool.checks.constants import SURPLUS
from pbtool.checks.finding import ERROR, WARNING, Found
from pbtool.infer.registry import attrs_read
from pbtool.shapes import LARGEST_DIMENSION, MAX_RANK, count_elements

if TYPE_CHECKING:
    from pbtool.checks.nodes import BodyNodes
    from pbtool.schema import AttrValue, TensorShapeProto


def impossible_shapes(body: BodyNodes) -> Iterator[Found]:
    """Attrs with a shape that no tensor has."""
    attrs = {op: _shape_attrs(body, op) for op in body.counts}
    for position, (op, node) in enumerate(zip(body.ops, body.nodes, strict=True)):
        for attr in attrs[op]:
            value = node.attr.get(attr)
            for shape in () if value is None else _shapes(value):
                if fault := _fault(shape):
                    severity = "" if _is_read(body, position, attr) else WARNING
                    name = body.names[position]
                    yield Found(name, f"its attr {attr!r} {fault}", severity=severity)


def _is_read(body: BodyNodes, position: int, attr: str) -> bool:
    """Whether TensorFlow reads the attr when it loads the graph, not only when that runs."""
    op = body.ops[position]
    if op == "TensorArrayGatherV3" and body.data[position]:  # the handle may tell the shape
        source, output = body.data[position][0]
        if source is not None and source < len(body.nodes):
            facts = body.whole.inference.facts(body.body)[body.names[source]]
            if facts is not None and output < len(facts) and facts[output].handles:
                return attr == _STATED
    return attr == _STATED or attr in attrs_read(op)


def _shape_attrs(body: BodyNodes, op: str) -> tuple[str, ...]:
    op_def = body.op_def(op)
    declared = () if op_def is None else op_def.attr
    names = (attr.name for attr in declared if attr.type in ("shape", "list(shape)"))
    return (*names, _STATED)


_STATED = "_output_shapes"  # the attr of any op that says what importing is to find


def _shapes(value: AttrValue) -> Iterator[TensorShapeProto]:
    if value.HasField("shape"):
        yield value.shape
    yield from value.list.shape


def _fault(shape: TensorShapeProto) -> str:
    if shape.unknown_rank and shape.dim:
        return "says of a shape with dimensions that its rank is not known"
    sizes = [dim.size for dim in shape.dim]
    if len(sizes) > MAX_RANK:
        return f"has a shape of {len(sizes):,} dimensions; {MAX_RANK} are the most"
    if sizes and min(sizes) < -1:
        return f"has the shape {sizes}; only -1 stands for a size that is not known"
    if sizes and min(sizes) >= 0 and count_elements(sizes) > LARGEST_DIMENSION:
        return f"has the shape {sizes}, of more elements than TensorFlow counts"
    return ""


def unlike_types(body: BodyNodes) -> Iterator[Found]:
    """Constants that state one type and hold another."""
    for position, constant in body.constants.items():
        dtype = body.nodes[position].attr.get("dtype")
        held = constant.tensor.dtype
        if dtype is not None and dtype.type != held:
            sentence = f"states {dtypes.name(dtype.type)}, but its value is {dtypes.name(held)}"
            yield Found(body.names[position], sentence)


_REMEDY = "the file may be cut or damaged: copy it again, or make it anew"


def malformed_tensors(body: BodyNodes) -> Iterator[Found]:
    """Constants whose payload does not fit type and shape."""
    # TensorFlow adds a function twice and compares; what it cannot read is not equal to itself.
    severity = WARNING if body.function is None else ERROR
    for name, fault in body.malformed.items():
        grave = WARNING if SURPLUS in fault else severity  # TensorFlow drops those
        yield Found(name, f"its value is malformed: {fault}", _REMEDY, severity=grave)
