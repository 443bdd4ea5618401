"""A graph that is being damaged: how a mutation picks what it changes, and tells what it did."""

from __future__ import annotations

import random
from collections.abc import Callable, MutableSequence
from typing import Any, NamedTuple

from pbtool import dtypes
from pbtool.schema import AttrValue, GraphDef, NodeDef

Mutation = Callable[["Damage"], None]


class Case(NamedTuple):
    """A damaged graph, and what was done to it."""

    graph: GraphDef
    story: str


class Damage:
    """A graph that is being damaged, in its nodes or in those of one function."""

    def __init__(self, graph: GraphDef, choice: random.Random) -> None:
        self.graph = graph
        self.random = choice
        functions = [each for each in graph.library.function if each.node_def]
        inside = functions and (not graph.node or choice.random() < _IN_FUNCTION)
        self.function = choice.choice(functions) if inside else None
        self.nodes: MutableSequence[NodeDef] = (
            graph.node if self.function is None else self.function.node_def
        )
        self.story: list[str] = []

    def node(self, fits: Callable[[NodeDef], Any] = lambda _: True) -> NodeDef:
        """One of the nodes that fit; LookupError where none does."""
        fitting = [node for node in self.nodes if fits(node)]
        node = self.random.choice(fitting)
        self.story.append(f"{node.op} {node.name!r}")
        return node

    def attr(self, fits: Callable[[AttrValue], Any] = lambda _: True) -> tuple[NodeDef, str]:
        """One of the attrs that fit."""
        node = self.node(lambda node: any(map(fits, node.attr.values())))
        name = self.random.choice(sorted(name for name in node.attr if fits(node.attr[name])))
        self.story.append(name)
        return node, name

    def input(self) -> tuple[NodeDef, int]:
        """One of the inputs."""
        node = self.node(lambda node: node.input)
        number = self.random.randrange(len(node.input))
        self.story.append(node.input[number])
        return node, number

    def say(self, made: object) -> None:
        """Note what came of it."""
        self.story.append(f"-> {made}")


_IN_FUNCTION = 0.25
TYPES = (*dtypes.BY_NUMBER, 0, 101, 103, 120, 57)
NUMBERS = (-(1 << 40), -2, -1, 0, 1, 2, 3, 7, 21, 1 << 20)


def any_attr(damage: Damage) -> AttrValue:
    value = AttrValue()
    match damage.random.randrange(9):
        case 0:
            value.type = damage.random.choice(TYPES)
        case 1:
            value.i = damage.random.choice(NUMBERS)
        case 2:
            value.s = b"x"
        case 3:
            value.b = True
        case 4:
            value.list.SetInParent()
        case 5:
            value.list.type.append(damage.random.choice(TYPES))
        case 6:
            value.placeholder = "T"
        case 7:
            value.f = 0.5
        case _:
            value.shape.dim.add(size=2)
    return value
