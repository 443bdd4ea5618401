"""Rules for the convolutions of TensorFlow's nn_ops.cc and their gradients."""

from __future__ import annotations

from pbtool.errors import ShapeError
from pbtool.facts import Fact
from pbtool.infer.patterns import patterns
from pbtool.infer.registry import shape_rule
from pbtool.infer.shape_functions import divide, multiply, replace, shape_from
from pbtool.infer.windows import LAYOUTS, Layout, Numbers, Sliding, check_length, known_positions
from pbtool.shapes import UNKNOWN, Dimension, Shape, merge_dimensions

patterns("""
    [a,b,c,d] -> [a,b,c,d]
        Conv2DBackpropInputV2
    _ ; [a,b,c,d] -> [a,b,c,d]
        Conv2DBackpropFilterV2
    [a,b,c,d,e] -> [a,b,c,d,e]
        Conv3DBackpropInput
    _ ; [a,b,c,d,e] -> [a,b,c,d,e]
        Conv3DBackpropFilter
""")


@shape_rule("Conv2D")
def conv_2d(
    input: Fact,
    filter: Fact,
    *,
    strides: Numbers,
    padding: str,
    explicit_paddings: Numbers,
    data_format: str,
    dilations: Numbers,
) -> Shape:
    """A channel for each filter; a filter is [rows, columns, channels, filters]."""
    sliding = Sliding(strides, padding, dilations, explicit_paddings)
    return convolution(input.shape, filter.shape, LAYOUTS[data_format], sliding)


@shape_rule("Conv3D")
def conv_3d(
    input: Fact,
    filter: Fact,
    *,
    strides: Numbers,
    padding: str,
    data_format: str,
    dilations: Numbers,
) -> Shape:
    """A channel for each filter; a filter is [planes, rows, columns, channels, filters]."""
    # TensorFlow's shape function takes the dilations of rows and columns for each other.
    layout = LAYOUTS[data_format]
    rows, columns = layout.spatial[1:]
    swapped = list(dilations)
    swapped[rows : columns + 1] = reversed(swapped[rows : columns + 1])
    return convolution(input.shape, filter.shape, layout, Sliding(strides, padding, swapped))


@shape_rule("Conv")
def conv(
    input: Fact,
    filter: Fact,
    *,
    strides: Numbers,
    padding: str,
    explicit_paddings: Numbers,
    data_format: str,
    dilations: Numbers,
    batch_dims: int,
    groups: int,
) -> Shape:
    """A channel for each filter, with any number of batch dimensions."""
    image, filters = input.shape, filter.shape
    if image.rank is None or filters.rank is None:
        return UNKNOWN
    if (data_format, filters.rank) not in _FORMATS or batch_dims < 0:
        raise ShapeError(f"filters {filters} and {batch_dims} batch dimensions make no convolution")
    layout = LAYOUTS[_FORMATS[data_format, filters.rank]]
    single = Shape([None]) + image.with_rank(batch_dims + filters.rank - 1)[batch_dims:]
    merge_dimensions(single[layout.channels], multiply(filters[-2], groups))
    divide(filters[-1], groups)
    sliding = Sliding(strides, padding, dilations or None, explicit_paddings)
    return image[:batch_dims] + convolution(single, filters, layout, sliding)[1:]


_FORMATS = {  # by the layout and the rank of filters
    ("CHANNELS_LAST", 4): "NHWC",
    ("CHANNELS_LAST", 5): "NDHWC",
    ("CHANNELS_FIRST", 4): "NCHW",
    ("CHANNELS_FIRST", 5): "NCDHW",
}


def convolution(image: Shape, filters: Shape, layout: Layout, sliding: Sliding) -> Shape:
    """The shape of an image that was convolved with filters."""
    image, filters = layout.checked(image), filters.with_rank(layout.listed)
    sliding = sliding.checked(layout)
    *window, channels, depth = filters
    check_groups(image[layout.channels], channels, depth)
    return layout.image(image[layout.batch], _slide(image, window, layout, sliding), depth)


def _slide(
    image: Shape, window: list[Dimension], layout: Layout, sliding: Sliding
) -> list[Dimension]:
    return [
        sliding.positions(image[axis], size, axis)
        for axis, size in zip(layout.spatial, window, strict=True)
    ]


def check_groups(channels: Dimension, per_group: Dimension, depth: Dimension) -> None:
    """Each filter may see one of several groups of channels."""
    if channels is None or per_group is None:
        return
    if per_group == 0 or channels % per_group:
        raise ShapeError(f"{channels} channels cannot be filtered in groups of {per_group}")
    groups = channels // per_group
    if depth is not None and (groups == 0 or depth % groups):
        raise ShapeError(f"{depth} filters cannot be shared out among {groups} groups")


@shape_rule("DepthwiseConv2dNative")
def depthwise_conv_2d(
    input: Fact,
    filter: Fact,
    *,
    strides: Numbers,
    padding: str,
    explicit_paddings: Numbers,
    data_format: str,
    dilations: Numbers,
) -> Shape:
    """Several channels for each channel; a filter is [rows, columns, channels, how many]."""
    sliding = Sliding(strides, padding, dilations, explicit_paddings)
    return depthwise_convolution(input.shape, filter.shape, LAYOUTS[data_format], sliding)


def depthwise_convolution(image: Shape, filters: Shape, layout: Layout, sliding: Sliding) -> Shape:
    """The shape of an image of which each channel was convolved with filters of its own."""
    image, filters = image.with_rank(4), filters.with_rank(4)
    sliding = sliding.checked(layout)
    *window, channels, multiplier = filters
    depth = multiply(merge_dimensions(image[layout.channels], channels), multiplier)
    return layout.image(image[layout.batch], _slide(image, window, layout, sliding), depth)


# --- gradients ---


@shape_rule("Conv2DBackpropInput")
def conv_2d_backprop_input(
    input_sizes: Fact, filter: Fact, out_backprop: Fact, *, data_format: str
) -> Shape:
    """The given shape, or the given rows and columns."""
    layout, sizes = LAYOUTS[data_format], shape_from(input_sizes)
    gradient = out_backprop.shape.with_rank(4)
    _, _, channels, depth = filter.shape.with_rank(4)
    batch = gradient[layout.batch]
    merge_dimensions(gradient[layout.channels], depth)
    if sizes.rank == 2:
        return layout.image(batch, list(sizes), channels)
    merge_dimensions(sizes.with_rank(4)[layout.batch], batch)
    return replace(sizes.with_rank(4), layout.batch, batch)


@shape_rule("DepthwiseConv2dNativeBackpropInput")
def depthwise_conv_2d_backprop_input(input_sizes: Fact, filter: Fact, out_backprop: Fact) -> Shape:
    """The given shape."""
    return shape_from(input_sizes).with_rank(4)


@shape_rule("Conv2DBackpropFilter DepthwiseConv2dNativeBackpropFilter")
def conv_2d_backprop_filter(input: Fact, filter_sizes: Fact, out_backprop: Fact) -> Shape:
    """The given shape."""
    return shape_from(filter_sizes).with_rank(4)


@shape_rule("Conv3DBackpropInputV2")
def conv_3d_backprop_input(input_sizes: Fact, filter: Fact, out_backprop: Fact) -> Shape:
    """The given shape."""
    return shape_from(input_sizes).with_rank(5)


@shape_rule("Conv3DBackpropFilterV2")
def conv_3d_backprop_filter(input: Fact, filter_sizes: Fact, out_backprop: Fact) -> Shape:
    """The given shape."""
    return shape_from(filter_sizes).with_rank(5)


# --- morphology ---


@shape_rule("Dilation2D")
def dilation_2d(
    input: Fact, filter: Fact, *, strides: Numbers, rates: Numbers, padding: str
) -> Shape:
    """The input, dilated by a filter [rows, columns, channels]."""
    check_length(strides, 4)
    check_length(rates, 4)
    batch, *spatial, channels = input.shape.with_rank(4)
    *window, depth = filter.shape.with_rank(3)
    output: list[Dimension] = [None, None]
    if None not in (*spatial, *window):  # one unknown dimension makes TensorFlow give up on both
        merge_dimensions(channels, depth)
        output = [
            known_positions(dim or 0, _dilated(size or 0, rate), stride, padding)
            for dim, size, rate, stride in zip(
                spatial, window, rates[1:3], strides[1:3], strict=True
            )
        ]
    return Shape([batch, *output, depth])


def _dilated(window: int, rate: int) -> int:
    return window + (window - 1) * (rate - 1)


@shape_rule("Dilation2DBackpropFilter")
def dilation_2d_backprop_filter(input: Fact, filter: Fact, out_backprop: Fact) -> Shape:
    """The shape of the filter."""
    return filter.shape
