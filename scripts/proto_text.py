"""Print a FileDescriptorProto as .proto source that compiles to the same descriptor.

Covers what TensorFlow's files use: proto2 and proto3, nested types, enums, oneofs, maps, reserved
ranges and names, and the options of fields, messages and enums. File options are left out: they
concern generated C++, Java and Go. Services and extensions are refused.
"""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING, Any

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

LABELS = {
    FieldDescriptorProto.LABEL_OPTIONAL: "optional ",
    FieldDescriptorProto.LABEL_REQUIRED: "required ",
    FieldDescriptorProto.LABEL_REPEATED: "repeated ",
}
MAX_FIELD_NUMBER = 536_870_911


def file_text(file: FileDescriptorProto, comments: Mapping[str, str]) -> str:
    """Return the source of a file; ``comments`` are keyed by full names, such as
    ``tensorflow.NodeDef.op``.
    """
    if file.service or file.extension:
        raise NotImplementedError(f"{file.name}: services and extensions are not printed")
    public = {file.dependency[i] for i in file.public_dependency}
    imports = [f'import {"public " if name in public else ""}"{name}";' for name in file.dependency]
    printer = Printer(file.syntax or "proto2", comments)
    scope = f".{file.package}"
    blocks = [
        [f'syntax = "{printer.syntax}";'],
        [f"package {file.package};"],
        imports,
        *(list(printer.message(message, scope)) for message in file.message_type),
        *(list(printer.enum(enum, scope)) for enum in file.enum_type),
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


class Printer:
    """Prints the declarations of one file, each as a list of lines."""

    def __init__(self, syntax: str, comments: Mapping[str, str]) -> None:
        self.syntax = syntax
        self.comments = comments

    def message(self, message: DescriptorProto, scope: str) -> Iterator[str]:
        """Yield a message; ``scope`` is the full name, dot first, of what holds it."""
        name = f"{scope}.{message.name}"
        yield from self.comment(name)
        yield f"message {message.name} {{"
        yield from indented(option_lines(message.options))
        ranges = [(r.start, r.end - 1) for r in message.reserved_range]
        yield from indented(reserved(ranges, message.reserved_name, MAX_FIELD_NUMBER))
        for enum in message.enum_type:
            yield from indented(self.enum(enum, name))
        yield from indented(self.members(message, name))
        yield "}"

    def members(self, message: DescriptorProto, name: str) -> Iterator[str]:
        """Yield fields and nested messages, interleaved as they were declared.

        protoc appends the hidden entry type of a map to the nested types where the map field
        stands, so the order of the nested types tells which were declared before it.
        """
        entries = {f"{name}.{t.name}": t for t in message.nested_type if t.options.map_entry}
        nested = list(message.nested_type)

        def declared_before_next_map() -> Iterator[str]:
            while nested and not nested[0].options.map_entry:
                yield from self.message(nested.pop(0), name)

        yield from declared_before_next_map()
        open_oneof = None
        for field in message.field:
            in_oneof = field.HasField("oneof_index") and not field.proto3_optional
            oneof = message.oneof_decl[field.oneof_index].name if in_oneof else None
            if oneof != open_oneof:
                if open_oneof is not None:
                    yield "}"
                if oneof is not None:
                    yield f"oneof {oneof} {{"
                open_oneof = oneof
            yield from indented(self.field(field, name, entries), 1 if oneof else 0)
            if field.type_name in entries:
                nested.pop(0)
                yield from declared_before_next_map()
        if open_oneof is not None:
            yield "}"

    def field(
        self, field: FieldDescriptorProto, scope: str, entries: Mapping[str, DescriptorProto]
    ) -> Iterator[str]:
        """Yield one field with its label and options."""
        yield from self.comment(f"{scope}.{field.name}")
        if entry := entries.get(field.type_name):
            key, value = (type_text(f, scope) for f in entry.field)
            declared = f"map<{key}, {value}>"
        else:
            declared = self.label(field) + type_text(field, scope)
        options = dict(option_items(field.options))
        if field.HasField("default_value"):
            options["default"] = default_text(field)
        suffix = ", ".join(f"{key} = {value}" for key, value in options.items())
        yield f"{declared} {field.name} = {field.number}{f' [{suffix}]' if suffix else ''};"

    def label(self, field: FieldDescriptorProto) -> str:
        """Return the label a field needs in this file's syntax, a space behind it, or nothing."""
        singular = field.label == FieldDescriptorProto.LABEL_OPTIONAL
        bare = self.syntax == "proto3" or field.HasField("oneof_index")
        if singular and bare and not field.proto3_optional:
            return ""
        return LABELS[field.label]

    def enum(self, enum: EnumDescriptorProto, scope: str) -> Iterator[str]:
        """Yield an enum; ``scope`` is the full name, dot first, of what holds it."""
        name = f"{scope}.{enum.name}"
        yield from self.comment(name)
        yield f"enum {enum.name} {{"
        yield from indented(option_lines(enum.options))
        ranges = [(r.start, r.end) for r in enum.reserved_range]
        yield from indented(reserved(ranges, enum.reserved_name, 2**31 - 1))
        for value in enum.value:
            yield from indented(self.comment(f"{name}.{value.name}"))
            options = ", ".join(f"{k} = {v}" for k, v in option_items(value.options))
            yield f"  {value.name} = {value.number}{f' [{options}]' if options else ''};"
        yield "}"

    def comment(self, name: str) -> Iterator[str]:
        """Yield the comment on a full name, wrapped."""
        text = self.comments.get(name.removeprefix("."), "")
        yield from textwrap.wrap(text, 90, initial_indent="// ", subsequent_indent="// ")


def indented(lines: Iterable[str], levels: int = 1) -> Iterator[str]:
    """Yield the lines, moved to the right."""
    for line in lines:
        yield "  " * levels + line


def type_text(field: FieldDescriptorProto, scope: str) -> str:
    """Return a field's type, named from inside ``scope`` as shortly as its home allows."""
    if not field.type_name:
        return FieldDescriptorProto.Type.Name(field.type).removeprefix("TYPE_").lower()
    home, _, name = field.type_name.rpartition(".")
    if f"{scope}.".startswith(f"{home}."):
        return name
    package = "." + scope.split(".")[1] + "."
    return field.type_name.removeprefix(package).removeprefix(".")


def default_text(field: FieldDescriptorProto) -> str:
    """Return a proto2 default as source: strings quoted, the rest as it stands."""
    if field.type == FieldDescriptorProto.TYPE_STRING:
        return json.dumps(field.default_value)
    if field.type == FieldDescriptorProto.TYPE_BYTES:  # held C-escaped already
        return f'"{field.default_value}"'
    return field.default_value


def reserved(
    ranges: Iterable[tuple[int, int]], names: Iterable[str], largest: int
) -> Iterator[str]:
    """Yield the reserved statements for inclusive ranges and for names."""

    def text(start: int, end: int) -> str:
        if start == end:
            return str(start)
        return f"{start} to {'max' if end == largest else end}"

    if numbers := ", ".join(text(*pair) for pair in ranges):
        yield f"reserved {numbers};"
    if quoted := ", ".join(f'"{name}"' for name in names):
        yield f"reserved {quoted};"


def option_items(options: Any) -> Iterator[tuple[str, str]]:
    """Yield the name and source of each option that is set, but for the hidden map_entry."""
    for field, value in options.ListFields():
        if field.name == "map_entry":
            continue
        if field.type == field.TYPE_BOOL:
            yield field.name, "true" if value else "false"
        elif field.type == field.TYPE_ENUM:
            yield field.name, field.enum_type.values_by_number[value].name
        else:
            raise NotImplementedError(f"option {field.full_name} is not printed")


def option_lines(options: Any) -> Iterator[str]:
    """Yield an option statement for each option of a message or enum."""
    for name, value in option_items(options):
        yield f"option {name} = {value};"
