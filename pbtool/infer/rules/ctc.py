"""Shape rules for the ops of ctc_ops.cc: labels for sequences that are not aligned with them."""

from __future__ import annotations

from pbtool.facts import Fact
from pbtool.infer.patterns import patterns
from pbtool.infer.registry import shape_rule
from pbtool.infer.shape_functions import sparse_tensor
from pbtool.shapes import Shape, merge_dimensions

patterns("""
    [?,n,?] ; [n] -> [?,2] ; [?] ; [2] ; [n,1]
        CTCGreedyDecoder
    [t,n,c] ; [k,?] ; [k] ; [n] -> [n] ; [t,n,c]
        CTCLoss CTCLossV2
""")


@shape_rule("CTCBeamSearchDecoder")
def beam_search_decoder(inputs: Fact, sequence_length: Fact, *, top_paths: int) -> list[Shape]:
    """For each of the best paths a sparse matrix, in parts, and then how likely each path is."""
    batch = merge_dimensions(inputs.shape.with_rank(3)[1], sequence_length.shape.with_rank(1)[0])
    parts = [part for part in sparse_tensor(2) for _ in range(top_paths)]
    return [*parts, Shape([batch, top_paths])]
