"""Write the part of a graph that some outputs need, and nothing else.

What stays keeps its bytes. The graph is written as a GraphDef, of a SavedModel that of the meta
graph that --tags chooses; a name that ends in .pbtxt or .txt makes it text. A report goes to
standard error, or to standard output where no graph does.

NAMES are nodes, tensors or, where it says GLOBS, globs, with commas between; the options that have
them may be given several times.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from pbtool.conversion import unknown_bytes
from pbtool.errors import UsageError
from pbtool.opening import choose_graph, open_model, warn_of_missing_nodes
from pbtool.options import add_format, add_model, add_names, add_output, add_tags
from pbtool.output import atomic_write
from pbtool.recognize import TEXT
from pbtool.verbs import OK
from pbtool.writing import ENCODINGS, PROTOBUF_LIMIT, encoding_of, write

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator
    from typing import BinaryIO

    from pbtool.console import Console
    from pbtool.graph import Graph
    from pbtool.model import Model
    from pbtool.pruning.report import Report

EXAMPLES = """\
pbtool prune model.pb --outputs logits -o small.pb
pbtool prune saved_model/ --signature serving_default -o serving.pb
pbtool prune model.pb --outputs 'head/*' --inputs 'features:float32[?,128]' -o head.pb
pbtool prune frozen.pb --outputs Identity --drop-inert-control-edges \\
    --remove-training-nodes -o inference.pb
pbtool prune model.pb --outputs '*' --remove 'save/*' -o without_saver.pb
pbtool prune model.pb --outputs probs --remove '*/dropout' --bypass -o eval.pb
pbtool prune model.pb --outputs a,b:0 --dry-run --list-removed"""

_OFFERED = 3  # outputs that an error names

_NAMES = (
    ("--outputs", "GLOBS", "what to compute: nodes or tensors"),
    (
        "--inputs",
        "NAMES",
        "feed this instead: x, y:1 or x:float32[?,224,224,3]; what is above goes",
    ),
    ("--remove", "GLOBS", "nodes to drop; those that are needed still are an error"),
    ("--keep", "GLOBS", "nodes that --remove-training-nodes leaves alone"),
)
_SWITCHES = (
    ("--bypass", "connect around removed nodes that are needed, where these only pass on an input"),
    ("--remove-training-nodes", "take out Identity, StopGradient and CheckNumerics"),
    ("--drop-inert-control-edges", "drop control edges that order nothing"),
    ("--all-functions", "keep also functions that nothing can call any more"),
    ("--clear-devices", "let TensorFlow choose the devices"),
    ("--dry-run", "write no graph, only the report"),
    ("--list-removed", "name in the report the nodes and functions that went"),
)


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_model(parser)
    for name, values, text in _NAMES:
        add_names(parser, name, values, text)
    parser.add_argument("--signature", metavar="NAME", help="compute the outputs of a signature")
    add_tags(parser)
    for name, text in _SWITCHES:
        parser.add_argument(name, action="store_true", help=text)
    add_format(
        parser,
        (*ENCODINGS, "json"),
        None,
        "binary or text for the graph (default: as FILE ends), or json for the report",
    )
    add_output(parser, "write the graph to FILE instead of standard output", dest="graph_file")


def run(args: argparse.Namespace, console: Console) -> int:
    """Prune the graph, write it, and tell about it."""
    from pbtool.pruning import Request, carry_out
    from pbtool.pruning.report import report

    for option, value, needed, given in (
        ("--keep", args.keep, "--remove-training-nodes", args.remove_training_nodes),
        ("--bypass", args.bypass, "--remove", args.remove),
    ):
        if value and not given:
            raise UsageError(
                f"{option} means nothing alone", remedy=f"add {needed}, or leave it out"
            )
    file = None if args.graph_file == "-" else args.graph_file
    if args.format == "json" and file is None and not args.dry_run:
        raise UsageError(
            "the report and the graph cannot both go to standard output",
            remedy="name a file for the graph with -o FILE, or use --dry-run",
        )
    with console.progress(f"pruning {args.model}"):
        model = open_model(args.model, console)
        graph = choose_graph(model, args.tags, console)
        args.outputs += _outputs_of_signature(model, args)
        if not args.outputs:
            raise _no_outputs(model, graph, args)
        pruned = carry_out(graph, Request(*(getattr(args, name) for name in Request._fields)))
        told = report(graph, pruned)
        warn_of_missing_nodes(pruned.missing, console)
        if not args.dry_run:
            _write(pruned.graph, file, args.format, console)
    _tell(told, args, console)
    return OK


# --- outputs ----------------------------------------------------------------------------------


def _outputs_of_signature(model: Model, args: argparse.Namespace) -> list[str]:
    from pbtool.signatures import choose, output_names, signatures

    if args.signature is None:
        return []
    if not model.meta_graphs:
        raise UsageError(f"this {model.kind} has no signatures", remedy="name --outputs")
    entries = signatures(model.meta_graph(args.tags).proto)
    return output_names(choose(entries, args.signature))


def _no_outputs(model: Model, graph: Graph, args: argparse.Namespace) -> UsageError:
    """The error, with the outputs that one may have meant."""
    from pbtool.interface import POSSIBLE, find_interface

    proto = model.meta_graph(args.tags).proto if model.meta_graphs else None
    found = find_interface(graph, None, proto).outputs
    signatures = dict.fromkeys(each.signature for each in found if each.signature)
    names = [each.name.removesuffix(":0") for each in found if each.confidence != POSSIBLE]
    names = names or [each.name.removesuffix(":0") for each in found]
    if signatures:
        remedy = f"try --signature {next(iter(signatures))}"
    elif names:
        remedy = f"likely ones are --outputs {','.join(names[:_OFFERED])}"
    else:
        remedy = "see pbtool list for the names"
    return UsageError("name what is to be computed with --outputs", remedy=remedy)


# --- writing ----------------------------------------------------------------------------------


def _write(graph: Graph, file: str | None, form: str | None, console: Console) -> None:
    encoding = form if form in ENCODINGS else encoding_of(file or "")
    if encoding == TEXT and unknown_bytes(graph.proto):
        console.warn("text cannot hold fields that TensorFlow's schema lacks; they are left out")
    with _stream(file, encoding, console) as stream:
        size = write(graph, stream, encoding)
    if encoding != TEXT and size > PROTOBUF_LIMIT:
        console.warn("TensorFlow cannot read the graph, for it is bigger than 2 GB")


@contextmanager
def _stream(file: str | None, encoding: str, console: Console) -> Iterator[BinaryIO]:
    if file is None:
        yield console.binary(terminal=encoding == TEXT)
        return
    with atomic_write(file) as stream:
        if encoding != TEXT and stream.isatty():
            raise UsageError("binary output is not written to a terminal", remedy="name a file")
        yield stream


def _tell(told: Report, args: argparse.Namespace, console: Console) -> None:
    from pbtool.render import prune

    if args.format == "json":
        import json

        written = None if args.dry_run else args.graph_file
        document = prune.document(told, args.model, written, list_removed=args.list_removed)
        console.write(json.dumps(document, indent=2) + "\n")
        return
    lines = prune.lines(told, list_removed=args.list_removed)
    if args.dry_run:
        console.write(line + "\n" for line in lines)
    else:
        console.tell(lines)
