"""Rules for the ops of TensorFlow's nn_ops.cc on quantized tensors, each with a range.

In the names of fused ops stand their parts: a convolution, a bias, a sum, Relu, and at last
Requantize, where the range of the result is an input ("frozen").
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pbtool.errors import ShapeError
from pbtool.facts import Fact
from pbtool.infer.patterns import patterns
from pbtool.infer.registry import shape_rule
from pbtool.infer.rules.array import concat_v2
from pbtool.infer.rules.math import mat_mul
from pbtool.infer.rules.math_quantized import with_range
from pbtool.infer.rules.nn_conv import convolution, depthwise_convolution
from pbtool.infer.rules.nn_norm import bias_add_v1
from pbtool.infer.rules.nn_pool import pool, pool_channels
from pbtool.infer.shape_functions import check_rank, dimension_of
from pbtool.infer.windows import LAYOUTS, Numbers, Sliding
from pbtool.shapes import SCALAR, UNKNOWN, Shape

NHWC = LAYOUTS["NHWC"]

patterns("""
    S ; [] ; [] -> S ; [] ; []
        QuantizedRelu QuantizedRelu6
    S ; [] ; [] ; [] -> S ; [] ; []
        QuantizedReluX
    [a,b,c,n] ; _ ; _ ; [n] ; _ ; _ ; [n] ; _ ; _ ; [n] ; _ ; _ ; [n] -> [a,b,c,n] ; [] ; []
        QuantizedBatchNormWithGlobalNormalization
""")


@shape_rule("CustomAggregator")
def custom_aggregator(input: Fact, *, num_bins: int) -> list[Shape]:
    """The input, its range, and how many of its numbers are in each part of the range."""
    return [input.shape, SCALAR, SCALAR, Shape([dimension_of(num_bins)])]


@shape_rule("QuantizedBiasAdd")
def quantized_bias_add(value: Fact, bias: Fact, *ranges: Fact) -> list[Shape]:
    """The value, to each channel of which a number is added."""
    return with_range(bias_add_v1(value, bias), *ranges)


@shape_rule("QuantizedConcatV2")
def quantized_concat_v2(
    values: Sequence[Fact], axis: Fact, input_mins: Sequence[Fact], input_maxes: Sequence[Fact]
) -> list[Shape]:
    """Tensors joined along an axis."""
    return with_range(concat_v2(values, axis), *input_mins, *input_maxes)


@shape_rule("QuantizedAvgPool")
def quantized_avg_pool(
    input: Fact, *ranges: Fact, ksize: Numbers, strides: Numbers, padding: str
) -> list[Shape]:
    """Means of windows of rows and columns."""
    return with_range(pool(input.shape, NHWC, ksize, Sliding(strides, padding)), *ranges)


@shape_rule("QuantizedMaxPool")
def quantized_max_pool(
    input: Fact, *ranges: Fact, ksize: Numbers, strides: Numbers, padding: str
) -> list[Shape]:
    """Maxima of windows of rows, columns and channels."""
    return with_range(pool_channels(input.shape, NHWC, ksize, Sliding(strides, padding)), *ranges)


@shape_rule("_QuantizedMaxPool3D")
def quantized_max_pool_3d(
    input: Fact,
    min_input: Fact,
    max_input: Fact,
    *,
    ksize: Numbers,
    strides: Numbers,
    padding: str,
    data_format: str,
) -> list[Shape]:
    """Maxima of windows of planes, rows and columns; of the range nothing is said."""
    output = pool(input.shape, LAYOUTS[data_format], ksize, Sliding(strides, padding))
    return [output, UNKNOWN, UNKNOWN]


# --- matrices ---


@shape_rule("_QuantizedMatMul")
def quantized_fused_mat_mul(
    device_inputs: Sequence[Fact],
    host_inputs: Sequence[Fact],
    *,
    transpose_a: bool,
    transpose_b: bool,
    dtypes: tuple[int, ...],
) -> list[Shape]:
    """[m, k] times [k, n] is [m, n]; of other outputs nothing is said."""
    inputs = [*device_inputs, *host_inputs]
    if len(inputs) < 2:
        raise ShapeError("a product needs two factors")
    product = mat_mul(inputs[0], inputs[1], transpose_a=transpose_a, transpose_b=transpose_b)
    return [product, *[UNKNOWN] * (len(dtypes) - 1)]


@shape_rule(
    "QuantizedMatMulWithBias QuantizedMatMulWithBiasAndRelu"
    " QuantizedMatMulWithBiasAndReluAndRequantize QuantizedMatMulWithBiasAndRequantize"
)
def quantized_mat_mul(
    a: Fact, b: Fact, bias: Fact, *ranges: Fact, transpose_a: bool, transpose_b: bool
) -> list[Shape]:
    """[m, k] times [k, n] is [m, n]."""
    bias.shape.with_rank(1)
    product = mat_mul(a, b, transpose_a=transpose_a, transpose_b=transpose_b)
    return with_range(product, *ranges)


@shape_rule("QuantizedMatMulWithBiasAndDequantize")
def dequantized_mat_mul(
    a: Fact, b: Fact, bias: Fact, *ranges: Fact, transpose_a: bool, transpose_b: bool
) -> Shape:
    """[m, k] times [k, n] is [m, n]."""
    return quantized_mat_mul(a, b, bias, *ranges, transpose_a=transpose_a, transpose_b=transpose_b)[
        0
    ]


# --- convolutions ---


@shape_rule("QuantizedConv2D")
def quantized_conv_2d(
    input: Fact, filter: Fact, *ranges: Fact, strides: Numbers, padding: str, dilations: Numbers
) -> list[Shape]:
    """A channel for each filter; all ranges are scalars."""
    sliding = Sliding(strides, padding, dilations)
    return with_range(convolution(input.shape, filter.shape, NHWC, sliding), *ranges)


@shape_rule("QuantizedConv2DPerChannel")
def quantized_conv_2d_per_channel(
    input: Fact, filter: Fact, *ranges: Fact, strides: Numbers, padding: str, dilations: Numbers
) -> list[Shape]:
    """A channel for each filter, and the range, which may be one for each channel."""
    sliding = Sliding(strides, padding, dilations)
    ends = _range_of_filters(ranges)
    return [convolution(input.shape, filter.shape, NHWC, sliding), ends, ends]


def _fused(op: str) -> Callable[..., list[Shape]]:
    """The rule of a convolution with what follows it; the op's name tells what that is."""

    def rule(
        input: Fact,
        filter: Fact,
        *others: Fact,
        strides: Numbers,
        padding: str,
        dilations: Numbers,
        padding_list: Numbers,
    ) -> list[Shape]:
        if "WithBias" in op:
            others[0].shape.with_rank(1)
            others = others[1:]
        padding = "EXPLICIT" if padding_list else padding
        sliding = Sliding(strides, padding, dilations, padding_list)
        output = convolution(input.shape, filter.shape, NHWC, sliding)
        if op == "QuantizedConv2DAndRequantize":
            return with_range(output, *others)
        ends = _range_of_filters(others)
        if "Requantize" in op:
            return with_range(output, *others[4:6])
        return [output, ends, ends]

    rule.__doc__ = "A channel for each filter, and the range of the result."
    return rule


FUSED = """
    QuantizedConv2DAndRelu QuantizedConv2DAndReluAndRequantize QuantizedConv2DAndRequantize
    QuantizedConv2DWithBias QuantizedConv2DWithBiasAndRelu
    QuantizedConv2DWithBiasAndReluAndRequantize QuantizedConv2DWithBiasAndRequantize
    QuantizedConv2DWithBiasSignedSumAndReluAndRequantize QuantizedConv2DWithBiasSumAndRelu
    QuantizedConv2DWithBiasSumAndReluAndRequantize
"""

for _op in FUSED.split():
    shape_rule(_op)(_fused(_op))


def _range_of_filters(ranges: Sequence[Fact]) -> Shape:
    """The shape of the filters' range, which follows that of the input: for all or for each."""
    min_input, max_input, min_filter, max_filter = ranges[:4]
    check_rank(0, min_input, max_input)
    for end in (min_filter, max_filter):
        end.shape.at_most(1)
    return max_filter.shape


@shape_rule("""
    QuantizedDepthwiseConv2D QuantizedDepthwiseConv2DWithBias
    QuantizedDepthwiseConv2DWithBiasAndRelu QuantizedDepthwiseConv2DWithBiasAndReluAndRequantize
""")
def quantized_depthwise_conv_2d(
    input: Fact, filter: Fact, *others: Fact, strides: Numbers, padding: str, dilations: Numbers
) -> list[Shape]:
    """Several channels for each channel; of the range, TensorFlow says nothing."""
    sliding = Sliding(strides, padding, dilations)
    return [depthwise_convolution(input.shape, filter.shape, NHWC, sliding), UNKNOWN, UNKNOWN]
