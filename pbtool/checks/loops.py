"""Checks of the loops of TensorFlow 1: frames that nodes enter, go round in, and leave."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pbtool.checks.finding import Found
from pbtool.ops import ENTERS, EXITS, MERGES, NEXT_ITERATIONS

if TYPE_CHECKING:
    from pbtool.checks.nodes import BodyNodes


Frames = tuple[str, ...]  # the loops that a node is in, the outermost first


def open_loops(body: BodyNodes) -> Iterator[Found]:
    """Loops that do not close: TensorFlow finds out when it prepares to run."""
    if (ENTERS | EXITS | NEXT_ITERATIONS).isdisjoint(body.counts):
        return
    if body.stuck:
        return  # another check's
    frames: dict[int, Frames] = {}
    for node in body.body.topological_order():
        position = body.positions[node.name]
        known = {frames[source] for source in _sources(body, position) if source in frames}
        inside = max(known, key=len, default=())
        if len(known) > 1:
            places = " and ".join(
                repr("/".join(each)) if each else "none" for each in sorted(known)
            )
            yield Found(node.name, f"takes inputs from different loops: {places}")
        if node.op in ENTERS and "frame_name" in node.attr:
            inside += (node.attr["frame_name"].s.decode(errors="backslashreplace"),)
        elif node.op in EXITS:
            if not inside:
                yield Found(node.name, "leaves a loop, but is in none")
            inside = inside[:-1]
        frames[position] = inside
    back = {source for position in _merges(body) for source, _ in body.data[position]}
    for position, op in enumerate(body.ops):
        if op in NEXT_ITERATIONS and position not in back:
            yield Found(body.names[position], "goes round in a loop, but to no Merge")


def _merges(body: BodyNodes) -> Iterator[int]:
    return (position for position, op in enumerate(body.ops) if op in MERGES)


def _sources(body: BodyNodes, position: int) -> Iterator[int]:
    """Where the node's inputs come from, without what comes back around a loop."""
    is_merge = body.ops[position] in MERGES
    for source in (*(source for source, _ in body.data[position]), *body.controls[position]):
        if source is None or source >= len(body.nodes):
            continue
        if not (is_merge and body.ops[source] in NEXT_ITERATIONS):
            yield source
