"""Rules for the pools of TensorFlow's nn_ops.cc and their gradients."""

from __future__ import annotations

from pbtool.errors import ShapeError
from pbtool.facts import Fact
from pbtool.infer.patterns import patterns
from pbtool.infer.registry import AsOp, shape_rule
from pbtool.infer.shape_functions import known_ints, shape_from
from pbtool.infer.windows import LAYOUTS, Layout, Numbers, Sliding, check_length
from pbtool.shapes import UNKNOWN, Dimension, Shape

patterns("""
    [a,b,c,d] -> [a,b,c,d]
        FractionalMaxPoolGrad MaxPoolGrad MaxPoolGradV2 MaxPoolGradWithArgmax
    [a,b,c,d,e] -> [a,b,c,d,e]
        MaxPool3DGrad
""")


@shape_rule("AvgPool")
def avg_pool(
    value: Fact, *, ksize: Numbers, strides: Numbers, padding: str, data_format: str
) -> Shape:
    """Means of windows of rows and columns."""
    return pool(value.shape, LAYOUTS[data_format], ksize, Sliding(strides, padding))


@shape_rule("AvgPool3D MaxPool3D")
def pool_3d(
    input: Fact, *, ksize: Numbers, strides: Numbers, padding: str, data_format: str
) -> Shape:
    """Windows of planes, rows and columns, each reduced to a number."""
    return pool(input.shape, LAYOUTS[data_format], ksize, Sliding(strides, padding))


def pool(image: Shape, layout: Layout, window: Numbers, sliding: Sliding) -> Shape:
    """The shape of an image of which each window was reduced to a number, channels apart."""
    image, sliding = layout.checked(image), sliding.checked(layout)
    check_length(window, layout.listed)
    channels = image[layout.channels]
    return layout.image(image[layout.batch], _slide(image, layout, window, sliding), channels)


def _slide(image: Shape, layout: Layout, window: Numbers, sliding: Sliding) -> list[Dimension]:
    return [sliding.positions(image[axis], window[axis], axis) for axis in layout.spatial]


@shape_rule("MaxPool")
def max_pool(
    input: Fact,
    *,
    ksize: Numbers,
    strides: Numbers,
    padding: str,
    explicit_paddings: Numbers,
    data_format: str,
) -> Shape:
    """Maxima of windows of rows, columns and channels."""
    sliding = Sliding(strides, padding, None, explicit_paddings)
    return pool_channels(input.shape, LAYOUTS[data_format], ksize, sliding)


def pool_channels(image: Shape, layout: Layout, window: Numbers, sliding: Sliding) -> Shape:
    """The shape of an image of which each window was reduced to a number."""
    image, sliding = layout.checked(image), sliding.checked(layout)
    check_length(window, layout.listed)
    axis = layout.channels
    channels = sliding.positions(image[axis], window[axis], axis)
    spatial = _slide(image, layout, window, sliding)
    return layout.image(image[layout.batch], spatial, channels)


@shape_rule("MaxPoolV2")
def max_pool_v2(
    input: Fact, ksize: Fact, strides: Fact, *, padding: str, data_format: str
) -> Shape:
    """Maxima of windows of rows, columns and channels."""
    layout = LAYOUTS[data_format]
    image = layout.checked(input.shape)
    for fact in (ksize, strides):
        fact.shape.merge(Shape([layout.listed]))
    window, steps = known_ints(ksize), known_ints(strides)
    if window is None or steps is None:
        return UNKNOWN
    return pool_channels(image, layout, window, Sliding(steps, padding))


@shape_rule("MaxPoolWithArgmax")
def max_pool_with_argmax(
    input: Fact, *, ksize: Numbers, strides: Numbers, padding: str
) -> list[Shape]:
    """Maxima of windows, and where they are."""
    if min(ksize) <= 0:
        raise ShapeError(f"a window must not be empty, as {list(ksize)} is")
    return [pool_channels(input.shape, LAYOUTS["NHWC"], ksize, Sliding(strides, padding))] * 2


# --- gradients ---


@shape_rule("AvgPoolGrad")
def avg_pool_grad(orig_input_shape: Fact, grad: Fact) -> Shape:
    """The given shape."""
    return shape_from(orig_input_shape).with_rank(4)


@shape_rule("AvgPool3DGrad")
def avg_pool_3d_grad(orig_input_shape: Fact, grad: Fact) -> Shape:
    """The given shape."""
    return shape_from(orig_input_shape).with_rank(5)


@shape_rule("MaxPoolGradGrad")
def max_pool_grad_grad(orig_input: Fact, orig_output: Fact, grad: Fact, *, as_op: AsOp) -> Shape:
    """The shape that the pool had."""
    (output,) = as_op("MaxPool", (orig_input,))
    return _second_gradient(output, orig_input, orig_output, grad)


@shape_rule("MaxPoolGradGradV2")
def max_pool_grad_grad_v2(
    orig_input: Fact,
    orig_output: Fact,
    grad: Fact,
    ksize: Fact,
    strides: Fact,
    *,
    as_op: AsOp,
) -> Shape:
    """The shape that the pool had."""
    (output,) = as_op("MaxPoolV2", (orig_input, ksize, strides))
    return _second_gradient(output, orig_input, orig_output, grad)


@shape_rule("MaxPool3DGradGrad")
def max_pool_3d_grad_grad(orig_input: Fact, orig_output: Fact, grad: Fact, *, as_op: AsOp) -> Shape:
    """The shape that the pool had."""
    (output,) = as_op("MaxPool3D", (orig_input,))
    return _second_gradient(output, orig_input, orig_output, grad)


@shape_rule("MaxPoolGradGradWithArgmax")
def max_pool_grad_grad_with_argmax(
    input: Fact, grad: Fact, argmax: Fact, *, ksize: Numbers, strides: Numbers, padding: str
) -> Shape:
    """The shape that the pool had."""
    output = pool_channels(input.shape, LAYOUTS["NHWC"], ksize, Sliding(strides, padding))
    return _second_gradient(output, input, argmax, grad)


def _second_gradient(output: Shape, orig_input: Fact, orig_output: Fact, grad: Fact) -> Shape:
    orig_input.shape.merge(grad.shape)
    orig_output.shape.merge(output)
    return output


# --- fractions ---


@shape_rule("FractionalAvgPool FractionalMaxPool")
def fractional_pool(value: Fact, *, pooling_ratio: tuple[float, ...]) -> list[Shape]:
    """Each dimension divided by its ratio, and the number of rows and columns."""
    dims = value.shape.with_rank(4)
    if len(pooling_ratio) != 4:
        raise ShapeError(f"four ratios are needed where {list(pooling_ratio)} are given")
    sizes = [_part(dim, ratio) for dim, ratio in zip(dims, pooling_ratio, strict=True)]
    return [Shape(sizes), Shape([sizes[1]]), Shape([sizes[2]])]


def _part(dim: Dimension, ratio: float) -> Dimension:
    if ratio < 1:
        raise ShapeError(f"ratio {ratio} must not be below 1")
    return None if dim is None else int(dim / ratio)


@shape_rule("FractionalAvgPoolGrad")
def fractional_avg_pool_grad(
    orig_input_tensor_shape: Fact,
    out_backprop: Fact,
    row_pooling_sequence: Fact,
    col_pooling_sequence: Fact,
) -> Shape:
    """The given shape. What is not known is not checked, not even to be a vector."""
    if orig_input_tensor_shape.value is None:
        return Shape([None] * 4)
    return shape_from(orig_input_tensor_shape)
