"""Checks of names, and of the edges between nodes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pbtool.checks.finding import ERROR, Found
from pbtool.checks.nodes import BodyNodes
from pbtool.checks.references import UNKNOWN_OUTPUT
from pbtool.quantity import counted

# As tensorflow/core/framework/node_def_util.cc has it; pieces after a > begin anew.
_PIECE = r"[A-Za-z0-9.][A-Za-z0-9_./\-]*"
_NAME = re.compile(rf"{_PIECE}(>{_PIECE})*")
_INTERNAL_NAME = re.compile(rf"_?{_PIECE}(>{_PIECE})*")

_NAMED = 5  # nodes of a cycle that its sentence names


def duplicate_nodes(body: BodyNodes) -> Iterator[Found]:
    """Nodes with the name of an earlier one, or of an argument."""
    # TensorFlow compares a function with itself, and two nodes of one name are not the same.
    severity = "" if body.function is None else ERROR
    taken = {arg.name for arg in body.arguments}
    if len(set(body.names) - taken) == len(body.names):
        return
    for name, op in zip(body.names, body.ops, strict=True):
        if name in taken:
            sentence = f"another node has the name {name!r} of this {op}"
            yield Found(name, sentence, "rename one", severity=severity)
        taken.add(name)


def invalid_names(body: BodyNodes) -> Iterator[Found]:
    """Names that TensorFlow does not allow."""
    for name in body.names:
        if not _NAME.fullmatch(name):
            sentence = f"{name!r} is no name that TensorFlow allows"
            if _INTERNAL_NAME.fullmatch(name):
                remedy = "this graph was partitioned or rewritten by a session: save it before"
            else:
                remedy = "begin with a letter, digit or dot, then also _ - / and >"
            yield Found(name, sentence, remedy)


def dangling_inputs(body: BodyNodes) -> Iterator[Found]:
    """Inputs that name no node."""
    remedies: dict[str, str] = {}
    for name, texts, data, controls in zip(
        body.names, body.inputs, body.data, body.controls, strict=True
    ):
        if None not in controls and all(source is not None for source, _ in data):
            continue
        for text in texts:
            source = text[1:] if text.startswith("^") else body.resolve(text).node
            if source not in body.positions:
                if source not in remedies:
                    remedies[source] = body.whole.suggest(source, body.positions)
                yield Found(name, f"its input {text!r} names no node", remedies[source])


def missing_outputs(body: BodyNodes) -> Iterator[Found]:
    """Inputs that name an output which the node does not have."""
    types = body.types
    for position, (name, data) in enumerate(zip(body.names, body.data, strict=True)):
        for number, (source, output) in enumerate(data):
            if source is None or (output == 0 and types[source] != ()):
                continue
            known = types[source]
            if output == UNKNOWN_OUTPUT or (known is not None and output >= len(known)):
                text = body.text(position, number)
                if source >= len(body.nodes):
                    argument = body.arguments[source - len(body.nodes)].name
                    what = f"is more than the argument {argument!r}"
                else:
                    count = "" if known is None else f", which has {counted(len(known), 'output')}"
                    what = f"is no output of {body.names[source]!r}{count}"
                yield Found(name, f"its input {text!r} {what}")


def late_inputs(body: BodyNodes) -> Iterator[Found]:
    """Control inputs that stand before data inputs."""
    for name, texts, controls in zip(body.names, body.inputs, body.controls, strict=True):
        if controls and not all(text.startswith("^") for text in texts[-len(controls) :]):
            yield Found(name, "a control input stands before a data input", "move it behind them")


def cycles(body: BodyNodes) -> Iterator[Found]:
    """Nodes that wait for themselves, outside of loops."""
    stuck = set(body.stuck)
    seen: set[int] = set()
    for start in body.stuck:
        path: list[int] = []
        position: int | None = start
        while position is not None and position not in seen:
            seen.add(position)
            path.append(position)
            sources = [*(source for source, _ in body.data[position]), *body.controls[position]]
            position = next((source for source in sources if source in stuck), None)
        if position in path:
            cycle = [body.names[each] for each in reversed(path[path.index(position) :])]
            more = f" and {len(cycle) - _NAMED} more" if len(cycle) > _NAMED else ""
            named = " -> ".join(map(repr, cycle[:_NAMED]))
            back = more or f" -> {cycle[0]!r}"
            yield Found(cycle[0], f"waits for itself, on the cycle {named}{back}")
