"""Diffs as pages: what is shown of each kind of change."""

from __future__ import annotations

from pbtool import schema
from pbtool.differences import (
    Added,
    Changed,
    Comparison,
    Content,
    Diff,
    Edited,
    Example,
    Explanation,
    Removed,
    Renamed,
)
from pbtool.render import diff, diff_stat
from tests.changes import A, B, attr, edited, node, page, stat, tensor
from tests.graphs import a_graph


def test_the_top_of_a_page() -> None:
    explanation = Explanation("pruned", "B is A pruned to logits", (("nodes removed", 1),))
    found = Diff(A, B, [Removed("node", "x", node("x"))], [explanation])
    assert list(diff.page(found, lambda text, style: f"<{style}>{text}" if style else text)) == [
        "<removed>--- a.pb  GraphDef, 3 nodes",
        "<added>+++ b.pb  GraphDef, 4 nodes, 1 function",
        "",
        "<heading>B is A pruned to logits <dim>(nodes removed: 1)",
        "1 node removed",
        "",
        "<removed>- <name>x  <op>Const",
    ]


def test_of_several_meta_graphs_each_is_named() -> None:
    graph = Edited("graph", "graph", "graph", (Removed("node", "x", node("x")),))
    found = Diff(A, B, [Edited("meta graph", "train", "train", (graph,))])
    shown = list(diff.page(found, lambda text, _: text))
    assert shown[-2:] == ["~ meta graph  train", "- x  Const"]
    graphs = (a_graph("x = Const()"), a_graph(""))
    shown = list(diff.page(found, lambda text, _: text, graphs=graphs))
    assert shown[-2:] == ["", "- x  Const"]


def test_no_change_is_nothing_but_its_explanation() -> None:
    assert list(diff.page(Diff(A, B, []), lambda text, _: text)) == []
    counts = (("nodes moved", 1_234), ("nodes encoded", 0))
    found = Diff(A, B, [], [Explanation("same", "same graph", counts)])
    assert list(diff.page(found, lambda text, _: text)) == ["same graph (nodes moved: 1,234)"]
    assert stat() == []


def test_only_what_differs_of_a_node_is_shown() -> None:
    changes = [
        Changed("op", "op", "Relu", "Elu"),
        Changed("device", "device", "", "/gpu:0"),
        Changed("attr", "T", attr("type: DT_FLOAT"), attr("type: DT_HALF")),
        Added("attr", "n", attr("i: 3")),
        Removed("attr", "s", attr('s: "x"')),
        Changed("input", "0", "a", "b:1"),
        Added("input", "1", "c"),
        Added("control input", "init", None),
    ]
    assert page(edited("y", *changes), graphs=(None, a_graph("y = Elu()"))) == [
        "~ y  Elu",
        "-     op = Relu",
        "+     op = Elu",
        "+     device = /gpu:0",
        "-     T = float32",
        "+     T = float16",
        "+     n = 3",
        '-     s = "x"',
        "-     input 0 = a",
        "+     input 0 = b:1",
        "+     input 1 = c",
        "+     <- ^init",
    ]


def test_a_difference_behind_the_fold_shows() -> None:
    old, new = (attr(f"list {{ {'i: 1 ' * 100} i: {last} }}") for last in (2, 3))
    lines = page(edited("y", Changed("attr", "big", old, new)))[1:]
    assert len(lines) == 2
    assert lines[0][1:] != lines[1][1:]


def test_constants() -> None:
    comparison = Comparison(
        100, 2, 0.25, 0.5, (Example((7,), 0.10000000149011612, 0.5), Example((10,), 1.0, 1.25))
    )
    big = Changed("attr", "value", tensor("", 100), tensor("", 100), comparison)
    assert page(edited("w", big)) == [
        "~ w",
        "      value = float32[100]: 2 of 100 elements differ, by up to 0.25 (0.5 relative)",
        "        [7]   0.1 -> 0.5",
        "        [10]  1.0 -> 1.25",
    ]
    old, new = tensor("float_val: 1", 2), tensor("float_val: 1 float_val: 2", 2)
    small = Changed("attr", "value", old, new, Comparison(2, 1, 1.0, 0.5, ()))
    assert page(edited("w", small))[1:] == [
        "-     value = float32[2] [1. 1.]",
        "+     value = float32[2] [1. 2.]",
    ]
    shape = Changed("attr", "value", tensor("", 100), tensor("", 200))
    assert page(edited("w", shape))[1:] == [
        "-     value = float32[100]",
        "+     value = float32[200]",
    ]


def test_small_tensors_that_were_left_in_the_file_are_read() -> None:
    whole = tensor("float_val: 1 float_val: 2", 2)
    left = Content(tensor("", 2).message, lambda: whole.message)
    lines = page(edited("w", Changed("attr", "value", left, tensor("float_val: 5", 2))))
    assert lines[1] == "-     value = float32[2] [1. 2.]"


def test_a_renamed_scope_is_one_line() -> None:
    renamed = Renamed("scope", "model/", "model_1/", 155)
    assert page(renamed) == ["~ model/ -> model_1/  155 nodes renamed"]
    assert page(Renamed("scope", "", "a/", 2)) == ["~ (no scope) -> a/  2 nodes renamed"]
    follows, moves = (
        Edited("node", "model/x", name, (Changed("op", "op", "A", "B"),))
        for name in ("model_1/x", "model_1/y")
    )
    assert page(renamed, follows)[1] == "~ model_1/x"
    assert page(renamed, moves)[1] == "~ model/x -> model_1/y"
    assert stat(renamed)[0] == f" model_1/ | 155 {'~' * 64}"
    assert stat(renamed)[1] == " 155 nodes renamed"


def test_names_before_and_after() -> None:
    both = Edited("node", "a", "b", (Changed("input", "0", "x", "y"),))
    assert page(Renamed("node", "a", "b"), both) == [
        "~ a -> b",
        "-     input 0 = x",
        "+     input 0 = y",
    ]
    stale = Changed("attr", "_class", attr('s: "loc:@a"'), attr('s: "loc:@a"'))
    assert page(edited("c", stale))[1:] == [
        '      _class = "loc:@a", which does not follow the renaming'
    ]
    assert page(Renamed("node", "a", "b")) == ["~ a -> b  renamed"]
    found = [Renamed("node", "a", "b"), both, Removed("node", "gone\n", node("gone"))]
    names = list(diff_stat.names_only(Diff(A, B, found)))
    assert names == ["b", "gone\\n"]


def test_functions() -> None:
    inside = edited("n", Changed("op", "op", "Tanh", "Sigmoid"))
    graph = schema.GraphDef()
    function = graph.library.function.add()
    function.signature.name = "f"
    function.ret["r"] = "n:y:0"
    function.node_def.add(name="n")
    ret = schema.FunctionDef(ret={"r": "n:y:0", "s": "m"})
    field = Changed("field", "ret", Content(schema.FunctionDef(ret={"r": "n:y:0"})), Content(ret))
    assert page(
        Edited("function", "f", "f", (inside, field)), Added("function", "g", Content(function))
    ) == [
        "~ function  f",
        "~ f::n",
        "-     op = Tanh",
        "+     op = Sigmoid",
        "~ ret",
        '+     ret { key: "s" value: "m" }',
        "+ function  g  1 node",
    ]


def test_what_is_beside_the_graph() -> None:
    signature = schema.SignatureDef(method_name="predict")
    signature.inputs["x"].name = "x:0"
    signature.inputs["x"].dtype = 1
    other = schema.SignatureDef()
    other.CopyFrom(signature)
    other.inputs["x"].name = "y:0"
    collection = schema.CollectionDef()
    collection.node_list.value.append("init")
    changes = [
        Changed("signature", "serving_default", Content(signature), Content(other)),
        Added("collection", "main_op", Content(collection)),
        Changed(
            "variable",
            "w",
            Content(schema.TensorProto(dtype=1)),
            Content(schema.TensorProto(dtype=2)),
        ),
    ]
    assert page(*changes) == [
        "~ signature  serving_default",
        "-     input x = x:0 float32[]",
        "+     input x = y:0 float32[]",
        "+ collection  main_op",
        '+     value: "init"',
        "~ variable  w",
        "-     float32[] 0.",
        "+     float64[] 0.",
    ]


# --- folding ------------------------------------------------------------------------------------


def test_orders_and_encodings_are_a_line_each() -> None:
    inside = Changed("order", "order of attrs", "T", "U")
    beside = Changed("encoding", "encoding of the file", "text GraphDef", "binary GraphDef")
    assert page(edited("n", inside), beside) == [
        "~ n",
        "~     order of attrs: T -> U",
        "~ encoding of the file  text GraphDef -> binary GraphDef",
    ]
