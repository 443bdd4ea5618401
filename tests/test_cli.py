"""From a command line to an exit status, and nothing but sentences on the way."""

from __future__ import annotations

import argparse
import io
import os
import subprocess
import sys
import time
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import pbtool
from pbtool import cli, options, verbs
from pbtool.console import Console
from pbtool.errors import FileError

ROOT = Path(pbtool.__file__).parent.parent
posix = pytest.mark.skipif(os.name != "posix", reason="needs POSIX pipes and signals")

Run = Callable[[argparse.Namespace, Console], int]


class Result(NamedTuple):
    status: int
    out: str
    err: str


def pbtool_(*words: str) -> Result:
    """What one command line gives, without a process."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    status = cli.main(words, stdin=io.TextIOWrapper(io.BytesIO()), stdout=out, stderr=err)
    texts = []
    for stream in (out, err):
        stream.flush()
        assert isinstance(stream.buffer, io.BytesIO)
        texts.append(stream.buffer.getvalue().decode())
    return Result(status, *texts)


@pytest.fixture
def echo(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Run], None]]:
    """A verb ``echo MODEL [WORD...]`` that does what a test gives it to do."""
    module = types.ModuleType("pbtool.verbs.echo", "Say what was given.\n\nMore about that.")

    def declare(parser: argparse.ArgumentParser) -> None:
        options.add_model(parser)
        options.add_output(parser)
        options.add_format(parser, ("text", "csv"))
        parser.add_argument("word", nargs="*", metavar="WORD", default=[])
        parser.add_argument("--name", action="append")

    def run(args: argparse.Namespace, console: Console) -> int:
        console.write(f"{args.model} {args.word} {args.format} {args.name}\n")
        return verbs.FINDINGS

    module.options = declare
    module.run = run
    module.EXAMPLES = "pbtool echo a.pb   says a.pb\n"
    module.EXIT_STATUS = "1, always."
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(verbs, "VERBS", [*verbs.VERBS, verbs.Verb("echo", "Say", alias="say")])
    monkeypatch.setattr(cli, "VERBS", verbs.VERBS)
    return lambda run: monkeypatch.setattr(module, "run", run)


def fails(error: BaseException) -> Run:
    def run(args: argparse.Namespace, console: Console) -> int:
        raise error

    return run


# --- words ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        "echo m w v --format csv --name x --name y",
        "echo --format csv m --name x w --name=y v",
        "echo --format=csv --name x --name y m w v",
        "echo --name x --format csv m --name y -- w v",
        "--color never echo m w v --format csv --name x --name y",
        "--traceback --color=never echo m w --format csv --name x --name y v",
        "say m w v --format csv --name x --name y",
    ],
)
@pytest.mark.usefixtures("echo")
def test_options_may_stand_anywhere(words: str) -> None:
    assert pbtool_(*words.split()) == (1, "m ['w', 'v'] csv ['x', 'y']\n", "")


@pytest.mark.usefixtures("echo")
def test_after_two_dashes_nothing_is_an_option() -> None:
    assert pbtool_("echo", "m", "--", "--format", "-x").out == "m ['--format', '-x'] text None\n"
    assert pbtool_("echo", "--", "-m").out == "-m [] text None\n"
    assert pbtool_("echo", "-").out == "- [] text None\n"


@pytest.mark.usefixtures("echo")
def test_the_exit_status_is_the_verbs() -> None:
    assert pbtool_("echo", "m").status == 1


def test_help_shows_the_table() -> None:
    status, out, err = pbtool_("--help")
    assert (status, err) == (0, "")
    assert all(f"  {verb.name}" in out and verb.help in out for verb in verbs.VERBS)
    assert "list, ls" in out
    assert pbtool_("-h").out == pbtool_("help").out == out


@pytest.mark.usefixtures("echo")
def test_help_of_a_verb_shows_examples_and_exit_status() -> None:
    status, out, err = pbtool_("echo", "--help")
    assert (status, err) == (0, "")
    assert out.startswith("usage: pbtool echo [-h] [-o FILE] [--format FORMAT] [--name NAME]")
    assert "Say what was given.\n\nMore about that.\n" in out
    assert "examples:\n  pbtool echo a.pb   says a.pb\n\nexit status:\n  1, always.\n" in out
    for words in (["help", "echo"], ["echo", "m", "-h"], ["say", "--help"]):
        assert pbtool_(*words).out == out


def test_every_verb_has_the_help_that_the_table_says() -> None:
    for verb in verbs.VERBS:
        module = verbs.load(verb)
        first_line = (module.__doc__ or "").partition("\n")[0]
        assert first_line.rstrip(".") == verb.help
        assert pbtool_(verb.name, "--help").status == 0


def test_version() -> None:
    assert pbtool_("--version") == (0, f"pbtool {pbtool.__version__}\n", "")


# --- mistakes ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("", "no verb was given; see pbtool --help"),
        ("--color never", "no verb was given; see pbtool --help"),
        ("ecko m", "'ecko' is not a verb; did you mean echo?"),
        ("lst", "'lst' is not a verb; did you mean list?"),
        ("\x1b[31m", "'\\x1b[31m' is not a verb; see pbtool --help for the verbs"),
        ("--colour echo", "unrecognized arguments: --colour; see pbtool --help"),
        ("echo", "the following arguments are required: MODEL; see pbtool echo --help"),
        ("echo m --form csv", "unrecognized arguments: --form; see pbtool echo --help"),
        ("echo m --name", "argument --name: expected one argument; see pbtool echo --help"),
    ],
)
@pytest.mark.usefixtures("echo")
def test_mistakes_are_sentences(words: str, sentence: str) -> None:
    assert pbtool_(*words.split(" ") if words else []) == (2, "", f"pbtool: error: {sentence}\n")


@pytest.mark.usefixtures("echo")
def test_an_unknown_format_is_told_the_known_ones() -> None:
    status, _, err = pbtool_("echo", "m", "--format", "xml")
    assert status == 2
    assert "argument --format: invalid choice: 'xml' (choose from" in err
    assert "csv" in err


def test_a_model_in_the_place_of_a_verb_gets_advice(tmp_path: Path) -> None:
    path = tmp_path / "a.pb"
    path.touch()
    assert pbtool_(str(path)).err == (
        f"pbtool: error: '{path}' is not a verb; "
        f"to see what is in this file try: pbtool list {path}\n"
    )


# --- errors -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (FileError("is empty", place="a\n.pb", remedy="copy it"), "a\\n.pb: is empty; copy it"),
        (FileNotFoundError(2, "No such file or directory", "a.pb"), "a.pb: No such file or"),
        (OSError(5, "Input/output error"), "Input/output error"),
        (MemoryError(), "there is not enough memory for this"),
        (RecursionError(), "this model nests deeper than pbtool can follow"),
        (KeyError("x"), "this is a bug in pbtool (KeyError: 'x'); please report it with"),
        (AssertionError(), "this is a bug in pbtool (AssertionError: ); please report it"),
    ],
)
def test_errors_are_one_line(echo: Callable[[Run], None], error: Exception, sentence: str) -> None:
    echo(fails(error))
    status, out, err = pbtool_("echo", "m")
    assert (status, out) == (2, "")
    assert err.startswith(f"pbtool: error: {sentence}")
    assert err.count("\n") == 1


def test_traceback_is_shown_when_asked_for(echo: Callable[[Run], None]) -> None:
    echo(fails(FileError("is empty")))
    for words in (["echo", "m", "--traceback"], ["--traceback", "echo", "m"]):
        status, _, err = pbtool_(*words)
        assert status == 2
        assert err.startswith("Traceback (most recent call last):\n")
        assert err.endswith("FileError: is empty\npbtool: error: is empty\n")


def test_interrupt_and_closed_pipe_are_silent(echo: Callable[[Run], None]) -> None:
    echo(fails(KeyboardInterrupt()))
    assert pbtool_("echo", "m") == (130, "", "")
    echo(fails(BrokenPipeError(32, "Broken pipe")))
    assert pbtool_("echo", "m") == (141, "", "")


def test_a_failed_run_leaves_the_output_file(echo: Callable[[Run], None], tmp_path: Path) -> None:
    path = tmp_path / "out"
    assert pbtool_("echo", "m", "-o", str(path)) == (1, "", "")
    assert path.read_text() == "m [] text None\n"

    def half(args: argparse.Namespace, console: Console) -> int:
        console.write("half")
        raise FileError("is damaged")

    echo(half)
    assert pbtool_("echo", "m", "-o", str(path)).status == 2
    echo(fails(FileError("is damaged")))
    assert pbtool_("echo", "m", "-o", f"{path}/no/folder").err == "pbtool: error: is damaged\n"
    assert path.read_text() == "m [] text None\n"
    assert list(tmp_path.iterdir()) == [path]


# --- a process, as a shell starts it ----------------------------------------------------------

SCRIPT = """
import argparse, sys, time, types
from pbtool import options, verbs

def declare(parser):
    options.add_output(parser)
    parser.add_argument("kind")

def run(args, console):
    if args.kind == "wait":
        sys.stderr.write("ready")
        sys.stderr.flush()
        time.sleep(60)
    console.write("x" * 99 + "\\n" for _ in range(1 if args.kind == "small" else 100_000))
    return 1

module = types.ModuleType("pbtool.verbs.fake", "Fake.")
module.options, module.run = declare, run
sys.modules[module.__name__] = module
verbs.VERBS.append(verbs.Verb("fake", "Fake"))
from pbtool.__main__ import main
sys.exit(main())
"""


ENVIRON = {**os.environ, "PYTHONPATH": str(ROOT)}
ENVIRON.pop("PYTHONUNBUFFERED", None)  # buffers are what these tests are about


def process(*words: str, **streams: int | None) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, "fake", *words],
        env=ENVIRON,
        **streams,
    )


@posix
@pytest.mark.parametrize("kind", ["small", "big"])
def test_a_closed_pipe_is_silent(kind: str) -> None:
    running = process(kind, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert running.stdout is not None
    assert running.stderr is not None
    if kind == "big":
        running.stdout.readline()
    running.stdout.close()
    with running.stderr:
        assert running.stderr.read() == b""
    assert running.wait() == 141


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("kind", ["small", "big"])
def test_a_full_disk_is_one_sentence(kind: str) -> None:
    with Path("/dev/full").open("wb") as full:
        running = process(kind, stdout=full.fileno(), stderr=subprocess.PIPE)
        _, err = running.communicate()
    assert err == (
        b"pbtool: error: standard output: cannot write the output: No space left on device\n"
    )
    assert running.returncode == 2


@posix
def test_ctrl_c_is_silent_and_ends_the_process_as_the_signal_does() -> None:
    running = process("wait", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert running.stderr is not None
    assert running.stderr.read(5) == b"ready"
    time.sleep(0.05)
    running.send_signal(2)
    out, err = running.communicate()
    assert (out, err) == (b"", b"")
    assert running.returncode == -2  # which a shell reports as 130


@posix
def test_closed_standard_output_is_a_sentence() -> None:
    command = f"{sys.executable} -m pbtool --version >&-"
    done = subprocess.run(["sh", "-c", command], env=ENVIRON, capture_output=True, check=False)
    assert done.stderr == (b"pbtool: error: standard output is closed; name a file with -o FILE\n")
    assert done.returncode == 2


@posix
def test_dev_stdout_is_not_opened_anew(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"first\n")
    with path.open("ab") as log:
        assert process("small", "-o", "/dev/stdout", stdout=log.fileno()).wait() == 1
    assert path.read_bytes() == b"first\n" + b"x" * 99 + b"\n"
