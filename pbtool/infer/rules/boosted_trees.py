"""Shape rules for the ops of boosted_trees_ops.cc."""

from __future__ import annotations
