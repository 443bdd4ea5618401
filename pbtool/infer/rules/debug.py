"""Shape rules for the ops of debug_ops.cc."""

from __future__ import annotations
