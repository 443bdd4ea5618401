"""Simpler versions of a case: what is left of it when the difference is kept."""

from __future__ import annotations

from collections.abc import Iterator

from pbtool.shapes import UNKNOWN, Shape
from tests import rule_case
from tests.rule_case import Case, Input, Operand


def simpler(case: Case) -> Iterator[Case]:
    """Cases that are one step simpler than this one."""
    latest = rule_case.newest_producer(case.op_def)
    if case.producer != latest:
        yield case._replace(producer=latest)
    yield from _with_usual_attrs(case)
    for number, value in enumerate(case.inputs):
        before, after = case.inputs[:number], case.inputs[number + 1 :]
        for changed in _simpler_input(value):
            yield case._replace(inputs=(*before, changed, *after))


def _with_usual_attrs(case: Case) -> Iterator[Case]:
    counts = [1 if isinstance(value, Operand) else len(value) for value in case.inputs]
    usual = rule_case.complete(case.op_def, {}, counts)
    constants = any(
        operand.elements is not None
        for value in case.inputs
        for operand in ([value] if isinstance(value, Operand) else value)
    )
    for name, value in case.attrs.items():
        if value != usual[name] and not (constants and (value.type or value.list.type)):
            yield case._replace(attrs=case.attrs | {name: usual[name]})


def _simpler_input(value: Input) -> Iterator[Input]:
    if isinstance(value, Operand):
        yield from _simpler_operand(value)
        return
    for place, operand in enumerate(value):
        for changed in _simpler_operand(operand):
            yield (*value[:place], changed, *value[place + 1 :])


def _simpler_operand(operand: Operand) -> Iterator[Operand]:
    if operand.elements is not None or operand.refers_to:
        yield Operand(operand.shape)
        return
    if operand.shape.dims is None:
        return
    yield Operand(UNKNOWN)
    dims = operand.shape.dims
    for place, dim in enumerate(dims):
        if dim is not None:
            yield Operand(Shape((*dims[:place], None, *dims[place + 1 :])))
    for place in range(len(dims)):
        yield Operand(Shape((*dims[:place], *dims[place + 1 :])))
