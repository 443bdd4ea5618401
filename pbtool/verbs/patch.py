"""Apply the changes that pbtool diff found to a model.

CHANGES is what pbtool diff A B --format json wrote; what comes out is B again, as far as order and
encoding do not count. Written with --full-values, the changes hold big constants, too. A patch that
does not fit the model is refused, and so is one that lacks a value. Where variables change, -o
names the prefix of a checkpoint or, for a SavedModel, the folder to make.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pbtool.conversion import encode
from pbtool.errors import FileError, UsageError
from pbtool.opening import open_bytes, open_model
from pbtool.options import add_model, add_output, completes
from pbtool.verbs import OK
from pbtool.writing import encoding_of, write

if TYPE_CHECKING:
    import argparse

    from pbtool.console import Console
    from pbtool.differences import Diff
    from pbtool.model import Model

EXAMPLES = """\
pbtool diff old.pb new.pb --format json --full-values -o changes.json
pbtool patch old.pb changes.json -o new_again.pb
pbtool patch new.pb changes.json --reverse -o old_again.pb
pbtool patch old_saved_model/ changes.json -o new_saved_model"""


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_model(parser)
    changes = parser.add_argument("changes", metavar="CHANGES", help="a file that diff wrote, or -")
    completes(changes, "file")
    parser.add_argument("--reverse", action="store_true", help="from B back to A")
    add_output(parser, "write the graph to FILE instead of standard output")


def run(args: argparse.Namespace, console: Console) -> int:
    """Write the patched model."""
    from pbtool.differences import apply, apply_to_model
    from pbtool.differences.documents import from_json
    from pbtool.differences.patching_files import changes_files

    if args.model == args.changes == "-":
        raise UsageError("the model and the changes cannot both come from standard input")
    model = open_model(args.model, console)
    try:
        found = from_json(_document(args.changes, console))
    except FileError as error:
        error.place = error.place or args.changes
        raise
    if args.reverse:
        found = found.inverse()
    if model.is_checkpoint or changes_files(found):
        _write_files(model, found, console.taken_output())
        return OK
    encoding = encoding_of(args.output or "")
    if model.meta_graphs and any(each.kind == "meta graph" for each in found):
        console.binary().write(encode(apply_to_model(model, found), encoding))
    else:
        write(apply(model.graph, found), console.binary(), encoding)
    return OK


def _write_files(model: Model, found: Diff, path: str | None) -> None:
    """Write a checkpoint, or a SavedModel with its variables."""
    from pbtool.differences.patching_files import write_checkpoint, write_folder

    if path is None:
        raise UsageError(
            "the changes are of variables or assets, which lie in files of their own",
            remedy="name a prefix with -o" if model.is_checkpoint else "name a folder with -o",
        )
    (write_checkpoint if model.is_checkpoint else write_folder)(model, found, path)


def _document(path: str, console: Console) -> Any:
    source = open_bytes(path, console)
    try:
        return json.loads(source.read(0, source.size))
    except (ValueError, RecursionError) as error:
        raise FileError(
            f"is not JSON ({error})", place=path, remedy="write it with pbtool diff --format json"
        ) from None
