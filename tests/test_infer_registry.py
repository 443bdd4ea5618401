"""Every rule fits the declaration of its op, so that the two statements cannot drift apart."""

from __future__ import annotations

import inspect
from types import FunctionType

import pytest

from pbtool import opdefs
from pbtool.infer import registry, rules
from tests.rule_case import is_list

rules.load_all()

KINDS = {
    "shape": registry.SHAPE_RULES,
    "value": registry.VALUE_RULES,
    "shape_value": registry.SHAPE_VALUE_RULES,
    "as_shape": registry.AS_SHAPE_RULES,
    "handle": registry.HANDLE_RULES,
}
RULES = [(kind, op, rule) for kind, table in KINDS.items() for op, rule in table.items()]
NAMES = [f"{kind} {op}" for kind, op, _ in RULES]

for_every_rule = pytest.mark.parametrize(("kind", "op", "rule"), RULES, ids=NAMES)


@for_every_rule
def test_op_is_in_the_table(kind, op, rule):
    assert op in opdefs.table()


@for_every_rule
def test_rule_is_a_documented_function(kind, op, rule):
    assert type(rule) is FunctionType
    assert rule.__doc__


@for_every_rule
def test_inputs_are_the_positional_parameters(kind, op, rule):
    args = opdefs.table()[op].input_arg
    signature = inspect.signature(rule)
    parameters = list(signature.parameters.values())
    positional = [p for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
    assert all(parameter.default is parameter.empty for parameter in positional)
    if any(parameter.kind is parameter.VAR_POSITIONAL for parameter in parameters):
        assert len(positional) <= len(args)
    else:
        assert len(positional) == len(args), f"{op} has inputs {[arg.name for arg in args]}"
    for arg, parameter in zip(args, positional, strict=False):
        takes_list = str(parameter.annotation).startswith("Sequence[")
        assert takes_list == is_list(arg), f"{parameter.name} is input {arg.name}"


@for_every_rule
def test_keyword_parameters_are_attrs(kind, op, rule):
    attrs = {attr.name for attr in opdefs.table()[op].attr}
    parameters = inspect.signature(rule).parameters.values()
    keywords = [parameter for parameter in parameters if parameter.kind is parameter.KEYWORD_ONLY]
    assert all(parameter.default is parameter.empty for parameter in keywords)
    assert {parameter.name for parameter in keywords} <= attrs | registry.CONTEXT


def test_an_op_has_one_rule_of_each_kind():
    with pytest.raises(ValueError, match="two rules"):
        registry.shape_rule("MatMul")(lambda a, b: None)
