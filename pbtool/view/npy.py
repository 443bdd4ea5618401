"""Tensors as files for ``numpy.load``."""

from __future__ import annotations

from types import SimpleNamespace
from typing import IO, TYPE_CHECKING, Any

from pbtool import dtypes
from pbtool.errors import TensorError
from pbtool.output import atomic_write
from pbtool.shapes import Shape

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pbtool.view.tensor import TensorView


def write_npy(view: TensorView, path: str) -> str:
    """Write the tensor's values as a .npy file, whole or not at all.

    Returns what the reader of the file should know of its type, "" mostly. Raises TensorError for
    what has no values, for strings, which the format has only as Python objects, and for one value
    that stands for a huge number of elements; FileError where the file cannot be written.
    """
    if view.array is None:
        raise TensorError(view.problem)
    name = dtypes.name(view.dtype)
    if view.array.dtype == object:
        raise TensorError(
            "strings do not go into .npy files, but as Python objects that are not safe to load",
            remedy="use --values --format json",
        )
    if view.is_endless:
        raise TensorError(
            f"{name}{Shape(view.array.shape)} is one value {view.array.size:,} times, "
            "which is not worth a file"
        )
    with atomic_write(path) as file:
        write_array(view.array, file)
    stored = view.array.dtype.name
    return "" if stored == name else f"numpy has no {name}; the values are saved as {stored}"


def write_array(array: NDArray[Any], file: IO[bytes]) -> None:
    """Write an array, which must not hold objects, in the format of .npy files."""
    import numpy as np

    # Given a real file, numpy writes past its object and past the errors that this raises.
    np.save(SimpleNamespace(write=file.write), array, allow_pickle=False)
