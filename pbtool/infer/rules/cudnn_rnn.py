"""Shape rules for the ops of cudnn_rnn_ops.cc."""

from __future__ import annotations

from pbtool.facts import Fact
from pbtool.infer.patterns import patterns
from pbtool.infer.registry import shape_rule
from pbtool.infer.shape_functions import multiply
from pbtool.shapes import SCALAR, UNKNOWN, Shape

patterns("""
    X ; H ; C ; P -> X ; H ; C ; P
        CudnnRNNBackprop CudnnRNNBackpropV2 CudnnRNNBackpropV3
    -> [?]
        CudnnRNNCanonicalToParams CudnnRNNCanonicalToParamsV2
    [] ; [] ; [] -> [1]
        CudnnRNNParamsSize
""")


@shape_rule("CudnnRNN CudnnRNNV2")
def cudnn_rnn(
    input: Fact,
    input_h: Fact,
    input_c: Fact,
    params: Fact,
    *,
    rnn_mode: str,
    direction: str,
    dtypes: tuple[int, ...],
) -> list[Shape]:
    """The output of each step, the last states, and what the gradient reserves."""
    params.shape.with_rank(1)
    states = [input_h.shape, input_h.shape if rnn_mode == "lstm" else SCALAR]
    reserved = [UNKNOWN] * (len(dtypes) - 3)
    return [_output(input, input_h, direction), *states, *reserved]


@shape_rule("CudnnRNNV3")
def cudnn_rnn_v3(
    input: Fact,
    input_h: Fact,
    input_c: Fact,
    params: Fact,
    sequence_lengths: Fact,
    *,
    rnn_mode: str,
    direction: str,
) -> list[Shape]:
    """As before, but the state of an LSTM may be of another size than its output."""
    params.shape.with_rank(1)
    sequence_lengths.shape.with_rank(1)
    if rnn_mode == "lstm":
        input_c.shape.with_rank(3)
    states = [input_h.shape, input_c.shape if rnn_mode == "lstm" else SCALAR]
    return [_output(input, input_h, direction), *states, UNKNOWN, UNKNOWN]


def _output(input: Fact, input_h: Fact, direction: str) -> Shape:
    directions = 2 if direction == "bidirectional" else 1
    units = input_h.shape.with_rank(3)[2]
    return input.shape.with_rank(3)[:2] + Shape([multiply(units, directions)])


@shape_rule("CudnnRNNParamsToCanonical")
def params_to_canonical(
    num_layers: Fact, num_units: Fact, input_size: Fact, params: Fact, *, num_params: int
) -> list[Shape]:
    """As many matrices of weights as vectors of biases."""
    return _canonical(params, num_params, num_params)


@shape_rule("CudnnRNNParamsToCanonicalV2")
def params_to_canonical_v2(
    num_layers: Fact,
    num_units: Fact,
    input_size: Fact,
    params: Fact,
    *,
    num_params_weights: int,
    num_params_biases: int,
) -> list[Shape]:
    """Matrices of weights and vectors of biases."""
    return _canonical(params, num_params_weights, num_params_biases)


def _canonical(params: Fact, weights: int, biases: int) -> list[Shape]:
    params.shape.with_rank(1)
    return [Shape([None, None])] * weights + [Shape([None])] * biases
