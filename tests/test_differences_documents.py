"""Diffs as JSON documents."""

from __future__ import annotations

import json
import math

import pytest

from pbtool import schema
from pbtool.differences import (
    Added,
    Changed,
    Comparison,
    Content,
    Diff,
    Edited,
    Example,
    Explanation,
    Removed,
    Renamed,
    Side,
)
from pbtool.differences.documents import from_json, to_json
from pbtool.errors import FileError
from tests.graphs import nodes


def a_diff() -> Diff:
    node = nodes("x = Const(y, ^z) dtype=1 N=5").node[0]
    value = node.attr["value"].tensor
    value.dtype = 1
    value.tensor_content = b"1234" * 10
    node.attr["f"].f = math.inf
    node.attr["l"].list.s.extend([b"\xff", b""])
    node.attr["n"].func.name = "f"
    node.attr["n"].func.attr["T"].type = 3
    comparison = Comparison(10, 2, 0.5, math.inf, (Example((0, 1), 1.0, math.inf),))
    attr = Content(node.attr["value"])
    edit = Edited("node", "n", "m", (Changed("attr", "value", attr, attr, comparison),))
    changes = (
        Added("node", "x", Content(node)),
        Removed("control input", "y"),
        Renamed("scope", "a/", "b/", 12),
        Edited("function", "f", "g", (edit, Changed("device", "device", "", "/cpu:0"))),
    )
    explanation = Explanation("pruned", "B is A pruned to x", (("nodes removed", 3),))
    outputs = (Changed("output", "x:0", "float32[1]", "float32[2]"),)
    side = Side("a.pb", "GraphDef", "binary", 7, 2)
    return Diff(side, side._replace(path="b.pb"), changes, (explanation,), outputs)


def test_a_document_gives_the_diff_back() -> None:
    diff = a_diff()
    document = json.loads(json.dumps(to_json(diff), allow_nan=False))
    again = from_json(document)
    assert again.changes == diff.changes
    assert (again.a, again.b) == (diff.a, diff.b)
    assert (again.explanations, again.outputs) == (diff.explanations, diff.outputs)
    assert to_json(again) == document


def test_big_constants_ride_along_only_when_asked() -> None:
    value = schema.AttrValue()
    value.tensor.tensor_content = bytes(2000)
    diff = Diff(Side("", "", ""), Side("", "", ""), [Added("attr", "value", Content(value))])
    (change,) = from_json(to_json(diff))
    with pytest.raises(FileError, match="--full-values"):
        change.value.whole()
    (change,) = from_json(to_json(diff, full_values=True))
    assert change.value == Content(value)


def with_changes(*changes: object) -> dict[str, object]:
    return to_json(a_diff()) | {"changes": list(changes)}


def with_a_node(value: object) -> dict[str, object]:
    message = {"message": "NodeDef", "value": value}
    return with_changes({"change": "added", "kind": "node", "name": "x", "value": message})


def nested(depth: int) -> dict[str, object]:
    named = {"change": "edited", "kind": "function", "name": "f", "new_name": "f"}
    change: dict[str, object] = {**named, "changes": []}
    for _ in range(depth):
        change = {**named, "changes": [change]}
    return change


@pytest.mark.parametrize(
    "document",
    [
        [],
        {},
        {"format": "pbtool diff", "version": 2},
        {"format": "pbtool diff", "version": 1},
        to_json(a_diff()) | {"changes": [{"change": "moved"}]},
        to_json(a_diff()) | {"changes": [{"change": "added", "kind": "x"}]},
        with_a_node({"serialized": "/////w=="}),
        with_a_node({"attr": {"f": {"f": 10**400}}}),
        with_a_node({"attr": {"f": {"f": "many"}}}),
        with_changes({"change": "renamed", "kind": "node", "name": "x", "new_name": "\ud800"}),
        with_changes({"change": "changed", "kind": "op", "name": "op", "old": "", "new": "\ud800"}),
        with_changes(nested(0), nested(0)),
        with_changes(nested(9)),
        with_changes(nested(100_000)),
    ],
)
def test_other_documents_are_refused(document: object) -> None:
    with pytest.raises(FileError):
        from_json(document)
