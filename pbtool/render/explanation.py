"""How shapes came about, as text and as JSON."""

from __future__ import annotations

import json as _json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from pbtool.errors import UsageError
from pbtool.render.escape import printable
from pbtool.render.facts import NOT_KNOWN, fact_json, outputs_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from pbtool.explanation import Step


def document(
    steps: Sequence[Step], form: str, style: Callable[[str, str], str]
) -> str | Iterator[str]:
    """The steps in a format of ``pbtool list``; UsageError for one that suits only lists."""
    if form == "text":
        return text(steps, style)
    if form == "json":
        return json(steps)
    if form == "jsonl":
        return jsonl(steps)
    raise UsageError(f"--explain is not written as {form}")


def text(steps: Sequence[Step], style: Callable[[str, str], str]) -> Iterator[str]:
    """The node with its inputs and the reason, then, indented, where what is unknown comes from."""
    for number, step in enumerate(steps):
        if number == 1:
            yield "what is not known comes from\n"
        indent = "  " if number else ""
        node = step.place.node
        name = style(printable(step.place.name), "name")
        outputs = outputs_text(step.outputs) or "no outputs"
        yield f"{indent}{name}  {printable(node.op)}  {outputs}\n"
        for source, fact in step.inputs:
            yield f"{indent}    {printable(source)}  {fact or NOT_KNOWN}\n"
        yield f"{indent}    {style(printable(step.reason), 'dim')}\n"


def json(steps: Sequence[Step]) -> str:
    """One document: an array with an object for each step."""
    return _json.dumps([_object(step) for step in steps], indent=2) + "\n"


def jsonl(steps: Sequence[Step]) -> Iterator[str]:
    """An object a line for each step."""
    return (_json.dumps(_object(step)) + "\n" for step in steps)


def _object(step: Step) -> dict[str, Any]:
    return {
        "function": step.place.body.name,
        "name": step.place.node.name,
        "op": step.place.node.op,
        "outputs": None if step.outputs is None else [fact_json(fact) for fact in step.outputs],
        "inputs": [
            {"tensor": source, **(fact_json(fact) if fact else {"dtype": None, "shape": None})}
            for source, fact in step.inputs
        ],
        "reason": step.reason,
    }
