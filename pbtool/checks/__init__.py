"""Whether a model is sound and safe: what TensorFlow would refuse, and what it would regret."""

from __future__ import annotations

from pbtool.checks.checking import check, check_graph
from pbtool.checks.finding import ERROR, NOTE, SEVERITIES, WARNING, Check, Finding, is_at_least
from pbtool.checks.table import CHECKS

__all__ = [
    "CHECKS",
    "ERROR",
    "NOTE",
    "SEVERITIES",
    "WARNING",
    "Check",
    "Finding",
    "check",
    "check_graph",
    "is_at_least",
]
