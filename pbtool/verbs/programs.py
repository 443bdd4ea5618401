"""What the verbs that execute models share: the options that choose what to execute."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from pbtool.options import add_names, add_several, add_tags, completes

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    from pbtool.console import Console
    from pbtool.execution.program import Program


def add_program(parser: argparse.ArgumentParser) -> None:
    """Add the options that say which part of a model to execute, and where its variables are."""
    add = parser.add_argument
    add("--signature", metavar="NAME", help="what this signature computes (default: the default)")
    add_tags(parser)
    checkpoint = add("--checkpoint", metavar="PREFIX", help="the checkpoint with the variables")
    completes(checkpoint, "file")
    add_names(parser, "--initializers", "NODES", "nodes to run first, to fill variables or tables")
    add("--verbose", action="store_true", help="show what TensorFlow logs and Print ops print")


def add_feeds(parser: argparse.ArgumentParser) -> None:
    """Add the options that say what to feed."""
    text = "a literal as [[1, 2]], @file.npy, @file.npz:KEY, random or zeros, for any tensor"
    add_several(parser, "--feed", "NAME=VALUE", text, "node")
    add_several(parser, "--shape", "NAME=SIZES", "the shape to feed, as in x=8,224,224,3")
    parser.add_argument(
        "--seed", metavar="N", type=int, default=0, help="chooses the random values (default: 0)"
    )


@contextmanager
def opened_program(
    path: str,
    args: argparse.Namespace,
    console: Console,
    outputs: Sequence[str] | None = None,
    *,
    one_of_two: bool = False,
) -> Iterator[Program]:
    """What to execute of the model at a path; a Keras file is exported meanwhile.

    Of ``one_of_two`` models, what is asked for may be in the other one.
    """
    from tempfile import TemporaryDirectory

    from pbtool.backend.keras import export_keras, is_keras
    from pbtool.execution.program import find_program
    from pbtool.opening import open_model

    with TemporaryDirectory(prefix="pbtool-") as folder:
        if is_keras(path):
            with console.progress(f"loading {path}"):
                export_keras(path, folder)
            path = folder
        yield find_program(
            open_model(path, console),
            tags=args.tags,
            signature=args.signature,
            outputs=args.outputs if outputs is None else outputs,
            checkpoint=args.checkpoint,
            initializers=args.initializers,
            one_of_two=one_of_two,
        )
