"""``Endpoint``: a tensor to feed or to fetch, and how one knows."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, Protocol

from pbtool.facts import Fact
from pbtool.shapes import UNKNOWN, Shape

if TYPE_CHECKING:
    from pbtool.body import Body

# How sure an endpoint is: the file says so, it is a good guess, it is a guess nobody should bet on.
STATED, LIKELY, POSSIBLE = CONFIDENCES = ("stated", "likely", "possible")


class Known(Protocol):
    """What is known of the outputs of each node, by name: a mapping, for one."""

    def get(self, name: str, /) -> tuple[Fact, ...] | None:
        """The facts of a node; None where nothing is known of it."""


Facts = Callable[["Body"], Known]  # who tells it of a body

NO_FACT = Fact(0, UNKNOWN)


class Endpoint(NamedTuple):
    """A tensor to feed or to fetch.

    ``confidence`` is one of CONFIDENCES. ``key`` is what the tensor is called in its ``signature``;
    both are "" where there is none.
    """

    name: str
    dtype: int
    shape: Shape
    confidence: str
    reason: str
    signature: str = ""
    key: str = ""


class Interface(NamedTuple):
    """The inputs and the outputs of a model, those that matter most first.

    ``worked_out`` is False where shapes are only those that nodes state themselves.
    """

    inputs: tuple[Endpoint, ...]
    outputs: tuple[Endpoint, ...]
    worked_out: bool = True
