"""The tensors of a checkpoint with what can be said about them, and the variables they are of."""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from pbtool.checkpoint.messages import parse
from pbtool.errors import PbtoolError
from pbtool.ops import VARIABLES
from pbtool.schema import TrackableObjectGraph
from pbtool.view.tensor import TensorView

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pbtool.checkpoint import Checkpoint
    from pbtool.schema import NodeDef

# What is said of the checksums of a tensor's bytes.
OK = "ok"
NOT_STORED = "not stored"
NOT_READ = "not read"  # a problem came first, which may be that they are wrong

_OBJECT_GRAPH = "_CHECKPOINTABLE_OBJECT_GRAPH"


class SavedTensor(NamedTuple):
    """A tensor of a checkpoint: its view, where it lies, and whether its checksum is right.

    ``shards`` are the numbers of the files that it lies in, of ``num_shards``; ``parts`` is more
    than 1 if it is partitioned; ``size`` are its bytes in the files, None where the index does not
    tell.
    """

    name: str
    tensor: TensorView
    shards: tuple[int, ...]
    num_shards: int
    parts: int
    size: int | None
    checksum: str


def saved_tensor(checkpoint: Checkpoint, name: str) -> SavedTensor:
    """A tensor of a checkpoint, which has one of that name. Its values are read.

    Where that fails, the view has the reason as its problem.
    """
    from pbtool.tensor_summary import summarize

    entry = checkpoint.entries[name]
    try:
        array = checkpoint.tensor(name)
        view = TensorView(
            entry.dtype, entry.shape, array=array, summary=summarize(array, entry.dtype)
        )
        stored = all(piece.checksum is not None for piece in entry.pieces)
        checksum = OK if stored else NOT_STORED
    except PbtoolError as error:
        view = TensorView(entry.dtype, entry.shape, problem=error.message)
        checksum = NOT_READ
    return SavedTensor(
        name, view, entry.shards, checkpoint.num_shards, len(entry.pieces), entry.size, checksum
    )


class SavedVariables:
    """The values that a checkpoint has of the variables of a graph."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        self._checkpoint = checkpoint

    def of(self, node: NodeDef) -> SavedTensor | None:
        """The value of the variable that the node makes; None if the checkpoint has none."""
        if node.op not in VARIABLES:
            return None
        shared = node.attr.get("shared_name")
        names = (shared.s.decode(errors="backslashreplace") if shared else "", node.name)
        for name in (*names, *(self._object_keys.get(name, "") for name in names)):
            if name in self._checkpoint.entries:
                return saved_tensor(self._checkpoint, name)
        return None

    @cached_property
    def _object_keys(self) -> Mapping[str, str]:
        """Names in the checkpoint, by the names of variables.

        TensorFlow 1 saves a variable under its own name. TensorFlow 2 saves it under its path in
        the graph of objects, which the checkpoint holds as a tensor. A name that several objects
        have (that of what is no variable is empty) tells nothing.
        """
        try:
            data = self._checkpoint.tensor(_OBJECT_GRAPH)
            if data.shape:
                return {}
            objects = parse(
                TrackableObjectGraph, _OBJECT_GRAPH.encode(), data.item(), self._checkpoint.path
            )
        except PbtoolError:  # no graph of objects, or none that can be read
            return {}
        attributes = [attribute for each in objects.nodes for attribute in each.attributes]
        count = Counter(attribute.full_name for attribute in attributes)
        return {
            attribute.full_name: attribute.checkpoint_key
            for attribute in attributes
            if attribute.full_name and count[attribute.full_name] == 1
        }
