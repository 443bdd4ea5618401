"""What a diff finds, by kinds of change, and what it overlooks when asked to."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pbtool import files, schema, tensors
from pbtool.differences import Added, Changed, Content, Edited, Removed, Renamed, apply, diff
from pbtool.errors import FileError, UsageError
from pbtool.graph import Graph
from pbtool.model import Model
from tests.graphs import a_graph, nodes


def inside(text_a: str, text_b: str, **options: object) -> tuple[object, ...]:
    """The changes in the only node that changed."""
    (edited,) = diff(a_graph(text_a), a_graph(text_b), **options)
    assert isinstance(edited, Edited)
    return edited.changes


def test_ops_devices_and_inputs() -> None:
    a = "a = NoOp()\nb = NoOp()\nx = Add(a, b, ^a) T=1"
    b = "a = NoOp()\nb = NoOp()\nx = Mul(b:1, b, a, ^b) T=1"
    assert inside(a, b) == (
        Changed("op", "op", "Add", "Mul"),
        Changed("input", "0", "a", "b:1"),
        Added("input", "2", "a"),
        Removed("control input", "a"),
        Added("control input", "b"),
    )


def test_attrs() -> None:
    found = inside("x = Op() N=1 M=1", "x = Op() N=2 L=1")
    assert [(type(each), each.name) for each in found] == [
        (Added, "L"),
        (Removed, "M"),
        (Changed, "N"),
    ]


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("a = NoOp()\nx = Op(a)", "a = NoOp()\nx = Op(a:0)"),
        ("a = NoOp()\nb = NoOp()\nx = Op(^a, ^b)", "b = NoOp()\na = NoOp()\nx = Op(^b, ^a)"),
        ("a = NoOp()\nx = Op(^a)", "a = NoOp()\nx = Op(^a, ^a)"),
    ],
)
def test_what_does_not_count(a: str, b: str) -> None:
    assert not diff(a_graph(a), a_graph(b))
    assert diff(a_graph(a), a_graph(b), strict=True)


def constant(array: np.ndarray, *, listed: bool = False) -> Graph:
    graph = schema.GraphDef()
    node = graph.node.add(name="c", op="Const")
    tensor = node.attr["value"].tensor
    tensor.CopyFrom(tensors.to_proto(array, 1))
    if listed:
        tensor.ClearField("tensor_content")
        tensor.float_val.extend(array.flat)
    return Graph(graph)


def test_constants_are_compared_by_their_values() -> None:
    old = np.zeros((2, 3), "f4")
    new = old.copy()
    new[1, 0], new[1, 2] = 0.5, -2
    ((edited,),) = (diff(constant(old), constant(new, listed=True)).changes,)
    assert isinstance(edited, Edited)
    (change,) = edited.changes
    assert isinstance(change, Changed)
    assert change.comparison is not None
    assert change.comparison[:4] == (6, 2, 2.0, 1.0)
    assert [each.at for each in change.comparison.examples] == [(1, 0), (1, 2)]
    assert not diff(constant(old), constant(old, listed=True))
    assert diff(constant(old), constant(old, listed=True), strict=True)


def test_tolerance() -> None:
    old = np.array([1, np.nan, 0], "f4")
    new = np.array([1.001, np.nan, 0], "f4")
    assert diff(constant(old), constant(new), rtol=1e-4)
    assert not diff(constant(old), constant(new), rtol=1e-2)
    assert not diff(constant(old), constant(new), atol=1e-2)
    assert diff(constant(old), constant(np.array([np.inf, np.nan, 0], "f4")), rtol=1.0)


def test_a_zero_that_became_negative_is_another_value() -> None:
    (edited,) = diff(constant(np.zeros(1, "f4")), constant(-np.zeros(1, "f4")))
    assert isinstance(edited, Edited)
    assert edited.changes[0].comparison.max_abs == 0


A = nodes("x = MatMul(y) T=1\nz = NoOp()")


def changed(**edits: object) -> schema.GraphDef:
    b = schema.GraphDef.FromString(A.SerializeToString())
    node = b.node[0]
    if "device" in edits:
        node.device = "/cpu:0"
    if "internal" in edits:
        node.attr["_x"].i = 1
    if "default" in edits:
        node.attr["transpose_a"].b = False
    if "control" in edits:
        node.input.append("^z")
    if "debug" in edits:
        node.experimental_debug_info.original_node_names.append("q")
    if "versions" in edits:
        b.versions.producer = 9
    if "functions" in edits:
        b.library.function.add().signature.name = "f"
    if "names" in edits:
        node.name = "s/x"
    if "attr" in edits:
        node.attr["mine"].i = 1
    return b


@pytest.mark.parametrize(
    ("edit", "word"),
    [
        ("device", "device"),
        ("internal", "internal"),
        ("internal", "attr:_*"),
        ("default", "defaults"),
        ("control", "control"),
        ("debug", "debug"),
        ("versions", "versions"),
        ("functions", "functions"),
        ("names", "names"),
        ("attr", "attr:mi*"),
    ],
)
def test_what_is_ignored(edit: str, word: str) -> None:
    b = Graph(changed(**{edit: True}))
    assert diff(Graph(A), b)
    assert not diff(Graph(A), b, ignore=[word])


def test_only() -> None:
    a, b = a_graph("s/x = A()\nt/x = A()"), a_graph("s/x = B()\nt/x = B()")
    assert [each.name for each in diff(a, b, only=["s/*"])] == ["s/x"]


def test_only_one_node_of_a_renamed_scope() -> None:
    a = a_graph("x = A()\ns/y = B(x)\ns/z = C(s/y)")
    b = a_graph("x = A()\nt/y = B(x)\nt/z = C(t/y)")
    for glob in ("s/y", "t/y"):
        assert diff(a, b, only=[glob]).changes == (Renamed("node", "s/y", "t/y"),)
    assert diff(a, b, only=["s/*"]).changes == (Renamed("scope", "s/", "t/", 2),)
    assert not diff(a, b, only=["x"])


def test_options_that_make_no_sense() -> None:
    for options in ({"ignore": ["nonsense"]}, {"rtol": -1.0}, {"atol": float("nan")}):
        with pytest.raises(UsageError):
            diff(Graph(A), Graph(A), **options)


def test_two_nodes_of_one_name() -> None:
    with pytest.raises(FileError, match="two nodes named 'x'"):
        diff(a_graph("x = A()\nx = B()"), a_graph("x = A()"))
    same = [files.load_bytes(nodes("x = A()\nx = B()").SerializeToString()) for _ in range(2)]
    assert not diff(*same)


@pytest.mark.parametrize("strict", [False, True])
def test_messages_that_someone_changed_after_opening(*, strict: bool) -> None:
    a, b = (files.load_bytes(A.SerializeToString()) for _ in range(2))
    assert not diff(a, b, strict=strict)
    b.graph["x"].op = "Other"
    assert [each.name for each in diff(a, b, strict=strict)] == ["x"]


def test_functions_of_another_number_are_the_same() -> None:
    def graph(number: int) -> schema.GraphDef:
        made = nodes("x = Placeholder() dtype=1")
        call = made.node.add(name="call", op="StatefulPartitionedCall", input=["x"])
        call.attr["f"].func.name = f"outer_{number}"
        for name in (f"outer_{number}", f"inner_{number + 1}"):
            function = made.library.function.add()
            function.signature.name = name
        function = made.library.function[0]
        function.node_def.add(name="call", op=f"inner_{number + 1}")
        function.ret["r"] = "call:output:0"
        return made

    found = diff(Graph(graph(3)), Graph(graph(12)))
    assert found.changes == (
        Renamed("function", "outer_3", "outer_12"),
        Renamed("function", "inner_4", "inner_13"),
    )


def test_shapes_that_change_downstream() -> None:
    a = nodes("x = Placeholder() dtype=1\ny = Relu(x) T=1")
    b = schema.GraphDef.FromString(a.SerializeToString())
    for graph, size in ((a, 2), (b, 3)):
        graph.node[0].attr["shape"].shape.dim.add(size=size)
    found = diff(Graph(a), Graph(b), shapes=True)
    assert found.outputs == (
        Changed("output", "x:0", "float32[2]", "float32[3]"),
        Changed("output", "y:0", "float32[2]", "float32[3]"),
    )


def big(weight: float, name: str = "w") -> bytes:
    """A graph that is opened without its constants, of more than 32 MB."""
    graph = nodes(f"x = Placeholder() dtype=1\n{name} = Const() dtype=1\ny = Add(x, {name}) T=1")
    values = np.arange(9 << 20, dtype="f4")
    values[123456] = weight
    graph.node[1].attr["value"].tensor.CopyFrom(tensors.to_proto(values, 1))
    return graph.SerializeToString()


def test_shapes_are_those_of_the_meta_graph_that_is_served() -> None:
    def model(**texts: str) -> Model:
        saved = schema.SavedModel(saved_model_schema_version=1)
        for tag, text in texts.items():
            meta_graph = saved.meta_graphs.add(graph_def=nodes(text))
            meta_graph.meta_info_def.tags.append(tag)
        return files.load_bytes(saved.SerializeToString())

    a = model(train="x = Placeholder() dtype=1", serve="x = Placeholder() dtype=1")
    b = model(train="y = Placeholder() dtype=1", serve="x = Placeholder() dtype=3")
    (output,) = diff(a, b, shapes=True).outputs
    assert output == Changed("output", "x:0", "float32[...]", "int32[...]")


def test_big_files_are_compared_where_they_lie(tmp_path: Path) -> None:
    for name, data in {"a": big(1), "same": big(1), "b": big(2), "c": big(2, "v")}.items():
        (tmp_path / name).write_bytes(data)
    a, same, b, c = (files.load(tmp_path / name) for name in ("a", "same", "b", "c"))
    assert not diff(a, same)
    ((edited,),) = (diff(a, b).changes,)
    assert isinstance(edited, Edited)
    (change,) = edited.changes
    assert isinstance(change, Changed)
    assert change.comparison is not None
    assert change.comparison[:3] == (9 << 20, 1, 1.0)
    assert change.comparison.examples == (((123456,), 1.0, 2.0),)
    assert not diff(apply(a.graph, diff(a, b)), b)
    renamed = diff(a, c)
    assert [type(each) for each in renamed] == [Renamed, Edited]
    assert not diff(apply(a.graph, renamed), c)


def test_saved_models(tmp_path: Path) -> None:
    def model(name: str, tensor: str, stamp: str) -> Model:
        saved = schema.SavedModel(saved_model_schema_version=1)
        meta_graph = saved.meta_graphs.add()
        meta_graph.meta_info_def.tags.append("serve")
        meta_graph.graph_def.CopyFrom(nodes(f"{tensor} = Placeholder() dtype=1"))
        meta_graph.signature_def["serve"].inputs["x"].name = f"{tensor}:0"
        meta_graph.collection_def["c"].node_list.value.append(stamp)
        path = tmp_path / name / "saved_model.pb"
        path.parent.mkdir()
        path.write_bytes(saved.SerializeToString())
        return files.load(path.parent)

    a, b = model("a", "x", "1"), model("b", "s/x", "2")
    (edited,) = diff(a, b)
    assert isinstance(edited, Edited)
    assert (edited.kind, edited.name) == ("meta graph", "serve")
    graph, collection = edited.changes
    assert isinstance(graph, Edited)
    assert graph.changes == (Renamed("node", "x", "s/x"),)
    assert (collection.kind, collection.name) == ("collection", "c")
    assert not diff(a, b, ignore=["names", "collections"])
    assert [each.kind for each in diff(a, b.graph)] == ["node"]


def test_two_meta_graphs_of_the_same_tags() -> None:
    def model(*ops: str) -> Model:
        saved = schema.SavedModel(saved_model_schema_version=1)
        for op in ops:
            meta_graph = saved.meta_graphs.add(graph_def=nodes(f"x = {op}()"))
            meta_graph.meta_info_def.tags.append("serve")
        return files.load_bytes(saved.SerializeToString())

    with pytest.raises(FileError, match="two meta graphs of the model are tagged 'serve'"):
        diff(model("A", "B"), model("C", "B"))


def test_values_of_content() -> None:
    message = schema.AttrValue(i=1)
    assert Content(message) == Content(schema.AttrValue(i=1)) != Content(schema.AttrValue(i=2))
    assert Content(message) != 1
