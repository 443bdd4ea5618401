"""What is known of a tensor, as text and as plain values for JSON."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from pbtool import dtypes
from pbtool.facts import Fact

if TYPE_CHECKING:
    from pbtool.shapes import Shape

NOT_KNOWN = "?"  # in place of the outputs of an op that is not known, or a type that is missing


@lru_cache(1024)  # graphs have many tensors and few shapes
def type_and_shape(dtype: int, shape: Shape) -> str:
    """``float32[?,224,224,3]``; ``[...]`` for an unknown rank, ``[]`` for a scalar."""
    return str(Fact(dtype, shape))


def outputs_text(facts: Sequence[Fact] | None) -> str:
    """The outputs of a node, separated by commas."""
    if facts is None:
        return NOT_KNOWN
    return ", ".join([type_and_shape(fact.dtype, fact.shape) for fact in facts])


def shape_json(shape: Shape) -> list[int | None] | None:
    """A list of sizes with null for one that is unknown; null for an unknown rank."""
    return None if shape.dims is None else list(shape.dims)


def fact_json(fact: Fact) -> dict[str, Any]:
    """``{"dtype", "shape"}``, with a dtype of null where the node does not state it."""
    return type_json(fact.dtype, fact.shape)


def type_json(dtype: int, shape: Shape) -> dict[str, Any]:
    """The same of a tensor of which no more is known."""
    return {"dtype": dtypes.name(dtype) if dtype else None, "shape": shape_json(shape)}


def tensor_text(name: str, fact: Fact, device: str) -> str:
    """A tensor exactly as ``str(tensor)`` writes it in TensorFlow 2."""
    parts = [f'"{name}"']
    if fact.shape.dims is not None:
        # Python's own tuple, as TensorShape prints it: (None, 3), (2,), ().
        parts.append(f"shape={fact.shape.dims}")
    if fact.dtype:
        parts.append(f"dtype={dtypes.name(fact.dtype)}")
    if device:
        parts.append(f"device={device}")
    return f"Tensor({', '.join(parts)})"
