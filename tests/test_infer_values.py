"""Constants in a graph: computed with, and left out where they grow."""

from __future__ import annotations

from pbtool import dtypes
from pbtool.facts import Fact
from pbtool.graph import Graph
from pbtool.infer import Inference
from pbtool.shapes import Shape
from tests.case_graph import shape_proto
from tests.graphs import nodes, tensor


def facts(lines, constants=(), placeholders=()):
    graph = nodes(lines)
    for node in graph.node:
        if node.op == "Placeholder":
            shape = dict(placeholders).get(node.name)
            node.attr["shape"].shape.CopyFrom(shape_proto(Shape(shape)))
        if node.op == "Const":
            elements, dims = dict(constants)[node.name]
            node.attr["value"].tensor.CopyFrom(tensor("int32", dims, int_val=elements))
    graph.versions.producer = 100
    ours = Graph(graph)
    inference = Inference(ours)
    result = inference.facts(ours)
    assert inference.problems == []
    return result


def test_a_chain_of_constants_is_evaluated():
    found = facts(
        """
        a = Const() dtype=3
        b = Const() dtype=3
        sum = AddV2(a, b) T=3
        product = Prod(sum, axis) T=3 Tidx=3
        axis = Const() dtype=3
        fill = Fill(sum, one) T=3 index_type=3
        one = Const() dtype=3
        """,
        {"a": ([1, 2], [2]), "b": ([3], []), "axis": ([0], []), "one": ([1], [])}.items(),
    )
    assert found["sum"][0].value == ((2,), (4, 5))
    assert found["product"][0].value == ((), (20,))
    assert found["fill"][0].shape == Shape([4, 5])
    assert found["fill"][0].value == ((4, 5), (1,) * 20)


def test_partly_known_sizes_are_no_constants():
    found = facts(
        """
        x = Placeholder() dtype=1
        shape = Shape(x) T=1 out_type=3
        two = Const() dtype=3
        twice = Mul(shape, two) T=3
        y = Reshape(x, shape) T=1 Tshape=3
        z = Fill(twice, two) T=3 index_type=3
        """,
        {"two": ([2], [])}.items(),
        {"x": (None, 5)}.items(),
    )
    assert found["shape"][0].value is None
    assert found["y"][0].shape == Shape([None, 5])
    assert found["twice"][0].value is None
    assert found["z"][0].shape == Shape([None, None])


def test_a_cast_takes_what_comes_before_a_vector_of_no_sizes_for_all():
    # That is what TensorFlow answers, although the vector has six elements.
    found = facts(
        """
        x = Placeholder() dtype=3
        sizes = Concat(zero, four, x, bad, x) T=3 N=4
        cast = Cast(sizes) SrcT=3 DstT=9
        y = Fill(cast, zero) T=3 index_type=9
        zero = Const() dtype=3
        four = Const() dtype=3
        bad = Const() dtype=3
        """,
        {"zero": ([0], []), "four": ([4], [1]), "bad": ([-5], [1])}.items(),
        {"x": (2,)}.items(),
    )
    assert found["y"][0].shape == Shape([4, None, None])


def test_each_output_has_a_value_of_its_own():
    found = facts(
        """
        x = Placeholder() dtype=1
        shape = Shape(x) T=1 out_type=3
        size = Unpack(shape) T=3 num=2 axis=0
        both = ShapeN(x, x) T=1 N=2 out_type=3
        y = Reshape(x, both:1) T=1 Tshape=3
        """,
        placeholders={"x": (None, 5)}.items(),
    )
    assert [fact.value for fact in found["size"]] == [None, ((), (5,))]
    assert [fact.as_shape for fact in found["both"]] == [Shape([None, 5])] * 2
    assert found["y"][0].shape == Shape([None, 5])


def test_a_result_that_grows_too_large_is_left_out():
    found = facts(
        """
        dims = Const() dtype=3
        one = Const() dtype=3
        large = Fill(dims, one) T=3 index_type=3
        larger = AddV2(large, one) T=3
        """,
        {"dims": ([1000, 1000], [2]), "one": ([1], [])}.items(),
    )
    assert found["large"][0].shape == Shape([1000, 1000])
    assert found["large"][0].value is None
    assert found["larger"][0].value is None


def test_what_cannot_be_evaluated_is_no_problem():
    found = facts(
        """
        a = Const() dtype=3
        zero = Const() dtype=3
        quotient = FloorDiv(a, zero) T=3
        """,
        {"a": ([1, 2], [2]), "zero": ([0], [])}.items(),
    )
    assert found["quotient"] == (Fact(dtypes.INT32, Shape([2])),)
