"""Verbs that execute graphs, where tensorflow is not installed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import pbtool

ROOT = Path(pbtool.__file__).parents[1]

# As if it were not installed, wherever the test runs.
SCRIPT = """
import sys
sys.modules["tensorflow"] = None
from pbtool import cli
sys.exit(cli.main())
"""


@pytest.mark.parametrize(
    "words", ["freeze examples -o never.pb", "run examples/frozen.pb", "compare a.pb b.pb"]
)
def test_one_sentence_says_what_to_install(words: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *words.split()], capture_output=True, text=True, cwd=ROOT
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == (
        "pbtool: error: this verb executes graphs, for which it needs TensorFlow; "
        "install it with: pip install 'pbtool[tf]'\n"
    )
