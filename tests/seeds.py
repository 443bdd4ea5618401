"""Small model files of every kind, each with what damages it."""

from __future__ import annotations

import gzip
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from google.protobuf import json_format, text_format
from google.protobuf.message import Message

import pbtool
from pbtool import opdefs, schema
from tests.checkpoint_examples import small_bundle, small_v1
from tests.damage import (
    Damage,
    damaged_gzip,
    damaged_json,
    damaged_message,
    damaged_table,
    damaged_text,
)
from tests.graphs import nodes


class Seed(NamedTuple):
    """A file, the name that it is opened under, and what damages it."""

    name: str
    data: bytes
    damage: Damage


GRAPH = """
    x = Placeholder() dtype=1
    c = Const() dtype=1
    i = Const() dtype=3
    r = Reshape(x, i) T=1 Tshape=3
    s = Shape(r) T=1 out_type=3
    a = AddV2(r, c, ^i) T=1
    f = Twice(a) T=1
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
    function.signature.attr.add(name="T", type="type")
    body = function.node_def.add(name="sum", op="AddV2", input=["x", "x"])
    body.attr["T"].placeholder = "T"
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


def _serialized(message: Message) -> bytes:
    """The entries of its maps in one order, so that a number gives the same damage every time."""
    return message.SerializeToString(deterministic=True)


def seeds() -> list[Seed]:
    """Small files of every kind."""
    graph, model = _graph(), _saved_model()
    graph_data = _serialized(graph)
    sizes = _with_constants(SIZES, i=[2, 3], j=[0, 1], h=[1, 1], k=[4], o=[0])
    ops = schema.OpList(op=[opdefs.table()[name] for name in ("Pack", "MatMul", "While")])
    return [
        Seed("graph.pb", graph_data, damaged_message),
        Seed("sizes.pb", _serialized(sizes), damaged_message),
        Seed("graph.pbtxt", text_format.MessageToString(graph).encode(), damaged_text),
        Seed("graph.json", json_format.MessageToJson(graph, sort_keys=True).encode(), damaged_json),
        Seed("saved_model.pb", _serialized(model), damaged_message),
        Seed("model.meta", _serialized(model.meta_graphs[0]), damaged_message),
        Seed("small.index", _checkpoint(small_bundle().write, "small.index"), damaged_table),
        Seed("v1.ckpt", _checkpoint(small_v1().write, "v1.ckpt"), damaged_table),
        Seed("library.pb", _serialized(graph.library), damaged_message),
        Seed("ops.pb", _serialized(ops), damaged_message),
        Seed("graph.pb.gz", gzip.compress(graph_data, mtime=0), damaged_gzip),
        Seed("changes.json", _changes(sizes, graph), damaged_json),
    ]
