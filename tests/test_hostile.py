"""Named hostile files, each through every verb, with little memory."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests import hostile, survival

pytestmark = pytest.mark.skipif(os.name != "posix", reason="memory is limited by POSIX")

# Cases that are quick at their full size; of the others, CI has every verb read the full size of
# one, and a tenth of the rest.
FULL = {"claim", "nested", "nested_text", "nested_json", "names", "no_text", "scopes", "rank"}
FULL |= {"unknown_field", "chain"}
NAMES = [name for cases in hostile.CASES.values() for name in cases]


@pytest.mark.parametrize("name", NAMES)
def test_every_verb_survives(name: str) -> None:
    case = next(cases[name] for cases in hostile.CASES.values() if name in cases)
    count = case.count if name in FULL else case.count // 10
    words = [sys.executable, "-m", "tests.hostile", name, "--count", str(count)]
    done = subprocess.run(
        words, cwd=survival.ROOT, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count(": status ") == len(hostile.COMMANDS.strip().splitlines())


def test_what_cannot_be_read_is_said(tmp_path) -> None:
    for name, sentence in (
        ("nested", "is no GraphDef that protobuf can read"),
        ("nested_text", "is no GraphDef in protobuf's text format: maximum recursion depth"),
        ("nested_json", "is no GraphDef in protobuf's JSON"),
        ("no_text", "is no GraphDef that protobuf can read"),
    ):
        (tmp_path / name).mkdir()
        runs = [run for run, _ in hostile.feed(name, tmp_path / name)]
        assert all(sentence in run.err for run in runs if run.words[0] != "convert"), name


def test_what_can_be_read_is_read(tmp_path) -> None:
    for name in ("claim", "names", "rank"):
        (tmp_path / name).mkdir()
        assert {run.status for run, _ in hostile.feed(name, tmp_path / name, 1000)} <= {0, 1}, name


def test_many_inputs_are_no_error(tmp_path) -> None:
    runs = {run.words[0]: run for run, _ in hostile.feed("fan_in", tmp_path, 70_000)}
    assert runs["check"].status == 0, runs["check"].out[:500]


def test_a_pipe_without_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PBTOOL_MEMORY_LIMIT", "3M")
    for verb in ("list", "info", "check", "textconv"):
        done = survival.run([verb, "/dev/zero"])
        assert done.status == 2
        assert "sends more than the 3,145,728 bytes that pbtool holds in memory" in done.err
        assert "PBTOOL_MEMORY_LIMIT=8G" in done.err
