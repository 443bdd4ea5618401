"""How verbs read their command line: the parser, and the options that many verbs share.

A shared option is written once, here, so that it has the same name, meaning and help everywhere.
"""

from __future__ import annotations

import argparse
import os
import re
from typing import TYPE_CHECKING, NamedTuple

from pbtool.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import NoReturn

_MODEL_HELP = "a model file, a SavedModel folder, a checkpoint prefix, or - for standard input"


def add_model(
    parser: argparse.ArgumentParser, *, nargs: str | None = None, name: str = "model"
) -> argparse.Action:
    """Add the positional MODEL, as ``args.model``: a path, or with ``nargs`` a list of them."""
    action = parser.add_argument(name, metavar=name.upper(), help=_MODEL_HELP, nargs=nargs)
    return completes(action, "model")


def add_tags(parser: argparse.ArgumentParser) -> argparse.Action:
    """Add ``--tags``, as ``args.tags``: which meta graph of a SavedModel is meant, or None."""
    return parser.add_argument(
        "--tags",
        metavar="TAGS",
        help="the meta graph of a SavedModel with these tags (default: serve, or the first)",
    )


def add_output(
    parser: argparse.ArgumentParser,
    text: str = "write to FILE instead of standard output",
    dest: str = "output",
) -> argparse.Action:
    """Add ``-o FILE``; the console sends there whatever the verb writes.

    A verb that writes something there by itself gives another ``dest``.
    """
    action = parser.add_argument("-o", "--output", metavar="FILE", dest=dest, help=text)
    return completes(action, "file")


def add_format(
    parser: argparse.ArgumentParser,
    formats: Sequence[str],
    default: str | None = "text",
    text: str = "",
) -> argparse.Action:
    """Add ``--format``, as ``args.format``: one of ``formats``; ``text`` explains them."""
    return parser.add_argument(
        "--format",
        choices=tuple(formats),
        default=default,
        help=text or f"one of {', '.join(formats)} (default: {default})",
        metavar="FORMAT",
    )


def add_several(
    parser: argparse.ArgumentParser,
    option: str,
    metavar: str,
    text: str,
    what: str | Sequence[str] = "",
) -> None:
    """Add an option that may be given several times, as the list of what was given.

    ``what`` is what the shell completes it with, see ``completes``.
    """
    action = parser.add_argument(option, metavar=metavar, action="append", default=[], help=text)
    completes(action, what)


def add_names(
    parser: argparse.ArgumentParser, option: str, metavar: str, text: str, what: str = "node"
) -> None:
    """Add an option that takes names with commas between, and may be given several times."""
    action = parser.add_argument(
        option, metavar=metavar, action="extend", type=_names, default=[], help=text
    )
    completes(action, what)


def _names(text: str) -> list[str]:
    """The names between commas, which may also stand within the brackets of a shape."""
    return [each.strip() for each in re.split(r",(?![^\[]*\])", text) if each.strip()]


def add_every_verb(parser: argparse.ArgumentParser) -> None:
    """Add what every verb has: ``--color`` and ``--traceback``."""
    parser.add_argument(
        "--color",
        choices=("auto", "always", "never"),
        default="auto",
        metavar="WHEN",
        help="auto (the default: on a terminal), always or never",
    )
    parser.add_argument(
        "--traceback", action="store_true", help="show where in pbtool an error was raised"
    )


def completes(action: argparse.Action, what: str | Sequence[str]) -> argparse.Action:
    """Declare what the shell may complete the argument with, and return the argument.

    ``file``: a path; ``model``: a path, whose model the other kinds are read from; ``node``,
    ``op`` and ``function``: the names in that model; a sequence of words: any of these, with
    commas between. An argument with choices needs no declaration.
    """
    setattr(action, "completes", what)  # noqa: B010 (argparse's class does not know it)
    return action


class Given(NamedTuple):
    """Words of a command line, told apart as a parser's options tell them apart."""

    options: list[str]  # each followed by its values
    positionals: list[str]
    pending: argparse.Action | None  # the option whose value would be the next word
    only_positionals: bool  # after a --, nothing is an option


def tell_apart(parser: argparse.ArgumentParser, words: Sequence[str]) -> Given:
    """Which words are options and which are positional, wherever they stand."""
    takers = {name: action for action in parser._actions for name in action.option_strings}
    options: list[str] = []
    positionals: list[str] = []
    waiting: list[argparse.Action] = []  # an option, once for each value that it still takes
    rest = iter(words)
    for word in rest:
        if waiting:
            waiting.pop()
            options.append(word)
        elif word == "--":
            positionals.extend(rest)
            return Given(options, positionals, None, only_positionals=True)
        elif word.startswith("-") and word != "-":
            options.append(word)
            action = takers.get(word)
            if action is not None:
                waiting = [action] * (1 if action.nargs is None else int(action.nargs))
        else:
            positionals.append(word)
    return Given(options, positionals, waiting[-1] if waiting else None, only_positionals=False)


class Parser(argparse.ArgumentParser):
    """An argument parser whose options may stand before, between and after the positionals.

    A mistake raises UsageError instead of ending the process, and ``write`` gets the help. An
    option of ours takes a fixed number of values.
    """

    def __init__(
        self,
        prog: str,
        write: Callable[[str], object] = lambda _: None,
        *,
        description: str,
        epilog: str,
        usage: str | None = None,
    ) -> None:
        super().__init__(
            prog,
            usage=usage,
            description=description,
            epilog=epilog,
            formatter_class=_HelpFormatter,
            allow_abbrev=False,
        )
        self._write = write

    def read(self, words: Sequence[str]) -> argparse.Namespace:
        """The arguments that ``words`` give. UsageError where they are wrong; SystemExit after
        the help was asked for and written.
        """
        given = tell_apart(self, words)
        separator = ["--"] if given.positionals else []
        return self.parse_args([*given.options, *separator, *given.positionals])

    def error(self, message: str) -> NoReturn:
        """Raise UsageError with argparse's sentence."""
        raise UsageError(message, remedy=f"see {self.prog} --help")

    def print_help(self, file: object = None) -> None:  # noqa: ARG002 (argparse's signature)
        """Write the help to the writer given at construction."""
        self._write(self.format_help())


class _HelpFormatter(argparse.RawDescriptionHelpFormatter):
    """argparse's formatter with the width found at no cost.

    argparse makes a formatter for every option it adds and asks shutil for the width, and shutil
    imports every compression module there is.
    """

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=28, width=min(_columns(), 100) - 2)


def _columns() -> int:
    try:
        return int(os.environ.get("COLUMNS", "")) or 80
    except ValueError:
        pass
    try:
        return os.get_terminal_size().columns or 80
    except (OSError, ValueError, AttributeError):
        return 80
