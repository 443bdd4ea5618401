"""Shape rules for the ops of batch_ops.cc."""

from __future__ import annotations

from collections.abc import Sequence

from pbtool.facts import Fact
from pbtool.infer.patterns import patterns
from pbtool.infer.registry import shape_rule
from pbtool.infer.shape_functions import of_same_rank
from pbtool.shapes import SCALAR, Shape

patterns("""
    [?,S] -> [?,S]
        Unbatch
""")


@shape_rule("Batch")
def batch(in_tensors: Sequence[Fact]) -> list[Shape]:
    """Each tensor with those of other calls behind it, which rows are whose, and a number."""
    batched = [Shape([None]) + fact.shape.at_least(1)[1:] for fact in in_tensors]
    return [*batched, Shape([None, 3]), SCALAR]


@shape_rule("UnbatchGrad")
def unbatch_grad(original_input: Fact, batch_index: Fact, grad: Fact, id: Fact) -> Shape:
    """As many dimensions as the gradient has."""
    return of_same_rank(grad.shape)
