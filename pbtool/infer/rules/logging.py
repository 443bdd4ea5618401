"""Shape rules for the ops of logging_ops.cc and summary_ops.cc."""

from __future__ import annotations
