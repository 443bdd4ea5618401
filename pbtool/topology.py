"""The order in which the nodes of a body can be visited."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from pbtool.ops import MERGES, NEXT_ITERATIONS

if TYPE_CHECKING:
    from pbtool.body import Body
    from pbtool.schema import NodeDef


def in_order(body: Body) -> list[NodeDef]:
    """The nodes, each after those that it needs, as ``Body.topological_order`` promises."""
    if _is_in_order(body):
        return list(body.nodes)
    positions = body.positions
    waiting = [0] * len(body.nodes)
    needed_by: list[list[int]] = [[] for _ in body.nodes]
    for position, node in enumerate(body.nodes):
        for text in node.input:
            source = positions.get(body.resolve(text).node)
            if source is not None and not _closes_loop(body.nodes[source], node):
                waiting[position] += 1
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
    order += [position for position, count in enumerate(waiting) if count]
    return [body.nodes[position] for position in order]


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
