"""Checks of how many inputs nodes have, and of which types; and of shapes that cannot fit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pbtool import dtypes, opdefs
from pbtool.checks.finding import WARNING, Found
from pbtool.quantity import counted

if TYPE_CHECKING:
    from pbtool.checks.nodes import BodyNodes


def input_counts(body: BodyNodes) -> Iterator[Found]:
    """Nodes with too few inputs, or too many."""
    for position, expected in body.declared_inputs:
        count = len(body.data[position])
        faults = body.attr_faults.get(position)
        if faults is not None and faults.refused:
            continue  # one of these may be the number of the inputs
        if count != len(expected):
            takes = counted(len(expected), "input")
            sentence = f"this {body.ops[position]} takes {takes}, but has {count or 'none'}"
            yield Found(body.names[position], sentence)
        elif body.function is not None and count > len(body.inputs[position]):
            yield from _broken_lists(body, position)


def _broken_lists(body: BodyNodes, position: int) -> Iterator[Found]:
    """Inputs that are lists, where more than one argument of the op would have to take them."""
    op_def = body.op_def(body.ops[position])
    spans = [] if op_def is None else opdefs.inputs(op_def).spans(body.nodes[position])
    start = 0
    for text in (text for text in body.inputs[position] if not text.startswith("^")):
        end = start + len(body.tensors(text))
        if not any(span.start <= start and end <= span.stop for span in spans):
            sentence = f"its input {text!r} is {end - start} tensors, more than the argument takes"
            yield Found(body.names[position], sentence)
        start = end


def input_types(body: BodyNodes) -> Iterator[Found]:
    """Inputs of another type than the op takes."""
    for position, expected in body.declared_inputs:
        data = body.data[position]
        if len(data) != len(expected):
            continue
        for number, ((source, output), wanted) in enumerate(zip(data, expected, strict=True)):
            types = None if source is None else body.types[source]
            if types is None or not 0 <= output < len(types):
                continue
            given = types[output]
            if (not wanted and position in body.refused) or (not given and source in body.refused):
                continue  # for an attr that states no type: another check's
            if given != wanted and (dtypes.is_ref(wanted) or dtypes.base(given) != wanted):
                yield Found(body.names[position], _mismatch(body, position, number, given, wanted))


def _mismatch(body: BodyNodes, position: int, number: int, given: int, wanted: int) -> str:
    text = body.text(position, number)
    if dtypes.is_ref(wanted) and given == dtypes.base(wanted):
        return (
            f"its input {number}, {text!r}, is a value, but {body.ops[position]} takes a reference "
            "to a variable"
        )
    there = dtypes.name(given) if given else "of a type that is nowhere stated"
    here = f"takes {dtypes.name(wanted)}" if wanted else "does not state its type"
    return f"its input {number}, {text!r}, is {there}, but {body.ops[position]} {here}"


def conflicting_shapes(body: BodyNodes) -> Iterator[Found]:
    """Nodes whose inputs and attrs cannot fit, as far as shapes tell."""
    body.whole.inference.facts(body.body)
    for problem in body.whole.inference.problems:
        if problem.function == body.body.name and body.positions[problem.node] not in body.refused:
            # What a node of a function states, only the loader of SavedModels looks at.
            is_read = body.function is None or body.whole.loaded_whole
            severity = "" if is_read or not problem.is_stated else WARNING
            sentence = f"its inputs and attrs cannot fit: {problem.message}"
            yield Found(problem.node, sentence, severity=severity)
