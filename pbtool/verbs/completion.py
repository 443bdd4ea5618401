"""Print a script that completes pbtool's command line in a shell.

It completes verbs, options, their choices, file names, and the names of nodes in the model that is
already on the line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pbtool import completion

if TYPE_CHECKING:
    import argparse

    from pbtool.console import Console

EXAMPLES = """\
bash   add to ~/.bashrc:      eval "$(pbtool completion bash)"
zsh    add to ~/.zshrc:       eval "$(pbtool completion zsh)"    (after compinit)
fish   add to config.fish:    pbtool completion fish | source
"""


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the shell."""
    parser.add_argument(
        "shell", choices=tuple(completion.SCRIPTS), metavar="SHELL", help="bash, zsh or fish"
    )


def run(args: argparse.Namespace, console: Console) -> int:
    """Write the script."""
    console.write(completion.SCRIPTS[args.shell])
    return 0
