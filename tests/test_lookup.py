from __future__ import annotations

import pytest

from pbtool.errors import NotFoundError
from pbtool.graph import Function, Graph
from pbtool.lookup import find, find_names
from pbtool.selection import Place
from tests.graphs import a_graph, graph_def

FUNCTIONS = Graph(
    graph_def("""
    node { name: "x" op: "Placeholder" attr { key: "dtype" value { type: DT_FLOAT } } }
    node { name: "odd[1]" op: "NoOp" }
    node { name: "double" op: "NoOp" }
    library {
      function {
        signature { name: "double" input_arg { name: "a" type: DT_FLOAT } }
        node_def { name: "two/x" op: "Const" }
        node_def { name: "split" op: "Split" input: "two/x:output:0" input: "a"
          attr { key: "num_split" value { i: 2 } } attr { key: "T" value { type: DT_FLOAT } } }
      }
      function { signature { name: "halve" } node_def { name: "two/x" op: "NoOp" } }
    }
    """)
)


def names(graph: Graph, text: str) -> list[str]:
    return [
        found.name if isinstance(found, Place) else f"{found.name}::" for found in find(graph, text)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x", ["x"]),
        ("x:0", ["x"]),
        ("^x", ["x"]),
        ("odd[1]", ["odd[1]"]),  # a name that exists is no glob
        ("double", ["double"]),  # a node comes before a function of its name
        ("double::", ["double::"]),
        ("halve", ["halve::"]),
        ("double::a", ["double::"]),
        ("double::split", ["double::split"]),
        ("double::split:1", ["double::split"]),
        ("double::split:output:1", ["double::split"]),
        ("^double::split", ["double::split"]),
        ("*", ["x", "odd[1]", "double", "double::two/x", "double::split", "halve::two/x"]),
        ("two*", ["double::two/x", "halve::two/x"]),
        ("h*::*", ["halve::two/x"]),
        ("*::", ["double::", "halve::"]),
        ("[dx]*", ["x", "double"]),
        ("X*", []),
        ("wo/*", []),
        ("q*::", []),
    ],
)
def test_what_a_name_means(text: str, expected: list[str]) -> None:
    assert names(FUNCTIONS, text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("y", "there is no node 'y'"),
        ("two/x", "there is no node 'two/x'; did you mean double::two/x?"),
        ("two/x:0", "there is no node 'two/x:0'; did you mean double::two/x?"),
        ("spilt", "there is no node 'spilt'; did you mean double::split?"),
        ("doubl", "there is no node 'doubl'; did you mean double?"),
        ("halv", "there is no node 'halv'; did you mean halve?"),
        ("halv::", "there is no function 'halv'; did you mean halve?"),
        ("gone::split", "there is no function 'gone'; did you mean double::split?"),
        (
            "double::tow/x",
            "there is no node 'tow/x' in function 'double'; did you mean double::two/x?",
        ),
        ("x:1", "node 'x' has 1 output, and none of number 1"),
        ("double::split:2", "node 'double::split' has 2 outputs, and none of number 2"),
    ],
)
def test_names_that_do_not_exist(text: str, message: str) -> None:
    with pytest.raises(NotFoundError) as caught:
        find(FUNCTIONS, text)
    assert str(caught.value) == message


def test_a_name_in_another_folder_is_suggested() -> None:
    graph = a_graph("a/b/weights = NoOp()")
    with pytest.raises(NotFoundError, match=r"did you mean a/b/weights\?"):
        find(graph, "a_long_scope_1/weights")


def test_an_op_without_outputs_has_no_first_tensor_but_a_name() -> None:
    assert names(a_graph("n = NoOp()"), "n:0") == ["n"]
    with pytest.raises(NotFoundError, match="has 0 outputs"):
        find(a_graph("n = NoOp()"), "n:1")


def test_a_function_is_found_as_itself() -> None:
    (found,) = find(FUNCTIONS, "halve::")
    assert isinstance(found, Function)
    assert found is FUNCTIONS.functions["halve"]


def test_plain_names() -> None:
    known = {"dense/kernel": 1, "dense/bias": 2, "a*": 3, "ab": 4}
    assert find_names(known, "dense/bias", "tensor") == ["dense/bias"]
    assert find_names(known, "dense*", "tensor") == ["dense/kernel", "dense/bias"]
    assert find_names(known, "a*", "tensor") == ["a*"]
    assert find_names(known, "z?", "tensor") == []
    with pytest.raises(NotFoundError, match=r"there is no tensor 'dense/kernal'; did you mean"):
        find_names(known, "dense/kernal", "tensor")
