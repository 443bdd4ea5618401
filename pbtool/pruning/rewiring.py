"""Nodes taken out of a graph, with what they pass on handed to those who use them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from pbtool import dtypes, opdefs
from pbtool.body import CONTROL, parse_input
from pbtool.graph import Graph
from pbtool.schema import NodeDef

if TYPE_CHECKING:
    from pbtool.body import Consumer
    from pbtool.editing import NodeEdits


class Bypass(NamedTuple):
    """What stands in for a node: the input that is its first output, if it has one, and the nodes
    that it was to run after.
    """

    data: str | None
    controls: tuple[str, ...]


def bypass(node: NodeDef) -> Bypass:
    """The way around a node that passes on its first input, if it has any."""
    data = next((text for text in node.input if not text.startswith("^")), None)
    return Bypass(data, tuple(text[1:] for text in node.input if text.startswith("^")))


def take_out(graph: Graph, bypasses: Mapping[str, Bypass]) -> NodeEdits:
    """The edits that take these nodes out and connect their consumers around them.

    Whoever was to run after such a node runs after what it passes on and what it was to run
    after. Where nothing stands in for an output, the input that needs it is left as it is.
    """
    routes = _Routes(bypasses)
    edits: dict[int, list[NodeDef]] = {}
    for position, node in enumerate(graph):
        if node.name in bypasses:
            edits[position] = []
        else:
            inputs = routes.inputs(node)
            if inputs is not None:
                edits[position] = [with_inputs(node, inputs)]
    return edits


def with_inputs(node: NodeDef, inputs: Iterable[str]) -> NodeDef:
    """A copy of a node that has other inputs."""
    copy = NodeDef()
    copy.CopyFrom(node)
    del copy.input[:]
    copy.input.extend(inputs)
    return copy


def rewire(graph: Graph, new_text: Callable[[NodeDef, str], str | None]) -> NodeEdits:
    """The edits that replace inputs one by one; an input for which there is None goes."""
    edits: dict[int, list[NodeDef]] = {}
    for position, node in enumerate(graph):
        texts = [new_text(node, text) for text in node.input]
        if texts != list(node.input):
            edits[position] = [with_inputs(node, (text for text in texts if text is not None))]
    return edits


def takes_reference(graph: Graph, use: Consumer) -> bool:
    """Whether an input must be a reference to a variable, as for Assign; so must those of an op
    that is not known.
    """
    op_def = graph.op_def(use.node.op)
    if op_def is None:
        return use.output != CONTROL
    types = opdefs.inputs(op_def).dtypes(use.node)
    return (
        use.output != CONTROL and use.position < len(types) and dtypes.is_ref(types[use.position])
    )


class _Routes:
    """The ways around some nodes, which may follow one another."""

    def __init__(self, bypasses: Mapping[str, Bypass]) -> None:
        self._bypasses = bypasses

    def inputs(self, node: NodeDef) -> list[str] | None:
        """The node's inputs around the nodes; None where they stay as they are."""
        data, controls, handed = [], [], []
        for text in node.input:
            if text.startswith("^"):
                if text[1:] in self._bypasses:
                    handed += self._after([text[1:]])
                else:
                    controls.append(text)
            else:
                new_text, more = self._data(text)
                data.append(new_text)
                handed += more
        # What a node needs as data, it runs after anyway.
        known = {node.name, *(text[1:] for text in controls), *(parse_input(t).node for t in data)}
        controls += [f"^{name}" for name in dict.fromkeys(handed) if name not in known]
        inputs = [*data, *controls]
        return None if inputs == list(node.input) else inputs

    def _data(self, text: str) -> tuple[str, list[str]]:
        """What stands in for a tensor, and after which nodes its consumers are to run."""
        handed: list[str] = []
        seen: set[str] = set()
        while True:
            name, output = parse_input(text)
            around = self._bypasses.get(name)
            if around is None or around.data is None or output != 0 or name in seen:
                return text, self._after(handed)
            seen.add(name)
            handed += around.controls
            text = around.data

    def _after(self, names: Iterable[str]) -> list[str]:
        """The nodes to run after, instead of these; those that are taken out are looked through."""
        found: list[str] = []
        seen: set[str] = set()
        pending = list(names)[::-1]
        while pending:
            name = pending.pop()
            if name in seen:
                continue
            seen.add(name)
            around = self._bypasses.get(name)
            if around is None:
                found.append(name)
                continue
            pending += around.controls[::-1]
            if around.data is not None:
                pending.append(parse_input(around.data).node)
        return found
