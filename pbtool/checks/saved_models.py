"""Checks of what stands beside a graph: its signatures, variables, assets, and Keras's metadata."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from pbtool import dtypes, wire
from pbtool.body import CONTROL, parse_input
from pbtool.checks.constants import strings
from pbtool.checks.finding import NOTE, Found
from pbtool.errors import PbtoolError
from pbtool.quantity import counted
from pbtool.signatures import INITIALIZERS, signatures
from pbtool.source import FileSource

if TYPE_CHECKING:
    from pbtool.checks.nodes import GraphNodes
    from pbtool.model import MetaGraph, Model


class Loaded(NamedTuple):
    """A meta graph, and the model that it lies in."""

    model: Model
    meta_graph: MetaGraph
    whole: GraphNodes

    @property
    def folder(self) -> Path | None:
        """The folder of a SavedModel."""
        return self.model.folder


# --- signatures -------------------------------------------------------------------------------


def lost_tensors(loaded: Loaded) -> Iterator[Found]:
    """Signatures with tensors that the graph does not have, or of another type."""
    main = loaded.whole.main
    for key, signature in signatures(loaded.meta_graph.proto).items():
        for argument in (*signature.inputs, *signature.outputs):
            for tensor in argument.tensors:
                where = f"signature {key!r}, {argument.key!r}"
                source = parse_input(tensor.name)
                position = main.positions.get(source.node)
                if position is None:
                    if tensor.name or key not in INITIALIZERS:
                        remedy = loaded.whole.suggest(source.node, main.positions)
                        yield Found(None, f"{where}: there is no tensor {tensor.name!r}", remedy)
                    continue
                types = main.types[position]
                if types is None or source.output == CONTROL:
                    continue
                if source.output >= len(types):
                    if key not in INITIALIZERS:  # they name an operation
                        yield Found(None, f"{where}: there is no tensor {tensor.name!r}")
                elif tensor.dtype and dtypes.base(types[source.output]) != tensor.dtype:
                    there, here = map(dtypes.name, (types[source.output], tensor.dtype))
                    yield Found(None, f"{where}: {tensor.name!r} is {there}, not {here}")


# --- variables --------------------------------------------------------------------------------


def unreadable_variables(loaded: Loaded) -> Iterator[Found]:
    """A checkpoint beside the graph that cannot be read."""
    try:
        _ = loaded.model.checkpoint
    except PbtoolError as error:
        yield Found(None, f"the variables cannot be read: {error.message}", error.remedy)


def lost_variables(loaded: Loaded) -> Iterator[Found]:
    """Tensors that restoring asks for and the checkpoint does not have."""
    asked = set(_restored(loaded.whole))
    if loaded.folder is None or not asked:
        return
    try:
        checkpoint = loaded.model.checkpoint
    except PbtoolError:
        return  # another check's
    if checkpoint is None:
        tensors = counted(len(asked), "tensor")
        sentence = f"restoring asks for {tensors}, but there is no file 'variables/variables.index'"
        yield Found(None, sentence, "copy the whole folder of the model")
        return
    for name in sorted(asked - set(checkpoint.entries)):
        remedy = loaded.whole.suggest(name, checkpoint.entries)
        yield Found(None, f"restoring asks for the tensor {name!r}, which is not saved", remedy)
    extra = sorted(set(checkpoint.entries) - asked)
    if extra:
        named = ", ".join(map(repr, extra[:3])) + (", …" if len(extra) > 3 else "")
        sentence = f"restoring leaves out {counted(len(extra), 'saved tensor')}: {named}"
        yield Found(None, sentence, severity=NOTE)


def _restored(whole: GraphNodes) -> Iterator[str]:
    """The names of the tensors that the saver restores, as constants tell them."""
    from pbtool.checks.users import SAVER, Users

    if whole.meta_graph is None:
        return
    users = Users(whole.graph, whole.meta_graph)
    for body in whole.bodies:
        for position, op in enumerate(body.ops):
            if op != "RestoreV2" or len(body.data[position]) < 2:
                continue
            if users.of(body.body.name, body.names[position])[0] != SAVER:
                continue
            source = body.data[position][1][0]
            if source is not None and source < len(body.nodes) and body.ops[source] == "Const":
                for text in strings(body.body, body.names[source]):
                    yield text.decode(errors="replace")


# --- assets -----------------------------------------------------------------------------------


def lost_assets(loaded: Loaded) -> Iterator[Found]:
    """Assets whose files are not there."""
    if loaded.folder is None:
        return
    for asset in loaded.meta_graph.proto.asset_file_def:
        name = asset.filename
        path = loaded.folder / "assets" / name
        # Not by Path.is_file, which raises for a name that is too long for the system.
        if not _leads_out(name) and not os.path.isfile(path):  # noqa: PTH113
            yield Found(None, f"the asset {name!r} is missing", "copy the whole folder")


def stray_assets(loaded: Loaded) -> Iterator[Found]:
    """Assets whose paths lead out of the model's folder."""
    for asset in loaded.meta_graph.proto.asset_file_def:
        if _leads_out(asset.filename):
            yield Found(None, f"the path {asset.filename!r} of an asset leads out of its folder")


def _leads_out(name: str) -> bool:
    path = PurePosixPath(name.replace("\\", "/"))
    return path.is_absolute() or ".." in path.parts or "\0" in name


# --- Keras ------------------------------------------------------------------------------------

_LAMBDA = re.compile(r'"class_name"\s*:\s*"Lambda"')
_METADATA = "keras_metadata.pb"
_JSON = (1, 5)  # in it, a message of Keras's own: of each object, its metadata
_MOST_BYTES = 64 << 20  # of the metadata of one object: more than any has


def lambda_layers(loaded: Loaded) -> Iterator[Found]:
    """Lambda layers: Keras runs their Python code when it loads the model."""
    remedy = "load it with tf.saved_model.load, or with Keras's safe mode"
    for metadata in _keras_metadata(loaded):
        for name in _names_of_lambdas(metadata):
            sentence = f"the Lambda layer {name!r} brings Python code, which Keras runs"
            yield Found(None, sentence, remedy)


def _keras_metadata(loaded: Loaded) -> Iterator[str]:
    """The JSON of each layer and model, which names those inside of it, too."""
    for node in loaded.meta_graph.proto.object_graph_def.nodes:
        if node.HasField("user_object"):
            yield node.user_object.metadata
    path = loaded.folder / _METADATA if loaded.folder is not None else None
    if path is None or not path.is_file():
        return
    with path.open("rb") as file:
        source = FileSource(file, str(path))
    with closing(source), suppress(wire.WireError):  # Keras reads nothing of a damaged one
        for start, end in wire.spans(source, 0, source.size, *_JSON):
            if end - start <= _MOST_BYTES:
                yield source.read(start, end).decode(errors="replace")


def _names_of_lambdas(metadata: str) -> Iterator[str]:
    """The names of the Lambda layers that this JSON tells of."""
    try:
        pending = [json.loads(metadata)]
    except (ValueError, RecursionError):
        yield from ["?"] * bool(_LAMBDA.search(metadata))
        return
    while pending:
        value = pending.pop()
        if isinstance(value, list):
            pending += value
        elif isinstance(value, dict):
            pending += value.values()
            if value.get("class_name") == "Lambda":
                config = value.get("config")
                inside = config.get("name") if isinstance(config, dict) else None
                yield str(value.get("name") or inside or "?")
