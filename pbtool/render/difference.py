"""How far two executed tensors are apart, as text and for JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pbtool.quantity import counted

if TYPE_CHECKING:
    from pbtool.execution.comparison import Difference


def difference_text(difference: Difference) -> str:
    """A difference on one line."""
    if difference.problem:
        return f"cannot be compared: {difference.problem}"
    if difference.is_equal:
        return "equal"
    if difference.max_rel is None:
        return f"{difference.max_abs:,.0f} of {counted(difference.elements, 'element')} differ"
    ulp = "" if difference.max_ulp is None else f", {difference.max_ulp:,} ULP"
    return f"differs by {difference.max_abs:.3g}, relative {difference.max_rel:.3g}{ulp}"


def difference_json(difference: Difference) -> dict[str, Any]:
    """A difference for JSON; infinities are null."""

    def number(value: float | None) -> float | None:
        return None if value is None or value == float("inf") else value

    return {
        "equal": difference.is_equal,
        "elements": difference.elements,
        "max_abs": number(difference.max_abs),
        "max_rel": number(difference.max_rel),
        "max_ulp": difference.max_ulp,
        "problem": difference.problem or None,
    }
