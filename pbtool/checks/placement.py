"""Checks of the devices that nodes are placed on, and of the nodes that they are placed beside."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from pbtool.checks.finding import NOTE, WARNING, Found

if TYPE_CHECKING:
    from pbtool.checks.nodes import BodyNodes
    from pbtool.schema import AttrValue, NodeDef

_KINDS = frozenset({"CPU", "GPU", "TPU", "TPU_SYSTEM", "XLA_CPU", "XLA_GPU", "CUSTOM"})
_BESIDE = b"loc:@"


def invalid_devices(body: BodyNodes) -> Iterator[Found]:
    """Devices that cannot be read; of a node that is placed beside another, none is."""
    # TensorFlow's Python reads them where it makes graphs of functions.
    severity = "" if body.function is None or body.whole.loaded_whole else WARNING
    for name, node in zip(body.names, body.nodes, strict=True):
        device = node.device
        if device and (fault := _fault(device)) and not _neighbours(node):
            remedy = "write it as /job:worker/replica:0/task:0/device:GPU:0, or leave it out"
            sentence = f"its device {device!r} {fault}"
            yield Found(name, sentence, remedy, severity=severity)


def unknown_devices(body: BodyNodes) -> Iterator[Found]:
    """Devices of a kind that no TensorFlow has."""
    for name, node in zip(body.names, body.nodes, strict=True):
        device = node.device
        if device and (kind := _kind(device)):
            yield Found(name, f"its device {device!r} is a {kind}, which only a plugin may bring")


@cache
def _fault(device: str) -> str:
    """What is wrong with a device, as tensorflow/python/framework/device_spec.py sees it."""
    placed = 0
    for part in device.split("/"):
        key, *values = part.split(":")
        if not key and not values:
            continue
        if key in ("job", "replica", "task") and len(values) == 1:
            if key != "job" and not _is_number(values[0]):
                return f"has {values[0]!r} where a number belongs"
            continue
        is_old = key.upper() in _KINDS and len(values) <= 1
        if not (is_old or (key == "device" and len(values) == 2)):
            if not key:
                continue
            return f"has the part {part!r}, which says nothing"
        placed += 1
        if placed > 1:
            return "names two devices"
        if values and values[-1] != "*" and not _is_number(values[-1]):
            return f"has {values[-1]!r} where a number belongs"
    return ""


def _is_number(text: str) -> bool:
    try:
        int(text)
    except ValueError:
        return False
    return True


@cache
def _kind(device: str) -> str:
    """The kind of a device, where TensorFlow does not have it."""
    for part in device.split("/"):
        key, *values = part.split(":")
        if key == "device" and len(values) == 2 and values[0].upper() not in _KINDS:
            return values[0]
    return ""


def _others(value: AttrValue) -> bool:
    return any(field.name != "s" for field, _ in value.list.ListFields())


def _neighbours(node: NodeDef) -> list[str]:
    """The nodes that a node is to be placed beside."""
    value = node.attr.get("_class")
    if value is None:
        return []
    names = (text for text in value.list.s if text.startswith(_BESIDE))
    every = (text.removeprefix(_BESIDE).decode(errors="backslashreplace") for text in names)
    return [name for name in every if name != node.name]


def lost_neighbours(body: BodyNodes) -> Iterator[Found]:
    """Nodes that are to be placed beside a node that does not exist."""
    severity = "" if body.function is None else NOTE  # there, only a hint
    for name, node in zip(body.names, body.nodes, strict=True):
        value = node.attr.get("_class")
        if value is None:
            continue
        if value.WhichOneof("value") not in (None, "list") or _others(value):
            yield Found(name, "its attr '_class' is no list of strings", severity=severity)
        for neighbour in _neighbours(node):
            if neighbour not in body.positions:
                remedy = body.whole.suggest(neighbour, body.positions) or "drop its attr '_class'"
                sentence = f"is to be placed beside {neighbour!r}, which does not exist"
                yield Found(name, sentence, remedy, severity=severity)
