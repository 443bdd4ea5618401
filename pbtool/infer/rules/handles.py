"""Ops that pass on what a resource or variant refers to, such as a variable or a list."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from pbtool.dtypes import RESOURCE, VARIANT
from pbtool.errors import ShapeError
from pbtool.facts import Fact, Handle
from pbtool.infer.registry import handle_rule
from pbtool.infer.rules.control_flow import in_common

Handles = tuple[Handle, ...] | None

OF_FIRST_INPUT = """
    CheckPinned Conj Copy CopyHost CopyToMesh CopyToMeshGrad DebugGradientIdentity
    DebugIdentity DebugIdentityV2 DebugIdentityV3 DeepCopy Enter Exit GuaranteeConst Identity
    InplaceAdd InplaceSub InplaceUpdate MatrixBandPart NextIteration PreventGradient Print
    RandomShuffle Relayout RelayoutLike Snapshot StatelessShuffle StopGradient
    TensorListResize TensorStridedSliceUpdate XlaDynamicUpdateSlice XlaSharding XlaSort
    XlaSpmdFullToShardShape ZerosLike _CopyFromGpuToHost _CopyFromHostToGpu _EagerConst
    _ParallelConcatUpdate
"""


@handle_rule(OF_FIRST_INPUT)
def of_first_input(x: Fact, *others: Fact) -> Handles:
    """What the first input refers to."""
    return x.handles


@handle_rule("Cast RiscCast _HostCast")
def of_cast(x: Fact, *, dtypes: tuple[int, ...]) -> Handles:
    """What the input refers to, if the output can refer to anything."""
    return x.handles if dtypes[0] in (RESOURCE, VARIANT) else None


@handle_rule("Fill")
def of_fill(dims: Fact, value: Fact) -> Handles:
    """What the value refers to."""
    return value.handles


@handle_rule("AddN")
def of_sum(inputs: Sequence[Fact]) -> Handles:
    """What the inputs refer to, which must be the same; unknown if the last tells nothing."""
    known = [fact.handles for fact in inputs if fact.handles]
    if not known:
        return None
    result = reduce(same, known)
    return result if inputs[-1].handles else ()


@handle_rule("Pack")
def of_pack(values: Sequence[Fact]) -> Handles:
    """What that which the values refer to has in common."""
    known = [fact.handles[0] for fact in values if fact.handles]
    if len({dtype for dtype, _ in known}) != 1:
        return () if known else None
    return (Handle(known[0].dtype, in_common([shape for _, shape in known])),)


@handle_rule("Select SelectV2")
def of_select(condition: Fact, t: Fact, e: Fact) -> Handles:
    """What both values refer to, which must be the same."""
    return same(t.handles, e.handles) if t.handles and e.handles else None


def same(a: tuple[Handle, ...], b: tuple[Handle, ...]) -> tuple[Handle, ...]:
    """What both say; raises ShapeError where they contradict each other."""
    if len(a) != len(b):
        raise ShapeError("two inputs refer to different numbers of tensors")
    for one, other in zip(a, b, strict=True):
        if one.dtype != other.dtype:
            raise ShapeError("two inputs refer to tensors of different dtypes")
    pairs = zip(a, b, strict=True)
    return tuple(Handle(one.dtype, one.shape.merge(other.shape)) for one, other in pairs)
