"""Tell what changed between two model files.

The same graph in another order or encoding is no change: nodes, control inputs and map entries may
stand in any order, text is the same as binary, and a tensor is what its elements are. Nodes that
only have another name are found by what they are. A model with variables and a graph frozen from it
are compared by what they compute, and equal if nothing but the freeze is between them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pbtool.errors import UsageError
from pbtool.opening import open_pair
from pbtool.options import add_format, add_model, add_output, add_several
from pbtool.verbs import FINDINGS, OK

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from pbtool.console import Console
    from pbtool.differences import Diff
    from pbtool.model import Model

EXAMPLES = """\
pbtool diff old.pb new.pb                          what changed
pbtool diff old.pb new.pb --stat                   scopes, with counts
pbtool diff old.pb new.pb --rtol 1e-5              weights that are nearly the same are the same
pbtool diff old.pb new.pb --ignore device --ignore 'attr:_*'
pbtool diff saved_model/ frozen.pb                 a SavedModel and the graph frozen from it
pbtool diff old.pb new.pb --format json --full-values -o changes.json"""

EXIT_STATUS = "0 if the two are equal, 1 if they differ, 2 if they cannot be compared."

FLAGS = {
    "--strict": "order and encoding count, too, and variables are no constants",
    "--tensorflow": "only the verdict of TensorFlow's EqualGraphDef, as the exit status",
    "--shapes": "tell types and shapes that changed",
    "--full": "fold nothing",
    "--stat": "only scopes, with counts",
    "--names-only": "only names of what changed",
    "--full-values": "write all values of constants into the JSON",
}

_OF_TEXT = ("--full", "--stat", "--names-only")


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    from pbtool.differences.options import IGNORABLE

    add_model(parser, name="a")
    add_model(parser, name="b")
    words = ", ".join(IGNORABLE)
    text = f"overlook one of {words}, or attr:GLOB; may be given again"
    add_several(parser, "--ignore", "WHAT", text)
    add_several(parser, "--only", "GLOB", "look only at nodes with such names; may be given again")
    for name, kind in (("--rtol", "relative"), ("--atol", "absolute")):
        text = f"{kind} difference up to which numbers of constants are the same"
        parser.add_argument(name, metavar="X", type=float, default=0.0, help=text)
    for flag, text in FLAGS.items():
        parser.add_argument(flag, action="store_true", help=text)
    add_format(parser, ("text", "json"))
    add_output(parser)


def run(args: argparse.Namespace, console: Console) -> int:
    """Compare the two models."""
    from pbtool.differences import diff
    from pbtool.differences.models import missing_files

    _refuse_options(args)
    with console.progress(f"comparing {args.a} and {args.b}"):
        a, b = open_pair(args.a, args.b, console)
        if args.tensorflow:
            return _verdict(a, b, console)
        for model, what in missing_files(a, b):
            console.warn(f"{model.path}: has no {what}, so those of the other are not compared")
        found = diff(
            a,
            b,
            rtol=args.rtol,
            atol=args.atol,
            ignore=args.ignore,
            only=args.only,
            strict=args.strict,
            shapes=args.shapes,
        )
    console.write(_rendered(args, found, (a, b), console))
    return FINDINGS if found else OK


def _verdict(a: Model, b: Model, console: Console) -> int:
    """The verdict of TensorFlow's EqualGraphDef."""
    from pbtool.differences.equal_graph_def import difference
    from pbtool.render.escape import printable

    why = difference(a.graph, b.graph)
    console.write("" if why is None else f"EqualGraphDef: {printable(why)}\n")
    return OK if why is None else FINDINGS


def _refuse_options(args: argparse.Namespace) -> None:
    """Refuse options of which one would be overlooked for the sake of another."""
    flags = [flag for flag in FLAGS if getattr(args, flag[2:].replace("-", "_"))]
    if args.tensorflow:
        values = {each: getattr(args, each) for each in ("ignore", "only", "rtol", "atol")}
        given = [*flags, *(f"--{each}" for each, value in values.items() if value)]
        if args.format == "json":
            given.append("--format json")
        if others := [each for each in given if each != "--tensorflow"]:
            raise UsageError(f"{others[0]} means nothing to --tensorflow", remedy="leave it out")
    if args.format == "json" and (of_text := [each for each in _OF_TEXT if each in flags]):
        raise UsageError(f"{of_text[0]} is about text", remedy="leave it out for json")
    if args.format != "json" and args.full_values:
        raise UsageError("--full-values is about JSON", remedy="add --format json")
    if args.stat and args.names_only:
        raise UsageError("--stat and --names-only contradict each other")
    if args.shapes and (args.stat or args.names_only):
        short = "--stat" if args.stat else "--names-only"
        raise UsageError(f"{short} does not tell what --shapes finds", remedy=f"leave {short} out")


def _rendered(
    args: argparse.Namespace, found: Diff, models: tuple[Model, Model], console: Console
) -> Iterator[str]:
    from pbtool.render import diff, diff_scopes, diff_stat

    if args.format == "json":
        import json

        yield json.dumps(found.to_json(full_values=args.full_values), indent=1) + "\n"
        return
    if args.names_only:
        lines = diff_stat.names_only(found)
    elif args.stat:
        lines = diff_stat.stat(found, console.style, console.width, full=args.full)
    else:
        names = (args.a, args.b)
        a, b = found.graphs or map(diff_scopes.graph_of, models)
        lines = diff.page(
            found, console.style, console.width, full=args.full, graphs=(a, b), names=names
        )
    yield from (f"{line}\n" for line in lines)
