from __future__ import annotations

import pytest

from pbtool import files, schema
from pbtool.graph import Graph
from pbtool.shapes import UNKNOWN, Shape
from pbtool.summary.census import Tensors, census, part_counts
from tests.graphs import a_graph, graph_def

FUNCTION = """
library { function {
  signature { name: "double" input_arg { name: "x" type: DT_FLOAT }
              output_arg { name: "y" type: DT_FLOAT } }
  node_def { name: "sum" op: "AddV2" input: "x" input: "x" device: "/cpu:0"
             attr { key: "T" value { type: DT_FLOAT } } }
  ret { key: "y" value: "sum:z:0" }
} }
"""


def a_constant(name: str, tensor: str) -> str:
    return f"""node {{ name: "{name}" op: "Const" attr {{ key: "value" value {{ tensor {{
        {tensor} }} }} }} }}"""


def test_nodes_of_functions_are_counted_apart_and_their_ops_together() -> None:
    graph = Graph(graph_def('node { name: "a" op: "AddV2" device: "/gpu:0" }' + FUNCTION))
    found = census(graph)
    assert (found.counts.nodes, found.counts.function_nodes, found.counts.functions) == (1, 1, 1)
    assert found.counts.ops == {"AddV2": 2}
    assert found.devices == {"/cpu:0": 1, "/gpu:0": 1}


def test_ops_come_by_their_number_and_then_by_name() -> None:
    found = census(a_graph("a = Sub()\nb = Add()\nc = Neg()\nd = Neg()"))
    assert list(found.counts.ops.items()) == [("Neg", 2), ("Add", 1), ("Sub", 1)]


def test_constants_have_the_bytes_of_their_values_not_of_their_encoding() -> None:
    splat = "dtype: DT_FLOAT tensor_shape { dim { size: 1000 } dim { size: 3 } } float_val: 1"
    graph = Graph(
        graph_def(a_constant("a", splat) + a_constant("b", "dtype: DT_INT64 int64_val: 7"))
    )
    constants = census(graph).constants
    assert (constants.count, constants.bytes, constants.parameters) == (2, 12008, 3001)
    assert [(each.name, each.bytes) for each in constants.biggest] == [("a", 12000), ("b", 8)]


def test_strings_have_the_bytes_of_their_characters() -> None:
    text = 'dtype: DT_STRING tensor_shape { dim { size: 2 } } string_val: "abc" string_val: "de"'
    constants = census(Graph(graph_def(a_constant("a", text)))).constants
    assert (constants.bytes, constants.parameters) == (5, 2)


@pytest.mark.parametrize(
    ("size", "values", "expected"),
    [
        (1000, 'string_val: "abc" string_val: "de"', 3 + 999 * 2),
        (1000, "", 0),
        (2, r'tensor_content: "\003\002abcde"', 5),
        (9, r'tensor_content: "\003\002abcde"', 0),
    ],
)
def test_strings_have_them_in_every_encoding(size: int, values: str, expected: int) -> None:
    text = f"dtype: DT_STRING tensor_shape {{ dim {{ size: {size} }} }} {values}"
    assert census(Graph(graph_def(a_constant("a", text)))).constants.bytes == expected


def test_sizes_are_the_same_where_the_file_was_opened_without_its_tensors(
    tmp_path: object, monkeypatch: object
) -> None:
    long = "x" * 9000
    text = a_constant("s", f'dtype: DT_STRING tensor_shape {{ }} string_val: "{long}"')
    text += a_constant("f", "dtype: DT_FLOAT tensor_shape { dim { size: 5000 } }")
    proto = graph_def(text)
    proto.node[1].attr["value"].tensor.tensor_content = bytes(20000)
    whole = census(files.load_bytes(proto.SerializeToString()).graph).constants
    monkeypatch.setattr(files, "WHOLE", 0)
    skeleton = files.load_bytes(proto.SerializeToString()).graph
    assert not skeleton["f"].attr["value"].tensor.tensor_content
    left_out = census(skeleton).constants
    assert (whole.bytes, whole.parameters) == (29000, 5001)
    assert left_out.parameters == 5001
    assert 0 <= left_out.bytes - whole.bytes < 16  # the tags of the strings left out


def test_a_shape_beyond_all_bounds_counts_nothing() -> None:
    dims = "dim { size: 4611686018427387904 } " * 300
    constants = census(Graph(graph_def(a_constant("a", f"tensor_shape {{ {dims} }}")))).constants
    assert (constants.bytes, constants.parameters) == (0, 0)


def test_a_constant_without_a_tensor_counts_nothing() -> None:
    constants = census(a_graph("a = Const()")).constants
    assert (constants.count, constants.bytes, constants.parameters) == (1, 0, 0)


def test_variables_of_both_kinds() -> None:
    graph = Graph(
        graph_def(
            """
            node { name: "v" op: "VariableV2" attr { key: "dtype" value { type: DT_FLOAT } }
              attr { key: "shape" value { shape { dim { size: 2 } dim { size: 3 } } } } }
            node { name: "r" op: "VarHandleOp" attr { key: "dtype" value { type: DT_INT64 } }
              attr { key: "shape" value { shape { } } } }
            node { name: "old" op: "Variable" attr { key: "shape" value { shape { } } } }
            """
        )
    )
    counts = census(graph, {"v": True, "r": False}).counts
    assert [(each.name, each.shape, each.trainable) for each in counts.variables] == [
        ("v", Shape((2, 3)), True),
        ("r", Shape(()), False),
        ("old", UNKNOWN, None),
    ]
    assert counts.parameters == 7


def test_unknown_and_dropped_ops() -> None:
    found = census(
        Graph(
            graph_def(
                'node { name: "a" op: "MadeUp" } node { name: "b" op: "CompareAndBitpack" }'
                'node { name: "c" op: "double" }' + FUNCTION
            )
        )
    )
    assert found.unknown_ops == {"CompareAndBitpack": 1, "MadeUp": 1}
    assert set(found.dropped_ops) == {"CompareAndBitpack"}


def test_control_flow() -> None:
    assert census(a_graph("a = Add()")).control_flow == ()
    assert census(a_graph("a = Switch()\nb = StatelessIf()")).control_flow == ("v1", "v2")
    lowered = a_graph("w/merge/_13 = Merge()\nw/n_switch/_2 = Switch()")
    assert census(lowered).control_flow == ("lowered",)
    assert census(a_graph("a = Merge()\nw/exit/_1 = Exit()")).control_flow == ("v1", "lowered")


def test_dangling_inputs_are_found_in_every_form() -> None:
    graph = a_graph("a = Add(a, a:1, ^a)\nb = Add(c, c:0, ^c)")
    assert census(graph).dangling_inputs == (("b", "c"), ("b", "c:0"), ("b", "^c"))


def test_arguments_of_functions_are_no_dangling_inputs() -> None:
    text = FUNCTION.replace('input: "x" input: "x"', 'input: "x" input: "z:out:0"')
    assert census(Graph(graph_def(text))).dangling_inputs == (("double::sum", "z:out:0"),)


def test_a_part() -> None:
    graph = Graph(graph_def('node { name: "a" op: "Neg" } node { name: "b" op: "Neg" }' + FUNCTION))
    counts = part_counts(graph, frozenset({"b"}), frozenset({"double"}))
    assert (counts.nodes, counts.function_nodes, counts.functions) == (1, 1, 1)
    assert counts.ops == {"AddV2": 1, "Neg": 1}
    assert part_counts(graph, frozenset(), frozenset()).ops == {}


def test_no_tensors() -> None:
    assert Tensors.of([]) == Tensors(0, 0, 0, ())


def test_every_message_is_left_as_it_was() -> None:
    proto = graph_def(a_constant("a", "dtype: DT_FLOAT") + FUNCTION)
    before = proto.SerializeToString(deterministic=True)
    census(Graph(proto))
    assert isinstance(proto, schema.GraphDef)
    assert proto.SerializeToString(deterministic=True) == before
