"""Types and shapes of every tensor, from the op table, the shape rules and the file's own attrs."""

from __future__ import annotations

from pbtool.infer.engine import Inference
from pbtool.infer.walk import Problem

__all__ = ["Inference", "Problem"]
