"""What changed between two models: ``diff``, its values, and ``apply``."""

from pbtool.differences.changes import (
    Added,
    Change,
    Changed,
    Comparison,
    Content,
    Diff,
    Edited,
    Example,
    Explanation,
    Removed,
    Renamed,
    Side,
    sides,
)
from pbtool.differences.differ import diff
from pbtool.differences.patching import apply
from pbtool.differences.patching_models import apply_to_model

__all__ = [
    "Added",
    "Change",
    "Changed",
    "Comparison",
    "Content",
    "Diff",
    "Edited",
    "Example",
    "Explanation",
    "Removed",
    "Renamed",
    "Side",
    "apply",
    "apply_to_model",
    "diff",
    "sides",
]
