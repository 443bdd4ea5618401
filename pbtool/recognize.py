"""What a file is, from its content: the name and the extension are never asked.

``recognize`` answers with a kind and an encoding, or raises a FileError that says what the file is
instead and what to do about it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple, cast

from pbtool import schema, wire
from pbtool.errors import COPY_AGAIN, FileError

if TYPE_CHECKING:
    from google.protobuf.descriptor import Descriptor, FieldDescriptor

    from pbtool.source import Source

BINARY, TEXT, JSON = ENCODINGS = ("binary", "text", "json")


class Format(NamedTuple):
    """What a file holds (a message's name, or "Table" for a checkpoint's table), and how."""

    kind: str
    encoding: str


TABLE = Format("Table", BINARY)
TABLE_FOOTER = 48  # bytes at the end of a LevelDB-style table: where its index is, and its magic
TABLE_MAGIC = bytes.fromhex("57fb808b247547db")  # the last of these

# In this order: each is told from those behind it by its first fields.
BINARY_KINDS = ("SavedModel", "MetaGraphDef", "GraphDef", "FunctionDefLibrary", "OpList")
TEXT_KINDS = (*BINARY_KINDS, "CheckpointState")

HEAD = 1 << 12  # bytes from the start of a file that text and magic numbers are sought in
SAMPLE = 12  # fields of a message that are compared with the schema


def _descriptor(kind: str) -> Descriptor:
    # protobuf's stubs admit a descriptor of the C implementation, which has the same interface.
    return cast("Descriptor", schema.message_class(f"tensorflow.{kind}").DESCRIPTOR)


def recognize(source: Source) -> Format:
    """The format of the file; raises FileError for what is no TensorFlow model file."""
    head = source.read(0, HEAD)
    if (problem := _wrong_by_magic(source, head)) and _recognize_json(head) is None:
        raise FileError(problem[0], place=source.name, remedy=problem[1])
    if is_table(source):
        return TABLE
    if is_text(head):
        return _recognize_json(head) or _recognize_text(source, head)
    for judge, kinds in _TRIALS:
        for kind in kinds:
            if _begins_like(source, kind, SAMPLE, judge):
                return Format(kind, BINARY)
    for judge, _ in _TRIALS[:2]:
        if _begins_like(source, "GraphDef", 1, judge):  # a node to begin with: damaged further on
            return Format("GraphDef", BINARY)
    sentence, remedy = _wrong_by_structure(source)
    raise FileError(sentence, place=source.name, remedy=remedy)


def is_table(source: Source) -> bool:
    """Whether this file ends as a table does."""
    magic = source.read(max(source.size - len(TABLE_MAGIC), 0), source.size)
    return source.size >= TABLE_FOOTER and magic == TABLE_MAGIC


# --- text -------------------------------------------------------------------------------------

_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1f]")
_FIRST_KEY = re.compile(r'\s*\{\s*"([A-Za-z_]\w*)"\s*:')
_FIRST_FIELD = re.compile(r"(?:\s|#[^\n]*\n)*([A-Za-z_]\w*)\s*[:{<]")


def is_text(head: bytes) -> bool:
    """Whether these bytes begin a text: UTF-8 without control characters."""
    if _CONTROL.search(head):
        return False
    try:
        head.decode()
    except UnicodeDecodeError as error:
        return error.start > len(head) - 4 and len(head) == HEAD  # a character cut in two
    return True


def _recognize_text(source: Source, head: bytes) -> Format:
    text = head.decode(errors="ignore").removeprefix("\ufeff")
    if match := _FIRST_FIELD.match(text):
        for kind in TEXT_KINDS:
            if match[1] in _descriptor(kind).fields_by_name:
                return Format(kind, TEXT)
        sentence = f"text that begins with {match[1]!r}, which no TensorFlow model file does"
    elif not text.strip():
        sentence = "the file holds nothing but white space"
    else:
        sentence = "text, but not that of a protobuf message"
    raise FileError(sentence, place=source.name, remedy="pass a .pb, .pbtxt, .meta or checkpoint")


def _recognize_json(head: bytes) -> Format | None:
    """The kind of a message in protobuf's JSON, by its first key; None for any other JSON."""
    match = _FIRST_KEY.match(head.decode(errors="ignore").removeprefix("\ufeff"))
    for kind in BINARY_KINDS if match else ():
        fields = _descriptor(kind).fields
        if match and match[1] in {name for each in fields for name in (each.name, each.json_name)}:
            return Format(kind, JSON)
    return None


# --- binary -----------------------------------------------------------------------------------

_WIRE_TYPES = {  # by FieldDescriptor.type
    1: wire.FIXED64, 2: wire.FIXED32, 3: wire.VARINT, 4: wire.VARINT, 5: wire.VARINT,
    6: wire.FIXED64, 7: wire.FIXED32, 8: wire.VARINT, 9: wire.LENGTH_DELIMITED,
    11: wire.LENGTH_DELIMITED, 12: wire.LENGTH_DELIMITED, 13: wire.VARINT, 14: wire.VARINT,
    15: wire.FIXED32, 16: wire.FIXED64, 17: wire.VARINT, 18: wire.VARINT,
}  # fmt: skip
_TYPE_STRING = 9


# Whether these bytes, which may be cut off, can be the value of a string field.
Judge = Callable[[bytes, "FieldDescriptor"], bool]


def _is_plain_string(data: bytes, _: FieldDescriptor) -> bool:
    """Control characters in a "string" mean that it is another message's bytes."""
    return is_text(data)


def _is_op_if_it_must_be(data: bytes, declared: FieldDescriptor) -> bool:
    """For files whose author put anything into the names: a node's op tells it from a message."""
    return declared.full_name != "tensorflow.NodeDef.op" or bool(_OP.fullmatch(data))


_OP = re.compile(rb"[A-Za-z0-9_.>/-]*")

# From files as they should be to those whose author put anything into every name; a graph whose
# first node has no op to tell it by is not looked for.
_TRIALS: tuple[tuple[Judge, tuple[str, ...]], ...] = (
    (_is_plain_string, BINARY_KINDS),
    (_is_op_if_it_must_be, BINARY_KINDS),
    (lambda *_: True, BINARY_KINDS[:2]),
)


def _begins_like(source: Source, kind: str, sample: int, judge: Judge = _is_plain_string) -> bool:
    """Whether the first fields of the file, as many as ``sample``, are those of such a message."""
    return bool(_leading_fields(source)) and _fits(
        source, 0, source.size, _descriptor(kind), 3, judge, sample
    )


def _fits(
    source: Source,
    start: int,
    end: int,
    message: Descriptor,
    depth: int,
    judge: Judge,
    sample: int = SAMPLE,
) -> bool:
    """Whether the first fields in ``[start, end)`` are declared by the message, down to a depth.

    The bytes may be cut off anywhere: what is there is judged.
    """
    seen = set()
    try:
        for field in islice(wire.fields(source, start, end), sample):
            declared = message.fields_by_number.get(field.number)
            if declared is None and judge is not _is_plain_string and message.name in _ALWAYS_THERE:
                continue  # of a later TensorFlow, or of nobody
            if declared is None or (field.number in seen and not _is_repeated(declared)):
                return False
            if not _fits_field(source, field, declared, depth, judge):
                return False
            seen.add(field.number)
    except wire.WireError as error:
        if error.field is None:
            return error.truncated
        declared = message.fields_by_number.get(error.field.number)
        cut = error.field._replace(end=end)
        return declared is not None and _fits_field(source, cut, declared, depth, judge)
    may_be_cut = end == source.size and judge is _is_plain_string
    return may_be_cut or seen >= _ALWAYS_THERE.get(message.name, set())


# The fields that tell a message from others with the same first field. A file that is cut off may
# lack them, but nobody cuts off a file and puts control characters into its names.
_ALWAYS_THERE = {"NodeDef": {1, 2}}  # name and op


def _is_repeated(declared: FieldDescriptor) -> bool:
    # protobuf has `is_repeated` from 6.31 on, and warns of `label` since.
    repeated = getattr(declared, "is_repeated", None)
    return getattr(declared, "label", None) == _REPEATED if repeated is None else bool(repeated)


_REPEATED = 3  # FieldDescriptor.LABEL_REPEATED


def _leading_fields(source: Source) -> list[wire.Field]:
    """The first fields of the file; a last one that is cut off counts."""
    found = []
    try:
        for field in islice(wire.fields(source, 0, source.size), SAMPLE):
            found.append(field)  # noqa: PERF402 - what came before an error counts
    except wire.WireError as error:
        if error.field is not None:
            found.append(error.field)
    return found


def _fits_field(
    source: Source, field: wire.Field, declared: FieldDescriptor, depth: int, judge: Judge
) -> bool:
    packed = _is_repeated(declared) and field.wire_type == wire.LENGTH_DELIMITED
    if not packed and field.wire_type != _WIRE_TYPES[declared.type]:
        return False
    if declared.type == _TYPE_STRING:
        return judge(source.read(field.payload, min(field.end, field.payload + HEAD)), declared)
    if declared.message_type is not None and depth:
        return _fits(source, field.payload, field.end, declared.message_type, depth - 1, judge)
    return True


# --- what a file is instead ---------------------------------------------------------------------

_EXPORT = "in TensorFlow, export a SavedModel with model.export(...) and open that folder"

# (bytes at the start, offset, what the file is, remedy)
_MAGIC: tuple[tuple[bytes, int, str, str], ...] = (
    (b"\x89HDF\r\n\x1a\n", 0, "an HDF5 file, as Keras writes for .h5", _EXPORT),
    (b"TFL3", 4, "a TensorFlow Lite model, which is a FlatBuffer", "open the model it was made of"),
    (b"\x93NUMPY", 0, "a numpy array file", "pass the model file"),
    (b"BZh", 0, "compressed with bzip2", "unpack it with bunzip2 first"),
    (b"\xfd7zXZ\0", 0, "compressed with xz", "unpack it with unxz first"),
    (b"\x28\xb5\x2f\xfd", 0, "compressed with zstd", "unpack it with unzstd first"),
    (b"ustar", 257, "a tar archive", "unpack it with tar -xf and open what is inside"),
    (b"\x7fELF", 0, "a program or shared library", "pass the model file"),
    (b"%PDF", 0, "a PDF document", "pass the model file"),
    (b"\x89PNG", 0, "a PNG picture", "pass the model file"),
    (b"\xff\xd8\xff", 0, "a JPEG picture", "pass the model file"),
    (b"MZ", 0, "a Windows program", "pass the model file"),
)

# A zip archive is known by a member's name.
_ZIP_MEMBERS = (
    (b"model.weights.h5", "a Keras 3 model (.keras)", _EXPORT),
    (b"data.pkl", "a PyTorch file", "convert the model to TensorFlow first"),
    (b"saved_model.pb", "a zip archive with a SavedModel inside", "unpack it with unzip"),
    (b".npy", "a numpy archive (.npz)", "pass the model file"),
    (b"", "a zip archive", "unpack it with unzip and open what is inside"),
)


def _wrong_by_magic(source: Source, head: bytes) -> tuple[str, str] | None:
    """What the file is, and the remedy, when its first bytes say that it is something else."""
    if not head:
        return "the file is empty", COPY_AGAIN
    if not head.strip(b"\0") and not source.read(source.size // 2, source.size // 2 + HEAD).strip(
        b"\0"
    ):
        return "the file holds only zero bytes", COPY_AGAIN
    for magic, offset, what, remedy in _MAGIC:
        if head[offset : offset + len(magic)] == magic:
            return what, remedy
    if head.startswith(b"PK\x03\x04"):
        directory = source.read(max(0, source.size - (1 << 16)), source.size)
        return next((what, fix) for name, what, fix in _ZIP_MEMBERS if name in directory)
    if re.match(rb"\x80[\x02-\x05][\]\(\}c\x8a\x95K]", head):
        return "a Python pickle, perhaps of PyTorch or scikit-learn", "convert the model first"
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:256].lower()
    if start.startswith(b"version https://git-lfs"):
        size = re.search(rb"^size (\d{1,18})\b", head, re.MULTILINE)
        of = f" of {int(size[1]):,} bytes" if size else ""
        return f"a Git LFS pointer, not the file{of} itself", "fetch the file with git lfs pull"
    if start.startswith((b"<!doctype html", b"<html", b"<head", b"<body")):
        return "an HTML page, perhaps a download link's error page", "download the raw file"
    if start.startswith((b"<?xml", b"<net ")):
        return "XML text, as OpenVINO writes its models", "open the model that it was made of"
    if start.startswith((b'{"', b"{\n", b"{ ", b"[{", b"{}", b"{'")):
        return "JSON text, as TensorFlow.js and Keras write", "open the model that it was made of"
    return None


# (what, remedy, {field number: wire types}, fields that must occur): protobuf messages of others.
_V, _L = wire.VARINT, wire.LENGTH_DELIMITED
_FOREIGN: tuple[tuple[str, str, dict[int, int], set[int]], ...] = (
    (
        "an ONNX model",
        "open it with the onnx tools",
        {1: _V, 2: _L, 3: _L, 4: _L, 5: _V, 6: _L, 7: _L, 8: _L, 14: _L, 20: _L, 25: _L, 26: _L},
        {1, 7},
    ),
)


def _wrong_by_structure(source: Source) -> tuple[str, str]:
    """The best description of a binary file that is no TensorFlow model, and a remedy."""
    head = source.read(0, HEAD)
    if re.search(r"\.data-\d{5}-of-\d{5}$", source.name):
        prefix = source.name.rsplit(".data-", 1)[0]
        return "a data shard of a checkpoint, which has no names in it", f"pass {prefix}"
    if _begins_like(source, "FingerprintDef", SAMPLE):
        return "a SavedModel's fingerprint.pb, which holds checksums", "open the folder it lies in"
    if b"_tf_keras_" in head:
        return "a SavedModel's keras_metadata.pb", "open the folder that it lies in"
    if b"brain.Event:" in head[:64]:
        return "a TensorBoard event file", "pass the model file"
    leading = _leading_fields(source)
    for what, remedy, wire_types, required in _FOREIGN:
        seen = {field.number for field in leading}
        if required <= seen and all(wire_types.get(f.number) == f.wire_type for f in leading):
            return what, remedy
    return (
        "not a TensorFlow model file: its first bytes belong to no message of TensorFlow's",
        COPY_AGAIN + ", or pass the .pb, .pbtxt, .meta, checkpoint or SavedModel folder",
    )
