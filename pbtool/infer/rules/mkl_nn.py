"""Shape rules for ops of mkl_nn_ops.cc whose shapes are not quite those of the ops they replace."""

from __future__ import annotations

from pbtool.facts import Fact
from pbtool.infer.patterns import patterns
from pbtool.infer.registry import shape_rule
from pbtool.infer.rules.nn_conv import conv_2d_backprop_filter
from pbtool.infer.rules.nn_pool import max_pool
from pbtool.infer.windows import LAYOUTS, Numbers
from pbtool.shapes import UNKNOWN, Shape

patterns("""
    S ; [] ; [] -> S
        _MklDequantize
""")


def and_unknown(shapes: list[Shape], dtypes: tuple[int, ...]) -> list[Shape]:
    """These shapes, and nothing of further outputs."""
    return shapes + [UNKNOWN] * (len(dtypes) - len(shapes))


@shape_rule("_MklMaxPool _MklNativeMaxPool")
def max_pool_without_paddings(
    input: Fact,
    *others: Fact,
    ksize: Numbers,
    strides: Numbers,
    padding: str,
    data_format: str,
    dtypes: tuple[int, ...],
) -> list[Shape]:
    """Maxima of windows; explicit paddings are not looked at."""
    output = max_pool(
        input,
        ksize=ksize,
        strides=strides,
        padding=padding,
        explicit_paddings=(),
        data_format=data_format,
    )
    return and_unknown([output], dtypes)


@shape_rule("""
    _MklConv2DBackpropFilterWithBias _MklNativeConv2DBackpropFilterWithBias
    __MklDummyConv2DBackpropFilterWithBias
""")
def conv_2d_backprop_filter_with_bias(
    input: Fact,
    filter_sizes: Fact,
    out_backprop: Fact,
    *others: Fact,
    data_format: str,
    dtypes: tuple[int, ...],
) -> list[Shape]:
    """The shape of the filter; TensorFlow says that biases are as many as channels come in."""
    gradient = conv_2d_backprop_filter(input, filter_sizes, out_backprop)
    channels = input.shape.with_rank(4)[LAYOUTS[data_format].channels]
    return and_unknown([gradient, Shape([channels])], dtypes)
