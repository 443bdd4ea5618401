"""Which nodes and tensors of the main graph are meant by what somebody asks to keep or to drop."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet

from pbtool.body import CONTROL, Input
from pbtool.errors import NotFoundError, UsageError
from pbtool.graph import Graph
from pbtool.lookup import find, is_glob
from pbtool.selection import Place, matcher


def find_targets(
    graph: Graph, texts: Iterable[str], without: AbstractSet[str] = frozenset()
) -> list[Input]:
    """What is to be computed: tensors, or nodes, whose output is CONTROL. Globs name nodes.

    Nodes named in ``without`` fit no glob. Raises NotFoundError for what does not exist, and
    UsageError for a node of a function, of which there is no part.
    """
    targets: list[Input] = []
    for text in texts:
        if text not in graph and is_glob(text):
            names = [name for name in find_nodes(graph, text) if name not in without]
            targets += [Input(name, CONTROL) for name in names]
        else:
            targets.append(find_target(graph, text))
    return list(dict.fromkeys(targets))


def find_target(graph: Graph, text: str) -> Input:
    """The tensor, or the node, that a text names. Raises as ``find_targets`` does."""
    if text in graph:
        return Input(text, CONTROL)
    if is_glob(text):
        raise UsageError(f"{text!r} is a glob, and this must be one tensor")
    (found,) = find(graph, text)
    if not isinstance(found, Place) or found.body is not graph:
        raise UsageError(
            f"{text!r} is not in the main graph",
            remedy="functions stay whole, so name nodes of the main graph",
        )
    name = found.node.name
    if text == f"^{name}":
        return Input(name, CONTROL)
    if graph.output_dtypes(found.node) == ():
        raise NotFoundError(f"node {name!r} ({found.node.op}) has no outputs")
    return Input(name, int(text.rpartition(":")[2]))


def find_nodes(graph: Graph, glob: str) -> list[str]:
    """The names of the nodes of the main graph that fit a glob, or are named so.

    Raises NotFoundError where there is none.
    """
    if glob in graph:
        return [glob]
    if not is_glob(glob):
        return [find_target(graph, glob).node]
    fits = matcher([glob])
    names = [node.name for node in graph if fits(node.name)]
    if not names:
        raise NotFoundError(f"no node of the main graph matches {glob!r}")
    return names


def every_node(graph: Graph, globs: Sequence[str]) -> set[str]:
    """The names of the nodes that fit any of the globs."""
    return {name for glob in globs for name in find_nodes(graph, glob)}
