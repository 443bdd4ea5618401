"""Ops that pass on what a resource or variant refers to, such as a variable or a list."""

from __future__ import annotations

from pbtool.facts import Fact, Handle
from pbtool.infer.registry import handle_rule

Handles = tuple[Handle, ...] | None

OF_FIRST_INPUT = """
    Cast CheckPinned Conj Copy CopyHost CopyToMesh CopyToMeshGrad DebugGradientIdentity
    DebugIdentity DebugIdentityV2 DebugIdentityV3 DeepCopy Enter Exit GuaranteeConst Identity
    InplaceAdd InplaceSub InplaceUpdate MatrixBandPart NextIteration PreventGradient Print
    RandomShuffle Relayout RelayoutLike RiscCast Snapshot StatelessShuffle StopGradient
    TensorListResize TensorStridedSliceUpdate XlaDynamicUpdateSlice XlaSharding XlaSort
    XlaSpmdFullToShardShape ZerosLike _CopyFromGpuToHost _CopyFromHostToGpu _EagerConst _HostCast
    _ParallelConcatUpdate
"""


@handle_rule(OF_FIRST_INPUT)
def of_first_input(x: Fact, *others: Fact) -> Handles:
    """What the first input refers to."""
    return x.handles


@handle_rule("Fill")
def of_fill(dims: Fact, value: Fact) -> Handles:
    """What the value refers to."""
    return value.handles
