"""Inputs and outputs of what was executed or frozen, as text and for JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from pbtool.render.facts import type_and_shape, type_json
from pbtool.render.layout import Layout, aligned

if TYPE_CHECKING:
    from pbtool.execution.ports import Port


def lines(layout: Layout, label: str, ports: Sequence[Port]) -> Iterator[str]:
    """Each port's tensor, type and shape, and its name in the signature where that is another."""
    rows = [
        [
            (port.tensor, "name"),
            (type_and_shape(port.dtype, port.shape) if port.dtype else "", "type"),
            (f"{port.key} of the signature" if _is_renamed(port) else "", "dim"),
        ]
        for port in ports
    ]
    return layout.labelled(label, aligned(rows, layout.style))


def _is_renamed(port: Port) -> bool:
    return port.key not in (
        port.tensor.removeprefix("^"),
        port.tensor.removesuffix(":0"),
        port.tensor,
    )


def ports_json(ports: Sequence[Port]) -> list[dict[str, Any]]:
    """The ports for JSON."""
    return [
        {"key": port.key, "tensor": port.tensor, **type_json(port.dtype, port.shape)}
        for port in ports
    ]
