"""Shape rules for the ops of collective_ops.cc."""

from __future__ import annotations

from pbtool.errors import ShapeError
from pbtool.facts import Fact
from pbtool.infer.patterns import patterns
from pbtool.infer.registry import shape_rule
from pbtool.infer.shape_functions import shape_from
from pbtool.shapes import Shape

patterns("""
    -> [] ; []
        CollectiveAssignGroupV2
    [?,S] -> [?,S]
        CollectiveGatherV2 CollectiveReduceScatterV2
""")


@shape_rule("CollectiveBcastRecvV2")
def collective_bcast_recv_v2(
    group_size: Fact, group_key: Fact, instance_key: Fact, shape: Fact
) -> Shape:
    """The stated shape."""
    return shape_from(shape)


@shape_rule("CollectiveGather")
def collective_gather(input: Fact, *, group_size: int) -> Shape:
    """The rows of all members of the group."""
    rows = input.shape.at_least(1)[0]
    total = -1 if rows is None else rows * group_size
    if total < -1:
        raise ShapeError(f"a dimension cannot be {total}")
    return Shape([None if total < 0 else total]) + input.shape[1:]
