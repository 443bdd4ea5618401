"""The command line: from a list of words to an exit status.

Exit status, as diff(1) and grep(1) have it: 0 fine or equal, 1 findings or different, 2 trouble.
And as a shell reports what a signal ended: 130 after Ctrl-C, 141 when the reader of our output
went away, which is no trouble and needs no message.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pbtool
from pbtool.console import Console
from pbtool.errors import PbtoolError, UsageError
from pbtool.verbs import OK, TROUBLE, VERBS, find, general_parser, load, parser, place_of_verb

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TextIO

INTERRUPTED = 130  # 128 + SIGINT
CLOSED_PIPE = 141  # 128 + SIGPIPE


def main(
    argv: Sequence[str] | None = None,
    *,
    stdin: TextIO | None = None,
    stdout: TextIO | None = None,
    stderr: TextIO | None = None,
) -> int:
    """Run one command line and return its exit status; streams left out are the process's own."""
    words = list(sys.argv[1:] if argv is None else argv)
    console = Console(stdin or sys.stdin, stdout or sys.stdout, stderr or sys.stderr)
    try:
        return _run(words, console)
    except BrokenPipeError:
        return CLOSED_PIPE
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 (nobody but a developer should meet a traceback)
        if "--traceback" in words:
            import traceback

            traceback.print_exc(file=stderr or sys.stderr)
        console.error(_sentence(error))
        return TROUBLE


def _run(words: list[str], console: Console) -> int:
    if words[:1] == ["__complete"]:
        from pbtool.completion import answer

        with console:
            console.write(answer(words[1:]))
        return OK
    if words[:1] == ["help"]:
        words = [*words[1:2], "--help"]
    at = place_of_verb(words)
    if at or not words:
        with console:
            if _only_general(words[:at], console):
                return OK
        if at == len(words):
            raise UsageError("no verb was given", remedy="see pbtool --help")
    return _run_verb(words[at], [*words[:at], *words[at + 1 :]], console)


def _run_verb(word: str, words: list[str], console: Console) -> int:
    verb = find(word)
    if verb is None:
        raise UsageError(f"{word!r} is not a verb", remedy=_advice(word))
    module = load(verb)
    with console:
        try:
            args = parser(verb, module, console.write).read(words)
        except SystemExit:  # argparse has written the help
            return OK
    with console.configured(color=args.color, output=getattr(args, "output", None)):
        return module.run(args, console)


def _only_general(words: list[str], console: Console) -> bool:
    """Whether the options before the verb were all that was asked, and are answered."""
    try:
        args = general_parser(console.write).read(words)
    except SystemExit:  # argparse has written the help
        return True
    if args.version:
        console.write(f"pbtool {pbtool.__version__}\n")
    return bool(args.version)


def _advice(word: str) -> str:
    """What to do about a word that is not a verb."""
    if os.path.exists(word):  # noqa: PTH110 (pathlib costs start-up time)
        return f"to see what is in this file try: pbtool list {word}"
    import difflib

    names = [name for verb in VERBS for name in (verb.name, verb.alias) if name]
    near = difflib.get_close_matches(word, names, n=1)
    return f"did you mean {near[0]}?" if near else "see pbtool --help for the verbs"


def _sentence(error: Exception) -> str:
    """The error as a sentence for the user."""
    if isinstance(error, PbtoolError):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    if isinstance(error, MemoryError):
        return "there is not enough memory for this"
    if isinstance(error, RecursionError):
        return "this model nests deeper than pbtool can follow"
    return (
        f"this is a bug in pbtool ({type(error).__name__}: {error}); "
        "please report it with what the same command prints with --traceback"
    )
