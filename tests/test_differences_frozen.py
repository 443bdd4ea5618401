"""Models with variables against graphs that were frozen from them."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from pbtool import files, tensors
from pbtool.differences import Changed, Diff, Edited, apply, diff
from pbtool.errors import FileError, UsageError
from pbtool.schema import MetaGraphDef
from tests.checkpoint_writer import Bundle, slice_key, slice_proto
from tests.graphs import nodes
from tests.test_golden import GOLDEN

SERVED = (GOLDEN / "diff" / "served" / "saved_model.pbtxt").read_text(encoding="utf-8")
FROZEN = (GOLDEN / "diff" / "served.b").read_text(encoding="utf-8")
SCALE, OFFSET = (f"{each}/.ATTRIBUTES/VARIABLE_VALUE" for each in "ab")


def bundle(scale: float = 3.0) -> Bundle:
    made = Bundle()
    made.add_array(SCALE, np.array([1, 2, scale], "f4"))
    made.add_array(OFFSET, np.array(0.5, "f4"))
    return made


def compared(folder: Path, saved: Bundle | None, *, served: str = SERVED, frozen: str = FROZEN):
    """The diff of a SavedModel and a graph, which are written to the folder."""
    (folder / "saved_model.pbtxt").write_text(served)
    (folder / "variables").mkdir(exist_ok=True)
    if saved is not None:
        saved.write(folder / "variables" / "variables")
    (folder / "frozen.pbtxt").write_text(frozen)
    return diff(files.load(folder), files.load(folder / "frozen.pbtxt"))


def said(found: Diff) -> list[str]:
    return [each.sentence for each in found.explanations]


def test_nothing_else_differs(tmp_path: Path) -> None:
    found = compared(tmp_path, bundle())
    assert not found
    assert said(found) == ["B is A frozen: 2 variables became constants"]
    assert dict(found.explanations[0].counts) == {
        "variables became constants": 2,
        "of these without values to compare": 0,
        "calls replaced by what functions do": 2,
    }
    assert found.a.form == found.b.form == "frozen"


def test_a_weight_that_changed(tmp_path: Path) -> None:
    found = compared(tmp_path, bundle(scale=3.5))
    (edited,) = found
    assert isinstance(edited, Edited)
    assert (edited.name, edited.new_name) == ("scale", "unknown")
    (change,) = edited.changes
    assert isinstance(change, Changed)
    assert change.comparison is not None
    assert change.comparison[:3] == (3, 1, 0.5)
    assert said(found) == [
        "A is compared as a freeze makes it: 2 variables became constants",
        "only weights changed: 1 of 2 tensors, largest change 0.5",
    ]


def test_a_node_that_changed(tmp_path: Path) -> None:
    found = compared(tmp_path, bundle(), frozen=FROZEN.replace('"Mul"', '"Sub"'))
    (edited,) = found
    assert isinstance(edited, Edited)
    assert edited.new_name == "call/mul"
    assert edited.changes == (Changed("op", "op", "Mul", "Sub"),)


def test_two_nodes_of_one_name(tmp_path: Path) -> None:
    second = 'node { name: "call/mul" op: "Sub" }'
    with pytest.raises(FileError, match="the graph has two nodes named 'call/mul'"):
        compared(tmp_path, bundle(), frozen=FROZEN + second)


def test_an_input_is_the_same_whoever_takes_it(tmp_path: Path) -> None:
    """The placeholder that a freeze calls by the key of the input in the signature."""
    without = re.sub(r'node {\n  name: "call/mul".*?\n}\n', "", FROZEN, flags=re.DOTALL)
    frozen = without.replace('input: "call/mul"', 'input: "x"')
    found = compared(tmp_path, bundle(), frozen=frozen)
    assert {each.name for each in found}.isdisjoint({"x", "serving_default_x"})


def test_values_that_are_not_at_hand_are_said_to_be_so(tmp_path: Path) -> None:
    found = compared(tmp_path, None)
    assert not found
    assert said(found) == [
        "B is A frozen: 2 variables became constants, whose values are not at hand"
    ]
    other_size = FROZEN.replace("size: 3", "size: 4").replace("float_val: 1 ", "")
    assert compared(tmp_path, None, frozen=other_size)


def test_some_values_that_are_not_at_hand(tmp_path: Path) -> None:
    saved = bundle()
    del saved.entries[OFFSET.encode()]
    found = compared(tmp_path, saved)
    assert not found
    assert said(found)[0].endswith("constants, of 1 of which the values are not at hand")


def test_a_damaged_checkpoint_is_no_equal_one(tmp_path: Path) -> None:
    saved = bundle()
    saved.entries[SCALE.encode()].offset = 1 << 20
    with pytest.raises(FileError, match="not in this shard"):
        compared(tmp_path, saved)


def test_partitioned_variables(tmp_path: Path) -> None:
    """A variable that is a part of a tensor, which itself was saved in two parts."""
    saved = bundle()
    whole = saved.add(SCALE, b"", 1, (4,))
    whole.ClearField("crc32c")
    for start, values in ((0, [9, 1]), (2, [2, 3])):
        whole.slices.append(slice_proto((start, 2)))
        key = slice_key(SCALE.encode(), (start, 2))
        saved.add(key, np.array(values, "f4").tobytes(), 1, (2,))
    part = SERVED.replace('string_val: "" string_val: ""', 'string_val: "4 1,3" string_val: ""')
    assert not compared(tmp_path, saved, served=part)
    assert compared(tmp_path, saved)


@pytest.mark.parametrize(
    "spec",
    ["3", "3 0", "3 0,x", "3 -1,3", "3 0,4", "3 1,3", "3 0,3:0,1", "3 0," + "9" * 5000],
)
def test_a_part_that_there_is_none_of_is_not_at_hand(tmp_path: Path, spec: str) -> None:
    part = SERVED.replace('string_val: "" string_val: ""', f'string_val: "{spec}" string_val: ""')
    found = compared(tmp_path, bundle(), served=part)
    assert said(found) == [
        "B is A frozen: 2 variables became constants, of 1 of which the values are not at hand"
    ]


def test_the_other_way_round(tmp_path: Path) -> None:
    there = compared(tmp_path, bundle(scale=3.5))
    back = diff(files.load(tmp_path / "frozen.pbtxt"), files.load(tmp_path))
    assert back.changes == there.inverse().changes
    assert said(back)[0].startswith("B is compared as a freeze makes it")


def test_strict_compares_what_the_files_hold(tmp_path: Path) -> None:
    compared(tmp_path, bundle())
    a, b = files.load(tmp_path), files.load(tmp_path / "frozen.pbtxt")
    found = diff(a, b, strict=True)
    assert found.a.form == ""
    assert not diff(apply(a.graph, found), b.graph)


def test_a_diff_of_forms_is_no_patch(tmp_path: Path) -> None:
    found = compared(tmp_path, bundle(scale=3.5))
    with pytest.raises(UsageError, match="turns no file into another"):
        apply(files.load(tmp_path).graph, found)


def test_a_graph_with_the_variables_is_compared_as_it_is(tmp_path: Path) -> None:
    compared(tmp_path, bundle())
    a = files.load(tmp_path)
    (tmp_path / "graph.pb").write_bytes(a.graph.proto.SerializeToString())
    found = diff(a, files.load(tmp_path / "graph.pb"))
    assert not found
    assert found.a.form == ""


def test_a_function_that_calls_itself(tmp_path: Path) -> None:
    recursive = SERVED.replace('name: "call_7" } }', 'name: "signature_wrapper_9" } }')
    assert recursive != SERVED
    found = compared(tmp_path, bundle(), served=recursive)
    assert {each.name for each in found if each.kind == "node"} >= {"call/mul"}


def test_names_that_begin_with_a_slash(tmp_path: Path) -> None:
    assert not compared(tmp_path, bundle(), frozen=FROZEN.replace('"x"', '"/x"'))


# --- models of TensorFlow 1 ---------------------------------------------------------------------

NODES = """
    x = Placeholder() dtype=1
    w = {variable}() dtype=1
    w/read = {read}(w) T=1
    y = Mul(x, w/read) T=1
"""


@pytest.mark.parametrize(
    ("variable", "read"), [("VariableV2", "Identity"), ("VarHandleOp", "ReadVariableOp")]
)
def test_a_meta_graph_and_its_checkpoint(tmp_path: Path, variable: str, read: str) -> None:
    meta_graph = MetaGraphDef()
    text = NODES.format(variable=variable, read=read)
    meta_graph.graph_def.CopyFrom(nodes(f"{text}\nloss = Neg(y) T=1"))
    (tmp_path / "model.meta").write_bytes(meta_graph.SerializeToString())
    frozen = nodes(NODES.format(variable="Const", read="Identity"))
    frozen.node[1].attr["value"].tensor.CopyFrom(tensors.to_proto(np.array(2, "f4"), 1))
    (tmp_path / "frozen.pb").write_bytes(frozen.SerializeToString())

    def sentences(value: float) -> list[str]:
        checkpoint = Bundle()
        checkpoint.add_array("w", np.array(value, "f4"))
        checkpoint.write(tmp_path / "model")
        return said(diff(files.load(tmp_path / "model.meta"), files.load(tmp_path / "frozen.pb")))

    assert sentences(2.0) == ["B is A frozen: 1 variable became a constant"]
    assert sentences(2.5) == [
        "A is compared as a freeze makes it: 1 variable became a constant",
        "only weights changed: 1 of 1 tensor, largest change 0.5",
    ]


def test_a_shape_counts_without_values_too(tmp_path: Path) -> None:
    meta_graph = MetaGraphDef()
    meta_graph.graph_def.CopyFrom(nodes(NODES.format(variable="VarHandleOp", read="Identity")))
    (tmp_path / "model.meta").write_bytes(meta_graph.SerializeToString())
    frozen = nodes(NODES.format(variable="Const", read="Identity"))
    for shape, is_same in (((), True), ((2,), False)):
        frozen.node[1].attr["value"].tensor.CopyFrom(tensors.to_proto(np.ones(shape, "f4"), 1))
        (tmp_path / "frozen.pb").write_bytes(frozen.SerializeToString())
        found = diff(files.load(tmp_path / "model.meta"), files.load(tmp_path / "frozen.pb"))
        assert bool(found) != is_same
