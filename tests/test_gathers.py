from __future__ import annotations

from pbtool.gathers import read_before_gather
from pbtool.graph import Graph
from tests.graphs import a_graph, graph_def, nodes


def test_a_gather_from_a_variable_gathers_from_its_value() -> None:
    graph = a_graph(
        """
        v = VarHandleOp() dtype=1
        i = Placeholder() dtype=3
        g = ResourceGather(v, i, ^i) dtype=1 Tindices=3 batch_dims=1
        n = ResourceGatherNd(v, i) dtype=1 Tindices=3
        y = Neg(g) T=1
        """
    )
    result = read_before_gather(graph)
    assert list(result["g"].input) == ["g/read", "i", "g/axis", "^i"]
    assert result["g"].op == "GatherV2"
    assert result["g"].attr["batch_dims"].i == 1
    assert result.tensor("g/axis") == 1
    assert list(result["n"].input) == ["n/read", "i"]
    assert result["n"].op == "GatherNd"
    assert [node.op for node in result].count("ReadVariableOp") == 2
    assert list(result["y"].input) == ["g"]


def test_in_functions_inputs_name_the_output() -> None:
    proto = graph_def(
        """library { function { signature { name: "f" input_arg { name: "v" type: DT_RESOURCE } }
        node_def { name: "g" op: "ResourceGather" input: "v" input: "i:output:0" } } }"""
    )
    body = read_before_gather(Graph(proto)).functions["f"]
    assert list(body["g"].input) == ["g/read:value:0", "i:output:0", "g/axis:output:0"]


def test_a_graph_without_gathers_is_itself() -> None:
    graph = Graph(nodes("x = Placeholder() dtype=1"))
    assert read_before_gather(graph) is graph
