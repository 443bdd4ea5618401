"""Shape rules for the ops of spectral_ops.cc: Fourier transforms of the last dimensions."""

from __future__ import annotations

from pbtool.facts import Fact
from pbtool.infer.patterns import patterns
from pbtool.infer.registry import shape_rule
from pbtool.infer.shape_functions import checked_dimension_of, known_ints
from pbtool.shapes import Shape

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
    given = known_ints(fft_length)
    sizes = [-1] * rank if given is None else list(given)
    if halve and given and sizes[-1]:
        # Truncates towards zero, as C++ does: a length of -1 gives 1.
        sizes[-1] = int(sizes[-1] / 2) + 1
    front = input.shape.at_least(rank)[:-rank]
    # Where nothing is known of the input, the lengths are not checked, either.
    return front if front.rank is None else front + Shape(map(checked_dimension_of, sizes))
