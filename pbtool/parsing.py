"""The bytes of a file as the message that they hold, or what is wrong with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pbtool import recognize, schema, wire
from pbtool.errors import COPY_AGAIN, FileError

if TYPE_CHECKING:
    from google.protobuf.message import Message

    from pbtool.source import Source


def parse(source: Source, kind: str, encoding: str) -> Any:
    """The whole message that a source holds. Raises FileError where it is none of that kind."""
    if encoding == recognize.BINARY:
        return parse_binary(source, kind, source.read(0, source.size))
    message = schema.message_class(f"tensorflow.{kind}")()
    try:
        text = source.read(0, source.size).decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise FileError(f"byte {error.start:,} is not UTF-8 text", place=source.name) from None
    {recognize.TEXT: _parse_text, recognize.JSON: _parse_json}[encoding](
        source, kind, text, message
    )
    return message


def parse_binary(source: Source, kind: str, data: bytes) -> Any:
    """The message in ``data``: a source's bytes, or what is left of them without big tensors.

    Raises FileError, with the place of the damage in the source, where that cannot be parsed.
    """
    from google.protobuf.message import DecodeError

    try:
        return schema.message_class(f"tensorflow.{kind}").FromString(data)
    except DecodeError as error:
        raise damaged(source, kind, str(error)) from None


def damaged(source: Source, kind: str, fallback: str) -> FileError:
    """What is wrong with a file that looks like that kind of message, but is not one.

    ``fallback`` is protobuf's sentence, for what is only wrong to protobuf.
    """
    damage = wire.find_damage(source, kind)
    if damage is None:
        return FileError(f"is no {kind} that protobuf can read ({fallback})", place=source.name)
    node = f", in node {damage.node!r}" if damage.node else ""
    if damage.truncated:
        sentence = f"the {kind} is truncated: it ends at byte {source.size:,}{node}"
    else:
        sentence = f"the {kind} is damaged at byte {damage.offset:,}{node}"
    return FileError(sentence, place=source.name, remedy=COPY_AGAIN)


def _parse_text(source: Source, kind: str, text: str, message: Message) -> None:
    from google.protobuf import text_format

    try:
        text_format.Parse(text, message, descriptor_pool=schema.POOL)
    except text_format.ParseError as error:
        # protobuf's own words are "7:7 : Message type ..."; the place comes first here, too.
        line, column, sentence = error.GetLine(), error.GetColumn(), str(error)
        place = source.name if line is None else f"{source.name}, line {line}, column {column}"
        sentence = sentence.partition(" : ")[2] or sentence
        raise FileError(
            f"is no {kind} in protobuf's text format: {sentence.strip().rstrip('.')}", place=place
        ) from None
    # A number that its field cannot hold, or messages within messages: protobuf tells no place.
    except (ValueError, RecursionError) as error:
        raise FileError(
            f"is no {kind} in protobuf's text format: {error}", place=source.name
        ) from None


def _parse_json(source: Source, kind: str, text: str, message: Message) -> None:
    from google.protobuf import json_format

    try:
        json_format.Parse(text, message, descriptor_pool=schema.POOL)
    except (json_format.ParseError, RecursionError) as error:
        sentence = str(error).strip().rstrip(".")
        raise FileError(f"is no {kind} in protobuf's JSON: {sentence}", place=source.name) from None
