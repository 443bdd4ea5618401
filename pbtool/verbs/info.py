"""Tell what a model is: inputs, outputs, sizes, signatures.

Inputs and outputs are those of the signatures. Where there are none they are guessed, the likeliest
first, each with its reason; in a graph of more than 20,000 nodes, without working out their shapes.
Numbers count the main graph and all functions, unless they say otherwise.

Several models follow one another; one that cannot be read gets its error, and the others are told
of all the same. With --format json one model is an object and several are an array; jsonl is one
object a line.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pbtool.errors import UsageError
from pbtool.interface import Interface, find_interface
from pbtool.opening import going_on, open_model
from pbtool.options import add_format, add_model, add_output, add_tags
from pbtool.summary import Summary, summarize
from pbtool.verbs import OK, TROUBLE

if TYPE_CHECKING:
    import argparse

    from pbtool.console import Console
    from pbtool.model import Model

# Nodes of a graph that has its shapes worked out for a guess: of a bigger one that takes seconds.
MOST_INFERRED = 20_000

FORMATS = ("text", "json", "jsonl")

EXAMPLES = """\
pbtool info model.pb                    a page about one model
pbtool info saved_model/ --tags train   about another of its meta graphs
pbtool info --brief models/*.pb         a line about each
pbtool info model.pb --format json | jq -r '.outputs[0].name'"""

EXIT_STATUS = "0 if all models could be read, 2 if not."

Told = tuple[str, Summary, Interface | None]


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_model(parser, nargs="+")
    add_tags(parser)
    parser.add_argument("--brief", action="store_true", help="one line a model")
    parser.add_argument("--full", action="store_true", help="fold no long lists")
    add_format(parser, FORMATS)
    add_output(parser)


def run(args: argparse.Namespace, console: Console) -> int:
    """Tell about each model."""
    if args.format != "text" and (args.brief or args.full):
        option = "--brief" if args.brief else "--full"
        raise UsageError(f"{option} is about text", remedy=f"leave it out for {args.format}")
    failed: list[str] = []
    told = (_tell_or_fail(path, args.tags, console, failed) for path in args.model)
    console.write(_rendered(filter(None, told), args, console))
    return TROUBLE if failed else OK


def _tell_or_fail(path: str, tags: str | None, console: Console, failed: list[str]) -> Told | None:
    with going_on(path, console, failed), console.progress(f"reading {path}"):
        return tell(path, tags, console)
    return None


def tell(path: str, tags: str | None, console: Console) -> Told:
    """What there is to say of one model, ready for a renderer."""
    return tell_of(open_model(path, console, values=False), path, tags)


def tell_of(model: Model, path: str, tags: str | None = None) -> Told:
    """What there is to say of an opened model, which is called ``path``."""
    summary = summarize(model, tags)
    if summary.graph is None:
        return path, summary, None
    from pbtool.infer import Inference

    meta_graph = model.meta_graph(tags) if model.meta_graphs else None
    graph = meta_graph.graph if meta_graph is not None else model.graph
    proto = meta_graph.proto if meta_graph is not None else None
    facts = Inference(graph).facts if len(graph) <= MOST_INFERRED else None
    return path, summary, find_interface(graph, facts, proto)


def _rendered(told: Iterator[Told], args: argparse.Namespace, console: Console) -> Iterator[str]:
    if args.format != "text":
        yield from _json(told, args)
    elif args.brief:
        from pbtool.render import info_brief

        width = max(map(len, args.model))
        for each in told:
            yield info_brief.line(*each, console.style, width) + "\n"
    else:
        from pbtool.render.info import page

        separator = ""
        for each in told:
            lines = page(*each, console.style, console.width, full=args.full)
            yield separator
            yield from (line + "\n" for line in lines)
            separator = "\n"


def _json(told: Iterator[Told], args: argparse.Namespace) -> Iterator[str]:
    import json

    from pbtool.render.info_json import document

    if args.format == "jsonl":
        yield from (json.dumps(document(*each)) + "\n" for each in told)
        return
    documents = [document(*each) for each in told]
    if len(args.model) > 1:
        yield json.dumps(documents, indent=2) + "\n"
    else:
        yield from (json.dumps(each, indent=2) + "\n" for each in documents)
