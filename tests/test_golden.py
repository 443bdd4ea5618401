"""What every verb prints, held against files that can be read in a review.

A case is a file ``tests/golden/VERB/CASE.pbtxt`` (a graph that carries its command lines on top) or
``CASE.cmd`` (command lines alone)::

    # RUN: pbtool list % --format csv
    # RUN: pbtool show % missing
    # EXIT: 2

``%`` is the case's own file, ``%b`` the file ``CASE.b`` beside it for verbs that take two,
``%here/`` its folder, ``%tmp`` an empty folder that its commands share, ``%examples`` the examples
of the repository, and ``< FILE`` is a command's standard input. A status other than 0 stands below
its command. What the first command prints is in ``CASE.1.stdout`` and ``CASE.1.stderr``, which are
not there where it prints nothing; paths are written as above.

``PBTOOL_BLESS=1 pytest tests/test_golden.py`` rewrites all of these files; read the difference.
"""

from __future__ import annotations

import io
import os
import re
import shlex
from pathlib import Path
from typing import NamedTuple

import pytest

from pbtool import cli

TESTS = Path(__file__).parent
GOLDEN = TESTS / "golden"
EXAMPLES = TESTS.parent / "examples"
BLESS = bool(os.environ.get("PBTOOL_BLESS"))

CASES = sorted(path for path in GOLDEN.glob("*/*") if path.suffix in (".pbtxt", ".cmd"))
EXPECTATIONS = (".stdout", ".stderr")


class Command(NamedTuple):
    words: list[str]
    status: int


def commands(case: Path) -> list[Command]:
    """The command lines on top of a case."""
    found: list[Command] = []
    for line in case.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            break
        keyword, _, rest = line.lstrip("# ").partition(":")
        if keyword == "RUN":
            found.append(Command(shlex.split(rest), 0))
        elif keyword == "EXIT":
            found[-1] = found[-1]._replace(status=int(rest))
    return found


def place_names(case: Path, tmp: Path) -> dict[str, str]:
    """What the names of places in a command line stand for."""
    return {
        "%examples": str(EXAMPLES),
        "%tmp": str(tmp),
        "%here/": f"{case.parent}/",
        "%b": str(case.with_suffix(".b")),
        "%": str(case),
    }


def run(words: list[str]) -> tuple[int, dict[str, str]]:
    """One command line's exit status, and what it wrote to each stream."""
    given = b""
    if "<" in words:
        *words, _, source = words
        given = Path(source).read_bytes()
    stdin = io.TextIOWrapper(io.BytesIO(given))
    streams = {name: io.BytesIO() for name in EXPECTATIONS}
    out, err = (io.TextIOWrapper(stream, encoding="utf-8") for stream in streams.values())
    status = cli.main(words, stdin=stdin, stdout=out, stderr=err)
    out.flush()
    err.flush()
    texts = (stream.getvalue().decode(errors="backslashreplace") for stream in streams.values())
    return status, dict(zip(streams, texts, strict=True))


def check(expectation: Path, text: str) -> None:
    if BLESS:
        expectation.unlink(missing_ok=True)
        if text:
            expectation.write_text(text, encoding="utf-8", newline="")
    elif text or expectation.exists():
        assert expectation.exists(), f"no such file, and this was printed:\n{text}"
        assert text == expectation.read_bytes().decode()


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.relative_to(GOLDEN)))
def test_golden(case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    places = place_names(case, tmp_path)
    assert commands(case), "a case has a line '# RUN: pbtool ...' on top"
    for number, (words, expected_status) in enumerate(commands(case), 1):
        assert words[0] == "pbtool"
        command = [re.sub("|".join(places), lambda name: places[name[0]], word) for word in words]
        status, printed = run(command[1:])
        for suffix, text in printed.items():
            for name, place in reversed(places.items()):
                text = text.replace(place, name)
            check(case.with_suffix(f".{number}{suffix}"), text)
        assert status == expected_status, f"{shlex.join(words)}: {printed}"


def test_no_expectation_is_stale() -> None:
    wanted = {
        case.with_suffix(f".{number}{suffix}")
        for case in CASES
        for number in range(1, len(commands(case)) + 1)
        for suffix in EXPECTATIONS
    }
    stale = [
        path for path in GOLDEN.glob("*/*") if path.suffix in EXPECTATIONS and path not in wanted
    ]
    if BLESS:
        for path in stale:
            path.unlink()
    else:
        assert not stale
