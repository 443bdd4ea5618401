"""Shape rules for the ops of spectral_ops.cc: Fourier transforms of the last dimensions."""

from __future__ import annotations

from pbtool.facts import Fact
from pbtool.infer.patterns import patterns
from pbtool.infer.registry import shape_rule
from pbtool.infer.shape_functions import known_ints
from pbtool.shapes import Dimension, Shape

patterns("""
    [S,a] -> [S,a]
        FFT FFTND IFFT IFFTND IRFFTND RFFTND
    [S,a,b] -> [S,a,b]
        FFT2D IFFT2D
    [S,a,b,c] -> [S,a,b,c]
        FFT3D IFFT3D
""")


def _real_transforms(suffix: str, rank: int) -> None:
    @shape_rule("RFFT" + suffix)
    def rfft(input: Fact, fft_length: Fact) -> Shape:
        """The given sizes; half of the last one, for the other half mirrors it."""
        return _transformed(input, fft_length, rank, halve=True)

    @shape_rule("IRFFT" + suffix)
    def irfft(input: Fact, fft_length: Fact) -> Shape:
        """The given sizes."""
        return _transformed(input, fft_length, rank, halve=False)


_real_transforms("", 1)
_real_transforms("2D", 2)
_real_transforms("3D", 3)


def _transformed(input: Fact, fft_length: Fact, rank: int, halve: bool) -> Shape:
    fft_length.shape.merge(Shape([rank]))
    sizes: list[Dimension] = list(known_ints(fft_length) or [None] * rank)
    last = sizes[-1]
    if halve and last:
        sizes[-1] = last // 2 + 1
    return input.shape.at_least(rank)[:-rank] + Shape(sizes)
