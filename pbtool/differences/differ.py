"""``diff``: what changed between two graphs or models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pbtool import schema
from pbtool.differences.bodies import diff_graphs
from pbtool.differences.changes import FROZEN, Diff, Side
from pbtool.differences.explaining import explain
from pbtool.differences.models import diff_models, tags_of
from pbtool.differences.options import make_options
from pbtool.differences.tally import of_graph
from pbtool.graph import Graph

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pbtool.differences.changes import Changed, Explanation
    from pbtool.differences.frozen import Forms
    from pbtool.model import Model


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
    shapes: bool = False,
) -> Diff:
    """What turns one graph or model into the other; the options are those of ``Options``.

    Node order, the order of control inputs and map entries, and the encoding of tensors do not
    count, except with ``strict``, which reports order and encoding. A model with variables and a
    graph that has none are compared by what both compute (``Side.form``), not so with ``strict``.
    With ``shapes``, the diff has
    the ``outputs`` whose inferred type or shape changed. Raises UsageError for options that make
    no sense and for two models that cannot be compared, and FileError for a graph with two nodes
    or functions of one name, and for a model with two meta graphs of the same tags.
    """
    options = make_options(rtol, atol, ignore, only, strict=strict, renames=renames)
    forms = None if strict else _forms(a, b)
    graphs = (_graph(a), _graph(b)) if forms is None else (forms.a.graph, forms.b.graph)
    if forms is not None:
        changes = forms.changes(options)
    elif isinstance(a, Graph) or isinstance(b, Graph):
        changes = diff_graphs(*graphs, options).changes
    else:
        changes = diff_models(a, b, options)
    outputs: Iterable[Changed] = ()
    if shapes:
        from pbtool.differences.downstream import changed_outputs

        tags = "" if isinstance(a, Graph) or not a.meta_graphs else tags_of(a.meta_graph())
        outputs = changed_outputs(*graphs, of_graph(changes, tags))
    explanations: list[Explanation] = []
    if not options.only:  # a part tells nothing of all
        explanations = (
            explain(*graphs, changes, several=_have_several(a, b))
            if forms is None
            else forms.explanations(changes)
        )
    if options.overlooks:  # then no change does not mean that nothing differs
        explanations = [each for each in explanations if each.kind not in ("same", "frozen")]
    old, new = _side(a), _side(b)
    if forms is None:
        return Diff(old, new, changes, explanations, outputs)
    old, new = (each._replace(form=FROZEN) for each in (old, new))
    return Diff(old, new, changes, explanations, outputs, graphs)


def _have_several(a: Graph | Model, b: Graph | Model) -> bool:
    """Whether meta graphs are compared, and more than one of either side."""
    counts = [0 if isinstance(each, Graph) else len(each.meta_graphs) for each in (a, b)]
    return all(counts) and max(counts) > 1


def _forms(a: Graph | Model, b: Graph | Model) -> Forms | None:
    """The forms in which a model with variables and a graph without are compared."""
    if isinstance(a, Graph) or isinstance(b, Graph) or not (a.meta_graphs or b.meta_graphs):
        return None
    from pbtool.differences.frozen import forms

    return forms(a, b)


def _graph(given: Graph | Model) -> Graph:
    """The graph of a model; an empty one for a checkpoint, where only variables count."""
    if isinstance(given, Graph):
        return given
    return Graph(schema.GraphDef()) if given.is_checkpoint else given.graph


def _side(given: Graph | Model) -> Side:
    if isinstance(given, Graph):
        return _of_graph(Side("", "GraphDef", "binary"), given)
    side = Side(given.path, given.kind, given.encoding)
    if given.checkpoint is not None:
        side = side._replace(variables=len(given.checkpoint.entries))
    return side if given.is_checkpoint else _of_graph(side, given.graph)


def _of_graph(side: Side, graph: Graph) -> Side:
    return side._replace(nodes=len(graph), functions=len(graph.proto.library.function))
