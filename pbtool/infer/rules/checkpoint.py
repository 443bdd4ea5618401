"""Shape rules for the ops of checkpoint_ops.cc."""

from __future__ import annotations
