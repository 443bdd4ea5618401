"""The streams of one run of pbtool, and what may be written to them.

The only module, beside the command line itself, that knows of terminals: how wide, whether in
colour, that they must not be sent binary data. Verbs hand it what renderers made.
"""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from pbtool.errors import FileError, UsageError
from pbtool.output import atomic_write
from pbtool.progress import ProgressLine
from pbtool.render.escape import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from contextlib import AbstractContextManager
    from types import TracebackType
    from typing import BinaryIO, TextIO

_CHUNK = 1 << 16  # characters gathered before they are handed to the stream

# What a text is, and the SGR parameters that show it so.
STYLES = {
    "error": "1;31",
    "warning": "1;33",
    "heading": "1",
    "name": "36",
    "op": "33",
    "type": "32",
    "dim": "2",
    "added": "32",
    "removed": "31",
    "changed": "33",
}


def color_wanted(mode: str, environ: Mapping[str, str], *, terminal: bool) -> bool:
    """Whether to write in colour: as ``--color`` says, and where it says auto, on a terminal
    that can, unless NO_COLOR is set to anything (https://no-color.org).
    """
    if mode != "auto":
        return mode == "always"
    return terminal and not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"


class Console:
    """Standard input, output and error of one run, and the file given with ``-o``.

    ``with console.configured(...)`` is the part of the run that writes: at its end everything is
    flushed and the file of ``-o`` takes its place, or, after an error, is left as it was.
    """

    def __init__(
        self,
        stdin: TextIO | None,
        stdout: TextIO | None,
        stderr: TextIO | None,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        self._stdin = stdin
        self._stdout = stdout
        self._stderr = stderr
        self.environ = environ
        for stream in (stdout, stderr):
            _never_refuse_a_character(stream)
        self.configured()

    def configured(self, *, color: str = "auto", output: str | None = None) -> Console:
        """This console, with what ``--color`` and ``-o`` say."""
        self._output = None if output == "-" else output
        self._file_context: AbstractContextManager[BinaryIO] | None = None
        self._file: BinaryIO | None = None
        self.terminal = self._output is None and _is_terminal(self._stdout)
        self.color = color_wanted(color, self.environ, terminal=self.terminal)
        on_terminal = _is_terminal(self._stderr)
        self._error_color = color_wanted(color, self.environ, terminal=on_terminal)
        return self

    @property
    def width(self) -> int | None:
        """Columns of the terminal that output goes to; None where output is not a terminal."""
        if self._stdout is None or not self.terminal:
            return None
        with suppress(ValueError):
            columns = int(self.environ.get("COLUMNS", ""))
            if columns > 0:
                return columns
        with suppress(OSError, ValueError, AttributeError):
            return os.get_terminal_size(self._stdout.fileno()).columns or None
        return 80

    @property
    def stdin(self) -> BinaryIO:
        """Standard input, as bytes."""
        if self._stdin is None:
            raise FileError("standard input is closed", remedy="name a file")
        return self._stdin.buffer

    def style(self, text: str, name: str) -> str:
        """``text`` as STYLES shows a ``name``; the text itself where there is no colour."""
        return f"\x1b[{STYLES[name]}m{text}\x1b[0m" if self.color else text

    def write(self, text: str | Iterable[str]) -> None:
        """Write text, or pieces of text as they come; line ends are the caller's."""
        if isinstance(text, str):
            self._put(text)
            return
        chunk: list[str] = []
        size = 0
        for piece in text:
            chunk.append(piece)
            size += len(piece)
            if size >= _CHUNK:
                self._put("".join(chunk))
                chunk.clear()
                size = 0
        self._put("".join(chunk))

    def write_bytes(self, data: bytes | Iterable[bytes]) -> None:
        """Write binary data, or pieces of it as they come; a terminal is refused."""
        stream = self.binary()
        with _naming_standard_output():
            for piece in (data,) if isinstance(data, bytes) else data:
                stream.write(piece)

    def binary(self, *, terminal: bool = False) -> BinaryIO:
        """The stream for bytes; UsageError for a terminal, unless ``terminal`` allows it."""
        stream = self._opened_file() if self._output is not None else self._opened_stdout().buffer
        if stream.isatty() and not terminal:
            raise UsageError(
                "binary output is not written to a terminal", remedy="name a file with -o FILE"
            )
        return stream

    def taken_output(self) -> str | None:
        """The path given with ``-o``, for a verb that itself writes there; None without one."""
        path, self._output = self._output, None
        return path

    def progress(self, label: str) -> ProgressLine:
        """The ``progress`` of the work in a ``with`` block, drawn on standard error when that is
        a terminal and the work takes longer than about a second.
        """
        drawn = _is_terminal(self._stderr) and self.environ.get("TERM") != "dumb"
        return ProgressLine(self._stderr if drawn else None, printable(label))

    def tell(self, lines: Iterable[str]) -> None:
        """Say on standard error what became of the work; lines are without line ends."""
        if self._stderr is None:
            return
        with suppress(OSError, ValueError):  # as below
            self._stderr.writelines(f"{line}\n" for line in lines)
            self._stderr.flush()

    def warn(self, sentence: str) -> None:
        """Say on standard error what the user should know although the work goes on."""
        self._say("warning", sentence)

    def error(self, sentence: str) -> None:
        """Say on standard error why the work ended."""
        self._say("error", sentence)

    def __enter__(self) -> Console:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Bring what was written to its place, or leave the place as it was after an error."""
        if kind is None:
            self._finish()
        if self._file_context is not None:
            self._file_context.__exit__(kind, error, trace)

    def _finish(self) -> None:
        if self._output is not None:
            self._opened_file()  # what had nothing to say is an empty file, not a missing one
        elif self._stdout is not None:
            with _naming_standard_output():
                self._stdout.flush()

    def _put(self, text: str) -> None:
        if self._output is not None:
            self._opened_file().write(text.encode("utf-8", "backslashreplace"))
            return
        with _naming_standard_output():
            self._opened_stdout().write(text)

    def _opened_file(self) -> BinaryIO:
        if self._file is None:
            self._file_context = atomic_write(self._output or "")
            self._file = self._file_context.__enter__()
        return self._file

    def _opened_stdout(self) -> TextIO:
        if self._stdout is None:
            raise FileError("standard output is closed", remedy="name a file with -o FILE")
        return self._stdout

    def _say(self, kind: str, sentence: str) -> None:
        if self._stderr is None:
            return
        label = f"\x1b[{STYLES[kind]}m{kind}:\x1b[0m" if self._error_color else f"{kind}:"
        with suppress(OSError, ValueError):  # there is nowhere left to complain
            self._stderr.write(f"pbtool: {label} {printable(sentence)}\n")
            self._stderr.flush()


@contextmanager
def _naming_standard_output() -> Iterator[None]:
    """Turn the system's refusals within the block into a sentence; a closed pipe stays one."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        sentence = f"cannot write the output: {error.strerror or error}"
        raise FileError(sentence, place="standard output") from error


def _is_terminal(stream: TextIO | None) -> bool:
    try:
        return stream is not None and stream.isatty()
    except ValueError:  # the stream is closed
        return False


def _never_refuse_a_character(stream: TextIO | None) -> None:
    """Let what the stream's encoding lacks, LANG=C for one, come out as a backslash escape."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")
