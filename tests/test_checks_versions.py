from __future__ import annotations

import pytest

import pbtool
from pbtool.checks import check
from pbtool.errors import UsageError
from pbtool.schema import GraphDef
from tests.check_examples import codes
from tests.graphs import nodes


def test_versions() -> None:
    graph = nodes("a = NoOp()")
    graph.versions.min_consumer = 100_000
    assert codes(graph) == {"too-new"}
    graph.versions.min_consumer = 0
    graph.versions.producer = 100_000
    assert codes(graph) == {"newer-producer"}


def test_deprecated_ops() -> None:
    graph = nodes("x = Placeholder() dtype=1\ny = BatchCholesky(x) T=1")
    graph.versions.producer = 12
    assert codes(graph) == {"deprecated-op"}
    graph.versions.producer = 13
    assert codes(graph) == {"forbidden-op"}


def in_target(graph: GraphDef, target: str) -> list[str]:
    model = pbtool.load_bytes(graph.SerializeToString())
    return [each.sentence for each in check(model, target=target, select=["not-in-target"])]


def test_what_a_target_does_not_have() -> None:
    graph = nodes("x = Placeholder() dtype=1\ny = Einsum(x) T=1 N=1")
    assert not in_target(graph, "2.21")
    assert len(in_target(graph, "1.5")) == 1
    with pytest.raises(UsageError, match="is no version"):
        in_target(graph, "new")


def test_what_only_the_target_has() -> None:
    model = pbtool.load_bytes(nodes("a = GatherTree()").SerializeToString())
    assert {each.code for each in check(model)} >= {"unknown-op"}
    only = ["unknown-op", "not-in-target", "missing-attr"]
    for target, expected in (("1.15", "missing-attr"), ("2.0", "unknown-op")):
        found = check(model, target=target, select=only)
        assert expected in {each.code for each in found}, target
        assert ("not-in-target" in {each.code for each in found}) == (target == "2.0")


def test_what_attrs_a_target_does_not_have() -> None:
    graph = nodes("x = Placeholder() dtype=1\ny = MatMul(x, x) T=1")
    graph.node[1].attr["grad_a"].b = False  # the default: an older TensorFlow does without
    assert not in_target(graph, "2.12")
    graph.node[1].attr["grad_a"].b = True
    (sentence,) = in_target(graph, "2.12")
    assert sentence.startswith("the attr 'grad_a' of MatMul came with TensorFlow 2.")
    assert not in_target(graph, "2.21")
