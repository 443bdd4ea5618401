"""Programs that are ready to be executed: in a session, with variables and tables filled."""

from __future__ import annotations

from collections.abc import Sequence

from pbtool.backend.runtime import Runtime
from pbtool.body import parse_input
from pbtool.execution.big_constants import constants_apart
from pbtool.execution.program import Program
from pbtool.graph import Graph
from pbtool.pruning import prune
from pbtool.writing import to_bytes


def prepare(program: Program, *, variables: Sequence[str] = (), plain: bool = False) -> Runtime:
    """The program in a runtime, with its variables restored and its tables filled.

    With ``variables`` there is only what gives these their values, and no outputs.
    """
    ends = [port.tensor for port in (*program.outputs, *program.inputs)]
    targets = [*(variables or ends), *program.setup, *program.restored]
    needed = prune(program.graph, list(dict.fromkeys(targets)))
    runtime = runtime_of(needed, plain=plain)
    if program.restored:
        runtime.restore(program.prefix, program.restored)
    for step in program.steps:
        runtime.run_nodes(
            step.nodes, {n: v for n, v in step.feeds.items() if parse_input(n).node in needed}
        )
    return runtime


def runtime_of(graph: Graph, *, plain: bool = False) -> Runtime:
    """A graph in a runtime, however big its constants are."""
    small, constants = constants_apart(graph)
    runtime = Runtime(to_bytes(small), plain=plain)
    if constants:
        runtime.fill(constants, graph.tensor)
    return runtime
