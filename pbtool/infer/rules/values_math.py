"""Constants computed: the kernels of math ops for small tensors, as TensorFlow evaluates them.

Functions compute with Python's numbers; what they return is rounded to the output's dtype by the
engine. That gives TensorFlow's result because integers wrap around, because double precision is
more than twice that of float32, and because sums of floats whose order could matter are left out.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from typing import Any

from pbtool.dtypes import BOOL, DOUBLE, FLOAT
from pbtool.errors import ShapeError
from pbtool.facts import Value
from pbtool.infer import constants
from pbtool.infer.arrays import along, elementwise, integer, integers, reduce, reshape, vector
from pbtool.infer.registry import value_rule
from pbtool.infer.shape_functions import broadcast
from pbtool.shapes import Shape

EXACT = 1 << 24  # up to here, float32 has every integer

# --- one element at a time ---


def _truncated(x: Any, y: Any) -> Any:
    """The quotient as C++ has it: integers are rounded towards zero."""
    if isinstance(x, float):
        return x / y
    quotient = abs(x) // abs(y)
    return quotient if (x < 0) == (y < 0) else -quotient


def _remainder(x: Any, y: Any) -> Any:
    """What ``_truncated`` leaves."""
    return math.fmod(x, y) if isinstance(x, float) else x - y * _truncated(x, y)


def _power(x: Any, y: Any) -> Any:
    if isinstance(x, float):
        power = math.pow(x, y)
        if not power.is_integer() or abs(power) > EXACT:
            raise ArithmeticError("the last bit depends on TensorFlow's vector instructions")
        return power
    if y < 0:
        raise ArithmeticError("an integer has no negative power")
    return pow(x, y, 1 << 64)  # no dtype has more bits


def _rounded(x: Any) -> int:
    return round(x) if isinstance(x, float) else 0  # of integers, TensorFlow makes zeros


def _sign(x: Any) -> int:
    return int(x > 0) - int(x < 0)


UNARY: dict[str, Callable[[Any], Any]] = {
    "Abs": abs,
    "Ceil": math.ceil,
    "Floor": math.floor,
    "Invert": operator.invert,
    "LogicalNot": operator.not_,
    "Neg": operator.neg,
    "Rint": _rounded,
    "Round": _rounded,
    "Sign": _sign,
    "Sqrt": math.sqrt,
    "Square": lambda x: x * x,
}

BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "Add": operator.add,
    "AddV2": operator.add,
    "BitwiseAnd": operator.and_,
    "BitwiseOr": operator.or_,
    "BitwiseXor": operator.xor,
    "Div": _truncated,
    "FloorMod": operator.mod,
    "Greater": operator.gt,
    "GreaterEqual": operator.ge,
    "Less": operator.lt,
    "LessEqual": operator.le,
    "LogicalAnd": operator.and_,
    "LogicalOr": operator.or_,
    "Maximum": max,
    "Minimum": min,
    "Mod": _remainder,
    "Mul": operator.mul,
    "Pow": _power,
    "Sub": operator.sub,
    "TruncateMod": _remainder,
}


def _unary(function: Callable[[Any], Any]) -> Callable[[Value], Value]:
    def rule(x: Value) -> Value:
        """The function of each element."""
        return elementwise(function, x)

    return rule


def _binary(function: Callable[[Any, Any], Any]) -> Callable[[Value, Value], Value]:
    def rule(x: Value, y: Value) -> Value:
        """The function of each pair of elements."""
        return elementwise(function, x, y)

    return rule


for _op, _of_one in UNARY.items():
    value_rule(_op)(_unary(_of_one))
for _op, _of_two in BINARY.items():
    value_rule(_op)(_binary(_of_two))


@value_rule("Equal")
def equal(x: Value, y: Value, *, incompatible_shape_error: bool) -> Value:
    """Elementwise; if that is no error, tensors whose shapes do not fit are not equal."""
    try:
        return elementwise(operator.eq, x, y)
    except ShapeError:
        if incompatible_shape_error:
            raise
        return Value((), (False,))


@value_rule("NotEqual")
def not_equal(x: Value, y: Value, *, incompatible_shape_error: bool) -> Value:
    """The opposite."""
    return elementwise(
        operator.not_, equal(x, y, incompatible_shape_error=incompatible_shape_error)
    )


@value_rule("RealDiv")
def real_div(x: Value, y: Value, *, dtypes: tuple[int, ...]) -> Value | None:
    """The quotient of floats; TensorFlow has no kernel for integers."""
    return elementwise(operator.truediv, x, y) if dtypes[0] in (FLOAT, DOUBLE) else None


@value_rule("FloorDiv")
def floor_div(x: Value, y: Value, *, dtypes: tuple[int, ...]) -> Value | None:
    """The quotient, which floats round to the dtype first, rounded down."""
    quotient = constants.narrow(real_div(x, y, dtypes=dtypes), dtypes[0])
    return elementwise(*((math.floor, quotient) if quotient else (operator.floordiv, x, y)))


@value_rule("TruncateDiv")
def truncate_div(x: Value, y: Value, *, dtypes: tuple[int, ...]) -> Value | None:
    """The quotient, which floats round to the dtype first, rounded towards zero."""
    quotient = constants.narrow(real_div(x, y, dtypes=dtypes), dtypes[0])
    return elementwise(*((math.trunc, quotient) if quotient else (_truncated, x, y)))


@value_rule("Cast")
def cast(x: Value, *, dtypes: tuple[int, ...], SrcT: int, Truncate: bool) -> Value | None:
    """Floats are cut off to integers; for those out of range there is no rule."""
    if dtypes[0] == BOOL or not any(isinstance(element, float) for element in x.elements):
        return x
    if Truncate and (SrcT, dtypes[0]) == (DOUBLE, FLOAT):
        return None
    rounded = elementwise(math.trunc, x)
    return x if constants.narrow(rounded, dtypes[0]) in (rounded, None) else None


@value_rule("AddN")
def add_n(inputs: Sequence[Value]) -> Value:
    """The sum of tensors."""
    return elementwise(lambda *elements: _exact_sum(elements), *inputs)


@value_rule("ClipByValue")
def clip_by_value(t: Value, clip_value_min: Value, clip_value_max: Value) -> Value:
    """No less than one number, and no more than another."""
    if not {clip_value_min.dims, clip_value_max.dims} <= {t.dims, ()}:
        raise ShapeError("the limits must be scalars, or have the tensor's shape")
    return elementwise(
        lambda x, low, high: max(min(x, high), low), t, clip_value_min, clip_value_max
    )


@value_rule("SelectV2")
def select_v2(condition: Value, t: Value, e: Value) -> Value:
    """One or the other."""
    return elementwise(lambda choice, yes, no: yes if choice else no, condition, t, e)


@value_rule("Select")
def select(condition: Value, t: Value, e: Value) -> Value:
    """One or the other; a vector of conditions chooses rows."""
    if len(condition.dims) == 1:
        condition = reshape(condition, condition.dims + (1,) * (len(t.dims) - 1))
    return select_v2(condition, t, e)


# --- many elements at a time ---


def _exact(elements: Sequence[Any], bound: float) -> None:
    """Raise ValueError for floats, unless they add up (or multiply) without any rounding."""
    if any(isinstance(element, float) and not element.is_integer() for element in elements):
        raise ValueError("a sum of floats depends on their order")
    if any(isinstance(element, float) for element in elements) and bound > EXACT:
        raise ValueError("the result is rounded")


def _exact_sum(elements: Sequence[Any]) -> Any:
    _exact(elements, sum(map(abs, elements)))
    return sum(elements)


def _exact_product(elements: Sequence[Any]) -> Any:
    _exact(elements, math.prod(max(1, abs(element)) for element in elements))
    return math.prod(elements)


def _mean(elements: Sequence[Any]) -> Any:
    return _truncated(_exact_sum(elements), len(elements))


REDUCTIONS: dict[str, Callable[[list[Any]], Any]] = {
    "All": all,
    "Any": any,
    "Max": max,
    "Mean": _mean,
    "Min": min,
    "Prod": _exact_product,
    "Sum": _exact_sum,
}


def _reduction(function: Callable[[list[Any]], Any]) -> Callable[..., Value]:
    def rule(input: Value, reduction_indices: Value, *, keep_dims: bool) -> Value:
        """The function of all elements along the axes."""
        return reduce(input, integers(reduction_indices), keep_dims, function)

    return rule


for _op, _reduce in REDUCTIONS.items():
    value_rule(_op)(_reduction(_reduce))


@value_rule("ArgMax")
def arg_max(input: Value, dimension: Value) -> Value:
    """Where the greatest element is along an axis."""
    return reduce(input, integers(dimension), False, lambda line: line.index(max(line)))


@value_rule("ArgMin")
def arg_min(input: Value, dimension: Value) -> Value:
    """Where the least element is along an axis."""
    return reduce(input, integers(dimension), False, lambda line: line.index(min(line)))


@value_rule("Cumprod")
def cumprod(x: Value, axis: Value, *, exclusive: bool, reverse: bool) -> Value:
    """The products of what comes first along an axis."""
    return _running(x, axis, _exact_product, exclusive, reverse)


@value_rule("Cumsum")
def cumsum(x: Value, axis: Value, *, exclusive: bool, reverse: bool) -> Value:
    """The sums of what comes first along an axis."""
    return _running(x, axis, _exact_sum, exclusive, reverse)


def _running(
    x: Value,
    axis: Value,
    function: Callable[[Sequence[Any]], Any],
    exclusive: bool,
    reverse: bool,
) -> Value:
    if axis.dims:
        raise ShapeError("the axis must be a scalar")

    def totals(line: Sequence[Any]) -> list[Any]:
        return [function(line[: end + (not exclusive)]) for end in range(len(line))]

    def reversed_totals(line: Sequence[Any]) -> list[Any]:
        return totals(line[::-1])[::-1]

    return along(x, integer(axis), reversed_totals if reverse else totals)


# --- shapes of broadcast operations ---


@value_rule("BroadcastArgs")
def broadcast_args(s0: Value, s1: Value) -> Value:
    """The shape of an elementwise operation on tensors of these shapes."""
    return vector(size or 0 for size in broadcast(Shape(integers(s0)), Shape(integers(s1))))


@value_rule("BroadcastGradientArgs")
def broadcast_gradient_args(s0: Value, s1: Value) -> list[Value]:
    """The axes along which each of two shapes is repeated when they are broadcast."""
    rank = len(list(broadcast(Shape(integers(s0)), Shape(integers(s1)))))
    shapes = [[1] * (rank - len(shape.elements)) + integers(shape) for shape in (s0, s1)]
    if s0 == s1:
        return [vector(())] * 2
    return [vector(axis for axis in range(rank) if shape[axis] == 1) for shape in shapes]
