"""Execute two models on the same inputs and tell how far their outputs are apart.

Inputs and outputs are paired by their names in the signatures, or their own; inputs that are not
fed are random, from -1 to 1 for floats and below 10 for integers. Each node is executed as it
stands, without TensorFlow's optimizations of graphs. An element's difference counts when it is
beyond both --atol and --rtol; NaN equals NaN. --signature, --tags and --initializers go for the
model that has such, and for both if both have. This verb needs TensorFlow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pbtool.errors import UsageError
from pbtool.options import add_format, add_model, add_names, add_output
from pbtool.verbs import FINDINGS, OK
from pbtool.verbs.programs import add_feeds, add_program, opened_program

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from typing import Any

    from pbtool.console import Console
    from pbtool.execution.comparison import Difference
    from pbtool.execution.pairing import Pair
    from pbtool.execution.program import Program

EXAMPLES = """\
pbtool compare saved_model/ frozen.pb
pbtool compare old.pb new.pb --fetch logits --runs 10 --rtol 1e-5
pbtool compare old.pb new.pb --all                the first tensor that deviates
pbtool compare a.pb b.pb --shape x=1,224,224,3 --format json"""

EXIT_STATUS = "0 if all outputs are the same, 1 if any differs or is missing, 2 for trouble."


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_model(parser, name="a")
    add_model(parser, name="b")
    add_feeds(parser)
    add_names(parser, "--fetch", "NAMES", "tensors to compare (default: the models' outputs)")
    add = parser.add_argument
    add(
        "--all",
        action="store_true",
        help="compare every tensor that both have, in A's order, and the outputs",
    )
    add("--runs", metavar="N", type=int, default=1, help="how many inputs to try (default: 1)")
    for name, meaning in (("--atol", "difference"), ("--rtol", "difference relative to B")):
        add(name, metavar="X", type=float, default=0.0, help=f"{meaning} to tolerate (default: 0)")
    add_program(parser)
    add("--allow-unsafe", action="store_true", help="run ops that reach outside of the graph, too")
    add_format(parser, ("text", "json"))
    add_output(parser)


def run(args: argparse.Namespace, console: Console) -> int:
    """Execute both and compare."""
    from pbtool.backend.start import start
    from pbtool.execution.feeding import refuse_hazards
    from pbtool.execution.pairing import common_tensors, pair_up
    from pbtool.render import compare
    from pbtool.render.layout import Layout

    if args.runs < 1:
        raise UsageError("--runs takes a number of runs")
    start(verbose=args.verbose)
    with (
        opened_program(args.a, args, console, args.fetch, one_of_two=True) as one,
        opened_program(args.b, args, console, args.fetch, one_of_two=True) as two,
    ):
        _refuse_leftovers(args, one, two)
        if not args.allow_unsafe:
            refuse_hazards(one)
            refuse_hazards(two)
        pairs = pair_up(one, two)
        compared = pairs.outputs
        if args.all:
            common = list(common_tensors(one, two))
            known = {(pair.one.tensor, pair.two.tensor) for pair in common}
            rest = (p for p in compared if (p.one.tensor, p.two.tensor) not in known)
            compared = (*common, *rest)  # outputs may have other names in the other model
        with console.progress("executing"):
            found = _differences(one, two, pairs.inputs, compared, args)
    differing = [key for key, each in found.items() if not each.is_tolerated]
    told = compare.Compared(found, tuple(differing), pairs.only_one, pairs.only_two, args.runs)
    if args.format == "json":
        console.write(compare.json(told))
    else:
        layout = Layout(console.style, console.width, full=True)
        lines = compare.lines(layout, told, compared, every=args.all)
        console.write(f"{line}\n" for line in lines)
    return FINDINGS if differing or pairs.only_one or pairs.only_two else OK


def _refuse_leftovers(args: argparse.Namespace, one: Program, two: Program) -> None:
    """Raise UsageError for what was asked for and neither model has."""
    left = [name for name in args.initializers if name not in (*one.setup, *two.setup)]
    if left:
        raise UsageError(f"neither model has a node {left[0]!r}")
    if args.signature is not None and not (one.signature or two.signature):
        raise UsageError("neither model has signatures")
    if args.tags is not None and not (one.is_meta_graph or two.is_meta_graph):
        raise UsageError("--tags is about meta graphs, and neither model has one")


def _differences(
    one: Program,
    two: Program,
    inputs: Sequence[Pair],
    compared: Sequence[Pair],
    args: argparse.Namespace,
) -> dict[str, Difference]:
    """The largest differences of all runs, by the tensors' names."""
    from pbtool.backend.preparing import prepare
    from pbtool.execution.comparison import compare, worst
    from pbtool.execution.feeding import fill

    ports = [pair.port for pair in inputs]
    sides = [
        (
            program,
            {pair.key: pair.ports[side].tensor for pair in inputs},
            [pair.ports[side].tensor for pair in compared],
        )
        for side, program in enumerate((one, two))
    ]
    feeds = [fill(ports, args.feed, args.shape, args.seed + number) for number in range(args.runs)]
    results: list[list[list[Any]]] = []
    for program, by_key, fetches in sides:
        with prepare(program, plain=True) as runtime:
            results.append(
                [
                    runtime.run(fetches, {by_key[key]: array for key, array in each.items()})
                    for each in feeds
                ]
            )
    return {
        pair.key: worst(
            compare(
                ours[number].array,
                theirs[number].array,
                absolute=args.atol,
                relative=args.rtol,
            )
            for ours, theirs in zip(*results, strict=True)
        )
        for number, pair in enumerate(compared)
    }
