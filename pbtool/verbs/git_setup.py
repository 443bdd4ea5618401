"""Make git show changes of model files with pbtool.

Afterwards `git diff` shows what `pbtool diff` does; `git log -p`, `git show` and `git blame` show
lines of `pbtool textconv`, as does `git diff --no-ext-diff`; log and show with --ext-diff show what
`git diff` does. Files that are no models look as before. Nothing that is committed changes: git is
configured in this repository (.git/config and .git/info/attributes), or with --global for all of
yours. --remove undoes it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pbtool import git
from pbtool.errors import UsageError
from pbtool.verbs import OK

if TYPE_CHECKING:
    import argparse

    from pbtool.console import Console

EXAMPLES = """\
pbtool git-setup            in this repository
pbtool git-setup --global   in all your repositories
pbtool git-setup --remove   as it was
pbtool git-setup --print    what to write where, to do it by hand or for a team"""


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    where = parser.add_mutually_exclusive_group()
    scopes = {git.LOCAL: "in this repository (the default)", git.GLOBAL: "in all your repositories"}
    for scope, meaning in scopes.items():
        where.add_argument(
            f"--{scope}", dest="scope", action="store_const", const=scope, help=meaning
        )
    parser.set_defaults(scope=git.LOCAL)
    parser.add_argument("--print", action="store_true", help="only print what would be written")
    parser.add_argument("--remove", action="store_true", help="undo it")


def run(args: argparse.Namespace, console: Console) -> int:
    """Configure git, or undo that."""
    if args.print and args.remove:
        raise UsageError("--print and --remove contradict each other")
    if args.print:
        console.write(f"# for .git/config or ~/.gitconfig\n{git.config_text()}\n")
        console.write(f"# for .gitattributes or .git/info/attributes\n{git.attributes()}")
        return OK
    where = "this repository" if args.scope == git.LOCAL else "all your repositories"
    if args.remove:
        was_there = git.remove(args.scope)
        console.write(
            f"git shows model files as it did before, in {where}\n"
            if was_there
            else f"there was nothing to remove in {where}\n"
        )
        return OK
    path = git.install(args.scope)
    console.write(
        f"git shows changes of model files with pbtool, in {where}\n"
        f"  for {', '.join(git.PATTERNS)} (in {path})\n"
        f"  pbtool git-setup{' --global' * (args.scope == git.GLOBAL)} --remove undoes it\n"
    )
    return OK
