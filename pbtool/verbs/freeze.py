"""Turn variables into constants, so that one file is the whole model.

SOURCE is a SavedModel of TensorFlow 1 or 2, a .meta file or checkpoint with its .meta file beside
it, a graph with --checkpoint, or a Keras file (.keras, .h5). What comes out is a GraphDef that
holds what the outputs need and nothing else: calls of functions are inlined, and nodes that
expected variables by reference take values. Its inputs and outputs have the names of the signature
where a SavedModel of TensorFlow 2 gives them none of their own. Tables remain, and need their
initializer to be run first.

Afterwards source and result are executed on the same random inputs; that is given up after a
minute, and not done where ops reach files, the network or Python, unless --allow-unsafe is given.
This verb needs TensorFlow.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from pbtool.errors import UsageError
from pbtool.options import add_model, add_names, add_output, completes
from pbtool.verbs import FINDINGS, OK
from pbtool.verbs.programs import add_program, opened_program

if TYPE_CHECKING:
    import argparse

    from pbtool.backend.freezing import Frozen
    from pbtool.backend.verification import Verified
    from pbtool.console import Console
    from pbtool.execution.program import Program

EXAMPLES = """\
pbtool freeze saved_model/ -o frozen.pb
pbtool freeze saved_model/ --signature predict -o frozen.pb --report frozen.json
pbtool freeze model.ckpt --outputs logits -o frozen.pb       with model.ckpt.meta beside it
pbtool freeze graph.pbtxt --checkpoint model.ckpt --outputs logits -o frozen.pb
pbtool freeze model.keras -o frozen.pb"""

EXIT_STATUS = """\
0 if the result computes what the source does, or was not verified; 1 if it computes something else;
2 if the source cannot be frozen or TensorFlow is not installed."""


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_model(parser, name="source")
    add_program(parser)
    add_names(parser, "--outputs", "NAMES", "nodes or tensors to compute, with commas between them")
    add_names(parser, "--keep-variables", "GLOBS", "variables that stay variables")
    add_names(parser, "--only-variables", "GLOBS", "the only variables that become constants")
    add = parser.add_argument
    add(
        "--lower-control-flow",
        action="store_true",
        help="make If and While into Switch, Merge and the like, as old readers want them",
    )
    add("--clear-devices", action="store_true", help="let TensorFlow choose the devices")
    add("--verify", action="store_true", help="verify, however long it takes")
    add("--no-verify", action="store_true", help="do not execute source and result")
    add("--allow-unsafe", action="store_true", help="run ops that reach outside of the graph, too")
    report = add("--report", metavar="FILE.json", help="write what is told into a file, too")
    completes(report, "file")
    add_output(parser, "the file to write; .pbtxt and .txt are text", dest="graph_file")


def run(args: argparse.Namespace, console: Console) -> int:
    """Freeze, verify, and tell what came out."""
    if args.verify and args.no_verify:
        raise UsageError("--verify and --no-verify contradict each other")
    if args.graph_file is None:
        raise UsageError("the frozen graph needs a file", remedy="name it with -o FILE")
    if args.report is not None and os.path.realpath(args.report) == os.path.realpath(
        args.graph_file
    ):
        raise UsageError("the report would take the place of the graph", remedy="name another file")
    from pbtool.backend.freezing import freeze
    from pbtool.backend.start import start
    from pbtool.backend.unfreezable import refuse
    from pbtool.execution.feeding import refuse_hazards_before
    from pbtool.writing import save

    start(verbose=args.verbose)
    with opened_program(args.source, args, console) as program:
        refuse(program)
        if not args.allow_unsafe:
            refuse_hazards_before(program)
        with console.progress(f"freezing {args.source}"):
            frozen = freeze(
                program,
                keep=args.keep_variables,
                only=args.only_variables,
                lower_control_flow=args.lower_control_flow,
                clear_devices=args.clear_devices,
            )
            size = save(frozen.graph, args.graph_file)
        with console.progress("verifying"):
            verified = _verified(args, program, frozen)
    return _tell(args, console, program, frozen, verified, size)


def _verified(args: argparse.Namespace, program: Program, frozen: Frozen) -> Verified:
    """What executing source and result tells, where that is asked for and does no harm."""
    from pbtool.backend.verification import MINUTE, not_verified, verify
    from pbtool.execution.feeding import refuse_hazards

    if args.no_verify:
        return not_verified("not asked for")
    if not args.allow_unsafe:
        try:
            refuse_hazards(program)
        except UsageError as error:
            return not_verified(str(error))
    return verify(program, frozen, 0 if args.verify else MINUTE)


def _tell(
    args: argparse.Namespace,
    console: Console,
    program: Program,
    frozen: Frozen,
    verified: Verified,
    size: int,
) -> int:
    from pbtool.render import freeze
    from pbtool.render.layout import Layout

    if args.report is not None:
        import json

        from pbtool.output import atomic_write

        document = freeze.document(args.source, args.graph_file, program, frozen, verified, size)
        with atomic_write(args.report, "w") as file:
            file.write(json.dumps(document, indent=2) + "\n")
    layout = Layout(console.style, console.width, full=True)
    lines = freeze.lines(layout, args.graph_file, program, frozen, verified, size)
    console.write(f"{line}\n" for line in lines)
    return FINDINGS if verified.is_different else OK
