"""Convert a model file between binary, text and JSON.

IN holds a GraphDef, SavedModel, MetaGraphDef, function library or op list in protobuf's binary
format, its text format or its JSON; which, is found from its content. With --kind it may be any
message of TensorFlow's files, such as FingerprintDef or GraphDebugInfo. The ending of OUT tells the
format: .pbtxt, .txt, .prototxt and .textproto are text, .json is JSON, all else is binary; - is
standard output, as text.

Text is what TensorFlow's own text_format prints. What stays in its format is copied byte for byte.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pbtool.options import add_model, completes
from pbtool.recognize import BINARY, ENCODINGS
from pbtool.verbs import OK

if TYPE_CHECKING:
    import argparse

    from pbtool.console import Console
    from pbtool.source import Source

EXAMPLES = """\
pbtool convert model.pb model.pbtxt               to read or edit it
pbtool convert model.pbtxt model.pb               and back
pbtool convert saved_model/ - --format json | jq '.metaGraphs[0].signatureDef'
pbtool convert fingerprint.pb - --kind FingerprintDef"""


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_model(parser, name="in")
    out = parser.add_argument(
        "output", metavar="OUT", help="the file to write, or - for standard output"
    )
    completes(out, "file")
    parser.add_argument(
        "--format",
        choices=ENCODINGS,
        metavar="FORMAT",
        help=f"one of {', '.join(ENCODINGS)} (default: as the ending of OUT tells)",
    )
    parser.add_argument(
        "--kind", metavar="MESSAGE", default="", help="what IN holds, where its content is no model"
    )


def run(args: argparse.Namespace, console: Console) -> int:
    """Write OUT."""
    from pbtool import conversion

    path = getattr(args, "in")
    with console.progress(f"converting {path}"):
        given = conversion.document(_source(path, console), args.kind)
        encoding = args.format or conversion.encoding_for(args.output)
        stream = console.binary(terminal=encoding != BINARY)
        lost = conversion.convert(given, encoding, stream)
    if lost:
        console.warn(f"{path}: {lost}; only binary keeps them")
    return OK


def _source(path: str, console: Console) -> Source:
    from pbtool import files
    from pbtool.checkpoint import is_prefix
    from pbtool.opening import open_bytes

    if path != "-" and not Path(path).exists() and is_prefix(path):
        path += ".index"
    return open_bytes(str(files.in_folder(path)) if Path(path).is_dir() else path, console)
