"""Changes for tests, and what is shown of them."""

from __future__ import annotations

from collections.abc import Iterable

from pbtool import schema
from pbtool.differences import Change, Content, Diff, Edited, Side
from pbtool.render import diff, diff_stat
from tests.graphs import graph_def

A = Side("a.pb", "GraphDef", "binary", 3)
B = Side("b.pb", "GraphDef", "text", 4, 1)


def page(*changes: Change, full: bool = False, **more: object) -> list[str]:
    """The lines below the totals."""
    lines = list(diff.page(Diff(A, B, changes), lambda text, _: text, full=full, **more))
    return lines[lines.index("", 3) + 1 :]


def stat(*changes: Change, full: bool = False, width: int | None = None) -> list[str]:
    return list(diff_stat.stat(Diff(A, B, changes), lambda text, _: text, width, full=full))


def node(name: str, op: str = "Const") -> Content:
    return Content(schema.NodeDef(name=name, op=op))


def edited(name: str, *changes: Change) -> Edited:
    return Edited("node", name, name, changes)


def attr(text: str) -> Content:
    """An attr from protobuf's text format."""
    graph = graph_def(f'node {{ attr {{ key: "value" value {{ {text} }} }} }}')
    return Content(graph.node[0].attr["value"])


def many(names: Iterable[str], *changes: Change) -> list[Change]:
    return [edited(name, *changes) for name in names]


def tensor(values: str, size: int) -> Content:
    return attr(f"tensor {{ dtype: DT_FLOAT tensor_shape {{ dim {{ size: {size} }} }} {values} }}")
