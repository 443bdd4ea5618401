"""Which nodes without a partner by name are the same under another name.

A node is recognised by what it is (op, attrs, constants), by what feeds it and by what it feeds.
From all that comes a *colour*, a number that two nodes share when they agree in it: an upward
colour holds the colours of the inputs, a downward one those of the consumers, and where a node has
a partner already, that stands for its colour. Colours that one node alone has on each side make a
pair, and pairs make more colours unique. Nodes that stay alike are told apart by the scopes that
others moved to and by the ends of their names, or else left alone: nothing is guessed.

Afterwards all is done once more with a looser idea of what a node is, in which the elements of a
constant do not count.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple

from pbtool import dtypes
from pbtool.differences.constants import decoded, is_constant
from pbtool.differences.naming import Names, input_parts, refers_to, renamed_node
from pbtool.differences.nodes import place
from pbtool.differences.scopes import moves
from pbtool.errors import TensorError
from pbtool.graph import MERGES, NEXT_ITERATIONS, Function

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence

    from pbtool.graph import Body
    from pbtool.schema import AttrValue, NodeDef

CONTROL = -1  # the position of a control input
NAMING_ATTRS = frozenset({"shared_name", "container"})  # attrs that hold names of their own
MOST_DECODED = 1 << 16  # bytes of a constant up to which its encoding does not matter
ROUNDS = 4


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
            if refers_to(node, self.left):
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


# --- pairs --------------------------------------------------------------------------------------


def match_nodes(
    a: Body,
    b: Body,
    removed: Sequence[NodeDef],
    added: Sequence[NodeDef],
    functions: Mapping[str, str],
) -> dict[str, str]:
    """The new names of nodes of A, by their old ones, among those that seem removed and added."""
    if not removed or not added:
        return {}
    left_of_b = {node.name for node in added}
    same = {node.name: node.name for node in b.nodes if node.name not in left_of_b}
    if isinstance(a, Function) and isinstance(b, Function):
        same |= {name: name for name in a.arguments & b.arguments}
    old = Side(a, removed, same, Names({}, functions))
    new = Side(b, added, same, Names())
    found: dict[str, str] = {}

    def pair(names: Iterable[tuple[str, str]]) -> None:
        for name, partner in names:
            old.pair(name, partner)
            new.pair(partner, partner)
            found[name] = partner

    colours = Colours()
    for loose in (False, True):
        for _ in range(ROUNDS):
            before = len(found)
            _by_colours(old, new, colours, pair, loose=loose)
            pair(_by_scopes(old, new, found))
            if len(found) == before or not (old.left and new.left):
                break
    return found


def _by_colours(
    old: Side,
    new: Side,
    colours: Colours,
    pair: Callable[[Iterable[tuple[str, str]]], None],
    *,
    loose: bool,
) -> None:
    """Pair the nodes that agree in what they are and in their surroundings."""
    up = [side.upward(colours, loose=loose) for side in (old, new)]
    down = [side.downward(colours, loose=loose) for side in (old, new)]
    both = [
        {name: (colour, below[name]) for name, colour in above.items()}
        for above, below in zip(up, down, strict=True)
    ]
    pair(_unique(old, new, *both))
    pair(_by_endings(old, new, *both))
    # Of what takes nothing, what feeds it says nothing, and likewise of what nothing takes.
    pair(
        (name, partner)
        for name, partner in _unique(old, new, *up)
        if old.has_inputs(name) and new.has_inputs(partner)
    )
    pair(
        (name, partner)
        for name, partner in _unique(old, new, *down)
        if old.has_consumers(name) and new.has_consumers(partner)
    )


def _unique(
    old: Side, new: Side, a: Mapping[str, Hashable], b: Mapping[str, Hashable]
) -> list[tuple[str, str]]:
    """The nodes whose key is theirs alone on both sides."""
    sides: list[dict[Hashable, str | None]] = []
    for side, keys in ((old, a), (new, b)):
        alone: dict[Hashable, str | None] = {}
        for name in side.left:
            alone[keys[name]] = None if keys[name] in alone else name
        sides.append(alone)
    return [
        (name, partner)
        for key, name in sides[0].items()
        if name is not None and (partner := sides[1].get(key)) is not None
    ]


def _by_endings(
    old: Side, new: Side, a: Mapping[str, Hashable], b: Mapping[str, Hashable]
) -> list[tuple[str, str]]:
    """Of nodes that are alike, those whose names end alike, by as many components as it takes."""
    groups: list[dict[Hashable, list[str]]] = []
    for side, keys in ((old, a), (new, b)):
        group: dict[Hashable, list[str]] = defaultdict(list)
        for name in side.left:
            group[keys[name]].append(name)
        groups.append(group)
    found: list[tuple[str, str]] = []
    for key, names in groups[0].items():
        partners = groups[1].get(key)
        if partners is None:
            continue
        rest, others = set(names), set(partners)
        for length in range(max(name.count("/") for name in names) + 1, 0, -1):
            endings = [_endings(each, length) for each in (rest, others)]
            both = ((name, endings[1].get(ending)) for ending, name in endings[0].items())
            pairs = [(name, partner) for name, partner in both if name and partner]
            found += pairs
            rest.difference_update(name for name, _ in pairs)
            others.difference_update(partner for _, partner in pairs)
    return found


def _endings(names: Iterable[str], length: int) -> dict[str, str | None]:
    """The one name that has each ending of so many components; None where several have."""
    found: dict[str, str | None] = {}
    for name in names:
        components = name.rsplit("/", length)
        if len(components) >= length:
            ending = "/".join(components[-length:])
            found[ending] = None if ending in found else name
    return found


def _by_scopes(old: Side, new: Side, found: Mapping[str, str]) -> list[tuple[str, str]]:
    """Nodes of a scope that others moved from, at the same place in the scope that they moved to.

    They may have changed inside, but are of the same op.
    """
    votes: Counter[tuple[str, str]] = Counter()
    for name, partner in found.items():
        votes.update(moves(name, partner))
    targets: dict[str, str] = {}
    rivals: set[str] = set()
    for (scope, target), _ in votes.most_common():
        if scope not in targets:
            targets[scope] = target
        elif votes[scope, targets[scope]] == votes[scope, target]:
            rivals.add(scope)
    pairs = []
    taken: set[str] = set()
    for name, node in old.left.items():
        for scope in _scopes(name):
            if scope in targets and scope not in rivals:
                partner = targets[scope] + name[len(scope) :]
                if partner in new.left and partner not in taken:
                    if new.left[partner].op == old.names.function(node.op):
                        pairs.append((name, partner))
                        taken.add(partner)
                    break
    return pairs


def _scopes(name: str) -> Iterator[str]:
    """The scopes that a node lies in, the innermost first."""
    at = name.rfind("/")
    while at >= 0:
        yield name[: at + 1]
        at = name.rfind("/", 0, at)
    yield ""
