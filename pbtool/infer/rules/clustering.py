"""Shape rules for the ops of clustering_ops.cc."""

from __future__ import annotations
