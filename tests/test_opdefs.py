from __future__ import annotations

import pytest

from pbtool import opdefs, schema
from tests.graphs import nodes


def outputs(line: str) -> tuple[int, ...]:
    node = nodes(line).node[0]
    return opdefs.outputs(opdefs.table()[node.op]).dtypes(node)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("n = Shape() T=1", (3,)),  # the default of out_type
        ("n = Shape() T=1 Tout=9", (3,)),  # an attr that the op does not have
        ("n = Cast() SrcT=1 DstT=14", (14,)),
        ("n = Variable() dtype=1", (101,)),
        ("n = Split() T=2 num_split=3", (2, 2, 2)),
        ("n = TopKV2() T=1", (1, 3)),
        ("n = NoOp()", ()),
        ("n = Neg()", (opdefs.MISSING,)),
        ("n = Split() T=2 num_split=-1", ()),
    ],
)
def test_output_types_are_those_of_the_declaration(line: str, expected: tuple[int, ...]) -> None:
    assert outputs(line) == expected


def test_a_list_of_types() -> None:
    node = schema.NodeDef(name="n", op="IdentityN")
    node.attr["T"].list.type.extend([1, 7])
    assert opdefs.outputs(opdefs.table()["IdentityN"]).dtypes(node) == (1, 7)


def test_reading_types_does_not_add_attrs_to_the_node() -> None:
    node = schema.NodeDef(name="n", op="Neg")
    opdefs.outputs(opdefs.table()["Neg"]).dtypes(node)
    assert not node.attr


def test_a_damaged_count_takes_no_memory() -> None:
    assert len(outputs(f"n = Split() T=1 num_split={2**62}")) == opdefs.MAX_LIST


def test_ports_tell_which_outputs_belong_to_which_argument() -> None:
    op_def = opdefs.table()["BoostedTreesCalculateBestGainsPerFeature"]
    node = nodes("n = BoostedTreesCalculateBestGainsPerFeature() num_features=2").node[0]
    ports = opdefs.outputs(op_def).ports(node)
    assert list(ports.values()) == [range(i, i + 2) for i in range(0, 10, 2)]
    assert list(ports) == [arg.name for arg in op_def.output_arg]


def test_the_table_has_what_tensorflow_dropped() -> None:
    known = opdefs.versions()
    assert set(opdefs.table()) == {name for name in known if "." not in name} - {"tensorflow"}
    assert known["CompareAndBitpack"].last
    assert not known["MatMul"].last
    assert sum(not known[name].last for name in opdefs.table()) == 1910


def test_defaults_stand_in_for_attrs_that_are_left_out() -> None:
    node = schema.NodeDef(op="MatMul")
    op_def = opdefs.table()["MatMul"]
    found = opdefs.attr_value(node, op_def, "transpose_a")
    assert found is not None
    assert found.WhichOneof("value") == "b"
    assert opdefs.attr_value(node, op_def, "T") is None
    node.attr["transpose_a"].b = True
    written = opdefs.attr_value(node, op_def, "transpose_a")
    assert written is not None
    assert written.b
