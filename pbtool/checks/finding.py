"""What a check says: findings, and how grave they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from pbtool.graph import FUNCTION_SEPARATOR

ERROR = "error"  # TensorFlow refuses the model, or it does harm when it is used
WARNING = "warning"  # TensorFlow takes it, but running it fails or misleads
NOTE = "note"  # advice
SEVERITIES = (ERROR, WARNING, NOTE)  # the gravest first


class Finding(NamedTuple):
    """One thing that is wrong, or might be better.

    ``node`` and ``function`` say where: a node of that function or, where ``function`` is None, of
    the main graph. Where ``node`` is None, the whole function or model is meant. ``meta_graph`` has
    the tags, separated by commas, of the one meta graph of several that it is of; None for all.
    """

    code: str
    severity: str
    function: str | None
    node: str | None
    sentence: str
    remedy: str = ""
    meta_graph: str | None = None

    @property
    def place(self) -> str:
        """``node``, ``function::node``, ``function::``, or "" for the model itself."""
        if self.function is None:
            return self.node or ""
        return f"{self.function}{FUNCTION_SEPARATOR}{self.node or ''}"


class Found(NamedTuple):
    """What a generator finds; the table adds the code, and the severity where none is given."""

    node: str | None
    sentence: str
    remedy: str = ""
    function: str | None = None
    severity: str = ""


class Check(NamedTuple):
    """A row of the table of checks.

    ``generator`` takes what ``subject`` names: the nodes of one ``body`` after the other, a
    ``graph`` with its functions, the ``meta_graph`` that a graph belongs to, or a ``checkpoint``.
    ``content`` says that it reads what tensors hold, whose cost is that of the weights.
    """

    code: str
    severity: str
    explanation: str
    generator: Callable[[Any], Iterator[Found]]
    subject: str = "body"
    content: bool = False


def is_at_least(severity: str, limit: str) -> bool:
    """Whether the severity is the limit, or graver."""
    return SEVERITIES.index(severity) <= SEVERITIES.index(limit)
