"""Rules for ops that others were fused into, most of them by TensorFlow's optimizers."""

from __future__ import annotations

from collections.abc import Sequence

from pbtool.errors import ShapeError
from pbtool.facts import Fact
from pbtool.infer.registry import AsOp, shape_rule
from pbtool.infer.rules.array_space import pad
from pbtool.infer.rules.nn_conv import check_groups, convolution
from pbtool.infer.shape_functions import dimension_of, divide, known_ints, multiply, replace
from pbtool.infer.windows import LAYOUTS, PARTS, Numbers, Sliding
from pbtool.shapes import UNKNOWN, Shape, merge_dimensions

NHWC = LAYOUTS["NHWC"]


@shape_rule("FusedPadConv2D")
def fused_pad_conv_2d(
    input: Fact, paddings: Fact, filter: Fact, *, strides: Numbers, padding: str
) -> Shape:
    """The image is padded, then convolved."""
    return _padded_convolution(input.shape, paddings, filter, Sliding(strides, padding))


@shape_rule("FusedResizeAndPadConv2D")
def fused_resize_and_pad_conv_2d(
    input: Fact, size: Fact, paddings: Fact, filter: Fact, *, strides: Numbers, padding: str
) -> Shape:
    """The image is resized, padded, then convolved."""
    batch, _, _, channels = input.shape.with_rank(4)
    size.shape.merge(Shape([2]))
    # Whether a size is negative, TensorFlow asks only after the padding.
    rows, columns = map(dimension_of, known_ints(size) or (-1, -1))
    resized = Shape([batch, rows, columns, channels])
    return _padded_convolution(resized, paddings, filter, Sliding(strides, padding))


def _padded_convolution(image: Shape, paddings: Fact, filter: Fact, sliding: Sliding) -> Shape:
    if paddings.shape.with_rank(2)[0] is None:
        raise ShapeError("the number of paddings must be known")
    padded, filters = pad(Fact(0, image.with_rank(4)), paddings), filter.shape.with_rank(4)
    if any(dim is not None and dim < 0 for dim in padded):
        raise ShapeError(f"an image cannot be of shape {padded}")
    merge_dimensions(padded[-1], filters[-2])
    return convolution(padded, filters, NHWC, sliding)


# --- what optimizers write ---


@shape_rule("_FusedMatMul")
def fused_mat_mul(a: Fact, b: Fact, args: Sequence[Fact], *, as_op: AsOp) -> list[Shape]:
    """[m, k] times [k, n] is [m, n]; a bias and an activation follow."""
    return as_op("MatMul", (a, b))


@shape_rule("_FusedConv2D")
def fused_conv_2d(
    input: Fact,
    filter: Fact,
    args: Sequence[Fact],
    host_args: Sequence[Fact],
    *,
    strides: Numbers,
    padding: str,
    explicit_paddings: Numbers,
    data_format: str,
    filter_format: str,
    dilations: Numbers,
) -> Shape:
    """A channel for each filter; a bias, a normalization or an activation follows."""
    layout, sliding = LAYOUTS[data_format], Sliding(strides, padding, dilations, explicit_paddings)
    image, filters = layout.checked(input.shape), filter.shape.with_rank(layout.rank)
    parts = 1 if layout.parts is None else PARTS
    if parts > 1 and filters[4] != PARTS:
        raise ShapeError(f"channels must have {PARTS} parts, as those of {filters} have not")
    depth, channels, rows, columns = [filters[axis] for axis in _AXES[filter_format]]
    per_group = multiply(channels, PARTS if filter_format == "OIHW_VECT_I" else 1)
    check_groups(multiply(image[layout.channels], parts), per_group, depth)
    output = convolution(image, Shape([rows, columns, None, depth]), layout, sliding)
    return replace(output, layout.channels, divide(depth, parts))


# Where a filter's outputs, its inputs, rows and columns are.
_AXES = {"HWIO": (3, 2, 0, 1), "OIHW": (0, 1, 2, 3), "OIHW_VECT_I": (0, 1, 2, 3)}


@shape_rule("_FusedConv3D")
def fused_conv_3d(input: Fact, filter: Fact, args: Sequence[Fact], *, as_op: AsOp) -> list[Shape]:
    """A channel for each filter; a bias or an activation follows."""
    return as_op("Conv3D", (input, filter))


@shape_rule("_FusedDepthwiseConv2dNative")
def fused_depthwise_conv_2d(
    input: Fact, filter: Fact, args: Sequence[Fact], *, as_op: AsOp
) -> list[Shape]:
    """Several channels for each channel; a bias or an activation follows."""
    return as_op("DepthwiseConv2dNative", (input, filter))


@shape_rule("_FusedBatchNormEx")
def fused_batch_norm_ex(
    x: Fact,
    scale: Fact,
    offset: Fact,
    mean: Fact,
    variance: Fact,
    side_input: Sequence[Fact],
    *,
    data_format: str,
    as_op: AsOp,
) -> list[Shape]:
    """Images of channels in fours, and vectors with a number for each channel."""
    channels = x.shape.with_rank(4)[LAYOUTS[data_format].channels]
    divide(channels, 4)
    return as_op("FusedBatchNormV3", (x, scale, offset, mean, variance))


@shape_rule("_FusedBatchNormGradEx")
def fused_batch_norm_grad_ex(
    y_backprop: Fact,
    x: Fact,
    *others: Fact,
    data_format: str,
    num_side_inputs: int,
    as_op: AsOp,
) -> list[Shape]:
    """The image, vectors for scale and offset, two empty ones, and the first side input."""
    outputs = as_op("FusedBatchNormGradV3", (y_backprop, x, *others))
    layout = LAYOUTS[data_format]
    axis, gradient = layout.channels, y_backprop.shape.with_rank(layout.rank)
    side = replace(gradient, axis, merge_dimensions(gradient[axis], x.shape[axis]))
    return [*outputs, *[side, *[UNKNOWN] * num_side_inputs][:num_side_inputs]]
