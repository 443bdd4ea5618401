"""The verdict of TensorFlow's ``EqualGraphDef`` on two graphs.

It ignores the order of nodes and of control inputs, attrs that begin with ``_``, versions and
functions, and takes ``node:0`` for ``node``; tensors are the same when their elements are, up to 32
MB. What it does about two nodes of one name is done here, too: of the first graph's, the last
counts, and no second one of the other graph finds a partner. TensorFlow is asked for it in
``tests/agreement/test_equal_graph_def.py``.
"""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING

from pbtool import dtypes
from pbtool.differences.changes import Content
from pbtool.differences.constants import is_constant, same_values
from pbtool.differences.nodes import place
from pbtool.differences.shared_bytes import same_graph, shared_bytes
from pbtool.shapes import product
from pbtool.wire import PAYLOAD_FIELDS

if TYPE_CHECKING:
    from pbtool.differences.nodes import Placed
    from pbtool.differences.shared_bytes import SharedBytes
    from pbtool.graph import Graph
    from pbtool.schema import AttrValue, NodeDef

# Bytes of elements up to which TensorFlow compares tensors by value, not by encoding.
MOST_COMPARED = 32 << 20


def difference(actual: Graph, expected: Graph) -> str | None:
    """A difference that ``EqualGraphDef`` sees, too; None where it takes the two for equal."""
    index = {node.name: node for node in actual.nodes}
    shared = shared_bytes(actual, expected)
    if len(index) == len(actual) and same_graph(actual, expected, shared):
        return None
    for node in expected.nodes:
        found = index.pop(node.name, None)
        if found is None:
            return f"the first graph has no node {node.name!r}"
        if why := _node_difference(place(actual, found), place(expected, node), shared):
            return f"node {node.name!r} has another {why}"
    if index:
        return f"the second graph has no node {next(iter(index))!r}"
    return None


def _node_difference(a: Placed, b: Placed, shared: SharedBytes | None) -> str | None:
    old, new = a.node, b.node
    if not (a.region or b.region) and old == new:
        return None
    if old.op != new.op:
        return "op"
    if old.device != new.device:
        return "device"
    if not _same_inputs(old, new):
        return "input"
    names = {name for node in (old, new) for name in node.attr if not name.startswith("_")}
    for name in sorted(names):
        if name not in old.attr or name not in new.attr or not _same_attr(name, a, b, shared):
            return f"attr {name!r}"
    return None


def _same_inputs(old: NodeDef, new: NodeDef) -> bool:
    if len(old.input) != len(new.input):
        return False
    # What counts as control inputs is all from the first graph's first one on.
    data = len(list(takewhile(lambda text: not text.startswith("^"), old.input)))
    pairs = zip(old.input[:data], new.input[:data], strict=True)
    if any(a != b and f"{a}:0" != b and a != f"{b}:0" for a, b in pairs):
        return False
    return set(old.input[data:]) == set(new.input[data:])


def _same_attr(name: str, a: Placed, b: Placed, shared: SharedBytes | None) -> bool:
    left, right = a.attr(name), b.attr(name)
    if shared and left.region and right.region and shared.same(left.region, right.region):
        return True
    if is_constant(a.node.attr[name]) and _bytes(a.node.attr[name]) > MOST_COMPARED:
        return left.content == right.content
    return same_values(_shortened(left.content), _shortened(right.content))


def _shortened(content: Content[AttrValue]) -> Content[AttrValue]:
    """An attr without the values that a tensor lists beyond its elements: TensorFlow drops them."""
    message = content.message
    tensor = message.tensor
    count = product(dim.size for dim in tensor.tensor_shape.dim) or 0
    if not content.is_whole or count < 0 or not message.HasField("tensor"):
        return content
    lists = {
        field.name: count * (2 if "complex" in field.name else 1)
        for field, value in tensor.ListFields()
        if field.number in PAYLOAD_FIELDS and not isinstance(value, bytes)
    }
    if all(len(getattr(tensor, name)) <= most for name, most in lists.items()):
        return content
    copy = type(message)()
    copy.CopyFrom(message)
    for name, most in lists.items():
        del getattr(copy.tensor, name)[most:]
    return Content(copy)


def _bytes(value: AttrValue) -> int:
    row = dtypes.BY_NUMBER.get(value.tensor.dtype)
    count = product(dim.size for dim in value.tensor.tensor_shape.dim)
    return (row.size if row else 0) * (count or 0)
