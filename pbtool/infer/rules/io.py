"""Shape rules for the ops of io_ops.cc."""

from __future__ import annotations
