"""Show git a change of a model file; git runs this.

It does once `pbtool git-setup` told it to. Git hands over the path and, before and after, a file
with the content, its hash and its mode; of a renamed file also the new path. A file that was added
or deleted is described, one that is no model is compared by git itself. The exit status is 0
whatever is different: git would stop at any other.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pbtool import files, git
from pbtool.errors import PbtoolError, UsageError
from pbtool.recognize import HEAD, is_text
from pbtool.render.escape import printable
from pbtool.source import open_source
from pbtool.verbs import OK

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator

    from pbtool.console import Console
    from pbtool.model import Model

EXIT_STATUS = "0, also where files differ or are no models; 2 where git gave other arguments."

_NOTHING = "/dev/null"


class Blob(NamedTuple):
    """One side of the change, ``a`` or ``b``: the path in the repository, and where it lies now."""

    side: str
    path: str
    file: str
    hash: str
    mode: str

    @property
    def exists(self) -> bool:
        """Whether there is a file on this side."""
        return self.file != _NOTHING

    @property
    def is_text(self) -> bool:
        """Whether people can read the file."""
        with Path(self.file).open("rb") as file:
            return is_text(file.read(HEAD))

    def load(self) -> Model:
        """The model, under a path that nothing lies beside: variables there are of another time."""
        if not self.path.endswith(".index"):  # a checkpoint is opened by the names of its files
            source = open_source(self.file)
            source.name = f"{self.side}/{self.path}"
            return files.load_source(source)
        return files.load(self.file)


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("words", metavar="ARGUMENT", nargs="+", help="what git gives")


def run(args: argparse.Namespace, console: Console) -> int:
    """Show one change."""
    if len(args.words) == 1:
        console.write(f"* Unmerged path {printable(args.words[0])}\n")
        return OK
    if len(args.words) not in (7, 9):
        raise UsageError(
            f"git gives a diff driver 7 or 9 arguments, not {len(args.words)}",
            remedy="compare two files with pbtool diff",
        )
    path, *rest = args.words
    old = Blob("a", path, *rest[:3])
    new = Blob("b", rest[6] if len(rest) > 6 else path, *rest[3:6])
    if args.color == "auto" and not console.environ.get("NO_COLOR"):
        console.color = git.wants_color(terminal=console.terminal)
    for line in _header(old, new, rest[7:]):
        console.write(console.style(line, "heading") + "\n")
    console.write(f"{line}\n" for line in _body(old, new, console))
    return OK


def _header(old: Blob, new: Blob, similarity: Iterable[str]) -> Iterator[str]:
    """What git itself puts above a change, so that what splits git's output finds its way."""
    yield printable(f"diff --git a/{old.path} b/{new.path}")
    if not old.exists:
        yield f"new file mode {new.mode}"
    elif not new.exists:
        yield f"deleted file mode {old.mode}"
    elif old.mode != new.mode:
        yield from (f"old mode {old.mode}", f"new mode {new.mode}")
    for text in similarity:  # several lines, that of the index among them
        yield from map(printable, text.splitlines())


def _body(old: Blob, new: Blob, console: Console) -> Iterable[str]:
    try:
        if old.exists and new.exists:
            return list(_compared(old, new, console))
        return _described(old if old.exists else new, console)
    except PbtoolError as error:
        if old.is_text and new.is_text:  # which speaks for itself
            return git.compare_texts(old.file, new.file, color=console.color)
        return ["Binary files differ", console.style(printable(str(error)), "dim")]


def _described(blob: Blob, console: Console) -> list[str]:
    """A page about the only side that there is."""
    from pbtool.render.info import page
    from pbtool.verbs.info import tell_of

    return list(page(*tell_of(blob.load(), blob.path), console.style, console.width, full=False))


def _compared(old: Blob, new: Blob, console: Console) -> Iterable[str]:
    """What ``pbtool diff`` says; of what it does not compare, the lines of textconv that differ."""
    from pbtool.differences import diff
    from pbtool.render.diff import page
    from pbtool.render.diff_scopes import graph_of

    a, b = old.load(), new.load()
    if a.is_checkpoint or b.is_checkpoint:
        return _compared_texts(a, b, console)
    try:
        found = diff(a, b)
    except PbtoolError:  # such as lists of ops, or two nodes with one name
        return _compared_texts(a, b, console)
    if not found and not found.explanations:
        return [console.style("the same, in another order or encoding", "dim")]
    return page(found, console.style, console.width, graphs=(graph_of(a), graph_of(b)))


def _compared_texts(a: Model, b: Model, console: Console) -> list[str]:
    import tempfile

    from pbtool.render.canonical_model import lines

    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / "old", Path(folder) / "new"]
        for path, model in zip(paths, (a, b), strict=True):
            path.write_text("".join(f"{line}\n" for line in lines(model)), encoding="utf-8")
        return git.compare_texts(str(paths[0]), str(paths[1]), color=console.color)
