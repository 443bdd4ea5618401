"""Shape rules for the ops of checkpoint_ops.cc."""

from __future__ import annotations

from pbtool.facts import Fact
from pbtool.infer.registry import shape_rule
from pbtool.shapes import SCALAR, Shape


@shape_rule("GenerateVocabRemapping")
def generate_vocab_remapping(
    new_vocab_file: Fact, old_vocab_file: Fact, *, num_new_vocab: int
) -> list[Shape]:
    """The old row of each new word, and how many have one."""
    new_vocab_file.shape.with_rank(0)
    old_vocab_file.shape.with_rank(0)
    return [Shape([num_new_vocab]), SCALAR]


@shape_rule("LoadAndRemapMatrix")
def load_and_remap_matrix(
    ckpt_path: Fact, old_tensor_name: Fact, *others: Fact, num_rows: int, num_cols: int
) -> Shape:
    """A matrix of the size in the attrs."""
    old_tensor_name.shape.with_rank(0)
    return Shape([num_rows, num_cols])
