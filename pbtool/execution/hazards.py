"""Ops that reach outside of a graph: to files, to the network, into Python."""

from __future__ import annotations

from collections.abc import Iterator, Set
from typing import TYPE_CHECKING, NamedTuple

from pbtool.checks.safety import (
    CALLS_DEVICES,
    PRINTS_TO_FILES,
    READS_CHECKPOINTS,
    READS_FILES,
    READS_TABLES,
    RUNS_GRAPHS,
    RUNS_PYTHON,
    SETS_UP_FILES,
    USES_NETWORK,
    WRITES_CHECKPOINTS,
    WRITES_FILES,
    Danger,
    names_no_file,
)
from pbtool.reach import needed_functions
from pbtool.selection import Place

if TYPE_CHECKING:
    from pbtool.graph import Graph


def _ops(*dangers: Danger) -> frozenset[str]:
    return frozenset(op for danger in dangers for op in danger.ops.split())


PYTHON = _ops(RUNS_PYTHON)
RESTORES = _ops(READS_CHECKPOINTS)
TABLE_FILES = _ops(READS_TABLES)

# Not among them: ops that run compiled code, which computes; and those that print
# to the console.
_REACHING_OUT = (
    RUNS_PYTHON,
    RUNS_GRAPHS,
    PRINTS_TO_FILES,
    WRITES_FILES,
    WRITES_CHECKPOINTS,
    READS_FILES,
    READS_CHECKPOINTS,
    READS_TABLES,
    USES_NETWORK,
    SETS_UP_FILES,
    CALLS_DEVICES,
)
REASONS = {op: danger.does for danger in _REACHING_OUT for op in _ops(danger)}


class Hazard(NamedTuple):
    """A node that reaches outside, by its full name, and how it does so."""

    node: str
    op: str
    reason: str

    def __str__(self) -> str:
        return f"{self.node} ({self.op} {self.reason})"


def find_hazards(
    graph: Graph, nodes: Set[str], *, allowed: frozenset[str] = frozenset()
) -> Iterator[Hazard]:
    """Those of these nodes, and of the functions they call, that reach outside.

    Ops in ``allowed`` are left out.
    """
    functions = sorted(needed_functions(graph, nodes))
    for body in (graph, *(graph.functions[name] for name in functions)):
        for node in body:
            if node.op in allowed or (body is graph and node.name not in nodes):
                continue
            if node.op in REASONS and not names_no_file(node):
                yield Hazard(Place(body, node).name, node.op, REASONS[node.op])
