"""What changed between two models: in graphs, in what meta graphs say beside them, in files."""

from __future__ import annotations

from collections import Counter
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from pbtool import recognize, schema
from pbtool.differences.assets import diff_assets, files_of
from pbtool.differences.bodies import diff_graphs
from pbtool.differences.changes import Added, Change, Content, Edited, Removed
from pbtool.differences.fields import change_between, compare_fields, difference
from pbtool.differences.naming import renamed_signature
from pbtool.differences.strict import (
    changed_bytes,
    changed_encoding,
    changed_order,
    written_changes,
)
from pbtool.differences.variables import diff_variables
from pbtool.errors import FileError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pbtool.checkpoint import Checkpoint
    from pbtool.differences.options import Options
    from pbtool.model import MetaGraph, Model
    from pbtool.schema import AssetFileDef, MetaGraphDef

    _Pair = tuple[str, Content[Any] | None, Content[Any] | None]

# What a meta graph holds beside its graph: the field, and what an entry is called.
ENTRIES = {"signature_def": "signature", "collection_def": "collection", "asset_file_def": "asset"}
OWN_FILES = frozenset({"asset content", "variable"})  # kinds of what does not lie in the model's
_IGNORED = {"signature": "signatures", "collection": "collections", "asset": "assets"}


def diff_models(a: Model, b: Model, options: Options) -> list[Change]:
    """The changes that turn one model into the other.

    Two models with meta graphs are compared by them, two checkpoints by their tensors; where one
    side has more than the other can have, what both have is compared. Raises UsageError for two
    that have nothing in common, and FileError for one with two meta graphs of the same tags.
    """
    changes = list(_changes(a, b, options))
    if options.strict and not options.only:
        changes += _files(a, b, changes, options)
    return changes


def _changes(a: Model, b: Model, options: Options) -> Iterator[Change]:
    if a.is_checkpoint or b.is_checkpoint:
        old, new = (_checkpoint(model, a, b) for model in (a, b))
        yield from diff_variables(old, new, options)
        return
    if not (a.meta_graphs and b.meta_graphs):
        yield from diff_graphs(a.graph, b.graph, options).changes
        return
    if a.message is not b.message:
        yield from _meta_graphs(a.meta_graphs, b.meta_graphs, options)
    if isinstance(a.message, schema.SavedModel) and isinstance(b.message, schema.SavedModel):
        if not options.ignores("meta") and not options.only:
            yield from compare_fields(a.message, b.message, ("meta_graphs",))
            if options.strict:
                yield from written_changes(a.region, b.region, schema.SavedModel, {"meta_graphs"})
        if not any(map(options.ignores, ("assets", "contents"))) and not options.only:
            yield from diff_assets(a, b)
        if a.checkpoint and b.checkpoint:
            yield from diff_variables(a.checkpoint, b.checkpoint, options)


def missing_files(a: Model, b: Model) -> Iterator[tuple[Model, str]]:
    """The SavedModel without files that the other one has, so that these are not compared.

    With it comes what lies in them: ``variables`` or ``assets``.
    """
    if a.kind == b.kind == "SavedModel":
        for model, other in ((a, b), (b, a)):
            if other.checkpoint is not None and model.checkpoint is None:
                yield model, "variables"
            if files_of(other) and files_of(model) is None:
                yield model, "assets"


def _files(a: Model, b: Model, changes: list[Change], options: Options) -> Iterator[Change]:
    """What two files are written in, or where they first differ if nothing else does."""
    forms = [f"{each.encoding} {each.kind}" for each in (a, b)]
    yield from changed_encoding("the file", *forms)
    told = options.overlooks or any(change.kind not in OWN_FILES for change in changes)
    if forms[0] == forms[1] and a.source and b.source and not told:
        yield from changed_bytes(a.source, b.source, is_text=a.encoding != recognize.BINARY)


def _checkpoint(model: Model, a: Model, b: Model) -> Checkpoint:
    if model.checkpoint is None:
        kinds = f"a {a.kind} and a {b.kind}"
        raise UsageError(
            f"{kinds} have nothing in common that could be compared",
            remedy="compare graphs with graphs, and checkpoints with checkpoints or SavedModels",
        )
    return model.checkpoint


# --- meta graphs --------------------------------------------------------------------------------


def _meta_graphs(
    a: tuple[MetaGraph, ...], b: tuple[MetaGraph, ...], options: Options
) -> Iterator[Change]:
    old, new = _by_tags(a), _by_tags(b)
    if len(old) == len(new) == 1:  # the only ones, whatever they are tagged with
        partners = dict(zip(old, new, strict=True))
    else:
        partners = {tags: tags for tags in old if tags in new}
    for tags, new_tags in partners.items():
        if changes := tuple(_meta_graph(old[tags], new[new_tags], options)):
            yield Edited("meta graph", tags, new_tags, changes)
    for tags, meta_graph in old.items():
        if tags not in partners:
            yield Removed("meta graph", tags, Content(meta_graph.proto))
    for tags, meta_graph in new.items():
        if tags not in partners.values():
            yield Added("meta graph", tags, Content(meta_graph.proto))
    if options.strict and not options.only:
        yield from changed_order("meta graphs", old, new)


def _by_tags(meta_graphs: tuple[MetaGraph, ...]) -> dict[str, MetaGraph]:
    found = {tags_of(each): each for each in meta_graphs}
    if len(found) < len(meta_graphs):
        counts = Counter(map(tags_of, meta_graphs))
        twice = next(tags for tags, count in counts.items() if count > 1)
        raise FileError(
            f"two meta graphs of the model are tagged {twice!r}, so it cannot be said what changed "
            "in which"
        )
    return found


def tags_of(meta_graph: MetaGraph) -> str:
    """The tags of a meta graph as changes name it."""
    return ",".join(sorted(meta_graph.tags))


def _meta_graph(a: MetaGraph, b: MetaGraph, options: Options) -> Iterator[Change]:
    changes, nodes = diff_graphs(a.graph, b.graph, options)
    if changes:
        yield Edited("graph", "graph", "graph", tuple(changes))
    if options.only:
        return
    for field, kind in ENTRIES.items():
        if options.ignores(_IGNORED[kind]):
            continue
        for key, before, after in _pairs(a.proto, b.proto, field):
            if kind == "signature" and before and after and nodes:
                signature = renamed_signature(before.message, nodes)
                if Content(signature) != after:
                    yield difference(kind, key, before, after)
                continue
            change = change_between(kind, key, before, after)
            if change is not None:
                yield change
    if not options.ignores("meta"):
        yield from compare_fields(a.proto, b.proto, ("graph_def", *ENTRIES))
    if options.strict:
        ignored = {field for field, kind in ENTRIES.items() if options.ignores(_IGNORED[kind])}
        if "asset_file_def" not in ignored:
            files = ([asset.filename for asset in side.proto.asset_file_def] for side in (a, b))
            yield from changed_order("assets", *files)
        yield from written_changes(a.region, b.region, schema.MetaGraphDef, {"graph_def", *ignored})


def _pairs(a: MetaGraphDef, b: MetaGraphDef, field: str) -> Iterator[_Pair]:
    """The entries of a field by their keys, A's and B's, None where there is none."""
    if field == "asset_file_def":
        yield from _assets(a.asset_file_def, b.asset_file_def)
        return
    old, new = (getattr(side, field) for side in (a, b))
    for key in sorted({*old, *new}):
        yield (
            key,
            Content(old[key]) if key in old else None,
            Content(new[key]) if key in new else None,
        )


def _assets(a: Sequence[AssetFileDef], b: Sequence[AssetFileDef]) -> Iterator[_Pair]:
    """Assets by the names of their files. Several tensors may want the path of one file."""
    old, new = list(a), list(b)
    for each in a:
        if each in new:
            old.remove(each)
            new.remove(each)
    for name in sorted({each.filename for each in (*old, *new)}):
        sides = ([Content(each) for each in side if each.filename == name] for side in (old, new))
        for before, after in zip_longest(*sides):
            yield name, before, after
