"""Execute a model and show what comes out.

What is fed and fetched are tensors, or names in a signature; any tensor may be fed, constants and
what is computed too. Running a model is running its author's code: ops that reach files, the
network or Python are refused, unless --allow-unsafe is given. This verb needs TensorFlow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pbtool.errors import UsageError
from pbtool.options import add_format, add_model, add_names, add_output, completes
from pbtool.verbs import OK
from pbtool.verbs.programs import add_feeds, add_program, opened_program

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from pbtool.backend.runtime import Runtime, Value
    from pbtool.console import Console
    from pbtool.execution.program import Program

EXAMPLES = """\
pbtool run frozen.pb --feed x=1 --fetch sum
pbtool run saved_model/ --feed images=random --shape images=8,224,224,3
pbtool run frozen.pb --feed x=@x.npy -o out.npz      for numpy.load
pbtool run frozen.pb --feed x=random --repeat 100    how long it takes
pbtool run frozen.pb --feed inner:0=@inner.npy --fetch logits --format json
pbtool run graph.pb --checkpoint model.ckpt --feed x=zeros --trace trace.json"""


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_model(parser)
    add_feeds(parser)
    add_names(parser, "--fetch", "NAMES", "tensors to compute (default: the model's outputs)")
    add_program(parser)
    add = parser.add_argument
    add("--allow-unsafe", action="store_true", help="run ops that reach outside of the graph, too")
    add("--values", action="store_true", help="show every value")
    add("--repeat", metavar="N", type=int, default=0, help="run N times more and tell how long")
    trace = add(
        "--trace",
        metavar="FILE",
        help="write what was executed when: .json for chrome://tracing, else a RunMetadata",
    )
    completes(trace, "file")
    add_format(parser, ("text", "json"))
    add_output(parser, "write arrays into FILE.npz, or .npy files into a folder", dest="array_file")


def run(args: argparse.Namespace, console: Console) -> int:
    """Feed, execute, and show."""
    from pbtool.backend.start import start
    from pbtool.execution.feeding import find_feeds, refuse_hazards
    from pbtool.render import values

    start(verbose=args.verbose)
    with opened_program(args.model, args, console, args.fetch) as program:
        feeds = find_feeds(program, args.feed, args.shape, args.seed)
        program = program._replace(inputs=tuple(feeds))
        if not args.allow_unsafe:
            refuse_hazards(program)
        arrays = {port.tensor: array for port, array in feeds.items()}
        with console.progress(f"running {args.model}"):
            results, latency = _execute(program, arrays, args)
    ports = [port for port in program.outputs if not port.tensor.startswith("^")]
    named = dict(zip(ports, results, strict=True))
    if args.array_file is not None:
        from pbtool.execution.arrays import write_arrays

        write_arrays({port.key: value.array for port, value in named.items()}, args.array_file)
    if args.format == "json":
        console.write(values.json(named, latency))
    elif args.array_file is None or latency:
        shown = {} if args.array_file is not None else named
        console.write(values.text(shown, latency, console.style, console.width, every=args.values))
    return OK


def _execute(
    program: Program, arrays: Mapping[str, object], args: argparse.Namespace
) -> tuple[list[Value], list[float]]:
    """What came out, and how many seconds each repeated run took."""
    from time import perf_counter

    from pbtool.backend.preparing import prepare

    if args.repeat < 0:
        raise UsageError("--repeat takes a number of runs")
    fetches = [port.tensor for port in program.outputs]
    seconds = []
    with prepare(program) as runtime:
        results = runtime.run(fetches, arrays)
        for _ in range(args.repeat):
            before = perf_counter()
            runtime.run(fetches, arrays)
            seconds.append(perf_counter() - before)
        if args.trace is not None:
            runtime.run(fetches, arrays, trace=True)
            _write_trace(runtime, args.trace)
    return results, seconds


def _write_trace(runtime: Runtime, path: str) -> None:
    from pbtool.output import atomic_write

    with atomic_write(path) as file:
        file.write(runtime.chrome_trace().encode() if path.endswith(".json") else runtime.trace)
