"""Shape rules for the ops of audio_ops.cc."""

from __future__ import annotations

from pbtool.errors import ShapeError
from pbtool.facts import Fact
from pbtool.infer.patterns import patterns
from pbtool.infer.registry import shape_rule
from pbtool.infer.shape_functions import checked_dimension_of, dimension_of, multiply, subtract
from pbtool.shapes import SCALAR, Dimension, Shape

patterns("""
    [?,?] ; [] -> []
        EncodeWav
""")


@shape_rule("AudioSpectrogram")
def audio_spectrogram(input: Fact, *, window_size: int, stride: int) -> Shape:
    """For each channel and window of samples its frequencies."""
    if window_size < 2 or stride < 1:
        raise ShapeError(f"a window of {window_size} cannot be moved by {stride}")
    samples, channels = input.shape.with_rank(2)
    windows = None if samples is None else max(0, 1 + (samples - window_size) // stride)
    # The window is widened to a power of two.
    return Shape([channels, windows, 1 + (1 << (window_size - 1).bit_length()) // 2])


@shape_rule("DecodeWav")
def decode_wav(contents: Fact, *, desired_channels: int, desired_samples: int) -> list[Shape]:
    """Samples of each channel, and their rate; -1 leaves a size to the file."""
    contents.shape.with_rank(0)
    return [Shape(map(checked_dimension_of, (desired_samples, desired_channels))), SCALAR]


@shape_rule("Mfcc")
def mfcc(spectrogram: Fact, sample_rate: Fact, *, dct_coefficient_count: int) -> Shape:
    """For each channel and window of samples so many coefficients."""
    sample_rate.shape.with_rank(0)
    return spectrogram.shape.with_rank(3)[:2] + Shape([checked_dimension_of(dct_coefficient_count)])


@shape_rule("AudioMicrofrontend")
def audio_microfrontend(
    audio: Fact,
    *,
    sample_rate: int,
    window_size: int,
    window_step: int,
    num_channels: int,
    left_context: int,
    right_context: int,
    frame_stride: int,
) -> Shape:
    """For each frame of audio its channels, and those of the frames around it."""
    (samples,) = audio.shape.with_rank(1)
    window, step = (int(time * sample_rate / 1000) for time in (window_size, window_step))
    features = multiply(dimension_of(num_channels), dimension_of(1 + left_context + right_context))
    frames: Dimension = 0
    if window <= (-1 if samples is None else samples):  # an unknown length is below 0 to TensorFlow
        if step <= 0 or frame_stride <= 0:
            raise ShapeError(f"frames cannot be taken in steps of {step} and {frame_stride}")
        positions = subtract(samples, dimension_of(window))
        frames = None if positions is None else -(-(positions // step + 1) // frame_stride)
    return Shape([frames, features])
