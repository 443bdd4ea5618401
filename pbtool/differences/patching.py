"""``apply``: the model that a diff turns another into."""

from __future__ import annotations

from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING, Any

from pbtool import schema, wire
from pbtool.differences.changes import Added, Content, Edited, Removed, Renamed, sides
from pbtool.differences.constants import decoded, same_values
from pbtool.differences.fields import UNKNOWN, set_field
from pbtool.differences.naming import following, renamed_function, renamed_library, renamed_node
from pbtool.differences.nodes import Placed, control_inputs, data_inputs, place
from pbtool.differences.scopes import node_names
from pbtool.editing import edit
from pbtool.errors import UsageError
from pbtool.graph import Function
from pbtool.source import MemorySource

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from google.protobuf.message import Message

    from pbtool.body import Body
    from pbtool.differences.changes import Change, Diff, Value
    from pbtool.graph import Graph
    from pbtool.schema import NodeDef

LIBRARY = "library."  # what the names of a library's fields begin with
_LIBRARY_FIELD = 2  # of GraphDef


def apply(a: Graph, diff: Diff) -> Graph:
    """The graph that the diff of ``a`` and another says that other is.

    The nodes that stay keep their order and their bytes; those that are new come last. Raises
    UsageError where the diff does not fit the graph, such as for a node that is not there.
    """
    refuse_forms(diff)
    return apply_changes(a, diff.changes)


def refuse_forms(diff: Diff) -> None:
    """Raise UsageError for a diff that is not of what the files hold."""
    if diff.a.form:
        raise UsageError(
            "the diff is of what a model and a frozen graph compute, which turns no file into "
            "another",
            remedy="compare them as they are, with --strict",
        )


def apply_changes(a: Graph, changes: Iterable[Change]) -> Graph:
    """The graph after changes of a graph's nodes, functions and fields."""
    found = list(changes)
    of_functions = [
        each for each in found if each.kind == "function" or each.name.startswith(LIBRARY)
    ]
    functions = {each.name: each.new_name for each in of_functions if isinstance(each, Renamed)}
    of_nodes = [each for each in found if each.kind in ("node", "scope")]
    fields: dict[int, bytes] = {}
    for change in found:
        if change.kind == "field" and not change.name.startswith(LIBRARY):
            _note_field(fields, change)
    if of_functions:
        library = _library(a, of_functions, functions)
        fields[_LIBRARY_FIELD] = wire.encode_length_delimited(
            _LIBRARY_FIELD, library.SerializeToString(deterministic=True)
        )
    nodes = _nodes(a, of_nodes, functions)
    edits = {
        position: instead
        for position, instead in enumerate(nodes)
        if not (len(instead) == 1 and position < len(a) and instead[0] is a.nodes[position])
    }
    if (added := edits.pop(len(a), None)) is not None:
        if len(a):
            edits[len(a) - 1] = [*nodes[len(a) - 1], *added]
        else:
            fields[1] = schema.GraphDef(node=added).SerializeToString(deterministic=True)
    return edit(a, edits, fields=fields)


def _note_field(fields: dict[int, bytes], change: Change) -> None:
    """Note a field of the graph that changes: its number, and what it is then."""
    for value, is_new in zip(sides(change), (False, True), strict=True):
        if isinstance(value, Content):
            _check_kind(schema.GraphDef, change, value)
            data = value.whole().SerializeToString(deterministic=True)
            for field in wire.fields(MemorySource(data), 0, len(data)):
                kept = fields.get(field.number, b"")
                fields[field.number] = kept + data[field.start : field.end] * is_new


# --- nodes --------------------------------------------------------------------------------------


def _nodes(body: Body, changes: list[Change], functions: Mapping[str, str]) -> list[list[NodeDef]]:
    """What stands in place of each node, and last, if there are any, the nodes that are added.

    A node that stays as it is, is the same message.
    """
    removed = {each.name for each in changes if isinstance(each, Removed)}
    edited = {each.name: each for each in changes if isinstance(each, Edited)}
    moved = node_names(body, changes)
    names = following(moved, functions)
    for name in chain(removed, edited, moved):
        if name not in body:
            raise misfit(f"there is no node {name!r}")
    places: list[list[NodeDef]] = []
    for node in body.nodes:
        if node.name in removed:
            places.append([])
            continue
        inside = edited[node.name].changes if node.name in edited else ()
        # In a node whose name or unknown fields change, no bytes are kept for themselves.
        rewritten = node.name in moved or any(each.name == UNKNOWN for each in inside)
        new = renamed_node(body.whole(node) if rewritten else node, names)
        if inside:
            new = _patched(place(body, node), new, inside)
        places.append([new])
    if added := [_message(each.value) for each in changes if isinstance(each, Added)]:
        places.append(added)
    names_now = (node.name for node in chain(*places))
    _refuse_second("node", names_now, [*moved.values(), *(node.name for node in added)])
    return places


def _refuse_second(what: str, names: Iterable[str], new: Collection[str]) -> None:
    """Raise UsageError where one of the new names is somebody's already."""
    if not new:
        return
    counts = Counter(names)
    for name in new:
        if counts[name] > 1:
            raise misfit(f"there is a {what} {name!r} already")


def _patched(placed: Placed, renamed: NodeDef, changes: Iterable[Change]) -> NodeDef:
    """A node after its changes; ``renamed`` is the old one with B's names."""
    old = placed.node
    node = type(old)()
    node.CopyFrom(renamed)
    data, control = data_inputs(node), control_inputs(node)
    own_data, own_control = data_inputs(old), control_inputs(old)
    for change in changes:
        kind, name, (before, value) = change.kind, change.name, sides(change)
        if kind in ("op", "device"):
            _check(old.name, kind, getattr(old, kind), before)
            setattr(node, kind, value)
        elif kind == "attr":
            attr = placed.attr(name).content if name in old.attr else None
            _set_attr(f"node {old.name!r}", node, attr, change)
        elif kind == "input":
            if isinstance(change, Added):
                _check(old.name, "the number of inputs", str(len(data)), name)
                data.append(str(value))
            else:
                at = {str(number): number for number in range(len(own_data))}.get(name, -1)
                found = own_data[at] if at >= 0 else None
                _check(old.name, f"input {name}", found, before)
                data[at] = "" if value is None else str(value)
        elif kind == "control input" and isinstance(change, Added):
            if name in control:
                raise misfit(f"node {old.name!r} has a control input {name!r} already")
            control.append(name)
        elif kind == "control input":
            if name not in own_control:
                raise misfit(f"node {old.name!r} has no control input {name!r}")
            for at, own in enumerate(own_control):
                control[at] = "" if own == name else control[at]
        elif kind == "field":
            put_field(node, change)
    del node.input[:]
    node.input.extend([*filter(None, data), *(f"^{each}" for each in control if each)])
    return node


def _set_attr(
    what: str,
    holder: NodeDef | schema.FunctionDef,
    own: Content[schema.AttrValue] | None,
    change: Change,
) -> None:
    """Set or remove an attr; ``own`` is what it was, None where ``what`` had none."""
    name, (before, value) = change.name, sides(change)
    if (own is None) != (before is None):
        raise misfit(f"{what} has {'no' if own is None else 'already an'} attr {name!r}")
    if own and isinstance(before, Content) and before.is_whole and not same_values(own, before):
        raise misfit(f"{what} has another value of the attr {name!r}")
    if value is None:
        del holder.attr[name]
        return
    new = _message(value)
    if holder.attr[name] == new and new.HasField("tensor"):
        # The old elements are in the file alone, and the new ones are zeros, which no field lists.
        new = schema.AttrValue(tensor=decoded(new.tensor))
    holder.attr[name].CopyFrom(new)


def put_field(message: Message, change: Change) -> None:
    """Give a message the field that a change of it says. Raises UsageError where it has none."""
    value = sides(change)[1]
    if isinstance(value, Content):
        _check_kind(type(message), change, value)
    set_field(message, change.name.removeprefix(LIBRARY), value)


def _check_kind(kind: type[Message], change: Change, value: Content[Any]) -> None:
    wanted, found = kind.DESCRIPTOR.name, value.message.DESCRIPTOR.name
    if found != wanted:
        raise misfit(f"the field {change.name!r} is one of a {found}, not of a {wanted}")


def _message(value: Value) -> Any:
    if not isinstance(value, Content):
        raise misfit("a value that should be a message is none")
    return value.whole()


def _check(node: str, what: str, found: object, expected: object) -> None:
    if found != expected:
        raise misfit(f"{what} of node {node!r} is {found!r}, not {expected!r}")


def misfit(sentence: str) -> UsageError:
    """The error of changes that do not fit."""
    return UsageError(
        f"the changes are not of this model: {sentence}",
        remedy="they fit the model that was the first of the diff",
    )


# --- functions ----------------------------------------------------------------------------------


def _library(
    a: Graph, changes: list[Change], functions: Mapping[str, str]
) -> schema.FunctionDefLibrary:
    """The library after its changes."""
    names = following({}, functions)
    library = renamed_library(a.proto.library, names)
    removed = {each.name for each in changes if isinstance(each, Removed)}
    edited = {each.name: each.changes for each in changes if isinstance(each, Edited)}
    for name in (each.name for each in changes if each.kind == "function"):
        if name not in a.functions and not any(
            isinstance(each, Added) and each.name == name for each in changes
        ):
            raise misfit(f"there is no function {name!r}")
    for name, function in a.functions.items():
        if name not in removed:
            library.function.append(_function(function, edited.get(name, ()), functions))
    added = []
    for change in changes:
        if change.kind == "field":
            put_field(library, change)
        elif isinstance(change, Added):
            added.append(_message(change.value))
    library.function.extend(added)
    names_now = (each.signature.name for each in library.function)
    new = [*functions.values(), *(each.signature.name for each in added)]
    _refuse_second("function", names_now, new)
    return library


def _function(
    function: Function, changes: Iterable[Change], functions: Mapping[str, str]
) -> schema.FunctionDef:
    found = list(changes)
    of_nodes = [each for each in found if each.kind in ("node", "scope")]
    names = following(node_names(function, of_nodes), functions)
    whole = Function(function.whole_proto(), function.graph, None)
    new = renamed_function(whole.proto, names)
    del new.node_def[:]
    new.node_def.extend(chain.from_iterable(_nodes(whole, of_nodes, functions)))
    for change in found:
        if change.kind == "attr":
            own = whole.proto.attr
            attr = Content(own[change.name]) if change.name in own else None
            _set_attr(f"function {function.name!r}", new, attr, change)
        elif change.kind == "field":
            put_field(new, change)
    return new
