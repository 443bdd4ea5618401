"""What came of a freeze, as text and for JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pbtool.quantity import counted
from pbtool.quantity import size as size_text
from pbtool.render.difference import difference_json, difference_text
from pbtool.render.escape import printable
from pbtool.render.ports import lines as port_lines
from pbtool.render.ports import ports_json

if TYPE_CHECKING:
    from pbtool.backend.freezing import Frozen
    from pbtool.backend.verification import Verified
    from pbtool.execution.program import Program
    from pbtool.render.layout import Layout


def lines(
    layout: Layout, path: str, program: Program, frozen: Frozen, verified: Verified, size: int
) -> Iterator[str]:
    """What to know of the result, on lines without line ends."""
    nodes = counted(len(frozen.graph), "node")
    was = f"{counted(len(program.graph), 'node')} before"
    functions = f", {counted(len(frozen.graph.functions), 'function')}" * bool(
        frozen.graph.functions
    )
    yield f"{printable(path)}  {size_text(size)}, {nodes}{functions} ({was})"
    yield from port_lines(layout, "inputs", frozen.inputs)
    guessed = ["guessed; --outputs names others"] if program.guessed else []
    yield from port_lines(layout, "outputs", frozen.outputs)
    yield from layout.labelled("", guessed)
    yield from layout.labelled("frozen", [counted(len(frozen.constants), "variable")])
    if frozen.variables:
        yield from layout.labelled("variables", layout.listed(frozen.variables))
        yield from layout.labelled("", ["these stay, and need values before they are used"])
    if frozen.tables:
        yield from layout.labelled("tables", layout.listed(frozen.tables))
        first = f"run {printable(frozen.initializer)} before their first use"
        yield from layout.labelled("", [first if frozen.initializer else "nothing fills them"])
    if frozen.repaired:
        yield from layout.labelled("repaired", layout.listed(frozen.repaired))
        yield from layout.labelled("", ["these expected variables by reference"])
    yield from layout.labelled("verified", _verified_lines(verified))


def _verified_lines(verified: Verified) -> Iterator[str]:
    if verified.problem:
        yield f"no: {printable(verified.problem)}"
        return
    if not verified.is_different:
        outputs = counted(len(verified.differences), "output")
        fed = "random values" if verified.inputs == "random" else verified.inputs
        yield f"{outputs} equal to the source's, fed with {fed}"
        return
    for key, difference in verified.differences.items():
        yield f"{printable(key)} {difference_text(difference)}"


def document(
    source: str, path: str, program: Program, frozen: Frozen, verified: Verified, size: int
) -> dict[str, Any]:
    """The same for JSON."""
    return {
        "source": source,
        "file": path,
        "bytes": size,
        "nodes": len(frozen.graph),
        "functions": len(frozen.graph.functions),
        "signature": program.signature or None,
        "inputs": ports_json(frozen.inputs),
        "outputs": ports_json(frozen.outputs),
        "guessed": program.guessed,
        "constants": list(frozen.constants),
        "variables": list(frozen.variables),
        "tables": list(frozen.tables),
        "initializer": frozen.initializer or None,
        "repaired": list(frozen.repaired),
        "verified": {
            "problem": verified.problem or None,
            "inputs": verified.inputs or None,
            "differences": {
                key: difference_json(each) for key, each in verified.differences.items()
            },
        },
    }
