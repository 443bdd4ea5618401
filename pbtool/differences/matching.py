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

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from pbtool.differences.colours import Colours, Side
from pbtool.differences.naming import Names
from pbtool.differences.scopes import moves
from pbtool.graph import Function

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence

    from pbtool.body import Body
    from pbtool.schema import NodeDef

ROUNDS = 4  # of pairing: what one makes unique, the next finds


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
    """Pair the nodes that agree in what they are and in their surroundings.

    Of what takes nothing, only who takes it tells anything: its turn is when these have partners.
    """
    up = [side.upward(colours, loose=loose) for side in (old, new)]
    down = [side.downward(colours, loose=loose) for side in (old, new)]
    before = len(old.left)
    pair(each for each in _unique(old, new, *_zipped(up, down)) if old.has_inputs(each[0]))
    pair(each for each in _unique(old, new, *up) if old.has_inputs(each[0]))
    pair(
        each
        for each in _unique(old, new, *down)
        if old.has_inputs(each[0]) and old.has_consumers(each[0]) and new.has_consumers(each[1])
    )
    if len(old.left) < before:
        down = [side.downward(colours, loose=loose) for side in (old, new)]
    both = _zipped(up, down)
    pair(_unique(old, new, *both))
    pair(_by_endings(old, new, *both))


def _zipped(
    up: Sequence[Mapping[str, int]], down: Sequence[Mapping[str, int]]
) -> list[dict[str, Hashable]]:
    """The colours in both directions, for each side."""
    return [
        {name: (above[name], colour) for name, colour in below.items()}
        for above, below in zip(up, down, strict=True)
    ]


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
    candidates = []
    for name, node in old.left.items():
        for inside, scope in enumerate(_scopes(name)):
            if scope in targets and scope not in rivals:
                partner = targets[scope] + name[len(scope) :]
                if partner in new.left and new.left[partner].op == old.names.function(node.op):
                    candidates.append((inside, name, partner))
                break
    found_partners: dict[str, str] = {}
    for _, name, partner in sorted(candidates):  # the nearest scope says most of a node
        found_partners.setdefault(partner, name)
    return [(name, partner) for partner, name in found_partners.items()]


def _scopes(name: str) -> Iterator[str]:
    """The scopes that a node lies in, the innermost first."""
    at = name.rfind("/")
    while at >= 0:
        yield name[: at + 1]
        at = name.rfind("/", 0, at)
    yield ""
