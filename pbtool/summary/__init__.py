"""What a model file holds, in numbers: its graphs and what is saved with them, or its tensors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pbtool import wire
from pbtool.errors import PbtoolError
from pbtool.graph import Graph
from pbtool.reach import NOTHING, Part, needed_by
from pbtool.signatures import (
    INITIALIZERS,
    Signature,
    initializer_names,
    output_names,
    saver_names,
    signatures,
)
from pbtool.source import MemorySource
from pbtool.summary.census import Census, Counts, StoredTensor, Tensors, census, part_counts

if TYPE_CHECKING:
    from pbtool.checkpoint import Checkpoint
    from pbtool.model import MetaGraph, Model
    from pbtool.schema import MetaGraphDef

# Collections of variables, each a VariableDef.
_VARIABLE_COLLECTIONS = ("global_variables", "variables", "local_variables", "trainable_variables")


class Versions(NamedTuple):
    """Who wrote a graph: TensorFlow's version ("" if not stated) and that of the graph's format.

    The format's versions are None when the graph does not state them: a tool dropped them, or the
    file was cut between two nodes, which protobuf does not notice.
    """

    tensorflow: str
    producer: int | None
    min_consumer: int | None
    bad_consumers: tuple[int, ...]


class Asset(NamedTuple):
    """A file that came with a SavedModel; ``bytes`` is None when it is not there."""

    filename: str
    tensor: str
    bytes: int | None


@dataclass(frozen=True)
class MetaGraphSummary:
    """One meta graph: its signatures, and how much of the graph somebody reaches.

    ``reached`` says it by signature, ``served`` of all signatures together; ``saver`` is needed to
    save and restore, ``initializer`` to prepare the model. These overlap where they share nodes;
    ``rest`` is what none of them needs.
    """

    tags: tuple[str, ...]
    versions: Versions
    counts: Counts
    signatures: Mapping[str, Signature]
    reached: Mapping[str, Counts]
    served: Counts
    saver: Counts
    initializer: Counts
    rest: Counts
    collections: Mapping[str, int]
    assets: tuple[Asset, ...]

    @property
    def entry_points(self) -> tuple[Signature, ...]:
        """The signatures that are there to be called, which initializers are not."""
        return tuple(entry for key, entry in self.signatures.items() if key not in INITIALIZERS)


@dataclass(frozen=True)
class CheckpointSummary:
    """A checkpoint: its tensors, the number of its shards, the paths of those that are missing."""

    prefix: str
    tensors: Tensors
    shards: int
    missing_shards: tuple[str, ...]


@dataclass(frozen=True)
class Summary:
    """A model file. What its kind does not have is None or empty.

    ``graph`` and ``versions`` are of the main graph: of a SavedModel, that of the meta graph whose
    index in ``meta_graphs`` is ``chosen``. ``warnings`` are sentences.
    """

    kind: str
    encoding: str
    bytes: int
    graph: Census | None = None
    versions: Versions | None = None
    meta_graphs: tuple[MetaGraphSummary, ...] = ()
    chosen: int | None = None
    checkpoint: CheckpointSummary | None = None
    op_declarations: int = 0
    warnings: tuple[str, ...] = ()


def summarize(model: Model, tags: str | None = None) -> Summary:
    """The numbers of a model; ``tags`` chooses the meta graph that they are about.

    Raises NotFoundError where no meta graph has these tags.
    """
    head = model.kind, model.encoding, model.size
    warnings: list[str] = []
    checkpoint = _checkpoint(model, warnings)
    if not model.meta_graphs and tags is None:
        if model.op_list is not None:
            return Summary(*head, op_declarations=len(model.op_list.op))
        if model.is_checkpoint:
            return Summary(*head, checkpoint=checkpoint)
        graph = model.graph
        return Summary(*head, census(graph), _versions(graph))
    meta_graph = model.meta_graph(tags)
    return Summary(
        *head,
        census(meta_graph.graph, _trainable(meta_graph.proto)),
        _versions(meta_graph.graph, meta_graph.proto),
        tuple(_meta_graph(each, model) for each in model.meta_graphs),
        model.meta_graphs.index(meta_graph),
        checkpoint,
        warnings=tuple(warnings),
    )


def _versions(graph: Graph, proto: MetaGraphDef | None = None) -> Versions:
    tensorflow = proto.meta_info_def.tensorflow_version if proto is not None else ""
    if not graph.proto.HasField("versions"):
        return Versions(tensorflow, None, None, ())
    versions = graph.versions
    consumers = versions.min_consumer, tuple(versions.bad_consumers)
    return Versions(tensorflow, versions.producer, *consumers)


# --- meta graphs ------------------------------------------------------------------------------


def _meta_graph(meta_graph: MetaGraph, model: Model) -> MetaGraphSummary:
    graph, proto = meta_graph.graph, meta_graph.proto
    entries = signatures(proto)
    needs = {key: needed_by(graph, output_names(entry)) for key, entry in entries.items()}
    served = _union(part for key, part in needs.items() if key not in INITIALIZERS)
    initializer = _union(
        [
            *(part for key, part in needs.items() if key in INITIALIZERS),
            needed_by(graph, initializer_names(proto)),
        ]
    )
    saver = needed_by(graph, saver_names(proto))
    every = Part(frozenset(node.name for node in graph), frozenset(graph.functions))
    folder = model.folder and model.folder / "assets"
    return MetaGraphSummary(
        meta_graph.tags,
        _versions(graph, proto),
        part_counts(graph, *every),
        entries,
        {key: part_counts(graph, *part) for key, part in needs.items()},
        part_counts(graph, *served),
        part_counts(graph, *saver),
        part_counts(graph, *initializer),
        part_counts(graph, *(every - (served | saver | initializer))),
        {name: _collection_size(proto, name) for name in sorted(proto.collection_def)},
        tuple(
            Asset(each.filename, each.tensor_info.name, _file_size(folder, each.filename))
            for each in proto.asset_file_def
        ),
    )


def _union(parts: Iterable[Part]) -> Part:
    result = NOTHING
    for part in parts:
        result |= part
    return result


def _collection_size(proto: MetaGraphDef, name: str) -> int:
    collection = proto.collection_def[name]
    kind = collection.WhichOneof("kind")
    return 0 if kind is None else len(getattr(collection, kind).value)


def _trainable(proto: MetaGraphDef) -> dict[str, bool]:
    """Which variables are trainable, as far as the collections or the saved objects tell.

    Those objects tell nothing that have one name and are not alike: any of them may be the node's.
    """
    result: dict[str, bool] = {}
    for key in _VARIABLE_COLLECTIONS:
        if key in proto.collection_def:
            for data in proto.collection_def[key].bytes_list.value:
                # The flag in VariableDef came late; the collection has always been there.
                result[_variable_name(data)] = key == "trainable_variables"
    told: dict[str, set[bool]] = {}
    for node in proto.object_graph_def.nodes:
        if node.HasField("variable"):
            told.setdefault(node.variable.name, set()).add(node.variable.trainable)
    return {name: flags.pop() for name, flags in told.items() if len(flags) == 1} | result


def _variable_name(variable_def: bytes) -> str:
    """The name of the node that a VariableDef is about; "" where the bytes are something else."""
    source = MemorySource(variable_def)
    try:
        names = [source.read(*span) for span in wire.spans(source, 0, source.size, 1)]
    except wire.WireError:
        return ""
    return names[-1].decode(errors="replace").partition(":")[0] if names else ""


def _file_size(folder: Path | None, name: str) -> int | None:
    if folder is None:
        return None
    try:
        return (folder / name).stat().st_size
    except (OSError, ValueError):
        return None


# --- checkpoints ------------------------------------------------------------------------------


def _checkpoint(model: Model, warnings: list[str]) -> CheckpointSummary | None:
    try:
        checkpoint = model.checkpoint
    except PbtoolError as error:  # of a SavedModel, whose graph can be told of all the same
        warnings.append(str(error))
        return None
    return None if checkpoint is None else _checkpoint_summary(checkpoint)


def _checkpoint_summary(checkpoint: Checkpoint) -> CheckpointSummary:
    entries = checkpoint.entries.values()
    return CheckpointSummary(
        checkpoint.prefix,
        Tensors.of(
            StoredTensor(entry.name, entry.dtype, entry.shape, entry.size or 0) for entry in entries
        ),
        checkpoint.num_shards,
        checkpoint.missing_shards,
    )
