"""Rules for the ops of TensorFlow's nn_ops.cc that add a bias or normalize."""

from __future__ import annotations

from collections.abc import Sequence

from pbtool.facts import Fact
from pbtool.infer.patterns import patterns
from pbtool.infer.registry import AsOp, shape_rule
from pbtool.infer.shape_functions import replace
from pbtool.infer.windows import LAYOUTS
from pbtool.shapes import UNKNOWN, Dimension, Shape, merge_dimensions

patterns("""
    [a,b,c,d] -> [a,b,c,d]
        LRN
    [a,b,c,d] ; [a,b,c,d] ; [a,b,c,d] -> [a,b,c,d]
        LRNGrad
    [a,b,c,n] ; [n] ; [n] ; [n] ; [n] -> [a,b,c,n]
        BatchNormWithGlobalNormalization
    [a,b,c,n] ; [n] ; [n] ; [n] ; [a,b,c,n] -> [a,b,c,n] ; [n] ; [n] ; [n] ; [n]
        BatchNormWithGlobalNormalizationGrad
""")

# --- bias ---


@shape_rule("BiasAdd")
def bias_add(value: Fact, bias: Fact, *, data_format: str) -> Shape:
    """The value, to each channel of which a number is added."""
    axis = _channels(value.shape, data_format)
    count = bias.shape.with_rank(1)[0]
    if value.shape.rank is None:
        return UNKNOWN
    return replace(value.shape, axis, merge_dimensions(value.shape[axis], count))


@shape_rule("BiasAddV1")
def bias_add_v1(value: Fact, bias: Fact) -> Shape:
    """The value, to each channel of which a number is added."""
    return bias_add(value, bias, data_format="NHWC")


@shape_rule("BiasAddGrad")
def bias_add_grad(out_backprop: Fact, *, data_format: str) -> Shape:
    """A number for each channel."""
    axis = _channels(out_backprop.shape, data_format)
    return Shape([out_backprop.shape[axis]])


def _channels(shape: Shape, data_format: str) -> int:
    """The axis of the channels; of what rank the value is, the format does not tell."""
    if data_format == "NCHW":
        shape.at_least(3)
        return 1
    return (shape.at_least(2).rank or 2) - 1


# --- batch normalization ---


@shape_rule("FusedBatchNorm FusedBatchNormV2")
def fused_batch_norm(
    x: Fact,
    scale: Fact,
    offset: Fact,
    mean: Fact,
    variance: Fact,
    *,
    data_format: str,
    is_training: bool,
    exponential_avg_factor: float,
) -> list[Shape]:
    """The image, and vectors with a number for each channel."""
    replaces = is_training and exponential_avg_factor == 1  # mean and variance are not read
    vectors = [scale, offset] if replaces else [scale, offset, mean, variance]
    image, channels = _normalized(x.shape, data_format, vectors)
    return [image, *[Shape([channels])] * 4]


@shape_rule("FusedBatchNormV3")
def fused_batch_norm_v3(*inputs: Fact, as_op: AsOp) -> list[Shape]:
    """The image, vectors with a number for each channel, and room for the gradient's needs."""
    return [*as_op("FusedBatchNorm", inputs), UNKNOWN]


@shape_rule("FusedBatchNormGrad FusedBatchNormGradV2 FusedBatchNormGradV3")
def fused_batch_norm_grad(
    y_backprop: Fact,
    x: Fact,
    scale: Fact,
    reserve_space_1: Fact,
    reserve_space_2: Fact,
    *more: Fact,
    data_format: str,
) -> list[Shape]:
    """The image, vectors for scale and offset, and two empty ones."""
    layout = LAYOUTS[data_format]
    x_channels = x.shape.with_rank(layout.rank)[layout.channels]
    vectors = [scale, reserve_space_1, reserve_space_2, Fact(0, Shape([x_channels]))]
    image, channels = _normalized(y_backprop.shape, data_format, vectors)
    return [image, *[Shape([channels])] * 2, *[Shape([0])] * 2]


def _normalized(image: Shape, data_format: str, vectors: Sequence[Fact]) -> tuple[Shape, Dimension]:
    """The image and the number of its channels, for each of which the vectors hold a number."""
    layout = LAYOUTS[data_format]
    image = image.with_rank(layout.rank)
    channels = image[layout.channels]
    for vector in vectors:
        channels = merge_dimensions(channels, vector.shape.with_rank(1)[0])
    return replace(image, layout.channels, channels), channels
