"""Messages of any kind from one encoding into another: binary, text and JSON.

What stays in its encoding is copied byte for byte. Otherwise the message is parsed and written
anew: nothing that TensorFlow's schema knows is lost, and maps are in the order of their keys.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from pbtool import parsing, recognize, schema
from pbtool.errors import FileError, UsageError
from pbtool.recognize import BINARY, JSON, TEXT
from pbtool.splice import Piece
from pbtool.writing import PROTOBUF_LIMIT, copy, encoding_of

if TYPE_CHECKING:
    from google.protobuf.message import Message

    from pbtool.source import Source


class Document(NamedTuple):
    """A file that holds one message; ``kind`` is the message's name, such as GraphDef."""

    source: Source
    kind: str
    encoding: str


def document(source: Source, kind: str = "") -> Document:
    """What a source holds; ``kind`` is a message's name, for what its content does not tell.

    Raises FileError for what holds no message, UsageError for a kind that TensorFlow does not have.
    """
    if not kind:
        kind, encoding = recognize.recognize(source)
        if kind == recognize.TABLE.kind:
            raise FileError(
                "a checkpoint is a table of tensors and no message, so it has no other encoding",
                place=source.name,
                remedy="pbtool show --save writes one of its tensors",
            )
        return Document(source, kind, encoding)
    try:
        schema.message_class(f"{schema.PACKAGE}.{kind}")
    except KeyError:
        raise UsageError(f"TensorFlow's files have no message {kind!r}") from None
    head = source.read(0, recognize.HEAD)
    if not recognize.is_text(head):
        return Document(source, kind, BINARY)
    return Document(source, kind, JSON if head.lstrip().startswith(b"{") else TEXT)


def encoding_for(path: str) -> str:
    """The encoding that the ending of a path stands for; text for standard output."""
    if path == "-":
        return TEXT
    return JSON if os.fspath(path).lower().endswith(".json") else encoding_of(path)


def convert(given: Document, encoding: str, stream: BinaryIO) -> str:
    """Write the document in an encoding; return a sentence about what was lost, or "".

    Raises FileError for a damaged document, UsageError for one that is too big to be parsed, or
    that JSON cannot hold.
    """
    source = given.source
    if encoding == given.encoding:
        copy(Piece(source, 0, source.size), stream)
        return ""
    if source.size > PROTOBUF_LIMIT:
        raise UsageError(
            f"a {given.kind} of more than 2 GB cannot be parsed, only copied", place=source.name
        )
    message = parsing.parse(source, given.kind, given.encoding)
    unknown = 0 if encoding == BINARY else unknown_bytes(message)
    stream.write(encode(message, encoding))
    return f"{unknown:,} bytes of fields that pbtool does not know are lost" if unknown else ""


def encode(message: Message, encoding: str) -> bytes:
    """The message in an encoding, the same each time. UsageError for what JSON cannot hold."""
    if encoding == BINARY:
        return message.SerializeToString(deterministic=True)
    if encoding == TEXT:
        from google.protobuf import text_format

        return text_format.MessageToString(message, descriptor_pool=schema.POOL).encode()
    from google.protobuf import json_format

    try:
        text = json_format.MessageToJson(message, sort_keys=True, descriptor_pool=schema.POOL)
    except (json_format.SerializeToJsonError, TypeError) as error:
        sentence = str(error).strip().rstrip(".")
        raise UsageError(
            f"JSON cannot hold this message: {sentence}", remedy="convert it into text"
        ) from None
    return text.encode() + b"\n"


def unknown_bytes(message: Message) -> int:
    """How many bytes of the message are fields that the schema lacks, which only binary holds."""
    known = type(message)()
    known.CopyFrom(message)
    known.DiscardUnknownFields()
    return message.ByteSize() - known.ByteSize()
