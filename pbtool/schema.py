"""The message classes of TensorFlow's files.

They live in a descriptor pool of their own: a second ``tensorflow/core/framework/graph.proto`` in
protobuf's default pool would stop tensorflow from being imported beside pbtool. Their full names
are TensorFlow's, so text format and error messages read as usual; a message crosses to
tensorflow's own classes as bytes. ``schema.pyi``, written by ``scripts/compile_protos.py``, tells
type checkers what each message holds.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper
from google.protobuf.message_factory import GetMessageClass

from pbtool.varint import read_varint

if TYPE_CHECKING:
    from collections.abc import Iterator

    from google.protobuf.descriptor import Descriptor
    from google.protobuf.message import Message

PACKAGE = "tensorflow"


def _serialized_files(descriptor_set: bytes) -> Iterator[bytes]:
    """Yield each serialized file of a FileDescriptorSet.

    The set is nothing but one length-delimited field repeated; cutting it up by hand spares every
    command the import of protobuf's own descriptor messages, which costs more than all the rest.
    """
    end = 0
    while end < len(descriptor_set):
        size, start = read_varint(descriptor_set, end + 1)  # behind the tag
        end = start + size
        yield descriptor_set[start:end]


def _load_pool() -> DescriptorPool:
    """Return a new pool that knows every file of ``protos/``."""
    pool = DescriptorPool()
    data = Path(__file__).with_name("_data") / "schema.binpb"
    for file in _serialized_files(data.read_bytes()):
        pool.AddSerializedFile(file)
    return pool


POOL = _load_pool()


def message_class(full_name: str) -> type[Message]:
    """Return the class of a message by its full name, such as ``tensorflow.GraphDef`` or
    ``google.protobuf.Any``.

    Raises KeyError for a name that the pool does not know.
    """
    return _class_of(POOL.FindMessageTypeByName(full_name))


def _class_of(descriptor: Descriptor) -> type[Message]:
    """Return the class of a descriptor, with the classes nested in it as attributes.

    protobuf's C implementation has those attributes by itself, the one in Python has not.
    """
    result = GetMessageClass(descriptor)
    for nested in descriptor.nested_types:
        if not hasattr(result, nested.name):
            setattr(result, nested.name, _class_of(nested))
    return result


def text(message: Message) -> str:
    """The message in protobuf's text format, on one line: maps sorted by key, and fields that the
    schema does not know by their numbers.
    """
    from google.protobuf import text_format

    return text_format.MessageToString(message, as_one_line=True, print_unknown_fields=True)


def unknown_fields(message: Message) -> Iterator[tuple[int, int, Any]]:
    """The fields of a message that the schema does not know: number, wire type, and what they hold.

    That is a number or bytes; nothing for the two ends of a group.
    """
    from google.protobuf.unknown_fields import UnknownFieldSet

    return _unknown_fields(UnknownFieldSet(message))


def _unknown_fields(fields: Any) -> Iterator[tuple[int, int, Any]]:
    for field in fields:
        if field.wire_type == _START_GROUP:
            yield field.field_number, _START_GROUP, None
            yield from _unknown_fields(field.data)
            yield field.field_number, _END_GROUP, None
        else:
            yield field.field_number, field.wire_type, field.data


_START_GROUP, _END_GROUP = 3, 4  # wire types


def __getattr__(name: str) -> Any:
    """Make a message class or an enum when its name is first used: a command needs few of them."""
    if name.startswith("_"):
        raise AttributeError(name)
    full_name = f"{PACKAGE}.{name}"
    try:
        value: Any = message_class(full_name)
    except KeyError:
        try:
            value = EnumTypeWrapper(POOL.FindEnumTypeByName(full_name))
        except KeyError:
            raise AttributeError(f"TensorFlow's schema has no {name}") from None
    globals()[name] = value
    return value
