"""Rules for ops that others were fused into, most of them by TensorFlow's optimizers."""

from __future__ import annotations

from pbtool.facts import Fact
from pbtool.infer.registry import shape_rule
from pbtool.infer.rules.array_space import pad
from pbtool.infer.rules.nn_conv import convolution
from pbtool.infer.shape_functions import shape_from
from pbtool.infer.windows import LAYOUTS, Numbers, Sliding
from pbtool.shapes import Shape, merge_dimensions

NHWC = LAYOUTS["NHWC"]


@shape_rule("FusedPadConv2D")
def fused_pad_conv_2d(
    input: Fact, paddings: Fact, filter: Fact, *, strides: Numbers, padding: str
) -> Shape:
    """The image is padded, then convolved."""
    image = Fact(input.dtype, input.shape.with_rank(4))
    padded, filters = pad(image, paddings).with_rank(4), filter.shape.with_rank(4)
    merge_dimensions(padded[-1], filters[-2])
    return convolution(padded, filters, NHWC, Sliding(strides, padding))


@shape_rule("FusedResizeAndPadConv2D")
def fused_resize_and_pad_conv_2d(
    input: Fact, size: Fact, paddings: Fact, filter: Fact, *, strides: Numbers, padding: str
) -> Shape:
    """The image is resized, padded, then convolved."""
    batch, _, _, channels = input.shape.with_rank(4)
    image = Shape([batch, *shape_from(size).with_rank(2), channels])
    resized = Fact(input.dtype, image)
    return fused_pad_conv_2d(resized, paddings, filter, strides=strides, padding=padding)
