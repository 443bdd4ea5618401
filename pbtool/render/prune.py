"""What pruning came to: lines for people, a document for programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from pbtool.quantity import counted, size
from pbtool.render.escape import printable
from pbtool.render.facts import type_and_shape, type_json

if TYPE_CHECKING:
    from pbtool.pruning.report import Report

_NAMED = 6  # ops that a line names


def lines(report: Report, *, list_removed: bool) -> Iterator[str]:
    """The report, line by line; with ``list_removed`` also the names of what went."""
    before, after = report.before, report.after
    yield _line("outputs", _shortened([printable(name) for name in report.outputs]))
    for cut in report.cuts:
        shape = type_and_shape(cut.dtype, cut.shape)
        yield _line("input", f"{printable(cut.placeholder)} {shape}{_origin(*cut[:2])}")
    remaining = after.nodes - len(report.added)
    yield _line("kept", f"{_of(remaining, before.nodes, 'node')}{_ops(report.kept_ops)}")
    if report.removed:
        removed = counted(len(report.removed), "node")
        yield _line("removed", f"{removed}{_ops(report.removed_ops)}")
    if before.functions:
        nodes = _of(after.function_nodes, before.function_nodes, "node")
        kept = _of(after.functions, before.functions, "function")
        yield _line("kept", f"{kept}, {nodes} in them")
    if report.bypassed:
        yield _line("bypassed", f"{counted(report.bypassed, 'node')} of the removed")
    if report.dropped_edges:
        yield _line("dropped", counted(report.dropped_edges, "control edge"))
    if report.added:
        yield _line("added", counted(len(report.added), "node"))
    if report.changed:
        yield _line("changed", counted(report.changed, "node"))
    yield _line("size", f"{size(after.bytes)}, before {size(before.bytes)}")
    if list_removed:
        yield from (printable(name) for name in report.removed)
        yield from (f"{printable(name)}::" for name in report.removed_functions)


def document(report: Report, file: str, written: str | None, *, list_removed: bool) -> Any:
    """The report as JSON; ``written`` is where the graph went, None for nowhere."""
    return {
        "file": file,
        "written": written,
        "outputs": list(report.outputs),
        "inputs": [
            {
                "tensor": cut.tensor,
                "placeholder": cut.placeholder,
                **type_json(cut.dtype, cut.shape),
            }
            for cut in report.cuts
        ],
        "before": report.before._asdict(),
        "after": report.after._asdict(),
        "kept_ops": dict(report.kept_ops),
        "removed_ops": dict(report.removed_ops),
        "changed": report.changed,
        "added": list(report.added),
        "bypassed": report.bypassed,
        "dropped_control_edges": report.dropped_edges,
        "removed": list(report.removed) if list_removed else None,
        "removed_functions": list(report.removed_functions) if list_removed else None,
    }


def _line(label: str, text: str) -> str:
    return f"{label:<8}  {text}"


def _of(count: int, whole: int, noun: str) -> str:
    return (
        f"all {counted(whole, noun)}" if count == whole else f"{count:,} of {counted(whole, noun)}"
    )


def _ops(ops: Mapping[str, int]) -> str:
    """The most frequent ops."""
    named = [f"{count:,} {printable(op)}" for op, count in ops.items()]
    return f": {_shortened(named)}" if named else ""


def _shortened(texts: list[str]) -> str:
    more = [f"{len(texts) - _NAMED:,} more"] if len(texts) > _NAMED else []
    return ", ".join(texts[:_NAMED] + more)


def _origin(tensor: str, placeholder: str) -> str:
    return "" if tensor == f"{placeholder}:0" else f", which was {printable(tensor)}"
