"""The messages that a checkpoint's table holds as values."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from google.protobuf.message import DecodeError, Message

from pbtool.errors import FileError

if TYPE_CHECKING:
    from pbtool.schema import VersionDef

_VERSION = 1  # of both formats, since ever

M = TypeVar("M", bound=Message)


def parse(message_class: type[M], key: bytes, value: bytes, path: str) -> M:
    """The message that lies under a key; raises FileError where it is none."""
    try:
        return message_class.FromString(value)
    except DecodeError:
        name = message_class.DESCRIPTOR.name
        raise FileError(f"the value of {text(key)!r} is not a {name}", place=path) from None


def check_version(versions: VersionDef, path: str) -> None:
    """Refuse a checkpoint that is written for newer readers, as TensorFlow does."""
    if versions.min_consumer > _VERSION or _VERSION in versions.bad_consumers:
        raise FileError(
            f"the checkpoint is not for readers of version {_VERSION}, which pbtool is",
            place=path,
            remedy="a newer pbtool may read it",
        )


def text(key: bytes) -> str:
    """A key as the name of a tensor."""
    return key.decode(errors="backslashreplace")
