"""Rules for the ops of TensorFlow's math_ops.cc that multiply, compare, choose, count and fill."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, isfinite
from typing import Any

from pbtool.errors import ShapeError
from pbtool.facts import Fact, Value
from pbtool.infer import constants
from pbtool.infer.patterns import patterns
from pbtool.infer.registry import shape_rule
from pbtool.infer.shape_functions import (
    aligned,
    broadcast,
    check_rank,
    dimension_from,
    dimension_of,
    known_int,
    known_ints,
    of_same_rank,
    positive_dimension_from,
)
from pbtool.shapes import SCALAR, UNKNOWN, Shape, merge_dimensions

patterns("""
    S -> S
        AddN
""")

# --- matrices ---


@shape_rule("MatMul RiscDot SparseMatMul")
def mat_mul(a: Fact, b: Fact, *, transpose_a: bool, transpose_b: bool) -> Shape:
    """[m, k] times [k, n] is [m, n]."""
    return matrix_product(a.shape.with_rank(2), b.shape.with_rank(2), transpose_a, transpose_b)


def matrix_product(a: Shape, b: Shape, transpose_a: bool, transpose_b: bool) -> Shape:
    """The shape of the product of two matrices."""
    m, k = a.flipped(transpose_a)
    k_, n = b.flipped(transpose_b)
    merge_dimensions(k, k_)
    return Shape((m, n))


@shape_rule("BatchMatMul")
def batch_mat_mul(x: Fact, y: Fact, *, adj_x: bool, adj_y: bool) -> Shape:
    """Products of matrices, in the same batch dimensions on both sides."""
    return x.shape[:-2].merge(y.shape[:-2]) + _batched_product(x, y, adj_x, adj_y)


@shape_rule("BatchMatMulV2 BatchMatMulV3")
def batch_mat_mul_v2(x: Fact, y: Fact, *, adj_x: bool, adj_y: bool) -> Shape:
    """Products of matrices, whose batch dimensions are broadcast."""
    product = _batched_product(x, y, adj_x, adj_y)
    return broadcast(x.shape[:-2], y.shape[:-2]) + product


def _batched_product(x: Fact, y: Fact, adj_x: bool, adj_y: bool) -> Shape:
    a, b = (fact.shape.at_least(2)[-2:].with_rank(2) for fact in (x, y))
    return matrix_product(a, b, adj_x, adj_y)


@shape_rule("Cross")
def cross(a: Fact, b: Fact) -> Shape:
    """Products of vectors of three elements."""
    output = a.shape.at_least(1).merge(b.shape.at_least(1))
    if output.rank is not None:
        merge_dimensions(output[-1], 3)
    return output


# --- comparing and choosing ---


@shape_rule("Equal NotEqual")
def equal(x: Fact, y: Fact, *, incompatible_shape_error: bool) -> Shape:
    """Elementwise; if that is no error, tensors whose shapes do not fit are unequal as a whole."""
    a, b = x.shape.dims, y.shape.dims
    if incompatible_shape_error or a is None or b is None:
        return broadcast(x.shape, y.shape)
    for pair in aligned(a, b):
        if 1 not in pair and pair[0] != pair[1]:
            return UNKNOWN if None in pair else SCALAR
    return broadcast(x.shape, y.shape)


@shape_rule("ApproximateEqual")
def approximate_equal(x: Fact, y: Fact) -> Shape:
    """Elementwise on two tensors of one shape, which is told by the first."""
    x.shape.merge(y.shape)
    return x.shape


@shape_rule("Select")
def select(condition: Fact, t: Fact, e: Fact) -> Shape:
    """One of two tensors of the same shape, or, for a vector of conditions, rows of them."""
    output, rank = t.shape.merge(e.shape), condition.shape.rank
    if output.rank is None or rank in (None, 0):
        return output
    if rank != 1:
        return output.merge(condition.shape)
    condition.shape.merge(output[:1])
    return output


@shape_rule("SelectV2")
def select_v2(condition: Fact, t: Fact, e: Fact) -> Shape:
    """Elementwise on three inputs."""
    return broadcast(condition.shape, broadcast(t.shape, e.shape))


@shape_rule("Betainc")
def betainc(a: Fact, b: Fact, x: Fact) -> Shape:
    """Elementwise on three inputs: scalars, and others of one shape."""
    shapes = [fact.shape for fact in (a, b, x)]
    others = [shape for shape in shapes if shape.rank != 0]
    output = UNKNOWN
    for shape in others:
        output = output.merge(shape)
    return output if others else SCALAR


# --- counting ---


@shape_rule("Bincount")
def bincount(arr: Fact, size: Fact, weights: Fact) -> Shape:
    """A count for each number below ``size``."""
    size.shape.with_rank(0)
    return Shape([dimension_from(size)])


@shape_rule("DenseBincount")
def dense_bincount(input: Fact, size: Fact, weights: Fact) -> Shape:
    """A count for each number below ``size``, or for each row such counts."""
    shape, count = input.shape.at_most(2), dimension_from(size)
    size.shape.with_rank(0)
    return of_same_rank(shape) if count is None else shape[:-1] + Shape([count])


@shape_rule("SparseBincount")
def sparse_bincount(
    indices: Fact, values: Fact, dense_shape: Fact, size: Fact, weights: Fact
) -> Shape:
    """A count for each number below ``size``, or for each row such counts."""
    sizes, count = known_ints(dense_shape), dimension_from(size)
    if sizes is None or count is None:
        return UNKNOWN
    if len(sizes) not in (1, 2):
        raise ShapeError(f"numbers are counted in a vector or a matrix, not in shape {sizes}")
    return Shape([*map(dimension_of, sizes[:-1]), count])


@shape_rule("HistogramFixedWidth")
def histogram_fixed_width(values: Fact, value_range: Fact, nbins: Fact) -> Shape:
    """A count for each bin."""
    value_range.shape.merge(Shape([2]))
    return Shape([positive_dimension_from(nbins)])


# --- sequences ---


@shape_rule("LinSpace")
def lin_space(start: Fact, stop: Fact, num: Fact) -> Shape:
    """As many numbers as are asked for."""
    check_rank(0, start, stop, num)
    return Shape([positive_dimension_from(num)])


@shape_rule("Range")
def range_(start: Fact, limit: Fact, delta: Fact) -> Shape:
    """The numbers from ``start`` to ``limit``, exclusively, in steps of ``delta``."""
    check_rank(0, start, limit, delta)
    numbers = [fact.value.elements[0] for fact in (start, limit, delta) if fact.value is not None]
    return Shape([_steps(numbers, delta.dtype) if len(numbers) == 3 else None])


def _steps(numbers: Sequence[Any], dtype: int) -> int:
    first, last, step = numbers
    if step == 0 or (last - first) * step < 0:
        raise ShapeError(f"there is no way from {first} to {last} in steps of {step}")
    if isinstance(step, int):
        return int(-(-abs(last - first) // abs(step)))
    steps = _rounded(_rounded(last - first, dtype) / step, dtype)
    if not isfinite(steps):
        raise ShapeError(f"there are no {steps} numbers")
    return ceil(abs(steps))


def _rounded(number: float, dtype: int) -> float:
    value = constants.narrow(Value((), (number,)), dtype)
    return number if value is None else value.elements[0]


@shape_rule("SobolSample")
def sobol_sample(dim: Fact, num_results: Fact, skip: Fact) -> Shape:
    """A row for each result, with a number for each dimension."""
    check_rank(0, dim, num_results, skip)
    sizes = known_int(num_results), known_int(dim)
    return Shape(map(dimension_of, sizes))
