"""The order in which the nodes of a body can be visited."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from pbtool.ops import MERGES, NEXT_ITERATIONS

if TYPE_CHECKING:
    from pbtool.body import Body
    from pbtool.schema import NodeDef


def in_order(body: Body) -> list[NodeDef]:
    """The nodes, each after those that it needs, as ``Body.topological_order`` promises."""
    if _is_in_order(body):
        return list(body.nodes)
    nodes, positions = body.nodes, body.positions
    needs: list[list[int]] = []
    for node in nodes:
        sources = (positions.get(body.resolve(text).node) for text in node.input)
        needs.append(
            [each for each in sources if each is not None and not _closes_loop(nodes[each], node)]
        )
    order, stuck = sort(needs)
    return [nodes[position] for position in (*order, *stuck)]


class Order(NamedTuple):
    """Positions, each after those that it needs; ``stuck`` are on cycles, or need one that is."""

    order: list[int]
    stuck: list[int]


def sort(needs: Sequence[Sequence[int]]) -> Order:
    """The order of things, of each of which is given which others it needs."""
    waiting = [len(each) for each in needs]
    needed_by: list[list[int]] = [[] for _ in needs]
    for position, sources in enumerate(needs):
        for source in sources:
            needed_by[source].append(position)
    ready = deque(position for position, count in enumerate(waiting) if not count)
    order = []
    while ready:
        position = ready.popleft()
        order.append(position)
        for user in needed_by[position]:
            waiting[user] -= 1
            if not waiting[user]:
                ready.append(user)
    return Order(order, [position for position, count in enumerate(waiting) if count])


def _is_in_order(body: Body) -> bool:
    """Whether the file has every node after those that it needs, as most writers see to."""
    positions = body.positions
    seen: set[str] = set()
    for node in body.nodes:
        for text in node.input:
            if text in seen:
                continue
            source = body.resolve(text).node
            behind = source not in seen and source in positions
            if behind and not _closes_loop(body.nodes[positions[source]], node):
                return False
        seen.add(node.name)
    return True


def _closes_loop(source: NodeDef, node: NodeDef) -> bool:
    return node.op in MERGES and source.op in NEXT_ITERATIONS
