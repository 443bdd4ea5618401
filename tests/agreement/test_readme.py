"""What README.md shows of the verbs that need TensorFlow is what happens."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

pytest.importorskip("tensorflow")

from tests.test_corpus import run
from tests.test_readme import ROOT, session

pytestmark = pytest.mark.filterwarnings("ignore")  # TensorFlow's own


def test_the_tutorial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    commands = session("text")  # each goes on with what the one before wrote
    assert [shlex.split(command)[1] for command, _ in commands] == [
        "freeze",
        "run",
        "run",
        "compare",
    ]
    for command, printed in commands:
        assert run(*shlex.split(command)[1:]) == (0, printed, "")
