"""Tensors as text, the way numpy prints arrays, and as plain values for JSON."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from pbtool import dtypes
from pbtool.quantity import counted
from pbtool.render.attr import number_json, quoted, string_json
from pbtool.render.escape import printable
from pbtool.render.facts import type_and_shape, type_json
from pbtool.tensor_summary import StringSummary, TensorSummary
from pbtool.view.tensor import CONTENT, NO_VALUES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from pbtool.view.tensor import TensorView

WIDTH = 88  # columns, where there is no terminal that tells

_WHOLE = 64  # elements of an array that is shown whole
_EDGES = (3, 2, 1)  # elements shown at either end of a dimension; fewer, if lines are too many
_MOST_LINES = 24  # of a summarized array: one of many dimensions has many corners
_MOST_SHOWN = 2_000  # elements of a summarized array, likewise
_FOLD_STRING = 60  # bytes of a string in a summarized array
_CHUNK = 1 << 12  # elements made text in one go
_ALIGNED = 1 << 16  # elements of an array whose columns are aligned throughout


# --- text ---------------------------------------------------------------------------------------


def lines(view: TensorView, width: int | None = None, *, every: bool = False) -> Iterator[str]:
    """What there is to say of the tensor, on lines without line ends: type, shape and storage, a
    summary, the hash, and the values, summarized or ``every`` one of them.
    """
    yield f"{type_and_shape(view.dtype, view.shape)}  {', '.join(_storage(view))}".rstrip()
    if view.problem:
        yield f"{'cannot be read: ' if view.is_damaged else ''}{printable(view.problem)}"
    if view.array is None or view.summary is None:
        return
    if view.summary.elements > 1:
        yield _summary(view.summary, view.dtype)
    yield f"sha256 {view.summary.sha256}"
    if every and view.is_endless:
        yield f"{view.array.size:,} times {_texts(_first_element(view.array), signed=False)[0]}"
    elif every:
        yield from all_values(view.array, width or WIDTH)
    else:
        yield from summarized(view.array, width or WIDTH).split("\n")


def _storage(view: TensorView) -> Iterator[str]:
    if view.bytes is not None:
        yield counted(view.bytes, "byte")
    elements = view.shape.elements
    if view.encoding == CONTENT:
        yield CONTENT
    elif view.encoding == NO_VALUES:
        yield "no value listed"
    elif view.encoding and elements is not None and view.listed < elements:
        last = "" if view.listed == 1 else ", the last repeats"
        yield f"{view.listed:,} {view.encoding} for all {elements:,} elements{last}"
    elif view.encoding:
        yield view.encoding
    row = dtypes.BY_NUMBER.get(view.dtype)
    if row is not None and row.numpy == "float32" != row.name:
        yield "shown as float32"


def _summary(summary: TensorSummary | StringSummary, dtype: int) -> str:
    if isinstance(summary, StringSummary):
        return f"{summary.elements:,} strings of {summary.shortest:,} to {summary.longest:,} bytes"
    if dtype == dtypes.BOOL:
        return f"{summary.elements - summary.zero_count:,} true, {summary.zero_count:,} false"
    parts = []
    if summary.constant:
        parts.append(f"all {summary.elements:,} elements are the same")
    elif summary.min is not None and summary.max is not None:
        extremes = f"min {extreme(summary.min, dtype)}, max {extreme(summary.max, dtype)}"
        mean = "" if summary.mean is None else f", mean {summary.mean:.6g}"
        parts.append(extremes + mean)
    counts = counted(summary.zero_count, "zero")
    if np.dtype(dtypes.BY_NUMBER[dtype].numpy).kind in "fc":
        counts = f"{summary.nan_count:,} NaN, {summary.inf_count:,} Inf, {counts}"
    return "; ".join([*parts, counts])


def extreme(value: float, dtype: int) -> str:
    """An element that a summary names, with as many digits as its type needs."""
    return str(np.dtype(dtypes.BY_NUMBER[dtype].numpy).type(value))


def summarized(array: NDArray[Any], width: int = WIDTH, fold_string: int = _FOLD_STRING) -> str:
    """The array as numpy prints it, with an ellipsis for the middle of a large one.

    Of an array with very many dimensions only the first corner is shown.
    """
    shown = array
    while _shown_elements(shown, _EDGES[-1]) > _MOST_SHOWN:
        shown = shown[0]
    whole = _WHOLE
    for edge in _EDGES:
        if _shown_elements(shown, edge) <= _MOST_SHOWN:
            texts = _as_numpy_prints(shown, width, fold_string, whole, edge)
            if len(texts) <= _MOST_LINES:
                break
        whole = 0
    if len(texts) > _MOST_LINES or shown is not array:
        texts = [*filter(None, texts[:_MOST_LINES]), "…"]
    return "\n".join(texts)


def _shown_elements(array: NDArray[Any], edge: int) -> int:
    return math.prod(min(size, 2 * edge) for size in array.shape)


def _as_numpy_prints(
    array: NDArray[Any], width: int, fold_string: int, whole: int, edge: int
) -> list[str]:
    formatter: Any = {"object": lambda data: quoted(data, fold_string)}
    text = np.array2string(
        array,
        max_line_width=width,
        precision=8,
        suppress_small=False,
        threshold=whole,
        edgeitems=edge,
        sign="-",
        floatmode="maxprec",
        formatter=formatter,
    )
    return text.split("\n")


def _first_element(array: NDArray[Any]) -> NDArray[Any]:
    return array[(slice(1),) * array.ndim]


def all_values(array: NDArray[Any], width: int = WIDTH) -> Iterator[str]:
    """Lines with every element, laid out as numpy does, with all the digits that tell it."""
    signed = array.dtype.kind == "f" and bool(np.signbit(array).any())
    if array.ndim == 0:
        yield _texts(array, signed=False)[0]
    elif array.size == 0:
        yield "[]"
    else:
        aligned = array.size <= _ALIGNED
        column = max(map(len, _texts(array, signed=signed))) if aligned else 0
        yield from _nested(array, signed, column, width - 2 * array.ndim)


def _nested(array: NDArray[Any], signed: bool, column: int, width: int) -> Iterator[str]:
    """The lines of an array in brackets; columns are at least ``column`` characters wide."""
    if array.ndim == 1:
        rows = iter([_wrapped(array, signed, column, width)])
    else:
        rows = (_nested(each, signed, column, width) for each in array)
    between = [""] * (array.ndim - 2)
    opening, previous = "[", None
    for number, row in enumerate(rows):
        for line in chain(between if number else (), row):
            if previous is not None:
                yield previous
            previous = f"{opening if line else ''}{line}"
            opening = " "
    yield f"{previous or ''}]"


def _wrapped(array: NDArray[Any], signed: bool, column: int, width: int) -> Iterator[str]:
    justify = str.rjust if array.dtype.kind in "iu" else str.ljust
    for start in range(0, len(array), _CHUNK):
        texts = _texts(array[start : start + _CHUNK], signed=signed)
        column = max(column, *map(len, texts))
        count = max(1, (width + 1) // (column + 1))
        for first in range(0, len(texts), count):
            row = texts[first : first + count]
            yield " ".join([justify(each, column) for each in row]).rstrip()


def _texts(array: NDArray[Any], *, signed: bool) -> list[str]:
    """The elements; where some are ``signed``, the others have a space for it."""
    if array.dtype == object:
        return [quoted(value, None) for value in array.flat]
    if signed:
        return [text if text[0] == "-" else f" {text}" for text in map(str, array.flat)]
    return [str(value) for value in array.flat]


# --- JSON ---------------------------------------------------------------------------------------


def tensor_json(view: TensorView, *, values: bool = False) -> dict[str, Any]:
    """The tensor for JSON; its values, as nested lists, where they are asked for.

    NaN and the infinities are the strings ``"NaN"``, ``"Infinity"`` and ``"-Infinity"``, a
    complex number is a pair, strings are as in ``string_json``. Where one value is seen everywhere
    in a huge shape, values are ``{"every": value}``.
    """
    result = {
        **type_json(view.dtype, view.shape),
        "bytes": view.bytes,
        "encoding": view.encoding,
        "listed": None if view.encoding is None else view.listed,
        "summary": None if view.summary is None else _summary_json(view.summary, view.dtype),
        "problem": view.problem or None,
    }
    if values and view.array is not None:
        endless = view.is_endless
        shown = _values_json(_first_element(view.array).reshape(()) if endless else view.array)
        result["values"] = {"every": shown} if endless else shown
    return result


def _summary_json(summary: TensorSummary | StringSummary, dtype: int) -> Mapping[str, Any]:
    fields = asdict(summary)
    for key in ("min", "max"):
        if isinstance(fields.get(key), float):
            fields[key] = float(extreme(fields[key], dtype))
    return fields


def _values_json(array: NDArray[Any]) -> Any:
    if array.ndim > 1:
        return [_values_json(each) for each in array]
    if array.ndim == 1:
        return [_element_json(value) for value in array]
    return _element_json(array[()])


def _element_json(value: Any) -> Any:
    if isinstance(value, bytes):
        return string_json(value)
    if isinstance(value, np.complexfloating):
        return [_element_json(value.real), _element_json(value.imag)]
    if isinstance(value, np.floating):
        return number_json(float(str(value)))  # no more digits than the type needs
    return value.item()
