from __future__ import annotations

from pbtool.graph import Graph
from pbtool.reach import NOTHING, needed_by, uncalled_functions
from pbtool.view.function import callers
from tests.graphs import a_graph, graph_def


def a_function(name: str, calls: str = "") -> str:
    return f'function {{ signature {{ name: "{name}" }} {calls} }}'


def calling(name: str) -> str:
    return f"""node_def {{ name: "call" op: "PartitionedCall"
        attr {{ key: "f" value {{ func {{ name: "{name}" }} }} }} }}"""


LIBRARY = f"""
library {{
  {a_function("outer", calling("inner"))}
  {a_function("inner")}
  {a_function("branch")}
  {a_function("other")}
  {a_function("of_inner")}
  gradient {{ function_name: "inner" gradient_func: "of_inner" }}
}}
"""


def test_nodes_that_are_needed() -> None:
    graph = a_graph("a = Neg()\nb = Neg(a)\nc = Neg(b, ^d)\nd = Neg()\ne = Neg(c)")
    assert needed_by(graph, ["c:0"]).nodes == {"a", "b", "c", "d"}
    assert needed_by(graph, ["missing:0", "^d"]).nodes == {"d"}


def test_functions_are_followed_through_attrs_calls_and_gradients() -> None:
    graph = Graph(
        graph_def('node { name: "a" op: "outer" } node { name: "b" op: "Neg" }' + LIBRARY)
    )
    assert needed_by(graph, ["a:0"]).functions == {"outer", "inner", "of_inner"}
    assert needed_by(graph, ["b:0"]).functions == set()


def test_functions_in_lists() -> None:
    graph = Graph(
        graph_def(
            """node { name: "a" op: "Case" attr { key: "branches" value { list {
                func { name: "branch" } func { name: "missing" } } } } }"""
            + LIBRARY
        )
    )
    assert needed_by(graph, ["a"]).functions == {"branch"}


def test_functions_in_attrs_of_functions() -> None:
    graph = Graph(
        graph_def(
            """node { name: "a" op: "PartitionedCall" attr { key: "f" value { func { name: "inner"
                attr { key: "g" value { func { name: "branch" attr { key: "h" value { list {
                    func { name: "other" } } } } } } } } } } }"""
            + LIBRARY
        )
    )
    expected = {"inner", "of_inner", "branch", "other"}
    assert needed_by(graph, ["a"]).functions == expected
    assert {name for name, found in callers(graph).items() if found} >= {"inner", "branch", "other"}


def test_functions_of_an_op_that_nobody_knows() -> None:
    graph = Graph(
        graph_def(
            """node { name: "a" op: "MadeUp" attr { key: "anything" value { func {
                name: "other" } } } }"""
            + LIBRARY
        )
    )
    assert needed_by(graph, ["a"]).functions == {"other"}


def test_functions_that_call_each_other_end() -> None:
    library = f"""library {{ {a_function("f", calling("g"))} {a_function("g", calling("f"))} }}"""
    graph = Graph(graph_def('node { name: "a" op: "f" }' + library))
    assert needed_by(graph, ["a"]).functions == {"f", "g"}


def test_functions_that_nobody_calls() -> None:
    assert uncalled_functions(Graph(graph_def(LIBRARY))) == ["outer", "branch", "other", "of_inner"]
    itself = Graph(graph_def(f"library {{ {a_function('f', calling('f'))} }}"))
    assert uncalled_functions(itself) == ["f"]


def test_parts_add_up() -> None:
    graph = a_graph("a = Neg()\nb = Neg(a)\nc = Neg()")
    part = needed_by(graph, ["b"]) | needed_by(graph, ["c"])
    assert part.nodes == {"a", "b", "c"}
    assert (part - needed_by(graph, ["b"])).nodes == {"c"}
    assert part - part == NOTHING


def test_a_gradient_that_a_node_names_is_needed() -> None:
    graph = Graph(
        graph_def(
            """node { name: "a" op: "IdentityN"
                attr { key: "_gradient_op_type" value { s: "Custom-1" } } }"""
            + LIBRARY.replace(
                "library {",
                "library { registered_gradients { registered_op_type: 'Custom-1' "
                "gradient_func: 'other' }",
            )
        )
    )
    assert needed_by(graph, ["a"]).functions == {"other"}
