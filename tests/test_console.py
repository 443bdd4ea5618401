"""What is written goes where it should, in colour only where that is wanted."""

from __future__ import annotations

import errno
import io
from pathlib import Path

import pytest

from pbtool.console import STYLES, Console, color_wanted
from pbtool.errors import FileError, UsageError


class Terminal(io.TextIOWrapper):
    """A stream that says it is a terminal."""

    def __init__(self, encoding: str = "utf-8") -> None:
        super().__init__(TerminalBytes(), encoding=encoding, write_through=True)

    def isatty(self) -> bool:
        return True

    @property
    def text(self) -> str:
        return written(self).decode()


class TerminalBytes(io.BytesIO):
    def isatty(self) -> bool:
        return True


def stream(encoding: str = "utf-8") -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding=encoding)


def written(stream: io.TextIOWrapper) -> bytes:
    stream.flush()
    assert isinstance(stream.buffer, io.BytesIO)
    return stream.buffer.getvalue()


@pytest.mark.parametrize(
    ("mode", "environ", "terminal", "wanted"),
    [
        ("auto", {}, True, True),
        ("auto", {}, False, False),
        ("auto", {"NO_COLOR": "1"}, True, False),
        ("auto", {"NO_COLOR": ""}, True, True),  # the convention: empty means not set
        ("auto", {"TERM": "dumb"}, True, False),
        ("auto", {"TERM": "xterm"}, True, True),
        ("auto", {"FORCE_COLOR": "1"}, False, False),
        ("always", {"NO_COLOR": "1", "TERM": "dumb"}, False, True),
        ("never", {}, True, False),
    ],
)
def test_color_wanted(mode: str, environ: dict[str, str], terminal: bool, wanted: bool) -> None:
    assert color_wanted(mode, environ, terminal=terminal) is wanted


def test_style_is_the_text_where_there_is_no_color() -> None:
    console = Console(None, stream(), stream(), environ={})
    assert all(console.style("a", name) == "a" for name in STYLES)


def test_style_colors_on_a_terminal() -> None:
    console = Console(None, Terminal(), stream(), environ={})
    assert console.style("a", "heading") == "\x1b[1ma\x1b[0m"
    assert console.configured(color="never").style("a", "heading") == "a"


def test_a_file_is_not_a_terminal(tmp_path: Path) -> None:
    console = Console(None, Terminal(), stream(), environ={})
    console.configured(output=str(tmp_path / "out"))
    assert not console.color
    assert console.width is None


def test_width() -> None:
    assert Console(None, stream(), stream(), environ={"COLUMNS": "99"}).width is None
    assert Console(None, Terminal(), stream(), environ={"COLUMNS": "99"}).width == 99
    assert Console(None, Terminal(), stream(), environ={"COLUMNS": "many"}).width == 80
    assert Console(None, Terminal(), stream(), environ={"COLUMNS": "0"}).width == 80


def test_text_is_written_whole_or_in_pieces() -> None:
    out = stream()
    with Console(None, out, stream()) as console:
        console.write("one\n")
        console.write(f"{number}\n" for number in range(3))
        console.write([])
    assert written(out) == b"one\n0\n1\n2\n"


def test_big_output_is_not_gathered_whole() -> None:
    out = stream()
    sizes: list[int] = []

    def pieces() -> object:
        for _ in range(1000):
            sizes.append(len(written(out)))
            yield "x" * 999 + "\n"

    Console(None, out, stream()).write(pieces())
    assert len(written(out)) == 1_000_000
    assert all(position * 1000 - size <= 70_000 for position, size in enumerate(sizes))


@pytest.mark.parametrize(
    ("encoding", "expected"),
    [("utf-8", "größe \\udc80\n".encode()), ("ascii", b"gr\\xf6\\xdfe \\udc80\n")],
)
def test_no_character_is_refused(encoding: str, expected: bytes) -> None:
    out = stream(encoding)
    with Console(None, out, stream()) as console:
        console.write("größe \udc80\n")
    assert written(out) == expected


def test_binary_output() -> None:
    out = stream()
    with Console(None, out, stream()) as console:
        console.write_bytes(b"\x00")
        console.write_bytes(bytes([number]) for number in (1, 2))
    assert written(out) == b"\x00\x01\x02"


def test_binary_output_is_refused_on_a_terminal(tmp_path: Path) -> None:
    out = Terminal()
    console = Console(None, out, stream())
    with pytest.raises(UsageError, match="not written to a terminal; name a file with -o FILE"):
        console.write_bytes(b"\x00")
    assert out.text == ""
    with console.configured(output=str(tmp_path / "out.pb")):
        console.write_bytes(b"\x00")
    assert (tmp_path / "out.pb").read_bytes() == b"\x00"


def test_output_goes_to_the_file(tmp_path: Path) -> None:
    path, out = tmp_path / "out.txt", stream()
    with Console(None, out, stream()).configured(output=str(path)) as console:
        console.write("größe \udc80\n")
        console.write(["a", "b"])
        assert not path.exists()
    assert path.read_bytes() == "größe \\udc80\nab".encode()
    assert written(out) == b""


def test_after_an_error_there_is_no_file(tmp_path: Path) -> None:
    path = tmp_path / "out.txt"
    console = Console(None, stream(), stream()).configured(output=str(path))

    def fail() -> None:
        console.write("half")
        raise KeyError

    with pytest.raises(KeyError), console:
        fail()
    assert list(tmp_path.iterdir()) == []


def test_no_output_is_an_empty_file(tmp_path: Path) -> None:
    with Console(None, stream(), stream()).configured(output=str(tmp_path / "out.txt")):
        pass
    assert (tmp_path / "out.txt").read_bytes() == b""


def test_a_dash_is_standard_output() -> None:
    out = stream()
    with Console(None, out, stream()).configured(output="-") as console:
        console.write("here\n")
    assert written(out) == b"here\n"


def test_a_full_disk_behind_standard_output_is_a_sentence() -> None:
    class Full(io.StringIO):
        def flush(self) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

    sentence = "standard output: cannot write the output: No space"
    with pytest.raises(FileError, match=sentence), Console(None, Full(), stream()) as console:
        console.write("lost")


def test_closed_streams() -> None:
    console = Console(None, None, None)
    console.warn("nobody hears this")
    with pytest.raises(FileError, match="standard output is closed"):
        console.write("a")
    with pytest.raises(FileError, match="standard output is closed"):
        console.write_bytes(b"a")
    with pytest.raises(FileError, match="standard input is closed"):
        _ = console.stdin
    with console:
        pass  # nothing was written, so nothing is missing


def test_warnings_and_errors_are_single_safe_lines() -> None:
    err = stream()
    console = Console(None, stream(), err)
    console.warn("node 'a\n\x1b[31m' has no op")
    console.error("b\udc80.pb: is empty")
    assert written(err) == (
        b"pbtool: warning: node 'a\\n\\x1b[31m' has no op\npbtool: error: b\\udc80.pb: is empty\n"
    )


def test_warnings_are_colored_when_standard_error_is_a_terminal() -> None:
    err = Terminal()
    Console(None, stream(), err, environ={}).warn("careful")
    assert err.text == "pbtool: \x1b[1;33mwarning:\x1b[0m careful\n"


def test_progress_is_drawn_only_on_a_terminal_that_can() -> None:
    for err, environ, drawn in (
        (Terminal(), {}, True),
        (Terminal(), {"TERM": "dumb"}, False),
        (stream(), {}, False),
        (None, {}, False),
    ):
        line = Console(None, stream(), err, environ=environ).progress("reading\x1b")
        assert (line._stream is err and err is not None) is drawn
        assert line._label == "reading\\x1b"


def test_standard_input_is_bytes() -> None:
    given = io.TextIOWrapper(io.BytesIO(b"\xff"))
    assert Console(given, stream(), stream()).stdin.read() == b"\xff"
