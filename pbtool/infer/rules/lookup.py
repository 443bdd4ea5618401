"""Shape rules for the ops of lookup_ops.cc."""

from __future__ import annotations
