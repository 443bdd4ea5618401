"""Where nodes are that changed alike, and which ops they have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from pbtool.graph import FUNCTION_SEPARATOR
from pbtool.quantity import counted
from pbtool.render import change as changes
from pbtool.render.escape import printable
from pbtool.render.facts import NOT_KNOWN
from pbtool.render.scopes import cut

if TYPE_CHECKING:
    from pbtool.body import Body
    from pbtool.differences import Change
    from pbtool.graph import Graph
    from pbtool.model import Model

_SCOPES = 4  # that are named
_SHOWN = 3  # nodes and ops that are


def graph_of(model: Model) -> Graph | None:
    """The graph of a model that has just one."""
    return None if model.is_checkpoint or len(model.meta_graphs) > 1 else model.graph


def places(found: Sequence[Change], prefix: str) -> str:
    """How many nodes these are, and in which scopes."""
    groups = cut([changes.name(each) for each in found], _SCOPES, len(found) // _SCOPES)
    scopes = [f"{group.label} {len(group.members):,}" for group in groups]
    if len(groups) == 1 and not groups[0].scope:
        scopes = [*(changes.name(each) for each in found[:_SHOWN]), "…"]
    return printable(
        f"{counted(len(found), 'node')}: {', '.join(prefix + each for each in scopes)}"
    )


def scopes_beside(graph: Graph | None, prefix: str, found: Sequence[Change]) -> Collection[str]:
    """The scopes of nodes that are not among those; none where the graph is not known."""
    body = body_of(graph, prefix)
    if body is None or not found:
        return ()
    names = {each.name for each in found}
    scopes = {node.name.rpartition("/")[0] for node in body if node.name not in names}
    beside = {""}
    for scope in scopes:
        while scope and f"{scope}/" not in beside:
            beside.add(f"{scope}/")
            scope = scope.rpartition("/")[0]
    return beside


def body_of(graph: Graph | None, prefix: str) -> Body | None:
    """The graph, or the function whose nodes have this prefix."""
    if graph is None or not prefix:
        return graph
    return graph.functions.get(prefix.removesuffix(FUNCTION_SEPARATOR))


def frequent(found: Sequence[Change]) -> str:
    """How many nodes these are, and of which ops most."""
    ops: Counter[str] = Counter()
    for each in found:
        ops[changes.op(each) or NOT_KNOWN] += 1
    shown = [f"{printable(op)} {count:,}" for op, count in ops.most_common(_SHOWN)]
    if len(ops) > len(shown):
        shown.append("…")
    return f"{counted(len(found), 'node')}: {', '.join(shown)}"
