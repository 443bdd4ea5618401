"""Shape rules for the ops of collective_ops.cc and nccl_ops.cc."""

from __future__ import annotations
