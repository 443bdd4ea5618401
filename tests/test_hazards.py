from __future__ import annotations

from pbtool import opdefs
from pbtool.execution.hazards import REASONS, RESTORES, find_hazards
from pbtool.graph import Graph
from tests.graphs import graph_def


def test_every_op_is_one_that_tensorflow_has_or_had() -> None:
    assert REASONS
    assert not REASONS.keys() - opdefs.table().keys()


def test_hazards_in_functions_are_named() -> None:
    graph = Graph(
        graph_def(
            """
            node { name: "c" op: "f" } node { name: "r" op: "RestoreV2" }
            node { name: "w" op: "WriteFile" }
            library { function { signature { name: "f" }
              node_def { name: "p" op: "EagerPyFunc" } } }
            """
        )
    )
    assert list(map(str, find_hazards(graph, {"c"}))) == [
        "f::p (EagerPyFunc runs a Python function)"
    ]
    assert [each.node for each in find_hazards(graph, {"r", "w"})] == ["r", "w"]
    assert [each.node for each in find_hazards(graph, {"r", "w"}, allowed=RESTORES)] == ["w"]
