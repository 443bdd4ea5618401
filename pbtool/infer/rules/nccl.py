"""Shape rules for the ops of nccl_ops.cc."""

from __future__ import annotations

from collections.abc import Sequence

from pbtool.facts import Fact
from pbtool.infer.registry import shape_rule
from pbtool.shapes import UNKNOWN, Shape


@shape_rule("NcclReduce")
def nccl_reduce(input: Sequence[Fact]) -> Shape:
    """The shape of the first tensor."""
    return input[0].shape if input else UNKNOWN  # num_devices may be 0
