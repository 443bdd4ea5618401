"""Who reaches a node: whoever calls a signature, loads the model, or saves it."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from pbtool.reach import NOTHING, Part, needed_by, with_callees
from pbtool.signatures import (
    INITIALIZERS,
    initializer_names,
    output_names,
    saver_names,
    set_up_functions,
    signatures,
)

if TYPE_CHECKING:
    from pbtool.graph import Graph
    from pbtool.schema import MetaGraphDef

SIGNATURE, INITIALIZER, SAVER, NOBODY = "signature", "initializer", "saver", "nobody"
ANYBODY = "whoever asks for it runs it"  # what is said where there are no signatures


class Users:
    """Who reaches which nodes of a meta graph."""

    def __init__(self, graph: Graph, proto: MetaGraphDef) -> None:
        self._graph = graph
        self._proto = proto

    @cached_property
    def signatures(self) -> dict[str, Part]:
        """What each signature needs."""
        entries = signatures(self._proto)
        return {key: needed_by(self._graph, output_names(entry)) for key, entry in entries.items()}

    @cached_property
    def initializer(self) -> Part:
        """What runs when the model is loaded."""
        part = needed_by(self._graph, initializer_names(self._proto))
        for key in INITIALIZERS:
            part |= self.signatures.get(key, NOTHING)
        functions = with_callees(self._graph, {*set_up_functions(self._proto)})
        return part | Part(frozenset(), functions)

    @cached_property
    def saver(self) -> Part:
        """What runs when the model is saved, or its variables are restored."""
        return needed_by(self._graph, saver_names(self._proto))

    def of(self, function: str | None, node: str) -> tuple[str, str]:
        """Who reaches a node, the most dangerous first, and how to say so."""
        for key, part in self.signatures.items():
            if key not in INITIALIZERS and _holds(part, function, node):
                return SIGNATURE, f"whoever calls the signature {key!r} runs it"
        if _holds(self.initializer, function, node):
            return INITIALIZER, "it runs when the model is loaded"
        if _holds(self.saver, function, node):
            return SAVER, "it runs when the model is saved or restored"
        return NOBODY, "no signature reaches it" if self.signatures else ANYBODY


def _holds(part: Part, function: str | None, node: str) -> bool:
    return node in part.nodes if function is None else function in part.functions
