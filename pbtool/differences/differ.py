"""``diff``: what changed between two graphs or models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pbtool.differences.bodies import diff_graphs
from pbtool.differences.changes import Diff, Side
from pbtool.differences.options import make_options
from pbtool.differences.shared_bytes import SharedBytes
from pbtool.graph import Graph

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pbtool.differences.options import Options
    from pbtool.files import Model


def diff(
    a: Graph | Model,
    b: Graph | Model,
    *,
    rtol: float = 0.0,
    atol: float = 0.0,
    ignore: Iterable[str] = (),
    only: Iterable[str] = (),
    strict: bool = False,
    renames: bool = True,
) -> Diff:
    """What turns one graph or model into the other; the options are those of ``Options``.

    Node order, the order of control inputs and map entries, and the encoding of tensors do not
    count, except with ``strict``. Raises UsageError for options that make no sense and for two
    models that cannot be compared, and FileError for a graph with two nodes of one name.
    """
    options = make_options(rtol, atol, ignore, only, strict=strict, renames=renames)
    return _graphs(a, b, options)


def _graphs(a: Graph | Model, b: Graph | Model, options: Options) -> Diff:
    graphs = [each if isinstance(each, Graph) else each.graph for each in (a, b)]
    changes = diff_graphs(graphs[0], graphs[1], options, _shared(*graphs))
    return Diff(_side(a), _side(b), changes)


def _side(given: Graph | Model) -> Side:
    if isinstance(given, Graph):
        graph, about = given, ("", "GraphDef", "binary")
    else:
        graph, about = given.graph, (given.path, given.kind, given.encoding)
    return Side(*about, nodes=len(graph), functions=len(graph.proto.library.function))


def _shared(a: Graph, b: Graph) -> SharedBytes | None:
    """What the files of two graphs share, if both left tensors there."""
    if a.region is None or b.region is None or a.region.whole or b.region.whole:
        return None
    return SharedBytes(a.region.source, b.region.source)
