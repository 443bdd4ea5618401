"""Print a model as canonical text, for git and other tools that compare lines.

Two files have the same text when they hold the same: the order of nodes, control inputs and maps
does not matter, nor does the encoding of the file and of its tensors, nor what lies beside it.
Nodes therefore come by name, and each line stands for one input or attr of the node above it. Big
tensors and long strings have a hash in their place. `pbtool git-setup` makes git use it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pbtool.errors import FileError
from pbtool.opening import open_model
from pbtool.options import add_model, add_output
from pbtool.verbs import OK

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from pbtool.console import Console

EXAMPLES = """\
pbtool textconv model.pb
diff <(pbtool textconv a.pb) <(pbtool textconv b.pb)   what git log -p shows of a change"""


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_model(parser)
    parser.add_argument(
        "--any",
        action="store_true",
        help="print what is no model as text, or its size and hash: git stops at an error",
    )
    add_output(parser)


def run(args: argparse.Namespace, console: Console) -> int:
    """Print the text."""
    from pbtool.render.canonical_model import lines

    with console.progress(f"reading {args.model}"):
        try:
            found = lines(open_model(args.model, console, values=False))
        except FileError as error:
            if not args.any or args.model == "-":
                raise
            found = _stand_in(args.model, error)
        text = [line + "\n" for line in found]
    console.write(text)
    return OK


def _stand_in(path: str, error: FileError) -> Iterator[str]:
    """What stands for a file that is no model: its text, or why it has none."""
    import hashlib

    from pbtool.recognize import HEAD, is_text
    from pbtool.render.escape import printable
    from pbtool.source import open_source

    source = open_source(path)
    data = source.read(0, source.size)
    if is_text(data[:HEAD]):
        for line in data.decode(errors="backslashreplace").splitlines():
            yield "\t".join(map(printable, line.split("\t")))
    else:
        yield error.message
        yield f"{len(data):,} bytes, sha256 {hashlib.sha256(data).hexdigest()}"
