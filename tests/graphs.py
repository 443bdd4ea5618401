"""Small graphs for tests, written down as text."""

from __future__ import annotations

from collections.abc import Iterable

from google.protobuf import text_format

from pbtool import schema
from pbtool.dtypes import BY_NAME
from pbtool.graph import Graph

DIAMOND = """
    x = Placeholder() dtype=1
    left = Neg(x) T=1
    right = Abs(x:0, ^left) T=1
    sum = Add(left, right) T=1
    alone = NoOp()
"""

LOOP = """
    start = Const() dtype=3
    enter = Enter(start) T=3
    merge = Merge(enter, next) T=3 N=2
    more = LoopCond(test)
    test = Less(merge, merge) T=3
    switch = Switch(merge, more) T=3
    next = NextIteration(switch:1) T=3
    exit = Exit(switch:0) T=3
"""


def graph_def(text: str) -> schema.GraphDef:
    """A GraphDef from protobuf's text format."""
    return text_format.Parse(text, schema.GraphDef(), descriptor_pool=schema.POOL)


def nodes(lines: str) -> schema.GraphDef:
    """A GraphDef with one node a line: ``name = Op(input, ^control) T=1 N=2``.

    Attrs that are numbers are types where their name begins with a T or ends with dtype, else ints.
    """
    graph = schema.GraphDef()
    for line in filter(None, map(str.strip, lines.splitlines())):
        _add(graph.node.add(), line)
    return graph


def _add(node: schema.NodeDef, line: str) -> None:
    name, _, rest = line.partition(" = ")
    op, _, rest = rest.partition("(")
    inputs, _, attrs = rest.partition(")")
    node.name, node.op = name, op
    node.input.extend(filter(None, (text.strip() for text in inputs.split(","))))
    for key, value in _pairs(attrs):
        if key.startswith("T") or key.endswith("dtype") or key in ("SrcT", "DstT"):
            node.attr[key].type = int(value)
        else:
            node.attr[key].i = int(value)


def _pairs(attrs: str) -> Iterable[tuple[str, str]]:
    for pair in attrs.split():
        key, _, value = pair.partition("=")
        yield key, value


def a_graph(lines: str) -> Graph:
    """A Graph of such lines."""
    return Graph(nodes(lines))


def tensor(dtype: str, dims: Iterable[int] = (), **fields: object) -> schema.TensorProto:
    """A TensorProto of these fields."""
    proto = schema.TensorProto(dtype=BY_NAME[dtype].number, **fields)
    for size in dims:
        proto.tensor_shape.dim.add(size=size)
    return proto
