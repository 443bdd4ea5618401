"""Small model files of every kind, and damage that knows the structure of what it damages."""

from __future__ import annotations

import gzip
import json
import random
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from google.protobuf import json_format, text_format

import pbtool
from pbtool import opdefs, schema, wire
from pbtool.checkpoint.sstable import Table
from pbtool.source import MemorySource
from pbtool.varint import encode_varint
from tests.checkpoint_examples import small_bundle, small_v1
from tests.checkpoint_writer import snappy, table
from tests.graphs import nodes

Damage = Callable[[random.Random, bytes], bytes]


class Seed(NamedTuple):
    """A file, the name that it is opened under, and what damages it."""

    name: str
    data: bytes
    damage: Damage


# --- what is damaged ---------------------------------------------------------------------------

GRAPH = """
    x = Placeholder() dtype=1
    c = Const() dtype=1
    i = Const() dtype=3
    r = Reshape(x, i) T=1 Tshape=3
    s = Shape(r) T=1 out_type=3
    a = AddV2(r, c, ^i) T=1
    f = Twice(a)
    p = Pack(a, a) T=1 N=2
    m = Merge(a, n) T=1 N=2
    n = NextIteration(m) T=1
    out = Identity(p) T=1
"""

# What infers shapes from the elements of constants, which damage makes extreme.
SIZES = """
    i = Const() dtype=3
    j = Const() dtype=3
    h = Const() dtype=3
    k = Const() dtype=3
    o = Const() dtype=3
    x = Fill(i, k) T=3 index_type=3
    a = Range(o, k, k) Tidx=3
    s = StridedSlice(x, j, h, h) T=3 Index=3 begin_mask=0 end_mask=0 shrink_axis_mask=1
    t = Tile(x, i) T=3 Tmultiples=3
    q = ConcatV2(i, h, o) T=3 N=2 Tidx=3
    z = Reshape(x, q) T=3 Tshape=3
    b = BroadcastTo(k, q) T=3 Tidx=3
    l = TensorListReserve(i, k) element_dtype=3 shape_type=3
    g = TensorListStack(l, i) element_dtype=3 num_elements=4
    u = Unpack(z) T=3 num=2 axis=0
    w = Sum(x, o) T=3 Tidx=3
    e = OneHot(i, k, k, k) T=3 TI=3 axis=0
    out = GatherV2(z, i, o) Tparams=3 Tindices=3 Taxis=3 batch_dims=0
"""


def _with_constants(lines: str, **values: list[float]) -> schema.GraphDef:
    graph = nodes(lines)
    for node in graph.node:
        if node.op == "Const":
            tensor = node.attr["value"].tensor
            tensor.dtype = node.attr["dtype"].type
            if len(values[node.name]) > 1:
                tensor.tensor_shape.dim.add(size=len(values[node.name]))
            field = tensor.float_val if tensor.dtype == 1 else tensor.int_val
            field.extend(values[node.name])
    graph.versions.producer = 2000
    return graph


def _graph() -> schema.GraphDef:
    graph = _with_constants(GRAPH, c=[1.5, -2.0], i=[2, -1])
    function = graph.library.function.add()
    function.signature.name = "Twice"
    function.signature.input_arg.add(name="x", type=1)
    function.signature.output_arg.add(name="y", type=1)
    body = function.node_def.add(name="sum", op="AddV2", input=["x", "x"])
    body.attr["T"].type = 1
    function.ret["y"] = "sum:z:0"
    return graph


def _saved_model() -> schema.SavedModel:
    model = schema.SavedModel(saved_model_schema_version=1)
    meta = model.meta_graphs.add()
    meta.graph_def.CopyFrom(_graph())
    meta.meta_info_def.tags.append("serve")
    signature = meta.signature_def["serving_default"]
    signature.inputs["x"].name = "x:0"
    signature.inputs["x"].dtype = 1
    signature.outputs["y"].name = "out:0"
    meta.collection_def["variables"].bytes_list.value.append(b"\n\x03v:0")
    meta.asset_file_def.add(filename="../vocabulary.txt").tensor_info.name = "c:0"
    return model


def _checkpoint(write: Callable[[Path], str], name: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder) / name.removesuffix(".index"))
        return (Path(folder) / name).read_bytes()


def _changes(a: schema.GraphDef, b: schema.GraphDef) -> bytes:
    """What diff --format json writes."""
    a_graph, b_graph = pbtool.Graph(a), pbtool.Graph(b)
    return json.dumps(pbtool.diff(a_graph, b_graph).to_json(full_values=True), indent=1).encode()


def seeds() -> list[Seed]:
    """Small files of every kind."""
    graph, model = _graph(), _saved_model()
    sizes = _with_constants(SIZES, i=[2, 3], j=[0, 1], h=[1, 1], k=[4], o=[0])
    ops = schema.OpList(op=[opdefs.table()[name] for name in ("Pack", "MatMul", "While")])
    return [
        Seed("graph.pb", graph.SerializeToString(), damaged_message),
        Seed("sizes.pb", sizes.SerializeToString(), damaged_message),
        Seed("graph.pbtxt", text_format.MessageToString(graph).encode(), damaged_text),
        Seed("graph.json", json_format.MessageToJson(graph).encode(), damaged_text),
        Seed("saved_model.pb", model.SerializeToString(), damaged_message),
        Seed("model.meta", model.meta_graphs[0].SerializeToString(), damaged_message),
        Seed("small.index", _checkpoint(small_bundle().write, "small.index"), damaged_table),
        Seed("v1.ckpt", _checkpoint(small_v1().write, "v1.ckpt"), damaged_table),
        Seed("library.pb", graph.library.SerializeToString(), damaged_message),
        Seed("ops.pb", ops.SerializeToString(), damaged_message),
        Seed("graph.pb.gz", gzip.compress(graph.SerializeToString(), mtime=0), damaged_gzip),
        Seed("changes.json", _changes(sizes, graph), damaged_text),
    ]


# --- damage ------------------------------------------------------------------------------------

NASTY = (
    b"",
    b"\0",
    b"\xff\xfe",
    b"\x1b[31m",
    b"a\nb",
    b"../../x",
    b"=1+1",
    b"<script>",
    b"^x",
    b"x:99999999999",
    b"x" * 5000,
    "\u202e".encode(),
)
OPS = tuple(sorted(name.encode() for name in opdefs.table()))
EXTREME = (0, 1, 127, 128, (1 << 31) - 1, 1 << 31, (1 << 63) - 1, 1 << 63, (1 << 64) - 1)

TEXT_VALUES = (b'""', b'"x"', b'"^out"', b"-1", b"1e400", b"DT_INT8", b"99999999999")
JSON_VALUES = (b'"",', b'"x"', b'"^out",', b"-1,", b"1e400,", b"null,", b"[],", b"{}", b'"AAA=",')


def damaged_message(chance: random.Random, data: bytes) -> bytes:
    """A serialized message with a few changes at any depth; lengths around them are put right."""
    for _ in range(_times(chance)):
        data = _change(chance, data)
    return data


def damaged_text(chance: random.Random, data: bytes) -> bytes:
    """A text with changes in a few of its lines."""
    values = JSON_VALUES if data.startswith(b"{") else TEXT_VALUES
    for _ in range(_times(chance)):
        data = _change_line(chance, data, values)
    return data


def damaged_table(chance: random.Random, data: bytes) -> bytes:
    """A checkpoint's table whose entries or blocks changed, all checksums right."""
    if chance.random() < 0.1:
        return scrambled(chance, data)
    entries = list(Table(MemorySource(data)).items())
    for _ in range(_times(chance)):
        at = chance.randrange(len(entries))
        key, value = entries[at]
        choices = ([], [(key, value)] * 2, [(scrambled(chance, key), value)])
        changed = [(key, _change(chance, value))]
        entries[at : at + 1] = chance.choice((*choices, *[changed] * 4))
        entries = entries or [(b"", b"")]
    compressions: tuple[Callable[[bytes], bytes] | None, ...] = (
        None,
        None,
        snappy,
        lambda content: scrambled(chance, snappy(content)),
        lambda content: snappy(scrambled(chance, content)),
    )
    return table(entries, compress=chance.choice(compressions))


def damaged_gzip(chance: random.Random, data: bytes) -> bytes:
    """Damaged gzip data, or damaged data in sound ones."""
    if chance.random() < 0.5:
        return scrambled(chance, data)
    return gzip.compress(damaged_message(chance, gzip.decompress(data)), mtime=0)


def scrambled(chance: random.Random, data: bytes) -> bytes:
    """Bytes with a change that knows nothing of their structure."""
    at, end = sorted(chance.randrange(len(data) + 1) for _ in range(2))
    piece = chance.choice((b"", chance.randbytes(end - at), chance.choice(NASTY), data[at:end] * 2))
    return chance.choice((data[:at] + piece + data[end:], data[:at], data[end:]))


def _times(chance: random.Random) -> int:
    return chance.choice((1, 1, 1, 2, 4))


def _change(chance: random.Random, data: bytes) -> bytes:
    """One change of a message or string; of what is neither, any."""
    fields = _fields(data)
    if not fields or chance.random() < 0.03:
        return scrambled(chance, data)
    field = chance.choice(fields)
    inside = data[field.payload : field.end]
    if field.wire_type == wire.LENGTH_DELIMITED and inside and chance.random() < 0.8:
        changed = wire.encode_length_delimited(field.number, _change(chance, inside))
    else:
        changed = chance.choice(_CHANGES)(chance, data, field)
    return data[: field.start] + changed + data[field.end :]


def _fields(data: bytes) -> list[wire.Field]:
    try:
        return list(wire.fields(MemorySource(data), 0, len(data)))
    except wire.WireError:
        return []


Change = Callable[[random.Random, bytes, wire.Field], bytes]


def _twice(chance: random.Random, data: bytes, field: wire.Field) -> bytes:
    return data[field.start : field.end] * chance.choice((2, 2, 3, 300))


def _number(chance: random.Random, data: bytes, field: wire.Field) -> bytes:
    tag = encode_varint(field.number << 3 | wire.VARINT)
    return tag + encode_varint(chance.choice(EXTREME))


def _bytes(chance: random.Random, data: bytes, field: wire.Field) -> bytes:
    return wire.encode_length_delimited(field.number, chance.choice(NASTY))


def _op(chance: random.Random, data: bytes, field: wire.Field) -> bytes:
    return wire.encode_length_delimited(field.number, chance.choice(OPS))


def _renumbered(chance: random.Random, data: bytes, field: wire.Field) -> bytes:
    number = chance.choice((field.number + 1, max(field.number - 1, 1), 99, 1 << 28))
    return wire.encode_length_delimited(number, data[field.payload : field.end])


def _nested(chance: random.Random, data: bytes, field: wire.Field) -> bytes:
    inside = data[field.start : field.end]
    for _ in range(chance.choice((1, 5, 150))):
        inside = wire.encode_length_delimited(field.number, inside)
    return inside


def _lying(chance: random.Random, data: bytes, field: wire.Field) -> bytes:
    tag = encode_varint(field.number << 3 | wire.LENGTH_DELIMITED)
    return tag + encode_varint(chance.choice(EXTREME)) + data[field.payload : field.end]


_CHANGES: tuple[Change, ...] = (
    lambda chance, data, field: b"",
    _twice,
    _number,
    _bytes,
    _op,
    _renumbered,
    _nested,
    _lying,
)


def _change_line(chance: random.Random, data: bytes, values: tuple[bytes, ...]) -> bytes:
    lines = data.split(b"\n")
    at = chance.randrange(len(lines))
    key, colon, _ = lines[at].partition(b": ")
    changed = [key + colon + chance.choice(values)]
    choices = ([], [lines[at]] * 2, changed, changed, [scrambled(chance, lines[at])])
    lines[at : at + 1] = chance.choice(choices)
    return b"\n".join(lines)
