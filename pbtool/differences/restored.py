"""The values of a model's variables: which tensors of its checkpoint the graph restores into them.

That is read off the graph: a variable is assigned what a Restore op reads under a name that is a
constant. Where the graph says nothing of a variable, its own name has to do.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pbtool import schema, tensors
from pbtool.checkpoint import open_checkpoint
from pbtool.differences.explaining import VARIABLES
from pbtool.differences.frames import Frame, Tensor, source
from pbtool.differences.nodes import data_inputs
from pbtool.differences.unfolding import Constant
from pbtool.editing import as_field
from pbtool.errors import TensorError
from pbtool.reach import needed_by
from pbtool.source import FileSource
from pbtool.splice import Piece, piece

if TYPE_CHECKING:
    from pbtool.checkpoint import Checkpoint
    from pbtool.graph import Graph
    from pbtool.model import MetaGraph, Model
    from pbtool.schema import NodeDef

_ASSIGNS = frozenset({"Assign", "AssignVariableOp"})
_RESTORES = frozenset({"Restore", "RestoreSlice", "RestoreV2"})
_EXTENT = re.compile(r"-|([0-9]{1,18}),([0-9]{1,18})")  # all, or the start and the length
_TENSOR, _CONTENT = 8, 4  # fields of AttrValue and of TensorProto


class Saved(NamedTuple):
    """A tensor of a checkpoint, and as ``spec`` which part of it; "" for all."""

    name: str
    spec: str = ""


def checkpoint_of(model: Model) -> Checkpoint | None:
    """The checkpoint of a SavedModel, or the one beside a ``.meta`` file."""
    if model.kind == "MetaGraphDef" and model.prefix:
        return open_checkpoint(model.prefix)
    return model.checkpoint


def constants(
    meta_graph: MetaGraph, checkpoint: Checkpoint | None
) -> tuple[dict[str, Constant], frozenset[str]]:
    """What takes the place of each variable of the main graph, and those whose values are unknown.

    Of these, only the dtype and the shape count.
    """
    graph = meta_graph.graph
    saved = _saved(graph, meta_graph.proto.saver_def.restore_op_name)
    values = None if checkpoint is None else _Values(checkpoint)
    found, unknown = {}, set()
    for node in graph:
        if node.op not in VARIABLES:
            continue
        place = saved.get(node.name) or Saved(_own_name(node))
        constant = None if values is None else values.constant(place)
        if constant is None:
            unknown.add(node.name)
            constant = _without_values(node)
        found[node.name] = constant
    return found, frozenset(unknown)


def _without_values(variable: NodeDef) -> Constant:
    """A constant of which only the dtype and the shape are known."""
    value = schema.AttrValue()
    value.tensor.SetInParent()
    if "dtype" in variable.attr:
        value.tensor.dtype = variable.attr["dtype"].type
    if "shape" in variable.attr:
        value.tensor.tensor_shape.CopyFrom(variable.attr["shape"].shape)
    return Constant(value.tensor.dtype, [piece(value.SerializeToString())])


def _own_name(node: NodeDef) -> str:
    shared = node.attr["shared_name"].s if "shared_name" in node.attr else b""
    return (shared.decode(errors="replace") if node.op == "VarHandleOp" else "") or node.name


# --- what the graph restores --------------------------------------------------------------------


def _saved(graph: Graph, restore: str) -> dict[str, Saved]:
    """What a restore op puts into which variables of the main graph."""
    found: dict[str, Saved] = {}
    strings: dict[Tensor, Sequence[str]] = {}
    needed = needed_by(graph, [restore]).nodes if restore else ()
    frames = [Frame(graph)]
    for frame in frames:
        for node in frame.body:
            if frame.caller is None and node.name not in needed:
                continue
            if (inner := frame.called(node)) is not None:
                frames.append(inner)
            elif node.op in _ASSIGNS and len(data_inputs(node)) > 1:
                variable, value = (source(frame, text) for text in data_inputs(node)[:2])
                if variable.frame.caller is None and (place := _read_by(value, strings)):
                    found[variable.node] = place
    return found


def _read_by(value: Tensor, strings: dict[Tensor, Sequence[str]]) -> Saved | None:
    """The tensor that a Restore op reads as this output; ``strings`` are constants met before."""
    frame, name, output = value
    if name not in frame.body or frame.body[name].op not in _RESTORES:
        return None
    texts = []
    for text in data_inputs(frame.body[name])[1:3]:
        tensor = source(frame, text)
        if tensor not in strings:
            strings[tensor] = _strings(tensor)
        texts.append(strings[tensor][output] if output < len(strings[tensor]) else "")
    return Saved(*texts) if texts and texts[0] else None


def _strings(tensor: Tensor) -> Sequence[str]:
    """The strings of a constant."""
    frame, name, _ = tensor
    if name not in frame.body or frame.body[name].op != "Const":
        return ()
    return [each.decode(errors="replace") for each in frame.body.tensor(name).flat]


# --- values -------------------------------------------------------------------------------------


class _Values:
    """The tensors of a checkpoint as constants. Each of its files is opened once."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        self.checkpoint = checkpoint
        self._files: dict[str, FileSource] = {}

    def constant(self, saved: Saved) -> Constant | None:
        """A constant with the values of a tensor; None where they are not there.

        Raises FileError for a damaged checkpoint.
        """
        entry = self.checkpoint.entries.get(saved.name)
        if entry is None or any(
            self.checkpoint.file_of(each) in self.checkpoint.missing_shards for each in entry.pieces
        ):
            return None
        stored = None if saved.spec else self.checkpoint.stored(saved.name)
        if stored is not None and (content := self._piece(*stored)) is not None:
            head = schema.TensorProto(dtype=entry.dtype)
            for size in entry.shape.dims or ():
                head.tensor_shape.dim.add(size=size or 0)
            parts = [piece(head.SerializeToString()), *as_field(_CONTENT, [content])]
            return Constant(entry.dtype, [*as_field(_TENSOR, parts)])
        try:
            array = self.checkpoint.tensor(saved.name)
        except TensorError:
            return None
        part = _part(saved.spec, array.shape)
        if part is None:
            return None
        proto = tensors.to_proto(array[part], entry.dtype)
        return Constant(entry.dtype, [*as_field(_TENSOR, [piece(proto.SerializeToString())])])

    def _piece(self, path: str, start: int, end: int) -> Piece | None:
        """Bytes of a file; None where it ends before, which whoever decodes them tells."""
        if path not in self._files:
            with Path(path).open("rb") as file:
                self._files[path] = FileSource(file, path)
        found = self._files[path]
        return Piece(found, start, end) if start <= end <= found.size else None


def _part(spec: str, sizes: Sequence[int]) -> tuple[slice, ...] | None:
    """The part that a spec such as ``10 20 0,5:-`` means of a tensor of these sizes.

    It is all of it for "", and None for a spec that means no part of it. Before the last space
    stands the shape of the whole tensor: TensorFlow's ``ParseShapeAndSlice``.
    """
    if not spec:
        return ()
    extents = [_EXTENT.fullmatch(each) for each in spec.rpartition(" ")[2].split(":")]
    if len(extents) != len(sizes):
        return None
    part = []
    for extent, size in zip(extents, sizes, strict=True):
        if extent is None:
            return None
        start, length = (int(each) for each in (extent[1] or 0, extent[2] or size))
        if start + length > size:
            return None
        part.append(slice(start, start + length))
    return tuple(part)
