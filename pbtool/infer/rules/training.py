"""Shape rules for the ops of training_ops.cc."""

from __future__ import annotations
