"""Show everything about nodes, down to the values of their tensors.

NODE is the name of a node, FUNCTION::NODE for one in a function, or FUNCTION:: for a function. Of
a checkpoint it is the name of a tensor, of a list of ops that of an op, and variables::NAME is a
tensor of a SavedModel's variables. A glob speaks of a whole name, and * crosses slashes; without ::
it finds nodes in functions, too.

Each block shows where the inputs come from, who uses the outputs, and all attrs; numbers before a
name count inputs or outputs, and ^ is a control edge. Every tensor comes with a summary, a hash of
its content, and its values as numpy prints them.
"""

from __future__ import annotations

from itertools import chain, islice
from typing import TYPE_CHECKING

from pbtool.errors import NotFoundError, UsageError
from pbtool.opening import choose_graph, open_model
from pbtool.options import add_format, add_model, add_output, add_tags, completes
from pbtool.verbs import FINDINGS, OK, TROUBLE

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable, Iterator

    from pbtool.console import Console
    from pbtool.view import Found, View

EXAMPLES = """\
pbtool show model.pb conv1/weights                 a node
pbtool show model.pb 'conv*/weights' --values      several, with all values
pbtool show saved_model/ __inference_f_12::MatMul  a node of a function
pbtool show saved_model/ __inference_f_12::        a function
pbtool show saved_model/ 'variables::*kernel*'     tensors of its variables
pbtool show model.ckpt dense/kernel --save k.npy   a tensor, for numpy.load
pbtool show model.pb '*' --format jsonl            all nodes, for a program"""

EXIT_STATUS = """\
0 if all was found, 1 if a glob fits no name, 2 if a name does not exist or a
tensor cannot be read; what was found is shown nevertheless."""


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_model(parser)
    nodes = parser.add_argument("nodes", metavar="NODE", nargs="+", help="a name or a glob")
    completes(nodes, "node")
    add_tags(parser)
    parser.add_argument("--values", action="store_true", help="show every value of the tensors")
    save = parser.add_argument(
        "--save", metavar="FILE.npy", help="write the one tensor that is shown as a numpy array"
    )
    completes(save, "file")
    add_format(parser, ("text", "json", "jsonl"))
    add_output(parser)


def run(args: argparse.Namespace, console: Console) -> int:
    """Show what was named."""
    with console.progress(f"reading {args.model}"):
        found, status = _find(args, console)
        if args.save is not None:
            views: Iterator[View] = iter([_save(found, args.save, console)])
        else:
            views = (make() for make in found.values())
        first = list(islice(views, 1))  # infers types and shapes, which may take a while
    unreadable: list[str] = []
    console.write(_rendered(args, _watched(chain(first, views), unreadable), console))
    return TROUBLE if unreadable else status


def _find(args: argparse.Namespace, console: Console) -> tuple[Found, int]:
    """What the names mean, by full names, and the exit status so far."""
    from pbtool.view import finder

    model = open_model(args.model, console)
    has_graph = not model.is_checkpoint and model.op_list is None
    if args.tags is not None and not has_graph:
        raise UsageError(f"--tags is about meta graphs, and a {model.kind} has none")
    find = finder(model, choose_graph(model, args.tags, console) if has_graph else None)
    found: dict[str, Callable[[], View]] = {}
    status = OK
    for text in args.nodes:
        try:
            fitting = find(text)
        except NotFoundError as error:
            console.error(str(error))
            status = TROUBLE
            continue
        if not fitting:
            console.warn(f"nothing fits {text!r}")
            status = max(status, FINDINGS)
        found |= fitting
    return found, status


def _watched(views: Iterable[View], unreadable: list[str]) -> Iterator[View]:
    """The views; what cannot be read of their tensors is noted on the way."""
    from pbtool.view import tensors_in

    for view in views:
        unreadable += [each.problem for each in tensors_in(view) if each.is_damaged]
        yield view


def _rendered(args: argparse.Namespace, views: Iterator[View], console: Console) -> Iterator[str]:
    from pbtool.render import show
    from pbtool.render.blocks import BlockLayout

    if args.format == "text":
        return show.text(views, BlockLayout(console.style, console.width), values=args.values)
    return {"json": show.json, "jsonl": show.jsonl}[args.format](views, values=args.values)


def _save(found: Found, path: str, console: Console) -> View:
    """Write the only tensor that was found, and return the view of what it is in."""
    from pbtool.view import tensors_in
    from pbtool.view.npy import write_npy

    if len(found) != 1:
        raise UsageError(
            f"--save writes one tensor, and {len(found)} names were found", remedy="name one node"
        )
    ((name, make),) = found.items()
    view = make()
    tensors = tensors_in(view)
    if len(tensors) != 1:
        raise UsageError(f"--save writes one tensor, and {name!r} has {len(tensors)}")
    if narrow := write_npy(tensors[0], path):
        console.warn(f"{path}: {narrow}")
    return view
