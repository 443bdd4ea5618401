"""What README.md shows is what happens."""

from __future__ import annotations

import io
import re
import shlex
from pathlib import Path

import pytest

from pbtool import cli

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    found = re.search(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    assert found
    return found[1]


def session(language: str = "console") -> list[tuple[str, str]]:
    """Each command of the terminal sessions, and what it prints.

    Those that need TensorFlow stand in blocks of ``text``.
    """
    found: list[tuple[str, str]] = []
    for text in re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL):
        parts = re.split(r"^\$ (.*)\n", text, flags=re.MULTILINE)[1:]
        found += zip(parts[::2], parts[1::2], strict=True)
    return found


def expanded(word: str) -> list[str]:
    return sorted(map(str, Path().glob(word))) if "*" in word else [word]


@pytest.mark.parametrize(("command", "printed"), session())
def test_the_session(command: str, printed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    program, *words = [path for word in shlex.split(command) for path in expanded(word)]
    assert program == "pbtool"
    output = io.StringIO()
    assert cli.main(words, stdout=output) == (1 if words[0] == "diff" else 0)
    assert output.getvalue() == printed


def test_the_library_example(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    exec(compile(block("python"), "README.md", "exec"), {})  # noqa: S102 - it is our own
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 7 + 4
    assert lines[7] == "['var4op1']"
    assert lines[9:] == ["50", "int32[]"]
    assert len(block("python").strip().splitlines()) == 10


def test_every_verb_is_in_the_table() -> None:
    from pbtool.verbs import VERBS

    for verb in VERBS:
        assert f"| `pbtool {verb.name} " in README
