"""Frozen graphs that TensorFlow refuses, because nodes still expect variables by reference.

A freeze that only replaces variables by constants leaves RefSwitch, Assign and their like behind,
in batch normalization for one: ``Input 0 of node ... was passed float from ... incompatible with
expected float_ref``. Each has an op that does the same with values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pbtool import dtypes
from pbtool.body import CONTROL
from pbtool.editing import edit
from pbtool.graph import Graph

if TYPE_CHECKING:
    from pbtool.schema import NodeDef


class _Instead(NamedTuple):
    """The op that takes values, and the inputs of the old one that it takes."""

    op: str
    inputs: tuple[int, ...] | None = None  # None: all of them


_INSTEAD = {
    "RefIdentity": _Instead("Identity"),
    "RefSwitch": _Instead("Switch"),
    "RefMerge": _Instead("Merge"),
    "RefEnter": _Instead("Enter"),
    "RefExit": _Instead("Exit"),
    "RefNextIteration": _Instead("NextIteration"),
    "Assign": _Instead("Identity", (1,)),  # its output is what was assigned
    "AssignAdd": _Instead("Add"),
    "AssignSub": _Instead("Sub"),
}


def repair(graph: Graph) -> tuple[Graph, list[str]]:
    """The graph with values where nodes expect references that nothing gives, and their names."""
    edits = {}
    types = {node.name: graph.output_dtypes(node) or () for node in graph}
    repaired: list[str] = []
    for node in graph.topological_order():
        instead = _INSTEAD.get(node.op)
        if instead is None or not node.input:
            continue
        source, output = graph.resolve(node.input[0])
        given = types.get(source, ())
        if output == CONTROL or output >= len(given) or dtypes.is_ref(given[output]):
            continue
        new = _changed(node, instead)
        types[node.name] = graph.output_dtypes(new) or ()
        repaired.append(node.name)
        edits[node.name] = new
    if not edits:
        return graph, []
    positions = {
        position: [edits[node.name]] for position, node in enumerate(graph) if node.name in edits
    }
    return edit(graph, positions), repaired


def _changed(node: NodeDef, instead: _Instead) -> NodeDef:
    new = type(node)()
    new.CopyFrom(node)
    new.op = instead.op
    for attr in ("use_locking", "validate_shape"):
        new.attr.pop(attr) if attr in new.attr else None
    if instead.inputs is not None:
        data = [text for text in node.input if not text.startswith("^")]
        control = [text for text in node.input if text.startswith("^")]
        new.ClearField("input")
        new.input.extend([*(data[number] for number in instead.inputs), *control])
    return new
