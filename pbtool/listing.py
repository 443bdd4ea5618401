"""The rows of a list: one for each node of a graph, tensor of a checkpoint, or op of an op list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from pbtool.errors import UsageError
from pbtool.graph import Graph
from pbtool.selection import Place, matcher

if TYPE_CHECKING:
    from pbtool.checkpoint import Checkpoint
    from pbtool.facts import Fact
    from pbtool.infer import Inference
    from pbtool.schema import OpDef, OpList
    from pbtool.shapes import Shape

SORTS = ("name", "op", "size", "topological")


class NodeRow(NamedTuple):
    """A node and what is known of its outputs; None when its op is not known.

    ``problem`` says why TensorFlow would refuse the node, if it would.
    """

    place: Place
    outputs: tuple[Fact, ...] | None
    problem: str | None = None

    @property
    def size(self) -> int:
        """The bytes that the node takes in its file."""
        return self.place.body.node_size(self.place.node)


class TensorRow(NamedTuple):
    """A tensor of a checkpoint; ``shards`` are the numbers of the files that it lies in."""

    name: str
    dtype: int
    shape: Shape
    size: int | None
    shards: tuple[int, ...]


def node_rows(inference: Inference, places: Iterable[Place]) -> Iterator[NodeRow]:
    """The rows of these nodes, in their order."""
    places = list(places)
    facts = {place.body.name: inference.facts(place.body) for place in places}
    problems = {(each.function, each.node): each.message for each in inference.problems}
    for place in places:
        function, name = place.body.name, place.node.name
        yield NodeRow(place, facts[function].get(name), problems.get((function, name)))


def tensor_rows(checkpoint: Checkpoint, names: Sequence[str] = ()) -> Iterator[TensorRow]:
    """The tensors of a checkpoint whose names match the globs, in the order of its index."""
    is_name = matcher(names)
    for entry in checkpoint.entries.values():
        if is_name(entry.name):
            yield TensorRow(entry.name, entry.dtype, entry.shape, entry.size, entry.shards)


def op_rows(op_list: OpList, names: Sequence[str] = ()) -> Iterator[OpDef]:
    """The declarations of an op list whose names match the globs, in file order."""
    is_name = matcher(names)
    return (op_def for op_def in op_list.op if is_name(op_def.name))


def sort_places(places: Iterable[Place], by: str, graph: Graph) -> Iterable[Place]:
    """The nodes in another order: by name or op, largest first, or each after its inputs.

    Functions follow the main graph in topological order, as they do in the file.
    """
    if by == "name":
        return sorted(places, key=lambda place: place.name)
    if by == "op":
        return sorted(places, key=lambda place: (place.node.op, place.name))
    if by == "size":
        return sorted(places, key=lambda place: -place.body.node_size(place.node))
    if by == "topological":
        ranks = _topological_ranks(places := list(places), graph)
        return sorted(places, key=lambda place: ranks[place.body.name][place.node.name])
    raise UsageError(f"cannot sort by {by!r}", remedy=f"choose one of {', '.join(SORTS)}")


def _topological_ranks(
    places: Sequence[Place], graph: Graph
) -> Mapping[str | None, Mapping[str, tuple[int, int]]]:
    wanted = {place.body.name for place in places}
    return {
        body.name: {node.name: (number, rank) for rank, node in enumerate(body.topological_order())}
        for number, body in enumerate(graph.bodies)
        if body.name in wanted
    }
