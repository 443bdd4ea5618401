"""``apply_to_model``: a SavedModel or ``.meta`` file after the changes of a diff."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pbtool.differences.changes import Added, Changed, Content, Edited, Removed
from pbtool.differences.fields import set_field
from pbtool.differences.models import ENTRIES, tags_of
from pbtool.differences.naming import renamed_signature
from pbtool.differences.patching import apply_changes, misfit
from pbtool.differences.scopes import node_names
from pbtool.errors import UsageError
from pbtool.writing import to_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from google.protobuf.message import Message

    from pbtool.differences.changes import Change, Diff
    from pbtool.files import MetaGraph, Model
    from pbtool.schema import MetaGraphDef


def apply_to_model(a: Model, diff: Diff) -> Message:
    """The SavedModel or MetaGraphDef that the diff of ``a`` and another says that other holds.

    Raises UsageError where the diff does not fit, and where it changes variables, which lie in
    files of their own.
    """
    if any(change.kind == "variable" for change in diff):
        raise UsageError(
            "the diff changes variables, which lie in files of their own that are not patched",
            remedy="compare copies of the saved_model.pb files that lie alone",
        )
    if not a.meta_graphs or a.message is None:
        raise misfit(f"a {a.kind} has no meta graphs")
    message = type(a.message)()
    message.CopyFrom(a.message)
    edited = {each.name: each for each in diff if isinstance(each, Edited)}
    removed = {each.name for each in diff if isinstance(each, Removed)}
    for name in {*edited, *(removed - {"unknown fields"})}:
        known = message.DESCRIPTOR.fields_by_name
        if name not in known and name not in {tags_of(each) for each in a.meta_graphs}:
            raise misfit(f"there is no meta graph tagged {name!r}")
    protos = [
        _meta_graph(each, edited[tags].changes if tags in edited else ())
        for each in a.meta_graphs
        if (tags := tags_of(each)) not in removed
    ]
    for change in diff:
        if change.kind == "field":
            _set_field(message, change)
        elif isinstance(change, Added) and isinstance(change.value, Content):
            protos.append(change.value.whole())  # type: ignore[arg-type]
    if a.kind == "MetaGraphDef":
        return protos[0]
    del message.meta_graphs[:]  # type: ignore[attr-defined]
    message.meta_graphs.extend(protos)  # type: ignore[attr-defined]
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
            _set_field(proto, change)
        elif change.kind != "graph":
            _set_entry(proto, change)
    return proto


def _set_entry(proto: MetaGraphDef, change: Change) -> None:
    """Set or remove a signature, collection or asset."""
    field = {kind: field for field, kind in ENTRIES.items()}[change.kind]
    value = _after(change)
    if field == "asset_file_def":
        names = [each.filename for each in proto.asset_file_def]
        at = names.index(change.name) if change.name in names else len(names)
        del proto.asset_file_def[at : at + 1]
        if value is not None:
            proto.asset_file_def.insert(at, value.whole())  # type: ignore[arg-type]
        return
    entries = getattr(proto, field)
    entries.pop(change.name, None)
    if value is not None:
        entries[change.name].CopyFrom(value.whole())


def _set_field(message: Message, change: Change) -> None:
    set_field(message, change.name, _after(change))


def _after(change: Change) -> Content | None:
    value = change.new if isinstance(change, Changed) else None
    value = change.value if isinstance(change, Added) else value
    return value if isinstance(value, Content) else None
