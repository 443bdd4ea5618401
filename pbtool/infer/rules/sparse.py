"""Shape rules for the ops of sparse_ops.cc."""

from __future__ import annotations
