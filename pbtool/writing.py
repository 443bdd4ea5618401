"""Writes graphs: the bytes that came from files are copied, and nothing is parsed for it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

from pbtool import schema
from pbtool.editing import region_of
from pbtool.errors import FileError, UsageError
from pbtool.output import atomic_write
from pbtool.recognize import BINARY, TEXT
from pbtool.source import FileSource
from pbtool.splice import Piece, resolved

if TYPE_CHECKING:
    from typing import BinaryIO

    from pbtool.graph import Graph

ENCODINGS = (BINARY, TEXT)

# What ends the names of files in protobuf's text format.
TEXT_ENDINGS = (".pbtxt", ".txt", ".prototxt", ".textproto")

PROTOBUF_LIMIT = (1 << 31) - 1  # bytes of a message that protobuf, and so TensorFlow, can read

_CHUNK = 1 << 20  # bytes in memory at once
_LARGE = 1 << 17  # bytes that are worth a call of their own to the system


def save(graph: Graph, path: str | os.PathLike[str], encoding: str = "") -> int:
    """Write a graph to a file, whole or not at all, and return its bytes.

    ``encoding`` is ``binary`` or ``text``; if it is left out, the path's ending tells. The file
    may be the one that the graph was read from. Raises FileError where it cannot be written, and
    UsageError as ``write`` does.
    """
    with atomic_write(path) as stream:
        return write(graph, stream, encoding or encoding_of(path))


def encoding_of(path: str | os.PathLike[str]) -> str:
    """The encoding that the ending of a path stands for."""
    return TEXT if os.fspath(path).lower().endswith(TEXT_ENDINGS) else BINARY


def write(graph: Graph, stream: BinaryIO, encoding: str = BINARY) -> int:
    """Write a graph to a stream, and return its bytes.

    Raises FileError where the file that it is from changed meanwhile, UsageError for another
    encoding, and where a graph is too big for text.
    """
    if encoding not in ENCODINGS:
        known = " or ".join(ENCODINGS)
        raise UsageError(f"a graph is not written as {encoding!r}", remedy=f"write it as {known}")
    if encoding == TEXT:
        return stream.write(text(graph).encode())
    source, start, end, _ = region_of(graph)
    return copy(Piece(source, start, end), stream)


def copy(piece: Piece, stream: BinaryIO) -> int:
    """Copy bytes to a stream, and return how many. Raises FileError where the file changed."""
    for each in resolved(piece):
        _copy(each, stream)
    return piece.end - piece.start


def to_bytes(graph: Graph) -> bytes:
    """The serialized GraphDef."""
    return region_of(graph).read()


def text(graph: Graph) -> str:
    """The graph in protobuf's text format. Raises UsageError for one that is too big for that."""
    from google.protobuf import text_format

    region = region_of(graph)
    if region.end - region.start > PROTOBUF_LIMIT:
        raise UsageError(
            "a graph of more than 2 GB cannot become text", remedy="write it in binary"
        )
    proto = graph.proto if region.whole else schema.GraphDef.FromString(to_bytes(graph))
    return text_format.MessageToString(proto, descriptor_pool=schema.POOL)


# --- copying ----------------------------------------------------------------------------------


def _copy(piece: Piece, stream: BinaryIO) -> None:
    source, start, end = piece
    if isinstance(source, FileSource) and end - start >= _LARGE:
        stream.flush()
        start += _copied_by_the_system(source.fileno(), start, end, stream)
    for chunk in _chunks(piece._replace(start=start)):
        stream.write(chunk)


def _copied_by_the_system(descriptor: int, start: int, end: int, stream: BinaryIO) -> int:
    """How many bytes the system copied from file to file, which spares the way through memory.

    What it does not copy, for whatever reason, is left to be written, which tells the reason.
    """
    copy = getattr(os, "copy_file_range", None)
    done = 0
    if copy is None:
        return done
    try:
        target = stream.fileno()
        while copied := copy(descriptor, target, end - start - done, start + done):
            done += copied
    except OSError:  # the stream is no file, lies elsewhere, or the system cannot do it
        pass
    return done


def _chunks(piece: Piece) -> Iterator[bytes]:
    source, start, end = piece
    while start < end:
        chunk = source.read(start, min(start + _CHUNK, end))
        if not chunk:
            raise FileError("the file became shorter while it was read", place=source.name)
        yield chunk
        start += len(chunk)
