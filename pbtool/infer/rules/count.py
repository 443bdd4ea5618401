"""Shape rules for the ops of count_ops.cc."""

from __future__ import annotations
