"""Tensors that came out of an execution, as text and as JSON."""

from __future__ import annotations

import json as json_module
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pbtool.quantity import counted
from pbtool.render.escape import printable
from pbtool.render.facts import type_and_shape
from pbtool.shapes import Shape
from pbtool.tensor_summary import summarize
from pbtool.view.tensor import TensorView

if TYPE_CHECKING:
    from pbtool.backend.runtime import Value
    from pbtool.execution.ports import Port
    from pbtool.render.layout import Style

_PERCENTS = (0, 50, 90, 99, 100)


def text(
    values: Mapping[Port, Value],
    latency: Sequence[float],
    style: Style,
    width: int | None,
    *,
    every: bool,
) -> Iterator[str]:
    """The values below their names, types and shapes; pieces with line ends."""
    from pbtool.render import tensor

    for port, value in values.items():
        view = _view(value)
        about = type_and_shape(view.dtype, view.shape)
        yield f"{style(printable(port.key), 'name')}  {style(about, 'type')}\n"
        if view.problem:
            yield f"{printable(view.problem)}\n"
        elif view.array is not None:
            shown = tensor.lines(view, width, every=every)
            next(shown)  # the type and shape again
            yield from (f"{line}\n" for line in shown if not line.startswith("sha256 "))
    if latency:
        told = _percentiles(latency)
        middle = ", ".join(f"{told[name]:.3g} ms {name}" for name in told)
        yield f"{style('latency', 'heading')}  {counted(len(latency), 'run')}: {middle}\n"


def json(values: Mapping[Port, Value], latency: Sequence[float]) -> str:
    """The values as nested lists, in one document."""
    from pbtool.render.tensor import tensor_json

    outputs = []
    for port, value in values.items():
        about = tensor_json(_view(value), values=True)
        kept = {key: about.get(key) for key in ("dtype", "shape", "problem", "values")}
        outputs.append({"key": port.key, "tensor": port.tensor, **kept})
    document: dict[str, Any] = {"outputs": outputs, "latency": None}
    if latency:
        document["latency"] = {"runs": len(latency), "milliseconds": _percentiles(latency)}
    return json_module.dumps(document, indent=2) + "\n"


def _percentiles(latency: Sequence[float]) -> dict[str, float]:
    """Milliseconds by what they are."""
    import numpy as np

    names = {0: "least", 50: "median", 100: "most"}
    found = np.percentile(np.asarray(latency) * 1000, _PERCENTS)
    return {
        names.get(percent, f"p{percent}"): float(value)
        for percent, value in zip(_PERCENTS, found, strict=True)
    }


def _view(value: Value) -> TensorView:
    shape = Shape(value.array.shape)
    try:
        summary = summarize(value.array, value.dtype)
    except (TypeError, ValueError, KeyError):  # a resource or a variant
        return TensorView(value.dtype, shape, problem="a handle, which has no values to show")
    return TensorView(value.dtype, shape, array=value.array, summary=summary)
