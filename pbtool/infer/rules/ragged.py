"""Shape rules for the ops of ragged_array_ops.cc, ragged_conversion_ops.cc, ragged_math_ops.cc."""

from __future__ import annotations
