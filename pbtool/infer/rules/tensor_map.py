"""Shape rules for the ops of TensorFlow's map_ops.cc: variants that map keys to tensors."""

from __future__ import annotations

from pbtool.infer.patterns import patterns

patterns("""
    -> []
        EmptyTensorMap TensorMapErase TensorMapHasKey TensorMapInsert TensorMapSize
""")
