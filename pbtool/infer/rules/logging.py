"""Shape rules for the ops of logging_ops.cc."""

from __future__ import annotations

from pbtool.infer.patterns import patterns

patterns("""
    [] ->
        PrintV2
""")
