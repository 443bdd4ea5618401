from __future__ import annotations

from pbtool.execution.references import repair
from tests.graphs import a_graph


def test_what_takes_references_that_nothing_gives_takes_values() -> None:
    graph = a_graph(
        """
        v = Const() dtype=1
        x = Placeholder() dtype=1
        p = Placeholder() dtype=10
        s = RefSwitch(v, p) T=1
        i = RefIdentity(s:1, ^x) T=1
        a = Assign(v, x, ^p) T=1 use_locking=1 validate_shape=1
        d = AssignAdd(v, x) T=1 use_locking=1
        """
    )
    repaired, names = repair(graph)
    assert sorted(names) == ["a", "d", "i", "s"]
    assert [node.op for node in repaired][3:] == ["Switch", "Identity", "Identity", "Add"]
    assert list(repaired["a"].input) == ["x", "^p"]
    assert list(repaired["i"].input) == ["s:1", "^x"]
    assert set(repaired["a"].attr) == set(repaired["d"].attr) == {"T"}
    assert graph["a"].op == "Assign"


def test_what_is_given_references_stays() -> None:
    graph = a_graph(
        """
        v = VariableV2() dtype=1
        x = Placeholder() dtype=1
        a = Assign(v, x) T=1
        b = AssignSub(a, x) T=1
        """
    )
    assert repair(graph) == (graph, [])
