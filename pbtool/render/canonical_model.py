"""Any model file as canonical text, from which ``git log -p`` tells what changed.

Of a SavedModel and a ``.meta`` file: what ``canonical`` tells of their graphs, and their
signatures, collections and assets. Of a checkpoint: its tensors, as its index states them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pbtool.render.canonical import INDENT, field_lines, graph_lines, hash_of, section
from pbtool.render.escape import printable
from pbtool.render.facts import type_and_shape
from pbtool.signatures import signature_of, signatures

if TYPE_CHECKING:
    from pbtool.checkpoint import Checkpoint
    from pbtool.checkpoint.model import Entry
    from pbtool.model import MetaGraph, Model
    from pbtool.schema import CollectionDef, OpList, SignatureDef

_META_GRAPH_FIELDS = frozenset(
    {"meta_info_def", "graph_def", "signature_def", "collection_def", "object_graph_def"}
)


def lines(model: Model) -> Iterator[str]:
    """The text of the model, on lines without line ends; big tensors are read as they come.

    It is the same whether the file was binary or text, wherever it lay, and whatever lay beside it.
    """
    yield model.kind
    if model.is_checkpoint and model.checkpoint is not None:
        yield from _checkpoint_lines(model.checkpoint)
    elif model.op_list is not None:
        yield from _op_lines(model.op_list)
    elif model.meta_graphs:
        if model.kind == "SavedModel" and model.message is not None:
            yield from field_lines(model.message, {"meta_graphs"})
        for meta_graph in model.meta_graphs:
            yield from _meta_graph_lines(meta_graph)
    else:
        yield from graph_lines(model.graph)


def _meta_graph_lines(meta_graph: MetaGraph) -> Iterator[str]:
    proto = meta_graph.proto
    about = [
        *field_lines(proto.meta_info_def, {"stripped_op_list"}),
        *field_lines(proto, _META_GRAPH_FIELDS),
    ]
    if proto.HasField("object_graph_def"):
        objects = proto.object_graph_def
        about.append(f"object graph: {len(objects.nodes):,} objects, {hash_of(objects)}")
    yield from section(f"meta graph {', '.join(meta_graph.tags)}".rstrip(), about or [""])
    for key in signatures(proto):
        found = signature_lines(key, proto.signature_def[key])
        yield from section(f"signature {key}", found)
    for name in sorted(proto.collection_def):
        found = collection_lines(proto.collection_def[name])
        yield from section(f"collection {name}", found)
    yield from graph_lines(meta_graph.graph)
    yield from _op_lines(proto.meta_info_def.stripped_op_list)


def collection_lines(collection: CollectionDef) -> Iterator[str]:
    """What a collection holds, an item a line."""
    for _, held in collection.ListFields():
        yield from field_lines(held)


def signature_lines(key: str, proto: SignatureDef) -> Iterator[str]:
    """What a signature takes and gives, an argument a line."""
    signature = signature_of(key, proto)
    yield f"method {printable(signature.method_name)}"
    sides = (
        ("input", signature.inputs, proto.inputs),
        ("output", signature.outputs, proto.outputs),
    )
    for side, arguments, infos in sides:
        for argument in arguments:
            names = ", ".join(each.name for each in argument.tensors)
            text = printable(f"{side} {argument.key} = {names}")
            yield f"{text} {type_and_shape(argument.dtype, argument.shape)}"
            if argument.encoding != "name":
                yield from (INDENT + line for line in field_lines(infos[argument.key]))
    yield from field_lines(proto, {"method_name", "inputs", "outputs"})


def _op_lines(op_list: OpList) -> Iterator[str]:
    for op_def in sorted(op_list.op, key=lambda op_def: op_def.name):
        yield from section(f"op {op_def.name}", field_lines(op_def, {"name"}))


def _checkpoint_lines(checkpoint: Checkpoint) -> Iterator[str]:
    for name in sorted(checkpoint.entries):
        entry = checkpoint.entries[name]
        yield f"{printable(name)}: {type_and_shape(entry.dtype, entry.shape)}"
        yield from (INDENT + line for line in _stored_lines(entry, checkpoint))


def _stored_lines(entry: Entry, checkpoint: Checkpoint) -> Iterator[str]:
    """What tells the values from others: the index's checksums, or where it has none, a hash."""
    if any(piece.checksum is None for piece in entry.pieces):
        from pbtool.view.saved_tensor import saved_tensor

        view = saved_tensor(checkpoint, entry.name).tensor
        yield f"sha256 {view.summary.sha256}" if view.summary else printable(view.problem)
        return
    for piece in entry.pieces:
        part = "" if piece.slice.is_whole else f"part {list(piece.slice.extents)}, "
        yield f"{part}{piece.size:,} bytes, checksum {piece.checksum:08x}"
