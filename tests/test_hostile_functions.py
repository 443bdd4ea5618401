"""Functions that a file of a few kilobytes can make endless."""

from __future__ import annotations

import random
import time

import pytest

import pbtool
from pbtool import Inference, opdefs, schema
from pbtool.checks.checking import check_graph
from pbtool.checks.functions import _on_rings
from pbtool.errors import FileError
from pbtool.graph import Graph
from pbtool.infer import engine
from tests.graphs import nodes


def a_call() -> schema.GraphDef:
    graph = nodes("x = Placeholder() dtype=1\ncall = f0(x)")
    graph.node[0].attr["shape"].shape.dim.add(size=2)
    graph.versions.producer = 1000
    return graph


def function(graph: schema.GraphDef, name: str, body: str, result: str) -> None:
    """Add a function of ``a`` to a graph."""
    added = graph.library.function.add()
    added.signature.name = name
    added.signature.input_arg.add(name="a", type=1)
    added.signature.output_arg.add(name="o", type=1)
    added.node_def.extend(nodes(body).node)
    added.ret["o"] = result


def a_chain(count: int, *, last: str, call: str = "{next}(a)") -> Graph:
    """Functions that call the next one; the last one calls what is said."""
    graph = a_call()
    for number in range(count):
        called = f"f{number + 1}" if number + 1 < count else last
        body = "\n".join(
            (
                f"p = {call.format(next=called)} T=1 N=2",
                "q = Pack(a, a) T=1 N=2",
                f"again = {called}(q:output:0)",
            )
        )
        function(graph, f"f{number}", body, "p:o:0")
    return Graph(graph)


def answer(graph: Graph) -> str:
    return str(Inference(graph).outputs("call"))


@pytest.mark.parametrize("last", ["f0", "Identity", "nobody"])
def test_calls_that_double_from_function_to_function_end(last: str) -> None:
    start = time.process_time()
    answer(a_chain(60, last=last))  # each calls the next with two shapes: 2 ** 60 calls
    assert time.process_time() - start < 5


@pytest.mark.parametrize("restoring", [True, False])
def test_calls_that_double_are_not_unfolded_to_compare_a_model_with_a_graph(
    restoring: bool,
) -> None:
    model = schema.SavedModel()
    meta_graph = model.meta_graphs.add()
    meta_graph.meta_info_def.tags.append("serve")
    meta_graph.graph_def.MergeFrom(a_call())
    meta_graph.graph_def.MergeFrom(
        nodes("v = VarHandleOp() dtype=1\nr = ReadVariableOp(v) dtype=1")
    )
    for number in range(60):
        body = f"p = f{number + 1}(a)\nq = f{number + 1}(a)\ns = AddV2(p:o:0, q:o:0) T=1"
        function(meta_graph.graph_def, f"f{number}", body, "s:z:0")
    function(meta_graph.graph_def, "f60", "n = Neg(a) T=1", "n:y:0")
    outputs = meta_graph.signature_def["serving_default"].outputs
    outputs["o"].name = "r:0" if restoring else "call:0"
    if restoring:
        meta_graph.saver_def.restore_op_name = "call"
    start = time.process_time()
    frozen = nodes("v = Const() dtype=1\nr = Identity(v) T=1").SerializeToString()
    assert pbtool.diff(
        pbtool.load_bytes(model.SerializeToString()), pbtool.load_bytes(frozen)
    ).changes
    assert time.process_time() - start < 5


def test_calls_nest_as_deep_as_a_file_likes() -> None:
    graph = a_call()
    for number in range(2_000):
        function(graph, f"f{number}", f"n = f{number + 1}(a)", "n:o:0")
    function(graph, "f2000", "n = Identity(a) T=1", "n:output:0")
    shapes = Inference(Graph(graph)).outputs("call")
    assert shapes is not None
    assert str(shapes[0]) == "float32[...]"
    few = a_call()
    function(few, "f0", "n = Identity(a) T=1", "n:output:0")
    assert str(Inference(Graph(few)).outputs("call")[0]) == "float32[2]"


def test_a_list_of_billions_of_outputs_is_cut() -> None:
    graph = Graph(nodes("c = Placeholder() dtype=1\nu = Unpack(c) T=1 num=2147483647 axis=0"))
    facts = Inference(graph).outputs("u")
    assert facts is not None
    assert len(facts) == 1 << 16
    assert str(facts[-1]) == "float32[...]"


def test_many_such_lists_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "MAX_OUTPUTS", 100)
    lines = "c = Placeholder() dtype=1\n" + "\n".join(
        f"u{number} = Unpack(c) T=1 num=30 axis=0" for number in range(4)
    )
    with pytest.raises(FileError, match="more than 100 outputs; pbtool list --format names"):
        Inference(Graph(nodes(lines))).outputs("u3")
    with pytest.raises(FileError, match="more than 100 outputs"):
        check_graph(Graph(nodes(lines)))


def test_a_list_as_long_as_it_says_is_believed() -> None:
    count = opdefs.MAX_LIST + 5
    graph = nodes("c = Placeholder() dtype=1\n" + f"p = AddN() T=1 N={count}")
    graph.node[1].input.extend(["c"] * count)
    inference = Inference(Graph(graph))
    assert inference.outputs("p") is not None
    assert not inference.problems


def _reaches_itself(name: str, calls: dict[str, set[str]]) -> bool:
    seen: set[str] = set()
    pending = set(calls[name])
    while pending - seen:
        each = (pending - seen).pop()
        seen.add(each)
        pending |= calls[each]
    return name in seen


def test_rings_are_what_reaches_itself() -> None:
    chance = random.Random(0)
    for _ in range(300):
        names = [str(number) for number in range(chance.randrange(1, 9))]
        calls = {name: set(chance.choices(names, k=chance.randrange(3))) for name in names}
        expected = {name for name in names if _reaches_itself(name, calls)}
        assert _on_rings(calls) == expected


def test_a_long_ring_takes_as_long_as_a_chain() -> None:
    calls = {str(number): [str((number + 1) % 20_000)] for number in range(20_000)}
    start = time.process_time()
    assert len(_on_rings(calls)) == 20_000
    assert time.process_time() - start < 5
