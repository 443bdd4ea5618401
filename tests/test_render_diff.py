"""Diffs as pages: what is shown of each kind of change, and what is folded where there are many."""

from __future__ import annotations

from collections.abc import Iterable

from pbtool import schema
from pbtool.differences import (
    Added,
    Change,
    Changed,
    Comparison,
    Content,
    Diff,
    Edited,
    Example,
    Explanation,
    Removed,
    Renamed,
    Side,
)
from pbtool.render import diff, diff_stat
from tests.graphs import a_graph, graph_def

A = Side("a.pb", "GraphDef", "binary", 3)
B = Side("b.pb", "GraphDef", "text", 4, 1)


def page(*changes: Change, full: bool = False, **more: object) -> list[str]:
    """The lines below the totals."""
    lines = list(diff.page(Diff(A, B, changes), lambda text, _: text, full=full, **more))
    return lines[lines.index("", 3) + 1 :]


def stat(*changes: Change, full: bool = False, width: int | None = None) -> list[str]:
    return list(diff_stat.stat(Diff(A, B, changes), lambda text, _: text, width, full=full))


def node(name: str, op: str = "Const") -> Content:
    return Content(schema.NodeDef(name=name, op=op))


def edited(name: str, *changes: Change) -> Edited:
    return Edited("node", name, name, changes)


def attr(text: str) -> Content:
    """An attr from protobuf's text format."""
    graph = graph_def(f'node {{ attr {{ key: "value" value {{ {text} }} }} }}')
    return Content(graph.node[0].attr["value"])


def many(names: Iterable[str], *changes: Change) -> list[Change]:
    return [edited(name, *changes) for name in names]


def test_the_top_of_a_page() -> None:
    explanation = Explanation("pruned", "B is A pruned to logits", (("nodes removed", 1),))
    found = Diff(A, B, [Removed("node", "x", node("x"))], [explanation])
    assert list(diff.page(found, lambda text, style: f"<{style}>{text}" if style else text)) == [
        "<removed>--- a.pb  GraphDef, 3 nodes",
        "<added>+++ b.pb  GraphDef, 4 nodes, 1 function",
        "",
        "<heading>B is A pruned to logits <dim>(1 nodes removed)",
        "1 node removed",
        "",
        "<removed>- <name>x  <op>Const",
    ]


def test_no_change_is_nothing_but_its_explanation() -> None:
    assert list(diff.page(Diff(A, B, []), lambda text, _: text)) == []
    counts = (("nodes moved", 1_234), ("nodes encoded", 0))
    found = Diff(A, B, [], [Explanation("same", "same graph", counts)])
    assert list(diff.page(found, lambda text, _: text)) == ["same graph (1,234 nodes moved)"]
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


def tensor(values: str, size: int) -> Content:
    return attr(f"tensor {{ dtype: DT_FLOAT tensor_shape {{ dim {{ size: {size} }} }} {values} }}")


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


def test_many_renamed_scopes_are_folded() -> None:
    lines = page(*(Renamed("scope", f"a{number}/", f"b{number}/", 5) for number in range(30)))
    assert lines[7:] == [
        "~ a7/ -> b7/  5 nodes renamed",
        "  … 22 more scopes renamed",
        "--full shows what … stands for",
    ]


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


def test_what_changed_in_the_same_way_is_told_once() -> None:
    names = [f"{scope}/n{number}" for scope in ("a", "b") for number in range(10)]
    lines = page(*many(names, Changed("device", "device", "/cpu:0", "/gpu:0")))
    assert lines == [
        "~ 20 nodes: a/ 10, b/ 10",
        "-     device = /cpu:0",
        "+     device = /gpu:0",
        "--full shows what … stands for",
    ]


def test_where_no_scope_has_many_names_are_shown() -> None:
    names = [f"n{number}" for number in range(20)]
    lines = page(
        *many(names, Changed("device", "device", "", "/gpu:0")), Renamed("scope", "a/", "b/", 30)
    )
    assert lines[:2] == ["~ a/ -> b/  30 nodes renamed", "~ 20 nodes: n0, n1, n2, …"]
    scattered = many([f"s{number}/x" for number in range(20)], Changed("op", "op", "A", "B"))
    assert page(*scattered)[0] == "~ 20 nodes: s0/x, s1/x, s2/x, …"


def test_what_many_have_in_common_is_told_once() -> None:
    """As when variables become constants: each gets another value."""
    changes = [
        edited(
            f"m/{number}/w",
            Changed("op", "op", "VarHandleOp", "Const"),
            Removed("attr", "shape", attr("shape { }")),
            Added("attr", "value", attr(f"i: {number}")),
        )
        for number in range(30)
    ]
    assert page(*changes) == [
        "~ 30 nodes: m/ 30",
        "-     op = VarHandleOp",
        "+     op = Const",
        "-     shape = []",
        "      value: 30 different changes",
        "--full shows what … stands for",
    ]


def test_the_frequent_ways_are_told_apart() -> None:
    strides = [Changed("attr", "s", attr(f"i: {n}"), attr(f"i: {n + 1}")) for n in (0, 5)]
    lines = page(
        *many((f"a/{n}" for n in range(20)), strides[0]), *many(["b/x", "b/y"], strides[1])
    )
    assert lines[:3] == ["~ 20 nodes: a/ 20", "-     s = 0", "+     s = 1"]
    assert lines[3:6] == ["~ b/x", "-     s = 5", "+     s = 6"]


def test_what_changed_in_a_like_way_is_folded_by_scope() -> None:
    names = [f"{scope}/n{number}" for scope in ("a", "b") for number in range(20)]
    changes = [edited(name, Changed("input", "0", name + "x", name + "y")) for name in names]
    lines = page(*changes)
    assert lines[:4] == [
        "a/  20 changes",
        "~ a/n0",
        "-     input 0 = a/n0x",
        "+     input 0 = a/n0y",
    ]
    assert lines.count("  … 17 more nodes with another input") == 2
    assert len(page(*changes, full=True)) == 3 * 40


def test_of_many_constants_those_that_differ_most_are_shown() -> None:
    changes = [
        edited(
            f"w{number}",
            Changed(
                "attr",
                "value",
                tensor("", 100),
                tensor("", 100),
                Comparison(100, number + 1, number / 4, None, ()),
            ),
        )
        for number in range(30)
    ]
    lines = page(*changes, Removed("node", "x", node("x")))
    assert lines[:3] == [
        "~ 30 constants with other values, those that differ most:",
        "      30 of 100 elements differ  by up to 7.25  w29",
        "      29 of 100 elements differ  by up to 7     w28",
    ]
    assert lines[8:] == [
        "      23 of 100 elements differ  by up to 5.5   w22",
        "      … 22 more",
        "- x  Const",
        "--full shows what … stands for",
    ]
    variables = [each.changes[0]._replace(kind="variable", name=each.name) for each in changes]
    assert page(*variables)[0] == "~ 30 variables with other values, those that differ most:"


def test_a_scope_that_is_all_gone_is_one_line() -> None:
    gone = [f"layer_{number}/{part}" for number in range(3) for part in ("w", "b", "mul", "add")]
    changes = [Removed("node", name, node(name, "Mul")) for name in [*gone, "top/x"]]
    before = a_graph("\n".join(f"{name} = Mul()" for name in [*gone, "top/x", "top/y", "z"]))
    assert page(*changes, graphs=(before, a_graph("z = Mul()"))) == [
        "- layer_0/  all 4 nodes: Mul 4",
        "- layer_1/  all 4 nodes: Mul 4",
        "- layer_2/  all 4 nodes: Mul 4",
        "- top/x  Mul",
        "--full shows what … stands for",
    ]


def test_a_page_about_very_much_is_short() -> None:
    changes: list[Change] = []
    for number in range(3000):
        name = f"scope_{number % 50}/part_{number % 7}/node_{number}"
        changes.append(Removed("node", name, node(name, f"Op{number % 9}")))
        changes.append(edited(f"{name}x", Changed("input", "0", name, f"{name}y")))
    assert len(page(*changes)) < 60
    assert len(stat(*changes)) <= 21


def test_a_change_of_many_lines_is_folded() -> None:
    inputs = [Added("input", str(number), f"n{number}") for number in range(40)]
    lines = page(edited("y", *inputs))
    assert lines[-2:] == ["      … 28 more lines", "--full shows what … stands for"]
    assert len(page(edited("y", *inputs), full=True)) == 41


# --- counts -------------------------------------------------------------------------------------


def test_totals() -> None:
    versions = Changed("field", "versions", Content(schema.GraphDef()), Content(schema.GraphDef()))
    changed = Changed("attr", "value", None, None, Comparison(1, 1, 1.0, 1.0, ()))
    found = Diff(
        A,
        B,
        [
            versions,
            Added("node", "a", node("a")),
            Added("node", "b", node("b")),
            Renamed("scope", "x/", "y/", 5),
            edited("c", changed, changed, Changed("device", "device", "", "x")),
            Edited(
                "function",
                "f",
                "f",
                (Removed("node", "n", node("n")), versions._replace(name="ret")),
            ),
            Added("function", "g", Content(schema.FunctionDef())),
        ],
    )
    assert diff_stat.totals(found) == [
        "2 nodes added, 5 renamed, 1 changed, 1 removed (2 constants, 1 device)",
        "versions changed",
        "1 function changed, 1 added",
    ]


def test_bars_fit_the_terminal() -> None:
    changes: list[Change] = [Added("node", f"big/{n}", node("n")) for n in range(500)]
    changes += [Removed("node", f"small/{n}", node("n")) for n in range(50)]
    changes += many(["small/x"], Changed("op", "op", "A", "B"))
    lines = stat(*changes, width=60)
    assert max(map(len, lines[:-1])) <= 60
    assert lines[0].startswith(" big/   | 500 +++++")
    assert lines[1] == " small/ |  51 -----~"
    assert len(stat(*changes, full=True)) == 552
