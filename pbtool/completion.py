"""What a shell may complete pbtool's command line with."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

SCRIPTS = {"bash": "", "zsh": "", "fish": ""}


def answer(_words: Sequence[str]) -> str:
    """The completions for a command line, as the scripts read them."""
    return ""
