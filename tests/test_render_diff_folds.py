"""Diffs as pages: what is folded where much changed."""

from __future__ import annotations

from pbtool.differences import Added, Change, Changed, Comparison, Removed, Renamed
from tests.changes import attr, edited, many, node, page, stat, tensor
from tests.graphs import a_graph


def test_many_renamed_scopes_are_folded() -> None:
    lines = page(*(Renamed("scope", f"a{number}/", f"b{number}/", 5) for number in range(30)))
    assert lines[7:] == [
        "~ a7/ -> b7/  5 nodes renamed",
        "  … 22 more scopes renamed",
        "--full shows what … stands for",
    ]


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


def test_orders_of_many_nodes_are_counted() -> None:
    found = [
        edited(f"s/n{number}", Changed("order", "order of attrs", "T", f"{number}"))
        for number in range(30)
    ]
    assert page(*found)[:2] == ["~ 30 nodes: s/ 30", "      order of attrs: 30 different changes"]
