"""Shape rules for the ops of string_ops.cc."""

from __future__ import annotations
