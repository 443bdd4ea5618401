"""Shape rules for the ops of set_ops.cc."""

from __future__ import annotations
