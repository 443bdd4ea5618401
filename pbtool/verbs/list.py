"""List the nodes of a model, with the exact type and the shape of every output.

One row a node, those of functions included (as FUNCTION::NODE), in file order. Of a checkpoint it
lists the tensors, of a list of ops the ops.

A shape is written [?,224,3], where ? is an unknown dimension; [...] is an unknown rank and [] a
scalar. Where an op is not known, ? stands for its outputs.

A GLOB speaks of a whole name, * crosses slashes, and !GLOB excludes; options with a GLOB may be
given several times.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from pbtool.errors import UsageError
from pbtool.listing import SORTS, node_rows, op_rows, sort_places, tensor_rows
from pbtool.opening import choose_graph, open_model, warn_of_missing_nodes
from pbtool.options import add_format, add_model, add_output, add_several, add_tags, completes
from pbtool.render import listing
from pbtool.selection import Place, Selection
from pbtool.verbs import OK

if TYPE_CHECKING:
    import argparse

    from pbtool.console import Console
    from pbtool.graph import Graph
    from pbtool.infer import Inference
    from pbtool.model import Model
    from pbtool.progress import Progress

Text = str | Iterable[str]  # in one piece or in several

FORMATS = ("text", "csv", "json", "jsonl", "names", "markdown", "html")
MOST_WARNINGS = 10  # of one run

EXAMPLES = """\
pbtool list model.pb                             every node
pbtool list model.pb --op 'Placeholder*'         the inputs
pbtool list saved_model/ --main --name 'dense*'  some nodes, none of functions
pbtool list model.pb --op '!Const' --count       how many nodes are no constants
pbtool list model.pb --outputs-of x              which nodes use x
pbtool list model.pb --sort size --columns bytes,name | head
pbtool list model.pb --input 'x:float32[8,224,224,3]'   what if the batch is 8
pbtool list model.pb --explain logits            why a shape is what it is, or unknown
pbtool list model.pb --format csv -o nodes.csv   as TensorFlow prints them
pbtool list variables/variables                  the tensors of a checkpoint"""


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_model(parser)
    add_tags(parser)
    add = parser.add_argument
    add_several(parser, "--op", "GLOB", "only nodes of these ops", "op")
    add_several(parser, "--name", "GLOB", "only nodes of these names", "node")
    add_several(parser, "--function", "GLOB", "only nodes of these functions", "function")
    add("--main", action="store_true", help="only nodes of the main graph")
    completes(add("--inputs-of", metavar="NODE", help="only the nodes that NODE uses"), "node")
    completes(add("--outputs-of", metavar="NODE", help="only the nodes that use NODE"), "node")
    add("--sort", choices=SORTS, metavar="BY", help=f"order: {', '.join(SORTS)}")
    columns = tuple(listing.NODES.columns)
    shown = add("--columns", metavar="NAMES", help=f"comma-separated, among {', '.join(columns)}")
    completes(shown, columns)
    add("--count", action="store_true", help="print only how many there are")
    text = "pin the shape of a tensor and show what follows, as in x:float32[8,224,3]"
    add_several(parser, "--input", "NAME:TYPE[SHAPE]", text, "node")
    explained = add(
        "--explain",
        metavar="NODE",
        help="how the shapes of NODE came about, or where they are lost",
    )
    completes(explained, "node")
    add_format(parser, FORMATS)
    add_output(parser)


def run(args: argparse.Namespace, console: Console) -> int:
    """List what the model holds."""
    with console.progress(f"reading {args.model}") as progress:
        model = open_model(args.model, console)
        answer = (_explain if args.explain else _list)(args, model, console, progress)
    console.write(answer)
    return OK


def _explain(args: argparse.Namespace, model: Model, console: Console, progress: Progress) -> Text:
    from pbtool.explanation import explain
    from pbtool.render import explanation

    graph = choose_graph(model, args.tags, console)
    steps = explain(_inference(args, graph, progress), Place(*graph.locate(args.explain)))
    return explanation.document(steps, args.format, console.style)


def _list(args: argparse.Namespace, model: Model, console: Console, progress: Progress) -> Text:
    table, rows = _rows(args, model, console, progress)
    if args.count:
        return f"{len(rows)}\n"
    columns = [name.strip() for name in args.columns.split(",")] if args.columns else []
    return listing.document(table, rows, args.format, columns, console.width, console.style)


def _rows(
    args: argparse.Namespace, model: Model, console: Console, progress: Progress
) -> tuple[listing.Table, Sequence[Any]]:
    """What the model is a list of, and the rows that were asked for."""
    if model.checkpoint and model.is_checkpoint:
        _refuse_node_options(args, model)
        return listing.TENSORS, list(tensor_rows(model.checkpoint, args.name))
    if model.op_list is not None:
        _refuse_node_options(args, model)
        return listing.OPS, list(op_rows(model.op_list, args.name))
    graph = choose_graph(model, args.tags, console)
    warn_of_missing_nodes(list(graph.dangling_inputs()), console)
    selection = Selection(
        args.op, args.name, args.function, args.main, args.inputs_of, args.outputs_of
    )
    places: Iterable[Place] = selection.places(graph)
    if args.sort:
        places = sort_places(places, args.sort, graph)
    if args.count or args.format == "names":
        return listing.NODES, list(places)
    inference = _inference(args, graph, progress)
    rows = list(node_rows(inference, places))
    _warn_of_problems(inference, console)
    return listing.NODES, rows


def _inference(args: argparse.Namespace, graph: Graph, progress: Progress) -> Inference:
    from pbtool.infer import Inference
    from pbtool.pins import parse_pins

    return Inference(graph, parse_pins(args.input, graph), progress)


def _refuse_node_options(args: argparse.Namespace, model: Model) -> None:
    """Options that choose among nodes say nothing about a model that has none."""
    given = {
        "--op": args.op,
        "--function": args.function,
        "--main": args.main,
        "--inputs-of": args.inputs_of,
        "--outputs-of": args.outputs_of,
        "--sort": args.sort,
        "--tags": args.tags,
        "--input": args.input,
    }
    for option, value in given.items():
        if value:
            raise UsageError(f"{option} chooses among nodes, and this {model.kind} has none")


def _warn_of_problems(inference: Inference, console: Console) -> None:
    for problem in inference.problems[:MOST_WARNINGS]:
        console.warn(str(problem))
    if (more := len(inference.problems) - MOST_WARNINGS) > 0:
        console.warn(f"{more} more nodes do not fit what they are connected to")
