"""Shape rules for the ops of sdca_ops.cc."""

from __future__ import annotations
