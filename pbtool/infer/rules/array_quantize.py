"""Rules for the ops of TensorFlow's array_ops.cc that quantize.

A quantized tensor comes with the range that its numbers stand for: one number for the whole tensor,
or, along an axis, a vector with one number for each slice.
"""

from __future__ import annotations

from collections.abc import Sequence

from pbtool.errors import ShapeError
from pbtool.facts import Fact
from pbtool.infer.registry import shape_rule
from pbtool.infer.rules.array import concat, reshape
from pbtool.infer.shape_functions import check_rank
from pbtool.shapes import SCALAR, Shape, merge_dimensions


def _range(shape: Shape, ends: Shape, axis: int) -> Shape:
    """The shape of an end of the range; raises ShapeError unless it fits the tensor's shape."""
    if axis == -1:
        return ends.with_rank(0)
    if axis < -1:
        raise ShapeError(f"axis must be at least -1, not {axis}")
    ends = ends.with_rank(1)
    merge_dimensions(ends[0], shape.at_least(axis + 1)[axis])
    return ends


@shape_rule("QuantizeV2")
def quantize(input: Fact, min_range: Fact, max_range: Fact, *, axis: int) -> list[Shape]:
    """The input, and the range that was used."""
    min_range.shape.with_rank(0 if axis == -1 else 1)
    ends = _range(input.shape, max_range.shape, axis)
    return [input.shape, ends, ends]


@shape_rule("Dequantize")
def dequantize(input: Fact, min_range: Fact, max_range: Fact, *, axis: int) -> Shape:
    """The shape of the input."""
    if axis != -1 and input.shape.rank is None:
        raise ShapeError(f"a tensor of unknown rank has no axis {axis}")
    return quantize(input, min_range, max_range, axis=axis)[0]


@shape_rule("QuantizeAndDequantizeV2 QuantizeAndDequantizeV4")
def quantize_and_dequantize(input: Fact, input_min: Fact, input_max: Fact, *, axis: int) -> Shape:
    """The shape of the input."""
    _range(input.shape, input_min.shape.merge(input_max.shape), axis)
    return input.shape


@shape_rule("QuantizeAndDequantizeV3")
def quantize_and_dequantize_v3(
    input: Fact, input_min: Fact, input_max: Fact, num_bits: Fact, *, axis: int
) -> Shape:
    """The shape of the input."""
    check_rank(0, num_bits)
    return quantize_and_dequantize(input, input_min, input_max, axis=axis)


@shape_rule("QuantizeAndDequantizeV4Grad")
def quantize_and_dequantize_grad(
    gradients: Fact, input: Fact, input_min: Fact, input_max: Fact, *, axis: int
) -> list[Shape]:
    """The shapes of the inputs."""
    ends = _range(gradients.shape, input_min.shape.merge(input_max.shape), axis)
    return [gradients.shape.merge(input.shape), ends, ends]


@shape_rule("QuantizedConcat")
def quantized_concat(
    concat_dim: Fact,
    values: Sequence[Fact],
    input_mins: Sequence[Fact],
    input_maxes: Sequence[Fact],
) -> list[Shape]:
    """Tensors joined along an axis, and the range of all."""
    check_rank(0, *input_mins, *input_maxes)
    return [concat(concat_dim, values), SCALAR, SCALAR]


@shape_rule("QuantizedInstanceNorm")
def quantized_instance_norm(x: Fact, x_min: Fact, x_max: Fact) -> list[Shape]:
    """The shape of a batch of images, and its range."""
    x.shape.with_rank(4)
    check_rank(0, x_min, x_max)
    return [x.shape, SCALAR, SCALAR]


@shape_rule("QuantizedReshape")
def quantized_reshape(tensor: Fact, shape: Fact, input_min: Fact, input_max: Fact) -> list[Shape]:
    """The given shape, and the range of the input."""
    check_rank(0, input_min, input_max)
    return [reshape(tensor, shape), SCALAR, SCALAR]


# --- numbers rounded as if they were quantized ---


@shape_rule("FakeQuantWithMinMaxVars")
def fake_quant(inputs: Fact, min: Fact, max: Fact) -> Shape:
    """The shape of the inputs."""
    check_rank(0, min, max)
    return inputs.shape


@shape_rule("FakeQuantWithMinMaxVarsGradient")
def fake_quant_gradient(gradients: Fact, inputs: Fact, min: Fact, max: Fact) -> list[Shape]:
    """The shapes of the inputs."""
    check_rank(0, min, max)
    return [gradients.shape.merge(inputs.shape), SCALAR, SCALAR]


@shape_rule("FakeQuantWithMinMaxVarsPerChannel")
def fake_quant_per_channel(inputs: Fact, min: Fact, max: Fact) -> Shape:
    """The shape of the inputs, whose last dimension has a range for each channel."""
    ends = min.shape.with_rank(1).merge(max.shape.with_rank(1))
    merge_dimensions(inputs.shape.at_least(1)[-1], ends[0])
    return inputs.shape


@shape_rule("FakeQuantWithMinMaxVarsPerChannelGradient")
def fake_quant_per_channel_gradient(
    gradients: Fact, inputs: Fact, min: Fact, max: Fact
) -> list[Shape]:
    """The shapes of the inputs, whose last dimension has a range for each channel."""
    shape = gradients.shape.at_least(1).at_most(4).merge(inputs.shape)
    ends = min.shape.with_rank(1).merge(max.shape).merge(Shape([shape[-1]]))
    return [shape, ends, ends]
