"""Shape rules for the ops of parsing_ops.cc."""

from __future__ import annotations
