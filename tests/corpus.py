"""Real files of public projects: not part of the repository, used where they are at hand.

``PBTOOL_CORPUS`` names their folder.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

FOLDER = Path(os.environ.get("PBTOOL_CORPUS") or Path(__file__).parents[2] / "shared" / "corpus")

needs_corpus = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="the corpus of real files is not here (PBTOOL_CORPUS)"
)
