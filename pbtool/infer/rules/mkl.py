"""Shape rules for the ops of mkl_nn_ops.cc and their like, which run on Intel's oneDNN.

TensorFlow puts them into the place of others before it executes a graph. Each does what the op does
that it is named after; further inputs and outputs tell how oneDNN lays out each of the others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pbtool import opdefs
from pbtool.facts import Fact
from pbtool.infer.registry import AsOp, shape_rule
from pbtool.shapes import UNKNOWN, Shape

# Those whose shapes are those of another op than the one that they are named after.
OTHERS = {
    "Conv2DBackpropInput": "DepthwiseConv2dNativeBackpropInput",
    "Conv2DWithBias": "Conv2D",
    "FusedBatchMatMulV2": "BatchMatMulV2",
    "FusedBatchNormEx": "FusedBatchNormV3",
    "FusedConv2D": "Conv2D",
    "FusedInstanceNorm": "Relu",
    "FusedMish": "Relu",
    "LayerNorm": "Relu",
    "PadWithConv2D": "Conv2D",  # TensorFlow does not count what Pad would have added
    "PadWithFusedConv2D": "Conv2D",
    "Swish": "Relu",
    "TanhGrad": "ReluGrad",
}

# How names of those begin that have shape functions of their own, for which there are no rules.
DIFFERENT = (
    "Concat",
    "Dequantize",
    "QuantizedConcat",
    "QuantizedConv2D",
    "QuantizedDepthwiseConv2D",
    "QuantizedMaxPool",
    "SparseMatrixMatMul",
)


def like_which(op: str) -> str | None:
    """The op whose shapes one of oneDNN's has, if there is one."""
    name = op.lstrip("_").removeprefix("Mkl").removeprefix("Dummy").removeprefix("Native")
    if name.startswith(DIFFERENT) or name == "MaxPool":
        return None
    names = OTHERS.get(name, name), f"_{name}"
    return next((each for each in names if each in opdefs.table()), None)


def _like(other: str) -> Callable[..., list[Shape]]:
    def rule(*inputs: Fact | Sequence[Fact], as_op: AsOp, dtypes: tuple[int, ...]) -> list[Shape]:
        flat: list[Fact] = []
        for each in inputs:
            flat += [each] if isinstance(each, Fact) else each
        shapes = as_op(other, flat)
        return shapes + [UNKNOWN] * (len(dtypes) - len(shapes))

    rule.__doc__ = f"As of {other}; nothing is said of further outputs."
    return rule


for _op in opdefs.table():
    if _op.startswith(("_Mkl", "__Mkl")) and (_other := like_which(_op)):
        shape_rule(_op)(_like(_other))
