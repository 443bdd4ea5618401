"""Write the typed stub of ``pbtool.schema`` from a FileDescriptorSet with comments."""

from __future__ import annotations

import keyword
from typing import TYPE_CHECKING

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

HEADER = '''\
"""The message classes of TensorFlow's files.

Written by scripts/compile_protos.py from protos/. Do not edit.
"""

# fmt: off
# ruff: noqa: A002, E501, N802
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.internal.containers import (
    MessageMap,
    RepeatedCompositeFieldContainer,
    RepeatedScalarFieldContainer,
    ScalarMap,
)
from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper
from google.protobuf.message import Message

PACKAGE: str
POOL: DescriptorPool

def message_class(full_name: str) -> type[Message]: ...
def text(message: Message) -> str: ...
def unknown_fields(message: Message) -> Iterator[tuple[int, int, Any]]: ...
'''

INTEGERS = ("INT32", "INT64", "UINT32", "UINT64", "SINT32", "SINT64", "FIXED32", "FIXED64")
SCALARS = {
    **{FieldDescriptorProto.Type.Value(f"TYPE_{name}"): "int" for name in INTEGERS},
    FieldDescriptorProto.TYPE_SFIXED32: "int",
    FieldDescriptorProto.TYPE_SFIXED64: "int",
    FieldDescriptorProto.TYPE_ENUM: "int",
    FieldDescriptorProto.TYPE_FLOAT: "float",
    FieldDescriptorProto.TYPE_DOUBLE: "float",
    FieldDescriptorProto.TYPE_BOOL: "bool",
    FieldDescriptorProto.TYPE_STRING: "str",
    FieldDescriptorProto.TYPE_BYTES: "bytes",
}
# Paths of source_code_info: the field numbers of message_type, nested_type, enum_type.
TOP_MESSAGE, TOP_ENUM, NESTED_MESSAGE, NESTED_ENUM = 4, 5, 3, 4


def stub_text(descriptors: FileDescriptorSet) -> str:
    """Return the stub: every message and enum of package tensorflow, in order of name."""
    blocks: dict[str, str] = {}
    for file in descriptors.file:
        if file.package == "tensorflow":
            blocks |= StubFile(file).blocks()
    return HEADER + "".join(f"\n{blocks[name]}" for name in sorted(blocks))


class StubFile:
    """Writes the classes of one file."""

    def __init__(self, file: FileDescriptorProto) -> None:
        self.file = file
        self.comments = {
            tuple(place.path): " ".join(place.leading_comments.split())
            for place in file.source_code_info.location
            if place.leading_comments
        }

    def blocks(self) -> dict[str, str]:
        """Return the source of each top-level message and enum by its name."""
        blocks = {}
        for i, message in enumerate(self.file.message_type):
            blocks[message.name] = self.message(message, "", (TOP_MESSAGE, i))
        for i, enum in enumerate(self.file.enum_type):
            blocks[enum.name] = self.enum(enum, (TOP_ENUM, i))
        return {name: "\n".join(lines) + "\n" for name, lines in blocks.items()}

    def enum(self, enum: EnumDescriptorProto, path: tuple[int, ...]) -> list[str]:
        """Return the lines of an enum: a class of its values, and its one instance."""
        values = [f"    {value.name}: Literal[{value.number}]" for value in enum.value]
        return [
            f"class _{enum.name}(EnumTypeWrapper):",
            *self.docstring(path),
            *values,
            "",
            f"{enum.name}: _{enum.name}",
        ]

    def message(self, message: DescriptorProto, scope: str, path: tuple[int, ...]) -> list[str]:
        """Return the lines of a message class; ``scope`` is empty or what holds it, dot last."""
        name = f"{scope}{message.name}"
        entries = {
            f".{self.file.package}.{name}.{nested.name}": nested
            for nested in message.nested_type
            if nested.options.map_entry
        }
        fields = [Field(field, entries) for field in message.field]
        body = self.docstring(path)
        for i, enum in enumerate(message.enum_type):
            body += ["", *indented(self.enum(enum, (*path, NESTED_ENUM, i)))]
            body += [f"    {value.name}: Literal[{value.number}]" for value in enum.value]
        for i, nested in enumerate(message.nested_type):
            if not nested.options.map_entry:
                lines = self.message(nested, f"{name}.", (*path, NESTED_MESSAGE, i))
                body += ["", *indented(lines)]
        if fields and body:
            body.append("")
        for field in fields:
            body += indented(field.member())
        body += indented(constructor(fields))
        body += indented(presence(message, fields))
        return [f"class {message.name}(Message):", *(body or ["    pass"])]

    def docstring(self, path: tuple[int, ...]) -> list[str]:
        """Return the comment at a path as an indented docstring."""
        comment = self.comments.get(path)
        return [f'    """{comment}"""'] if comment else []


class Field:
    """One field of a message: its Python types when read and when given to the constructor."""

    def __init__(self, field: FieldDescriptorProto, entries: dict[str, DescriptorProto]) -> None:
        if keyword.iskeyword(field.name):
            raise ValueError(f"field {field.name} is a Python keyword")
        self.name = field.name
        self.repeated = field.label == FieldDescriptorProto.LABEL_REPEATED
        self.is_message = field.type == FieldDescriptorProto.TYPE_MESSAGE
        self.type = python_type(field)
        self.read = self.given = self.type
        if entry := entries.get(field.type_name):
            key, value = entry.field
            composite = value.type == FieldDescriptorProto.TYPE_MESSAGE
            arguments = f"[{python_type(key)}, {python_type(value)}]"
            self.read = ("MessageMap" if composite else "ScalarMap") + arguments
            self.given = f"Mapping{arguments}"
        elif self.repeated:
            kind = "Composite" if self.is_message else "Scalar"
            self.read = f"Repeated{kind}FieldContainer[{self.type}]"
            self.given = f"Iterable[{self.type}]"

    def member(self) -> list[str]:
        """Return the declaration as a member; only single scalars can be assigned to."""
        if self.repeated or self.is_message:
            return ["@property", f"def {self.name}(self) -> {self.read}: ..."]
        return [f"{self.name}: {self.read}"]


def python_type(field: FieldDescriptorProto) -> str:
    """Return the Python type of one value of a field, ignoring its label."""
    if field.type == FieldDescriptorProto.TYPE_MESSAGE:
        if field.type_name.startswith(".tensorflow."):
            return field.type_name.removeprefix(".tensorflow.")
        return "Message"
    return SCALARS[field.type]


def constructor(fields: list[Field]) -> Iterator[str]:
    """Yield ``__init__`` with a keyword for each field."""
    if fields:
        yield "def __init__("
        yield "    self,"
        yield "    *,"
        for field in fields:
            yield f"    {field.name}: {field.given} | None = ...,"
        yield ") -> None: ..."


def presence(message: DescriptorProto, fields: list[Field]) -> Iterator[str]:
    """Yield the methods that take the name of a field or oneof, for the names that they know."""
    real_oneofs: dict[str, list[str]] = {}
    present = []
    for field, described in zip(fields, message.field, strict=True):
        in_oneof = described.HasField("oneof_index")
        if in_oneof and not described.proto3_optional:
            oneof = message.oneof_decl[described.oneof_index].name
            real_oneofs.setdefault(oneof, []).append(field.name)
        if not field.repeated and (field.is_message or in_oneof):
            present.append(field.name)
    if present:
        yield from method("HasField", "field_name", [*present, *real_oneofs], "bool")
    for oneof, members in real_oneofs.items():
        yield from method("WhichOneof", "oneof_group", [oneof], f"{literal(members)} | None")


def method(name: str, parameter: str, names: Iterable[str], result: str) -> Iterator[str]:
    """Yield a method with one parameter, which must be one of ``names``."""
    yield f"def {name}(self, {parameter}: {literal(names)}) -> {result}: ..."


def literal(names: Iterable[str]) -> str:
    """Return the type that holds just these strings."""
    return f"Literal[{', '.join(repr(name) for name in names)}]".replace("'", '"')


def indented(lines: Iterable[str]) -> list[str]:
    """Return the lines one level further in; an empty line stays empty."""
    return [f"    {line}" if line else "" for line in lines]
