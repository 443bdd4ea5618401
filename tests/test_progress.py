"""The progress line appears late, tells what it knows, and goes away."""

from __future__ import annotations

import io
import re
import threading
import time

import pytest

from pbtool.progress import ProgressLine, progress_text


def visible(stream: io.StringIO) -> list[str]:
    return [line for line in stream.getvalue().split("\r\x1b[K") if line]


def test_short_work_shows_nothing() -> None:
    stream = io.StringIO()
    with ProgressLine(stream, "reading") as progress:
        progress(1, 2)
    assert stream.getvalue() == ""


def test_long_work_shows_a_line_and_cleans_it() -> None:
    stream = io.StringIO()
    with ProgressLine(stream, "reading a.pb", delay=0.01) as progress:
        for step in range(40):
            progress(step, 40)
            time.sleep(0.01)
    lines = visible(stream)
    assert lines
    assert re.fullmatch(r"\[#+ +\] +\d+%  0:00  reading a.pb", lines[-1])
    assert stream.getvalue().endswith("\r\x1b[K")


def test_work_that_tells_nothing_shows_the_time() -> None:
    stream = io.StringIO()
    with ProgressLine(stream, "reading", delay=0.01):
        time.sleep(0.3)
    assert visible(stream)[0] == "0:00  reading"


def test_the_line_goes_away_after_an_error() -> None:
    stream = io.StringIO()

    def fail() -> None:
        time.sleep(0.3)
        raise KeyError

    with pytest.raises(KeyError), ProgressLine(stream, "reading", delay=0.01):
        fail()
    assert stream.getvalue().endswith("\r\x1b[K")


def test_without_a_terminal_no_thread_starts() -> None:
    before = threading.active_count()
    with ProgressLine(None, "reading", delay=0) as progress:
        progress(1, 2)
        assert threading.active_count() == before


def test_a_terminal_that_went_away_is_no_error() -> None:
    class Gone(io.StringIO):
        def write(self, text: str) -> int:
            raise OSError(5, "Input/output error")

    with ProgressLine(Gone(), "reading", delay=0.01):
        time.sleep(0.3)


def test_a_long_line_is_cut_to_the_terminal() -> None:
    stream = io.StringIO()  # has no descriptor, so 80 columns
    with ProgressLine(stream, "x" * 200, delay=0.01):
        time.sleep(0.3)
    assert {len(line) for line in visible(stream)} == {79}


@pytest.mark.parametrize(
    ("done", "total", "seconds", "text"),
    [
        (0, 0, 0.0, "0:00  a"),
        (0, 0, 3601.9, "60:01  a"),
        (0, 8, 1.0, "[                        ]   0%  0:01  a"),
        (2, 8, 65.0, "[######                  ]  25%  1:05  a"),
        (8, 8, 1.0, "[########################] 100%  0:01  a"),
        (9, 8, 1.0, "[########################] 100%  0:01  a"),
    ],
)
def test_progress_text(done: int, total: int, seconds: float, text: str) -> None:
    assert progress_text("a", done, total, seconds) == text
