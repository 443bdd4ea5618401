"""Constants that we evaluate are those that TensorFlow evaluates, to the last bit."""

from __future__ import annotations

import random

import numpy as np
import pytest

from pbtool import opdefs
from pbtool.dtypes import BY_NUMBER
from pbtool.facts import MAX_ELEMENTS
from pbtool.graph import Graph
from pbtool.infer import Inference, walk

tf = pytest.importorskip("tensorflow")
c_api = pytest.importorskip("tensorflow.python.client.pywrap_tf_session")

NUMBERS = {
    "int32": [0, 1, -1, 2, 3, -3, 7, 100, 46341, 2**31 - 1, -(2**31)],
    "int64": [0, 1, -2, 3, 5, 2**31, 2**33, -(2**63), 2**63 - 1],
    "float32": [0.0, 0.1, -0.1, 0.5, 1.5, -2.5, 3.0, -7.0, 1e6, 16777216.0, 1 / 3],
    "float64": [0.0, 0.1, -0.5, 2.5, 3.0, 1e15, 1 / 3],
    "uint8": [0, 1, 2, 100, 255],
    "bool": [False, True],
}
SHAPES = [(), (), (1,), (2,), (3,), (2, 2), (2, 1, 3), (0,)]

UNARY = """
    Abs Ceil Floor Invert LogicalNot Neg Rint Sign Sqrt Square ZerosLike OnesLike Identity
    Shape Size Rank Unique Where InvertPermutation Squeeze
"""
BINARY = """
    Add AddV2 BitwiseAnd BitwiseOr BitwiseXor BroadcastArgs BroadcastGradientArgs Div FloorDiv
    FloorMod Greater GreaterEqual Less LessEqual ListDiff LogicalAnd LogicalOr Maximum Minimum Mod
    Mul Pow RealDiv Sub TruncateDiv TruncateMod
"""
WITH_INDICES = """
    All Any ArgMax ArgMin BroadcastTo Cumprod Cumsum ExpandDims Fill Gather Max Mean Min Prod
    Reshape ReverseV2 Sum Tile Transpose
"""

# Of these we may say less: a sum may depend on the order of its floats, a quotient be no number.
CAUTIOUS = """
    Cast Cumprod Cumsum Div FloorDiv FloorMod Mean Mod Pow Prod RealDiv Sqrt Sum TruncateDiv
    TruncateMod
"""


def apply(op, *inputs, **attrs):
    names = [arg.name for arg in opdefs.table()[op].input_arg]
    return getattr(tf.raw_ops, op)(**dict(zip(names, inputs, strict=True)), **attrs)


def a_constant(rng):
    dtype, dims = rng.choice(list(NUMBERS)), rng.choice(SHAPES)
    numbers = [rng.choice(NUMBERS[dtype]) for _ in range(int(np.prod(dims)))]
    return tf.constant(np.array(numbers, dtype).reshape(dims))


def indices(rng):
    dims = rng.choice([(), (1,), (1,), (2,), (3,)])
    return tf.constant(
        np.array([rng.randrange(-1, 4) for _ in range(int(np.prod(dims)))], "int32").reshape(dims)
    )


def computed(rng, pool):
    """What a random op makes of tensors in the pool, and maybe of some indices."""
    x = rng.choice(pool)
    y, z = (rng.choice([t for t in pool if t.dtype == x.dtype]) for _ in "yz")
    masks = {mask: rng.randrange(4) for mask in ("begin_mask", "end_mask", "shrink_axis_mask")}

    def i():
        return indices(rng)

    def same():
        made = i()
        return made, *(tf.constant(rng.randrange(-1, 4), shape=made.shape) for _ in "ab")

    return rng.choice(
        [
            *3 * [lambda: apply(rng.choice(UNARY.split()), x)],
            *5 * [lambda: apply(rng.choice(BINARY.split()), x, y)],
            *3 * [lambda: apply(rng.choice(WITH_INDICES.split()), x, i())],
            lambda: apply("Cast", x, DstT=rng.choice(list(NUMBERS))),
            lambda: apply("ClipByValue", x, y, z),
            lambda: apply("ConcatV2", [x, y, z], i()),
            lambda: apply("ConcatOffset", i(), [x, y]),
            lambda: apply("GatherV2", x, i(), i()),
            lambda: apply("Pack", [x, y], axis=rng.randrange(-2, 2)),
            lambda: apply("Pad", x, tf.constant([[rng.randrange(3), 1]] * x.shape.rank)),
            lambda: apply("Range", i(), i(), i()),
            lambda: apply("Select", tf.constant([True, False]), x, y),
            lambda: apply("SelectV2", tf.constant(True, shape=rng.choice(SHAPES[:5])), x, y),
            lambda: apply("Slice", x, *same()[:2]),
            lambda: apply("Split", i(), x, num_split=rng.randrange(1, 4)),
            lambda: apply("SplitV", x, i(), i(), num_split=rng.randrange(1, 4)),
            lambda: apply("StridedSlice", x, *same(), **masks),
            lambda: apply("Unpack", x, num=x.shape[0], axis=0),
        ]
    )()


def a_graph(seed):
    """A graph of constants, and of what can be computed from them."""
    rng = random.Random(seed)
    graph = tf.Graph()
    with graph.as_default():
        pool = [a_constant(rng) for _ in range(8)]
        for _ in range(100):
            try:
                made = computed(rng, pool)
            except (TypeError, ValueError, IndexError):
                continue  # these inputs do not fit
            outputs = tf.nest.flatten(made)
            pool += [output for output in outputs if output.dtype.name in NUMBERS]
    return graph


def evaluated(graph, tensor):
    """What TensorFlow evaluates before the graph runs; None where it does not."""
    with graph._c_graph.get() as c_graph:
        return c_api.TF_TryEvaluateConstant_wrapper(c_graph, tensor._as_tf_output())


@pytest.mark.parametrize("seed", range(25))
def test_values(seed):
    theirs = a_graph(seed)
    ours = Graph(theirs.as_graph_def())
    facts = Inference(ours).facts(ours)
    for operation in theirs.get_operations():
        for tensor, fact in zip(operation.outputs, facts[operation.name], strict=True):
            where = f"{tensor.name} {operation.type} {[t.name for t in operation.inputs]}"
            expected = evaluated(theirs, tensor)
            if fact.value is not None:
                assert expected is not None, where
                got = np.array(fact.value.elements, BY_NUMBER[fact.dtype].numpy)
                np.testing.assert_array_equal(got.reshape(fact.value.dims), expected, where)
            elif expected is not None and 0 < expected.size <= MAX_ELEMENTS:
                known = all(facts[t.op.name][t.value_index].value for t in operation.inputs)
                assert operation.type in CAUTIOUS.split() or not known, where


def test_functions_have_the_producer_that_tensorflow_gives_them():
    assert walk.CURRENT_PRODUCER == tf.version.GRAPH_DEF_VERSION
