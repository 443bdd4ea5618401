"""``python -m pbtool``, and the console script."""

from __future__ import annotations

import gc
import os
import sys
from typing import TextIO


def main() -> int:
    """Run the process's command line to its end and return the exit status."""
    # A command makes many objects, drops few and ends: looking for garbage takes a fifth of it.
    gc.disable()
    try:
        from pbtool import cli

        status = cli.main()
    except KeyboardInterrupt:  # while still importing
        status = 130
    for stream in (sys.stdout, sys.stderr):
        _let_go(stream)
    if status == 130 and os.name == "posix":
        _end_as_interrupted()
    return status


def _end_as_interrupted() -> None:
    """End as Ctrl-C ends a program: a shell reports 130, and a loop in a shell stops too."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.kill(os.getpid(), signal.SIGINT)


def _let_go(stream: TextIO | None) -> None:
    """Flush a standard stream; when it takes no more, drop what is left.

    Otherwise Python itself would try again at exit, complain and change the exit status. Whoever
    wrote to the stream has reported the failure by now.
    """
    if stream is None:  # as under pythonw, which has no standard streams
        return
    try:
        stream.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


if __name__ == "__main__":
    sys.exit(main())
