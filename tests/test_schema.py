from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from google.protobuf import text_format
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.protobuf.message import Message

import pbtool
from pbtool import schema

PACKAGE = Path(pbtool.__file__).parent
FILES = FileDescriptorSet.FromString((PACKAGE / "_data" / "schema.binpb").read_bytes()).file

MESSAGES = [
    "AssetFileDef",
    "AttrValue",
    "BundleEntryProto",
    "BundleHeaderProto",
    "CheckpointState",
    "CollectionDef",
    "Event",
    "FingerprintDef",
    "FullTypeDef",
    "FunctionDef",
    "FunctionDefLibrary",
    "GradientDef",
    "GraphDebugInfo",
    "GraphDef",
    "MetaGraphDef",
    "NameAttrList",
    "NodeDef",
    "OpDef",
    "OpList",
    "ResourceHandleProto",
    "SavedModel",
    "SavedObjectGraph",
    "SavedTensorSliceMeta",
    "SavedTensorSlices",
    "SaverDef",
    "SignatureDef",
    "StructuredValue",
    "Summary",
    "TensorInfo",
    "TensorProto",
    "TensorShapeProto",
    "TensorSliceProto",
    "TrackableObjectGraph",
    "VariableDef",
    "VariantTensorDataProto",
    "VersionDef",
]
ENUMS = ["DataType", "FullTypeId", "VariableSynchronization", "VariableAggregation"]


def python(code: str) -> str:
    command = [sys.executable, "-c", f"import sys; sys.path[:0] = {sys.path!r}\n{code}"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def message_descriptors():
    """Every message of package tensorflow, nested ones too, but not the entry types of maps."""
    waiting = [
        schema.POOL.FindMessageTypeByName(f"{file.package}.{message.name}")
        for file in FILES
        for message in file.message_type
        if file.package == "tensorflow"
    ]
    while waiting:
        descriptor = waiting.pop()
        yield descriptor
        waiting += [n for n in descriptor.nested_types if not n.GetOptions().map_entry]


@pytest.mark.parametrize("name", MESSAGES)
def test_message_is_there(name):
    message = getattr(schema, name)
    assert message.DESCRIPTOR.full_name == f"tensorflow.{name}"
    assert message.FromString(message().SerializeToString()) == message()
    assert getattr(schema, name) is message


@pytest.mark.parametrize("name", ENUMS)
def test_enum_is_there(name):
    enum = getattr(schema, name)
    assert enum.DESCRIPTOR.full_name == f"tensorflow.{name}"
    assert enum.Name(0) in enum.keys()  # noqa: SIM118 - not a mapping


def test_enum_values_are_attributes():
    assert schema.DataType.DT_STRING == 7
    assert schema.SaverDef.V2 == schema.SaverDef.CheckpointFormatVersion.V2 == 2


def test_nested_classes_are_attributes():
    for descriptor in message_descriptors():
        path = descriptor.full_name.removeprefix("tensorflow.").split(".")
        found = schema
        for name in path:
            found = getattr(found, name)
        assert found is schema.message_class(descriptor.full_name)


def test_nested_class_is_that_of_the_elements():
    shape = schema.TensorShapeProto(dim=[schema.TensorShapeProto.Dim(size=2)])
    assert type(shape.dim[0]) is schema.TensorShapeProto.Dim


def test_unknown_name():
    with pytest.raises(AttributeError, match="TensorFlow's schema has no GrafDef"):
        _ = schema.GrafDef
    with pytest.raises(KeyError):
        schema.message_class("tensorflow.GrafDef")


def test_unknown_fields_survive():
    known = schema.NodeDef(name="a", op="NoOp").SerializeToString()
    unknown = bytes([0xFA, 0x3E, 3]) + b"new"  # field 1007, three bytes
    node = schema.NodeDef.FromString(known + unknown)
    assert node.name == "a"
    graph = schema.GraphDef(node=[node])
    assert unknown in graph.SerializeToString()
    assert schema.GraphDef.FromString(graph.SerializeToString()) == graph


def test_text_format_of_any():
    any_class = schema.message_class("google.protobuf.Any")
    packed = any_class()
    packed.Pack(schema.NodeDef(name="a"))
    meta = schema.MetaGraphDef()
    meta.meta_info_def.any_info.CopyFrom(packed)
    text = text_format.MessageToString(meta, descriptor_pool=schema.POOL)
    assert "[type.googleapis.com/tensorflow.NodeDef]" in text
    parsed = text_format.Parse(text, schema.MetaGraphDef(), descriptor_pool=schema.POOL)
    # Not ==: protobuf's Python implementation looks for the type in the default pool.
    assert parsed.SerializeToString() == meta.SerializeToString()


def test_default_pool_is_left_alone():
    python("""
from google.protobuf.descriptor_pool import Default
from pbtool import schema
schema.GraphDef(), schema.DataType
try:
    Default().FindFileByName("tensorflow/core/framework/graph.proto")
except KeyError:
    pass
else:
    raise SystemExit("the default pool knows graph.proto")
""")


def test_import_is_light():
    loaded = python("from pbtool import schema; schema.GraphDef(); print(*sys.modules)").split()
    assert {"tensorflow", "numpy", "tabulate"}.isdisjoint(loaded)


# The stub and the descriptors


class Stub:
    """The classes that ``schema.pyi`` declares, by dotted name."""

    def __init__(self) -> None:
        self.classes: dict[str, ast.ClassDef] = {}
        self._collect(ast.parse((PACKAGE / "schema.pyi").read_text("utf-8")), "")

    def _collect(self, parent: ast.Module | ast.ClassDef, scope: str) -> None:
        for node in parent.body:
            if isinstance(node, ast.ClassDef):
                self.classes[scope + node.name] = node
                self._collect(node, f"{scope}{node.name}.")

    def members(self, name: str) -> dict[str, str]:
        """The annotated names and properties of a class with the source of their types."""
        members = {}
        for node in self.classes[name].body:
            if isinstance(node, ast.AnnAssign):
                members[ast.unparse(node.target)] = ast.unparse(node.annotation)
            elif isinstance(node, ast.FunctionDef) and node.decorator_list:
                members[node.name] = ast.unparse(node.returns)
        return members

    def keywords(self, name: str) -> list[str]:
        """The keywords of a class's constructor."""
        for node in self.classes[name].body:
            if isinstance(node, ast.FunctionDef) and node.name == "__init__":
                return [argument.arg for argument in node.args.kwonlyargs]
        return []


STUB = Stub()
MESSAGE_DESCRIPTORS = list(message_descriptors())
SCALARS = {
    FieldDescriptor.TYPE_STRING: "str",
    FieldDescriptor.TYPE_BYTES: "bytes",
    FieldDescriptor.TYPE_BOOL: "bool",
    FieldDescriptor.TYPE_FLOAT: "float",
    FieldDescriptor.TYPE_DOUBLE: "float",
}


def element_type(field: FieldDescriptor) -> str:
    if field.message_type is None:
        return SCALARS.get(field.type, "int")
    name = field.message_type.full_name
    return name.removeprefix("tensorflow.") if name.startswith("tensorflow.") else "Message"


def declared_type(field: FieldDescriptor, value: object) -> str:
    """What the stub should say of a field whose default is ``value``."""
    if isinstance(value, Message | int | float | str | bytes):
        return element_type(field)
    if hasattr(value, "items"):
        key, element = field.message_type.fields
        kind = "MessageMap" if element.message_type else "ScalarMap"
        return f"{kind}[{element_type(key)}, {element_type(element)}]"
    kind = "Composite" if field.message_type else "Scalar"
    return f"Repeated{kind}FieldContainer[{element_type(field)}]"


def test_stub_has_every_message_and_no_other():
    messages = {d.full_name.removeprefix("tensorflow.") for d in message_descriptors()}
    assert {name for name in STUB.classes if not name.split(".")[-1].startswith("_")} == messages


@pytest.mark.parametrize("descriptor", MESSAGE_DESCRIPTORS, ids=lambda d: d.full_name)
def test_stub_has_every_field(descriptor):
    name = descriptor.full_name.removeprefix("tensorflow.")
    message = schema.message_class(descriptor.full_name)()
    fields = {f.name: declared_type(f, getattr(message, f.name)) for f in descriptor.fields}
    enums = {enum.name: f"_{enum.name}" for enum in descriptor.enum_types}
    values = {v.name: f"Literal[{v.number}]" for e in descriptor.enum_types for v in e.values}
    assert STUB.members(name) == {**fields, **enums, **values}
    assert STUB.keywords(name) == list(fields)


@pytest.mark.parametrize("name", ENUMS)
def test_stub_has_every_enum_value(name):
    values = {
        value.name: f"Literal[{value.number}]" for value in getattr(schema, name).DESCRIPTOR.values
    }
    assert STUB.members(f"_{name}") == values
