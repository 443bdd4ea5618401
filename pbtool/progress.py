"""A progress bar for work that takes longer than a moment.

Functions that may take long have a parameter ``progress``, a callable given how much is done and
how much there is. Calling it is cheap, and nobody has to: a thread draws the line now and then,
from the second second on, with the time gone by when there is nothing else to tell. (While one C
call holds the interpreter, as protobuf does when it parses one buffer, the line stands still.)
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType
    from typing import TextIO

Progress = Callable[[int, int], None]
"""Told how much is done and how much there is, in one unit; a total of 0 means not known."""

_DELAY = 1.0  # seconds before the line appears: shorter work is not worth a flicker
_INTERVAL = 0.1  # seconds between two drawings
_BAR = 24  # columns
_CLEAR = "\r\x1b[K"


class ProgressLine:
    """A line on ``stream`` that shows how far the work inside a ``with`` block is.

    The object is the ``progress`` to hand to the work. The line appears after ``delay`` seconds
    and is gone when the block ends. With ``stream`` None nothing is drawn and no thread starts.
    """

    def __init__(self, stream: TextIO | None, label: str, *, delay: float = _DELAY) -> None:
        self._stream = stream
        self._label = label
        self._delay = delay
        self._done = 0
        self._total = 0
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def __call__(self, done: int, total: int) -> None:
        """Take note of how far the work is; drawing it is the thread's business."""
        self._done, self._total = done, total

    def __enter__(self) -> ProgressLine:
        if self._stream is not None:
            self._thread = threading.Thread(target=self._draw, args=(self._stream,), daemon=True)
            self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()

    def _draw(self, stream: TextIO) -> None:
        start = time.monotonic()
        if self._stopped.wait(self._delay):
            return
        try:
            while not self._stopped.wait(_INTERVAL):
                line = progress_text(self._label, self._done, self._total, time.monotonic() - start)
                stream.write(_CLEAR + line[: _columns(stream) - 1])
                stream.flush()
            stream.write(_CLEAR)
            stream.flush()
        except (OSError, ValueError):
            return  # a terminal that went away needs no progress


def progress_text(label: str, done: int, total: int, seconds: float) -> str:
    """The line: a bar and a percentage where the total is known, the time gone by, the label.

    >>> progress_text("reading a.pb", 1, 4, 65.0)
    '[######                  ]  25%  1:05  reading a.pb'
    """
    clock = f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
    if total <= 0:
        return f"{clock}  {label}"
    part = min(max(done / total, 0.0), 1.0)
    bar = "#" * int(part * _BAR)
    return f"[{bar:<{_BAR}}] {part:4.0%}  {clock}  {label}"


def _columns(stream: TextIO) -> int:
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except OSError:
        return 80
