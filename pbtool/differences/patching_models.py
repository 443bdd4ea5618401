"""``apply_to_model``: a SavedModel or ``.meta`` file after the changes of a diff."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pbtool import schema
from pbtool.differences.changes import Added, Content, Edited, Removed, sides
from pbtool.differences.fields import without
from pbtool.differences.models import ENTRIES, OWN_FILES, tags_of
from pbtool.differences.naming import renamed_signature
from pbtool.differences.patching import apply_changes, misfit, put_field, refuse_forms
from pbtool.differences.scopes import node_names
from pbtool.writing import to_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from google.protobuf.message import Message

    from pbtool.differences.changes import Change, Diff
    from pbtool.model import MetaGraph, Model
    from pbtool.schema import MetaGraphDef

_KINDS = ("meta graph", "field", "order", "encoding")  # of changes of a SavedModel itself
_FIELDS = {kind: field for field, kind in ENTRIES.items()}  # of a meta graph, by kinds of change


def apply_to_model(a: Model, diff: Diff) -> Message:
    """The SavedModel or MetaGraphDef that the diff of ``a`` and another says that other holds.

    Changes of variables and of what is in assets are not made: these lie in files of their own.
    Raises UsageError where the diff does not fit.
    """
    refuse_forms(diff)
    if not a.meta_graphs or a.message is None:
        raise misfit(f"a {a.kind} has no meta graphs")
    message = without(a.message)
    changes = [each for each in diff if each.kind not in OWN_FILES]
    edited = {each.name: each for each in changes if isinstance(each, Edited)}
    removed = {each.name for each in changes if isinstance(each, Removed)}
    if strange := next((each for each in changes if each.kind not in _KINDS), None):
        raise misfit(f"the {strange.kind} {strange.name!r} is in no meta graph")
    for name in {*edited, *(removed - {"unknown fields"})}:
        known = message.DESCRIPTOR.fields_by_name
        if name not in known and name not in {tags_of(each) for each in a.meta_graphs}:
            raise misfit(f"there is no meta graph tagged {name!r}")
    protos = [
        _meta_graph(each, edited[tags].changes if tags in edited else ())
        for each in a.meta_graphs
        if (tags := tags_of(each)) not in removed
    ]
    for change in changes:
        if change.kind == "field":
            put_field(message, change)
        elif isinstance(change, Added) and isinstance(change.value, Content):
            protos.append(change.value.whole())
    if not isinstance(message, schema.SavedModel):
        return protos[0]
    del message.meta_graphs[:]
    message.meta_graphs.extend(protos)
    return message


def _meta_graph(a: MetaGraph, changes: Iterable[Change]) -> MetaGraphDef:
    """A meta graph after its changes."""
    found = list(changes)
    graph = next((each for each in found if isinstance(each, Edited)), None)
    inside = graph.changes if graph is not None else ()
    proto = type(a.proto)()
    proto.CopyFrom(a.proto)
    proto.graph_def.ParseFromString(to_bytes(apply_changes(a.graph, inside)))
    if nodes := node_names(a.graph, inside):
        for key, signature in a.proto.signature_def.items():
            proto.signature_def[key].CopyFrom(renamed_signature(signature, nodes))
    for change in found:
        if change.kind == "field":
            put_field(proto, change)
        elif change.kind in _FIELDS:
            _set_entry(proto, change)
    return proto


def _set_entry(proto: MetaGraphDef, change: Change) -> None:
    """Set or remove a signature, collection or asset."""
    field = _FIELDS[change.kind]
    old, value = sides(change)
    if field == "asset_file_def":
        assets = [Content(each) for each in proto.asset_file_def]
        if old is not None and old not in assets:
            raise misfit(f"there is no such asset {change.name!r}")
        at = assets.index(old) if isinstance(old, Content) else len(assets)
        del proto.asset_file_def[at : at + 1]
        if isinstance(value, Content):
            proto.asset_file_def.insert(at, value.whole())
        return
    entries = getattr(proto, field)
    if (change.name in entries) == isinstance(change, Added):
        there = "already" if isinstance(change, Added) else "not"
        raise misfit(f"the {change.kind} {change.name!r} is {there} there")
    entries.pop(change.name, None)
    if isinstance(value, Content):
        entries[change.name].CopyFrom(value.whole())
