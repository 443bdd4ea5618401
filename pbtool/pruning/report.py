"""What pruning a graph came to, in numbers and names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from pbtool.editing import region_of

if TYPE_CHECKING:
    from pbtool.graph import Graph
    from pbtool.pruning import Pruned
    from pbtool.pruning.cuts import Cut


class Size(NamedTuple):
    """A graph in numbers; ``bytes`` are those of the serialized GraphDef."""

    nodes: int
    function_nodes: int
    functions: int
    bytes: int


class Report(NamedTuple):
    """A graph before and after it was pruned.

    Ops and names are of the main graph. ``changed`` counts nodes that are not byte for byte what
    they were, and ``added`` names those that were not there.
    """

    before: Size
    after: Size
    outputs: tuple[str, ...]
    kept_ops: Mapping[str, int]
    removed_ops: Mapping[str, int]
    changed: int
    added: tuple[str, ...]
    removed: tuple[str, ...]
    removed_functions: tuple[str, ...]
    cuts: tuple[Cut, ...]
    bypassed: int
    dropped_edges: int


def report(graph: Graph, pruned: Pruned) -> Report:
    """The report on what became of ``graph``."""
    after = pruned.graph
    touched = [name for name in pruned.changed if name in after]
    added = {name for name in touched if name not in graph}
    gone = [node for node in graph if node.name not in after]
    return Report(
        _size(graph),
        _size(after),
        tuple(str(each) if each.output >= 0 else each.node for each in pruned.outputs),
        _counted(node.op for node in after if node.name not in added),
        _counted(node.op for node in gone),
        len(touched) - len(added),
        tuple(sorted(added)),
        tuple(node.name for node in gone),
        tuple(name for name in graph.functions if name not in after.functions),
        pruned.cuts,
        len(pruned.bypassed),
        pruned.dropped_edges,
    )


def _counted(ops: Iterable[str]) -> dict[str, int]:
    """How many there are of each, the most frequent first and equal ones by name."""
    return dict(sorted(Counter(ops).items(), key=lambda item: (-item[1], item[0])))


def _size(graph: Graph) -> Size:
    sizes = [len(function) for function in graph.functions.values()]
    region = region_of(graph)
    return Size(len(graph), sum(sizes), len(sizes), region.end - region.start)
