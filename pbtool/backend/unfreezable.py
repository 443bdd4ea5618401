"""What cannot be frozen, said before it is tried."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from pbtool.errors import UsageError
from pbtool.execution.big_constants import size_of
from pbtool.execution.hazards import PYTHON
from pbtool.execution.program import Program
from pbtool.execution.tables import IMPORTS, MUTABLE_TABLES
from pbtool.execution.uses import uses
from pbtool.graph import Graph
from pbtool.ops import ENTERS, EXITS, MERGES, NEXT_ITERATIONS, SWITCHES, VARIABLES
from pbtool.pruning import prune
from pbtool.selection import Place
from pbtool.tensors import payload_bytes
from pbtool.writing import PROTOBUF_LIMIT

if TYPE_CHECKING:
    from pbtool.schema import NodeDef

_ITERATORS = re.compile(r"(?:OneShot|Anonymous|MultiDevice)*Iterator(?:GetNext.*|V\d)?")
_ELEMENTS = re.compile(r"IteratorGetNext.*")
_WRITES = re.compile(r"Assign|Resource\w*Apply|ResourceScatter|ResourceStridedSliceAssign")

# What hands a variable on, and what reads it: what TensorFlow's freezer knows.
_HANDED_ON = ENTERS | EXITS | MERGES | NEXT_ITERATIONS | SWITCHES | {"Identity"}
_READS = frozenset({"ReadVariableOp", "ResourceGather", "ResourceGatherNd"})


def refuse(program: Program) -> None:
    """Raise UsageError for a program that cannot be frozen, with the nodes that are why."""
    needed = computing(program)
    is_restored = any(IMPORTS.fullmatch(op) for op in _setup_ops(program))
    variables = 0
    for body in needed.bodies:
        for node in body:
            name = Place(body, node).name
            if node.op in PYTHON:
                raise UsageError(
                    f"{name} is a {node.op}, which calls Python that the file does not hold",
                    remedy="name outputs that do not need it",
                )
            if _ITERATORS.fullmatch(node.op):
                elements = [each.name for each in needed if _ELEMENTS.fullmatch(each.op)]
                raise UsageError(
                    f"{name} is a {node.op}, and an iterator cannot be frozen",
                    remedy="first make its elements inputs, with pbtool prune --inputs "
                    + (",".join(elements) or name),
                )
            if is_restored and MUTABLE_TABLES.fullmatch(node.op):
                raise UsageError(
                    f"{name} is a {node.op}, whose entries are in the checkpoint alone",
                    remedy="name outputs that do not need it",
                )
            variables += node.op in VARIABLES
    refuse_size(needed, {})
    if variables and not program.steps and not program.restored:
        count = f"{variables} variable{'s' * (variables > 1)}"
        if program.prefix:
            raise UsageError(
                f"the outputs need {count} within functions, which no step of the graph restores",
                remedy="name nodes that set them with --initializers",
            )
        raise UsageError(
            f"the outputs need {count}, and there is no checkpoint",
            remedy="name it with --checkpoint, or nodes that set them with --initializers",
        )


def _setup_ops(program: Program) -> set[str]:
    """The ops of what restores the program's variables and tables."""
    setup = prune(program.graph, program.setup) if program.setup else program.graph
    return {node.op for body in setup.bodies for node in body} if program.prefix else set()


def computing(program: Program, *more: str) -> Graph:
    """The part of a program's graph that its outputs need, and these nodes."""
    outputs = (port.tensor.removeprefix("^") for port in program.outputs)
    return prune(program.graph, list(dict.fromkeys([*outputs, *more])))


def refuse_uses(graph: Graph, variables: Sequence[str]) -> None:
    """Raise UsageError where a node takes a variable that is to be a constant for a variable."""
    for name in sorted(variables):
        if graph[name].op != "VarHandleOp":
            continue
        for body, node, _ in uses(graph, f"{name}:0", _HANDED_ON):
            if node.op not in _READS:
                does = "writes to" if _WRITES.match(node.op) else "takes more than the value of"
                raise UsageError(
                    f"node {Place(body, node).name!r} ({node.op}) {does} variable {name!r}, "
                    "which therefore cannot become a constant",
                    remedy=f"choose outputs that do not need it, or add --keep-variables {name}",
                )


def refuse_size(graph: Graph, variables: Mapping[str, int]) -> None:
    """Raise UsageError where the graph and the bytes of its variables are more than may be."""
    total = size_of(graph) + sum(variables.values())
    if total > PROTOBUF_LIMIT:
        biggest = max(variables, key=variables.__getitem__, default="")
        raise UsageError(
            f"the frozen graph would take {total:,} bytes, and TensorFlow reads no graph of more "
            "than 2 GB",
            remedy=f"keep some variables, such as --keep-variables {biggest}"
            if biggest
            else "choose outputs that need less of it",
        )


def stated_size(variable: NodeDef) -> int:
    """The bytes that a variable says it takes; 0 where it does not."""
    if not {"dtype", "shape"} <= variable.attr.keys():
        return 0
    shape = variable.attr["shape"].shape
    sizes = [None if shape.unknown_rank else dim.size for dim in shape.dim]
    return payload_bytes(variable.attr["dtype"].type, sizes) or 0
