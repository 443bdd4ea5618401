"""Shape rules for the ops of sparse_csr_matrix_ops.cc."""

from __future__ import annotations
