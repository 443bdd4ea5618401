"""What a tensor holds, in a few numbers and a hash of its content."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pbtool import dtypes
from pbtool.shapes import Shape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

_CHUNK = 1 << 18  # elements looked at in one go: what they need fits the processor's cache


@dataclass(frozen=True, slots=True)
class TensorSummary:
    """The numbers of a numeric tensor.

    ``min``, ``max`` and ``mean`` are those of the finite elements, bools counting as 0 and 1. They
    are None where there is no finite element and for complex numbers, ``mean`` also where the sum
    exceeds float64. ``zero_count`` counts both zeros of a float. ``constant`` says that all
    elements are the same to the bit (False for none). ``sha256`` is described at ``summarize``.
    """

    elements: int
    min: float | int | None
    max: float | int | None
    mean: float | None
    nan_count: int
    inf_count: int
    zero_count: int
    constant: bool
    sha256: str


@dataclass(frozen=True, slots=True)
class StringSummary:
    """The numbers of a string tensor: bytes altogether, of the shortest and of the longest.

    ``shortest`` and ``longest`` are None where there is no element.
    """

    elements: int
    bytes: int
    shortest: int | None
    longest: int | None
    constant: bool
    sha256: str


def summarize(array: NDArray[Any], dtype: int) -> TensorSummary | StringSummary:
    """The summary of a tensor that ``pbtool.tensors`` made, of the element type ``dtype``.

    Takes little memory beside the array. ``sha256`` is the same for two tensors if their type,
    their shape and all their elements are the same to the bit, whatever encoding they were read
    from. It is the SHA-256, in hexadecimal, of

    - the type and shape as pbtool writes them and a line feed, in ASCII: ``float32[2,3]\\n``;
    - the elements in row-major order, but of the elements at the end that equal the last one only
      the first, so that one value spread over a huge shape costs nothing. A number is its bytes
      in the numpy type of the array, little-endian; a string is its length as 8 bytes,
      little-endian, and its bytes.
    """
    flat = _flat(array)
    kept = _without_repeats(flat)
    digest = hashlib.sha256(f"{dtypes.name(dtype)}{Shape(array.shape)}\n".encode())
    for chunk in _chunks(flat[:kept]):
        digest.update(_content(chunk))
    constant = kept == 1
    if constant:
        flat = flat[:1]
    make = _strings if array.dtype == object else _numbers
    return make(flat, array.size, constant, digest.hexdigest())


def _flat(array: NDArray[Any]) -> NDArray[Any]:
    """The elements in one row; only one of an array that shows one element everywhere."""
    if array.size and not any(
        stride for size, stride in zip(array.shape, array.strides, strict=True) if size > 1
    ):
        return array.flat[:1]
    return np.ascontiguousarray(array).reshape(-1)


def _without_repeats(flat: NDArray[Any]) -> int:
    """How many elements remain if those at the end that equal the last become one."""
    if len(flat) < 2:
        return len(flat)
    last = _bits(flat[-1:])
    for stop in range(len(flat) - 1, 0, -_CHUNK):
        start = max(0, stop - _CHUNK)
        different = np.flatnonzero((_bits(flat[start:stop]) != last).any(axis=1))
        if different.size:
            return start + int(different[-1]) + 2
    return 1


def _bits(chunk: NDArray[Any]) -> NDArray[Any]:
    """One row for each element, equal where the element is the same to the bit."""
    whole = chunk if chunk.dtype == object else chunk.view(f"u{min(8, chunk.itemsize)}")
    return whole.reshape(len(chunk), -1)


def _content(chunk: NDArray[Any]) -> bytes | memoryview:
    if chunk.dtype == object:
        return b"".join(len(value).to_bytes(8, "little") + value for value in chunk)
    return chunk.astype(chunk.dtype.newbyteorder("<"), copy=False).view("u1").data


def _chunks(flat: NDArray[Any]) -> Iterator[NDArray[Any]]:
    for start in range(0, len(flat), _CHUNK):
        yield flat[start : start + _CHUNK]


def _strings(flat: NDArray[Any], elements: int, constant: bool, sha256: str) -> StringSummary:
    lengths = [len(value) for value in flat]
    total = sum(lengths) * (elements if constant else 1)
    shortest, longest = min(lengths, default=None), max(lengths, default=None)
    return StringSummary(elements, total, shortest, longest, constant, sha256)


def _numbers(flat: NDArray[Any], elements: int, constant: bool, sha256: str) -> TensorSummary:
    lowest: list[Any] = []
    highest: list[Any] = []
    finite_count = nan_count = inf_count = zero_count = 0
    total = 0.0
    flat = flat.view("u1") if flat.dtype == bool else flat
    with np.errstate(all="ignore"):
        for chunk in _chunks(flat):
            finite = chunk[np.isfinite(chunk)] if chunk.dtype.kind in "fc" else chunk
            nans = int(np.count_nonzero(np.isnan(chunk))) if len(finite) < len(chunk) else 0
            finite_count += len(finite)
            nan_count += nans
            inf_count += len(chunk) - len(finite) - nans
            zero_count += len(chunk) - int(np.count_nonzero(chunk))
            if len(finite) and chunk.dtype.kind != "c":
                lowest.append(finite.min())
                highest.append(finite.max())
                total += float(finite.sum(dtype="f8"))
    mean = total / finite_count if lowest else math.nan
    times = elements if constant else 1
    return TensorSummary(
        elements=elements,
        min=min(lowest).item() if lowest else None,
        max=max(highest).item() if highest else None,
        mean=mean if math.isfinite(mean) else None,
        nan_count=nan_count * times,
        inf_count=inf_count * times,
        zero_count=zero_count * times,
        constant=constant,
        sha256=sha256,
    )
