"""Shape rules for the ops of rnn_ops.cc: cells of recurrent networks, fused."""

from __future__ import annotations

from pbtool.facts import Fact
from pbtool.infer.patterns import patterns
from pbtool.infer.registry import shape_rule
from pbtool.infer.shape_functions import divide, multiply
from pbtool.shapes import Shape

patterns("""
    [n,?] ; [?,c] -> [n,c]*
        GRUBlockCell LSTMBlockCell
    [n,i] ; [?,c] ; [?,d] -> [n,i] ; [n,c] ; [n,c] ; [n,d]
        GRUBlockCellGrad
""")


@shape_rule("BlockLSTM BlockLSTMV2")
def block_lstm(
    seq_len_max: Fact,
    x: Fact,
    cs_prev: Fact,
    h_prev: Fact,
    w: Fact,
    wci: Fact,
    wcf: Fact,
    wco: Fact,
    b: Fact,
) -> list[Shape]:
    """For each step the state of all cells, each of which has four biases."""
    cells = divide(b.shape.with_rank(1)[0], 4)
    return [x.shape.with_rank(3)[:2] + Shape([cells])] * 7


@shape_rule("BlockLSTMGrad BlockLSTMGradV2")
def block_lstm_grad(seq_len_max: Fact, *inputs: Fact) -> list[Shape]:
    """A gradient for each input from ``x`` to ``b``."""
    ranks = (3, 2, 2, 2, 1, 1, 1, 1)
    return [fact.shape.with_rank(rank) for fact, rank in zip(inputs, ranks, strict=False)]


@shape_rule("LSTMBlockCellGrad")
def lstm_block_cell_grad(x: Fact, cs_prev: Fact, *others: Fact) -> list[Shape]:
    """The gradients of the state, of the four gates side by side, and of the peepholes."""
    batch, cells = x.shape.with_rank(2)[0], cs_prev.shape.with_rank(2)[1]
    gates = multiply(cells, 4)
    return [Shape([batch, cells]), Shape([batch, gates]), *[Shape([cells])] * 3]
