"""Colours of nodes: numbers that nodes share which agree in what they are and what is around them.

An upward colour holds the colours of the inputs, a downward one those of the consumers. Where a
node has a partner already, that stands for its colour, on either side.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from pbtool import dtypes
from pbtool.differences.constants import MOST_DECODED, decoded, is_constant
from pbtool.differences.naming import Names, input_parts, refers_to, renamed_node
from pbtool.differences.nodes import place
from pbtool.errors import TensorError
from pbtool.ops import MERGES, NEXT_ITERATIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence

    from pbtool.body import Body
    from pbtool.schema import AttrValue, NodeDef

CONTROL = -1  # the position of a control input
NAMING_ATTRS = frozenset({"shared_name", "container"})  # attrs that hold names of their own


class Edge(NamedTuple):
    """An edge seen from one end: the node at the other, the input's position, the output."""

    node: str
    position: int
    output: str


class Colours:
    """A number for everything that is told apart; both sides share them."""

    def __init__(self) -> None:
        self._numbers: dict[Hashable, int] = {}

    def __call__(self, *key: Hashable) -> int:
        """The number of a key."""
        return self._numbers.setdefault(key, len(self._numbers))


class Side:
    """The nodes of one body that have no partner, by name, and the colours of those that have."""

    def __init__(
        self, body: Body, left: Iterable[NodeDef], partners: Mapping[str, str], names: Names
    ) -> None:
        self.body = body
        self.left = {node.name: node for node in left}
        self.partners = dict(partners)  # of nodes with a partner: the name in B
        self.names = names
        self._needs = {name: list(_inputs(node)) for name, node in self.left.items()}
        self._feeds: dict[str, list[Edge]] = defaultdict(list)
        self._locals: dict[bool, dict[str, int]] = {}
        for node in body.nodes:
            if refers_to(node, self.left.keys()):
                for source, position, output in _inputs(node):
                    if source in self.left:
                        self._feeds[source].append(Edge(node.name, position, output))

    def pair(self, name: str, partner: str) -> None:
        """Note that a node has a partner."""
        del self.left[name]
        self.partners[name] = partner

    def has_inputs(self, name: str) -> bool:
        """Whether a node takes anything."""
        return bool(self._needs[name])

    def has_consumers(self, name: str) -> bool:
        """Whether anything takes what the node gives."""
        return name in self._feeds

    def upward(self, colours: Colours, *, loose: bool) -> dict[str, int]:
        """The colours of nodes with all that they need."""
        return self._spread(colours, self._needs, loose=loose, ordered=True)

    def downward(self, colours: Colours, *, loose: bool) -> dict[str, int]:
        """The colours of nodes with all that they feed."""
        return self._spread(colours, self._feeds, loose=loose, ordered=False)

    def _spread(
        self,
        colours: Colours,
        edges: Mapping[str, Sequence[Edge]],
        *,
        loose: bool,
        ordered: bool,
    ) -> dict[str, int]:
        own = self._own(colours, loose=loose)
        found: dict[str, int] = {}

        def colour(name: str, of: str) -> int:
            if name in self.partners:
                return colours("partner", self.partners[name])
            if name not in self.left:
                return colours("dangling", name)
            if self._closes_loop(name, of):
                return own[name]
            # On a cycle that is no loop, which no valid graph has, a node is like no other.
            return found[name] if name in found else colours("cycle", id(self), name)

        for name in _after_neighbours(self.left, edges, self._closes_loop):
            around = [
                (position, output, colour(node, name))
                for node, position, output in edges.get(name, ())
            ]
            if not ordered:
                around.sort()
            found[name] = colours(own[name], *around)
        return found

    def _closes_loop(self, name: str, other: str) -> bool:
        """Whether an edge between two nodes, in whatever direction, closes a loop."""
        ops = self.left[name].op, self.left[other].op
        return (ops[0] in MERGES and ops[1] in NEXT_ITERATIONS) or (
            ops[1] in MERGES and ops[0] in NEXT_ITERATIONS
        )

    def _own(self, colours: Colours, *, loose: bool) -> dict[str, int]:
        if loose not in self._locals:
            self._locals[loose] = {
                name: colours("node", *self._what(node, loose=loose))
                for name, node in self.left.items()
            }
        return self._locals[loose]

    def _what(self, node: NodeDef, *, loose: bool) -> Iterable[Hashable]:
        """What a node is, without its name, its inputs and internal attrs."""
        renamed = renamed_node(node, self.names)
        yield renamed.op
        for name in sorted(renamed.attr):
            value = renamed.attr[name]
            if name.startswith("_") or name in NAMING_ATTRS:
                continue
            yield name
            if not is_constant(value):
                yield value.SerializeToString(deterministic=True)
            else:
                yield value.tensor.dtype
                yield tuple(dim.size for dim in value.tensor.tensor_shape.dim)
                if not loose:
                    yield _content(self.body, node, name, value)


def _inputs(node: NodeDef) -> Iterable[Edge]:
    position = 0
    for text in node.input:
        caret, name, output = input_parts(text)
        if caret:
            yield Edge(name, CONTROL, "")
        else:
            yield Edge(name, position, output or ":0")
            position += 1


def _content(body: Body, node: NodeDef, name: str, value: AttrValue) -> bytes:
    """The same bytes for two constants of the same elements, unless they are big.

    Of big ones, it is the beginning that counts. Whether all of them is the same is looked at
    later, when the two nodes are compared.
    """
    placed = place(body, node)
    if placed.region is not None:
        region = placed.attr(name).region
        if region is not None:
            return region.source.read(region.end - MOST_DECODED // 2, region.end)
    tensor = value.tensor
    if len(tensor.tensor_content) > MOST_DECODED:
        return tensor.tensor_content[-(MOST_DECODED // 2) :]
    row = dtypes.BY_NUMBER.get(tensor.dtype)
    if row is None or not row.numpy:
        return tensor.SerializeToString(deterministic=True)
    try:
        data = decoded(tensor).SerializeToString(deterministic=True)
    except TensorError:
        data = tensor.SerializeToString(deterministic=True)
    return hashlib.blake2b(data, digest_size=16).digest()


def _after_neighbours(
    left: Iterable[str],
    edges: Mapping[str, Sequence[Edge]],
    closes_loop: Callable[[str, str], bool],
) -> list[str]:
    """The nodes, each after those at the ends of its edges, except around cycles."""
    left = set(left)
    done: set[str] = set()
    order: list[str] = []
    for root in sorted(left):
        stack = [] if root in done else [(root, False)]
        while stack:
            name, ready = stack.pop()
            if ready:
                order.append(name)
            elif name not in done:
                done.add(name)
                stack.append((name, True))
                stack.extend(
                    (edge.node, False)
                    for edge in edges.get(name, ())
                    if edge.node in left
                    and edge.node not in done
                    and not closes_loop(edge.node, name)
                )
    return order
