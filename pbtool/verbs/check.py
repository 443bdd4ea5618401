"""Find what is wrong with models: what TensorFlow refuses, what is unsafe.

An error is what TensorFlow refuses to load, or what does harm when the model is used; a warning is
what it loads, but what fails or misleads when it runs; a note is advice. --codes lists all that is
looked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pbtool.errors import UsageError
from pbtool.opening import going_on, open_model
from pbtool.options import add_format, add_model, add_names, add_output
from pbtool.verbs import FINDINGS, OK, TROUBLE

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from pbtool.checks import Finding
    from pbtool.console import Console

FORMATS = ("text", "json", "jsonl", "sarif")

EXAMPLES = """\
pbtool check model.pb                             is it sound, is it safe
pbtool check saved_model/ --fail-on warning       for a CI that is strict
pbtool check model.pb --ignore float64 --ignore control-flow-v1
pbtool check model.pb --target-version 2.9        may that TensorFlow load it
pbtool check models/*.pb --format sarif -o findings.sarif
pbtool check --codes                              all that is looked for"""

EXIT_STATUS = """\
0 if nothing is found at or above --fail-on, 1 if something is, 2 if a model cannot be read."""


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_model(parser, nargs="*")
    for option, text in (("--select", "look only for CODE"), ("--ignore", "do not look for CODE")):
        more = "or several with commas between; may be given again"
        add_names(parser, option, "CODE", f"{text}, {more}", "")
    parser.add_argument(
        "--fail-on",
        choices=("error", "warning", "note"),
        default="error",
        metavar="SEVERITY",
        help="exit with 1 for error (the default), warning or note, and what is graver",
    )
    parser.add_argument(
        "--target-version", metavar="VERSION", default="", help="the TensorFlow it is for: 2.9"
    )
    parser.add_argument(
        "--no-content", action="store_true", help="do not read what tensors hold: quick"
    )
    parser.add_argument("--codes", action="store_true", help="list all codes, with explanations")
    parser.add_argument("--full", action="store_true", help="fold no long lists")
    add_format(parser, FORMATS)
    add_output(parser)


def run(args: argparse.Namespace, console: Console) -> int:
    """Check each model."""
    from pbtool.checks import CHECKS, is_at_least
    from pbtool.render import findings as render

    if args.codes:
        console.write(render.codes(CHECKS, args.format, console.style))
        return OK
    if not args.model:
        raise UsageError("no MODEL is given", remedy="see pbtool check --help")
    failed: list[str] = []
    found = {path: _check(path, args, console, failed) for path in dict.fromkeys(args.model)}
    told = {path: findings for path, findings in found.items() if findings is not None}
    console.write(render.document(told, args.format, console.style, full=args.full))
    if failed:
        return TROUBLE
    every = (finding for findings in told.values() for finding in findings)
    return FINDINGS if any(is_at_least(each.severity, args.fail_on) for each in every) else OK


def _check(
    path: str, args: argparse.Namespace, console: Console, failed: list[str]
) -> Sequence[Finding] | None:
    from pbtool.checks import check

    with going_on(path, console, failed), console.progress(f"checking {path}") as progress:
        return check(
            open_model(path, console, values=False),
            select=args.select,
            ignore=args.ignore,
            target=args.target_version,
            content=not args.no_content,
            progress=progress,
        )
    return None
