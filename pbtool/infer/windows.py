"""Windows that slide over the rows and columns of images: what convolutions and pools share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pbtool.errors import ShapeError
from pbtool.infer.shape_functions import add, subtract
from pbtool.shapes import Dimension, Shape

Numbers = Sequence[int]


class Layout(NamedTuple):
    """Which axes of an image are the channels and, from planes to columns, the space."""

    channels: int
    spatial: tuple[int, ...]
    parts: int | None = None  # the axis with parts of channels, where there is one
    batch: int = 0

    @property
    def rank(self) -> int:
        """The number of dimensions of an image."""
        return len(self.spatial) + (2 if self.parts is None else 3)

    @property
    def listed(self) -> int:
        """The number of dimensions that attrs such as ``strides`` list: no parts of channels."""
        return len(self.spatial) + 2

    def checked(self, image: Shape) -> Shape:
        """The shape of an image; raises ShapeError where it does not fit the layout."""
        image = image.with_rank(self.rank)
        if self.parts is not None and image[self.parts] != PARTS:
            raise ShapeError(f"channels must have {PARTS} parts, as those of {image} have not")
        return image

    def image(self, batch: Dimension, spatial: Sequence[Dimension], channels: Dimension) -> Shape:
        """The shape of an image of these sizes."""
        dims: list[Dimension] = [batch] * self.rank
        dims[self.channels] = channels
        for axis, dim in zip(self.spatial, spatial, strict=True):
            dims[axis] = dim
        if self.parts is not None:
            dims[self.parts] = PARTS
        return Shape(dims)


PARTS = 4  # of channels, in the layout that has them


class _Layouts(dict[str, Layout]):
    """The layouts by name; another name cannot be true."""

    def __missing__(self, name: str) -> Layout:
        raise ShapeError(f"there is no data format {name!r}")


LAYOUTS = _Layouts(
    {
        "NHWC": Layout(3, (1, 2)),
        "NCHW": Layout(1, (2, 3)),
        "NCHW_VECT_C": Layout(1, (2, 3), 4),
        "NDHWC": Layout(4, (1, 2, 3)),
        "NCDHW": Layout(1, (2, 3, 4)),
    }
)


class Sliding(NamedTuple):
    """How a window moves; one number for each dimension of an image."""

    strides: Numbers
    padding: str
    dilations: Numbers | None = None  # None: the window has no gaps
    explicit_paddings: Numbers = ()  # two for each dimension

    def checked(self, layout: Layout) -> Sliding:
        """The same; raises ShapeError where it does not fit the layout."""
        check_length(self.strides, layout.listed)
        if self.dilations is not None:
            check_length(self.dilations, layout.listed)
        if self.padding != "EXPLICIT":
            if self.explicit_paddings:
                raise ShapeError(f"paddings are given although the padding is {self.padding}")
            return self
        check_length(self.explicit_paddings, 2 * layout.listed)
        if min(self.explicit_paddings) < 0:
            raise ShapeError(f"paddings must not be negative, as in {self.explicit_paddings}")
        for axis in (layout.batch, layout.channels):
            if any(self.explicit_paddings[2 * axis : 2 * axis + 2]):
                raise ShapeError("batch and channels cannot be padded")
        return self

    def positions(self, dim: Dimension, window: Dimension, axis: int) -> Dimension:
        """How often a window fits into a dimension, which is that axis of an image."""
        dilation = self.dilations[axis] if self.dilations else 1
        paddings = sum(self.explicit_paddings[2 * axis : 2 * axis + 2])
        return positions(dim, window, self.strides[axis], self.padding, dilation, paddings)


def check_length(numbers: Numbers, length: int) -> None:
    """Raise ShapeError unless there are as many numbers as dimensions."""
    if len(numbers) != length:
        raise ShapeError(f"{length} numbers are needed where {list(numbers)} are given")


def positions(
    dim: Dimension,
    window: Dimension,
    stride: int,
    padding: str,
    dilation: int = 1,
    paddings: int = 0,
) -> Dimension:
    """How often a window fits into a dimension."""
    if stride <= 0 or dilation <= 0:
        raise ShapeError(f"stride {stride} and dilation {dilation} must be positive")
    if padding == "SAME":
        return None if dim is None else -(-dim // stride)
    if window == -1:  # an attr may say so, too
        window = None
    if dilation > 1:
        window = add(_times(subtract(window, 1), dilation), 1)
    free = subtract(add(dim, paddings), window) if window != 0 else add(dim, paddings)
    return None if free is None else (free + stride) // stride


def _times(dim: Dimension, factor: int) -> Dimension:
    return None if dim is None else dim * factor


def known_positions(dim: int, window: int, stride: int, padding: str) -> int:
    """How often a window fits into a dimension: TensorFlow's older way to reckon.

    A window that is a little too large is none too much.
    """
    if stride <= 0:
        raise ShapeError(f"stride {stride} must be positive")
    free = stride - 1 if padding == "SAME" else stride - window
    count = int((dim + free) / stride)
    if count < 0:
        raise ShapeError(f"a window of {window} does not fit into a dimension of {dim}")
    return count
