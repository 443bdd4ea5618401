"""What is to be done before a model is executed: variables restored, tables filled."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from pbtool import schema
from pbtool.body import parse_input
from pbtool.checkpoint import open_checkpoint
from pbtool.checkpoint.messages import parse
from pbtool.errors import NotFoundError, UsageError
from pbtool.execution.hazards import RESTORES, find_hazards
from pbtool.execution.tables import FROM_TENSORS, TABLES
from pbtool.execution.uses import uses
from pbtool.files import load
from pbtool.nearest import nearest
from pbtool.ops import VARIABLES
from pbtool.reach import needed_by
from pbtool.signatures import INITIALIZERS

if TYPE_CHECKING:
    from pbtool.checkpoint import Checkpoint
    from pbtool.graph import Graph
    from pbtool.model import MetaGraph, Model
    from pbtool.schema import NodeDef


_ASSETS = "saved_model_assets"  # a collection
_FEW = 5  # names in a sentence


class Step(NamedTuple):
    """Nodes to run before the graph is ready, and what to feed them: strings, by tensor."""

    nodes: tuple[str, ...]
    feeds: Mapping[str, str]


def find_prefix(model: Model, checkpoint: str | None) -> str:
    """The prefix of the checkpoint that holds the variables; "" where there is none."""
    if checkpoint is not None:
        opened = load(checkpoint).checkpoint
        if opened is None:
            raise UsageError("is no checkpoint", place=checkpoint)
        return opened.prefix
    return model.prefix


def beside_checkpoint(checkpoint: Checkpoint, place: str) -> Model:
    """The ``.meta`` file beside a checkpoint."""
    path = Path(f"{checkpoint.prefix}.meta")
    if not path.is_file():
        raise NotFoundError(
            "a checkpoint holds no graph, and there is no .meta file beside it",
            place=place,
            remedy="name the graph's file, with --checkpoint for this one",
        )
    return load(path)


def restoration(
    graph: Graph, meta_graph: MetaGraph | None, prefix: str, outputs: Iterable[str]
) -> tuple[list[Step], Mapping[str, str]]:
    """The step that restores the variables; or which tensors they are, where there is none."""
    checkpoint = open_checkpoint(prefix)
    saver = None if meta_graph is None else meta_graph.proto.saver_def
    if saver is not None and saver.restore_op_name:
        restore, filename = parse_input(saver.restore_op_name).node, saver.filename_tensor_name
        saved = set(_saved_names(graph, restore))
        _demand(saved, checkpoint)
        return [Step((restore,), {filename: prefix})], {}
    needed = needed_by(graph, outputs).nodes
    variables = (node for node in graph if node.op in VARIABLES and node.name in needed)
    names = {node.name: _name(node) for node in variables}
    _demand(set(names.values()), checkpoint)
    return [], names


def _name(variable: NodeDef) -> str:
    shared = variable.attr["shared_name"].s if "shared_name" in variable.attr else b""
    return (_text(shared) if variable.op == "VarHandleOp" else "") or variable.name


def _text(name: bytes) -> str:
    """The name of a tensor, as the entries of a checkpoint have it."""
    return name.decode(errors="backslashreplace")


def _saved_names(graph: Graph, restore: str) -> Iterator[str]:
    """The names that a restore op of a graph reads, where constants tell."""
    for name in graph.ancestors([restore]):
        node = graph[name]
        source = node.op in RESTORES and len(node.input) > 1 and parse_input(node.input[1]).node
        if source and source in graph and graph[source].op == "Const":
            yield from map(_text, graph.tensor(source).flat)


def _demand(names: set[str], checkpoint: Checkpoint) -> None:
    missing = sorted(names - checkpoint.entries.keys())
    if not missing:
        return
    lines = []
    for name in missing[:_FEW]:
        near = nearest(name, checkpoint.entries)[:1]
        lines.append(f"{name} (there is {near[0]})" if near else name)
    more = f" and {len(missing) - _FEW} more" if len(missing) > _FEW else ""
    raise NotFoundError(
        f"the checkpoint lacks {len(missing)} of {len(names)} variables: {', '.join(lines)}{more}",
        place=checkpoint.prefix,
        remedy="is it the checkpoint of this graph? other outputs may do without them",
    )


def find_assets(model: Model, meta_graph: MetaGraph) -> dict[str, str]:
    """The paths of the files beside a SavedModel, by the tensor that wants to know.

    Raises FileError where the meta graph's list of them is damaged.
    """
    folder = Path(model.path).parent.absolute() / "assets"
    proto = meta_graph.proto
    found = list(proto.asset_file_def)
    if _ASSETS in proto.collection_def:  # as TensorFlow 1 writes them
        packed: Iterable[Any] = proto.collection_def[_ASSETS].any_list.value  # of type Any
        key = _ASSETS.encode()
        found += [parse(schema.AssetFileDef, key, each.value, model.path) for each in packed]
    return {each.tensor_info.name: str(folder / each.filename) for each in found}


def find_initializer(meta_graph: MetaGraph) -> str:
    """The node that a loader of this SavedModel runs after restoring, or ""."""
    proto = meta_graph.proto
    if (signature := proto.signature_def.get(INITIALIZERS[0])) is not None:
        for key in signature.outputs:
            return parse_input(signature.outputs[key].name).node
    for name in ("saved_model_main_op", "legacy_init_op"):
        if name in proto.collection_def and proto.collection_def[name].node_list.value:
            return parse_input(proto.collection_def[name].node_list.value[0]).node
    return ""


def find_fillers(graph: Graph, outputs: Iterable[str]) -> tuple[str, ...]:
    """The nodes that fill the tables of these outputs from constants.

    What needs a file, a variable or an input to do so is left to whoever asks for it.
    """
    needed = needed_by(graph, outputs).nodes
    tables = [node.name for node in graph if node.name in needed and TABLES.fullmatch(node.op)]
    found = {
        use.node.name: None
        for table in tables
        for use in uses(graph, f"{table}:0", {"Identity"})
        if use.body is graph and FROM_TENSORS.fullmatch(use.node.op)
    }
    return tuple(name for name in found if _stands_alone(graph, name))


def _stands_alone(graph: Graph, name: str) -> bool:
    before = graph.ancestors([name])
    ops = {graph[each].op for each in before}
    return not ops & {*VARIABLES, "Placeholder"} and not any(find_hazards(graph, before))
