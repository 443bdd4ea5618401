"""The table of verbs. Each verb is the module of its name in this package.

A verb's module has a docstring (its first line is the help in the table), ``options(parser)``,
which declares its arguments, and ``run(args, console)``, which returns the exit status; it may
have ``EXAMPLES`` and ``EXIT_STATUS``, texts for the end of its ``--help``. It is imported only
when the verb is used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, NamedTuple, Protocol, cast

from pbtool.options import Parser, add_every_verb

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence

    from pbtool.console import Console


class Verb(NamedTuple):
    """A row of the table."""

    name: str
    help: str
    alias: str = ""


VERBS = [
    Verb(
        "list",
        "List the nodes of a model, with the exact type and the shape of every output",
        alias="ls",
    ),
    Verb("info", "Tell what a model is: inputs, outputs, sizes, signatures"),
    Verb("show", "Show everything about nodes, down to the values of their tensors"),
    Verb("check", "Find what is wrong with models: what TensorFlow refuses, what is unsafe"),
    Verb("diff", "Tell what changed between two model files"),
    Verb("patch", "Apply the changes that pbtool diff found to a model"),
    Verb("prune", "Write the part of a graph that some outputs need, and nothing else"),
    Verb("freeze", "Turn variables into constants, so that one file is the whole model"),
    Verb("run", "Execute a model and show what comes out"),
    Verb(
        "compare", "Execute two models on the same inputs and tell how far their outputs are apart"
    ),
    Verb("convert", "Convert a model file between binary, text and JSON"),
    Verb("git-setup", "Make git show changes of model files with pbtool"),
    Verb("git-diff", "Show git a change of a model file; git runs this"),
    Verb("textconv", "Print a model as canonical text, for git and other tools that compare lines"),
    Verb("completion", "Print a script that completes pbtool's command line in a shell"),
]

OK = 0
FINDINGS = 1
TROUBLE = 2

EPILOG = """\
MODEL is a file, a SavedModel folder, a checkpoint prefix, or - for standard input; what it is, is
found from its content. Options may stand before or after it.

exit status:
  0 fine or equal, 1 findings or different, 2 trouble.

'pbtool VERB --help' tells more about a verb, with examples."""

DEFAULT_EXIT_STATUS = "0 if all went well, 2 if not."


class VerbModule(Protocol):
    """What the module of a verb offers."""

    def options(self, parser: argparse.ArgumentParser) -> None:
        """Declare the verb's arguments."""

    def run(self, args: argparse.Namespace, console: Console) -> int:
        """Do the verb's work and return the exit status."""


def find(word: str) -> Verb | None:
    """The verb of this name or alias."""
    return next((verb for verb in VERBS if word in (verb.name, verb.alias)), None)


def load(verb: Verb) -> VerbModule:
    """The verb's module."""
    module = importlib.import_module(f"{__name__}.{verb.name.replace('-', '_')}")
    return cast("VerbModule", module)


def parser(
    verb: Verb, module: VerbModule, write: Callable[[str], object] = lambda _: None
) -> Parser:
    """The verb's argument parser; ``write`` gets its help."""
    examples = _section("examples", getattr(module, "EXAMPLES", ""))
    exit_status = _section("exit status", getattr(module, "EXIT_STATUS", DEFAULT_EXIT_STATUS))
    made = Parser(
        f"pbtool {verb.name}",
        write,
        description=(module.__doc__ or verb.help).strip(),
        epilog="\n\n".join(filter(None, (examples, exit_status))),
    )
    module.options(made)
    add_every_verb(made)
    return made


def general_parser(write: Callable[[str], object] = lambda _: None) -> Parser:
    """The parser of the options before the verb, whose help shows the table."""
    names = [", ".join(filter(None, (verb.name, verb.alias))) for verb in VERBS]
    width = max(map(len, names))
    rows = [f"  {name:<{width}}  {verb.help}" for name, verb in zip(names, VERBS, strict=True)]
    made = Parser(
        "pbtool",
        write,
        usage="pbtool VERB MODEL [options]",
        description="\n".join(
            ["Open TensorFlow model files without TensorFlow.", "", "verbs:", *rows]
        ),
        epilog=EPILOG,
    )
    made.add_argument("--version", action="store_true", help="print pbtool's version")
    add_every_verb(made)
    return made


def place_of_verb(words: Sequence[str]) -> int:
    """Where the verb stands among the words; their number when there is none."""
    for at, word in enumerate(words):
        if not word.startswith("-") and words[at - 1 : at] != ["--color"]:
            return at
    return len(words)


def _section(title: str, text: str) -> str:
    lines = [f"  {line}".rstrip() for line in text.strip("\n").splitlines()]
    return "\n".join([f"{title}:", *lines]) if lines else ""
