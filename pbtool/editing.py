"""Edits of a graph's bytes: nodes and functions that go, change or come; all else stays as it is.

What was not asked to change keeps its bytes: fields that nobody knows, the order of fields and of
map entries, and big tensors, which are never read. That holds within a changed node, too: only the
fields and attrs that differ are written anew.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from itertools import chain, count
from typing import TYPE_CHECKING

from pbtool import schema, wire
from pbtool.body import Region
from pbtool.graph import Graph
from pbtool.source import MemorySource, Source
from pbtool.splice import Piece, Splice, piece, size
from pbtool.varint import encode_varint

if TYPE_CHECKING:
    from pbtool.schema import NodeDef, OpDef

# By a node's position in its body: what stands there instead. Nothing removes the node, one
# message of its name changes it, and others come in where they are listed.
NodeEdits = Mapping[int, "Sequence[NodeDef]"]

# By a function's name: edits of its body, or None where the function goes.
FunctionEdits = Mapping[str, "NodeEdits | None"]

# From a field of a message to what stands instead; None for a field that stays.
_Replace = Callable[[wire.Field], "Iterable[Piece] | None"]

_NODE, _LIBRARY = 1, 2  # fields of GraphDef
_FUNCTION, _GRADIENT, _REGISTERED_GRADIENT = 1, 2, 3  # of FunctionDefLibrary
_BODY_NODE = 3  # of FunctionDef
_ATTR = 5  # of NodeDef


def edit(
    graph: Graph,
    nodes: NodeEdits,
    functions: FunctionEdits | None = None,
    fields: Mapping[int, bytes] | None = None,
) -> Graph:
    """The graph with these edits; the given one stays as it is.

    A message that changes a node is best a copy of it, with its big tensors left out as the graph
    has them, unless its name or fields that nobody knows change. With a function goes what the
    library says of its gradient. ``fields`` are what stands at the end of the graph instead of all
    its fields of a number.
    """
    region = region_of(graph)
    pieces = chain(
        _graph(graph, region, nodes, functions or {}, fields or {}),
        map(piece, (fields or {}).values()),
    )
    splice = Splice(pieces, region.source.name)
    return graph_of(splice, graph.extra_ops.values(), whole=region.whole)


def graph_of(splice: Splice, extra_ops: Iterable[OpDef], *, whole: bool) -> Graph:
    """The graph that these bytes are; big tensors stay where they are unless it is to be whole."""
    source: Source = splice
    if whole:
        source = MemorySource(splice.read(0, splice.size), splice.name)
        data = source.data
    else:
        data = wire.skeleton(splice, "GraphDef")
    region = Region(source, 0, source.size, whole)
    return Graph(schema.GraphDef.FromString(data), region=region, extra_ops=extra_ops)


def region_of(graph: Graph) -> Region:
    """Where the bytes of a graph lie; those of one that is not from a binary file are made now."""
    if graph.region is not None:
        return graph.region
    # Deterministic: of a map that was never in a file, the order of the entries is anything.
    data = graph.proto.SerializeToString(deterministic=True)
    return Region(MemorySource(data, "<graph>"), 0, len(data), whole=True)


# --- graphs and functions ---------------------------------------------------------------------


def _graph(
    graph: Graph,
    region: Region,
    nodes: NodeEdits,
    functions: FunctionEdits,
    gone: Container[int],
) -> Iterator[Piece]:
    source = region.source
    replace_node = _replace_nodes(source, _NODE, graph.nodes, nodes)
    names = iter([each.signature.name for each in graph.proto.library.function])

    def replace(field: wire.Field) -> Iterable[Piece] | None:
        if field.number in gone:
            return []
        if field.number == _LIBRARY and _is_known(field) and functions:
            library = list(_library(graph, source, field, functions, names))
            return as_field(_LIBRARY, library) if size(library) else []
        return replace_node(field)

    return _rebuilt(source, region.start, region.end, replace)


def _replace_nodes(
    source: Source, number: int, nodes: Sequence[NodeDef], edits: NodeEdits
) -> _Replace:
    positions = count()

    def replace(field: wire.Field) -> Iterable[Piece] | None:
        if field.number != number or not _is_known(field):
            return None
        position = next(positions)
        instead = edits.get(position)
        if instead is None:
            return None
        old = nodes[position]
        return [
            part
            for new in instead
            for part in as_field(
                number,
                _node(source, field, old, new)
                if new.name == old.name and _unknown(new) == _unknown(old)
                else [piece(new.SerializeToString(deterministic=True))],
            )
        ]

    return replace


def _library(
    graph: Graph,
    source: Source,
    library: wire.Field,
    functions: FunctionEdits,
    names: Iterator[str],
) -> Iterator[Piece]:
    gone = {name for name, edits in functions.items() if edits is None}

    def replace(field: wire.Field) -> Iterable[Piece] | None:
        if not _is_known(field):
            return None
        if field.number == _FUNCTION:
            name = next(names)
            edits = functions.get(name, {})
            if edits is None:
                return []
            if not edits:
                return None
            body = _replace_nodes(source, _BODY_NODE, graph.functions[name].nodes, edits)
            return as_field(_FUNCTION, _rebuilt(source, field.payload, field.end, body))
        if field.number == _GRADIENT:
            gradient = schema.GradientDef.FromString(source.read(field.payload, field.end))
            return None if gone.isdisjoint((gradient.function_name, gradient.gradient_func)) else []
        if field.number == _REGISTERED_GRADIENT:
            data = source.read(field.payload, field.end)
            return [] if schema.RegisteredGradient.FromString(data).gradient_func in gone else None
        return None

    return _rebuilt(source, library.payload, library.end, replace)


# --- nodes ------------------------------------------------------------------------------------


def _node(source: Source, field: wire.Field, old: NodeDef, new: NodeDef) -> Iterator[Piece]:
    """The node with what differs between the two messages written anew."""
    before, after = _fields(old), _fields(new)
    fields = sorted(
        number for number in {*before, *after} if before.get(number) != after.get(number)
    )
    attrs = {
        name
        for name in {*old.attr, *new.attr}
        if name not in old.attr or name not in new.attr or old.attr[name] != new.attr[name]
    }

    written: set[int | str] = set()

    def once(key: int | str, new_field: list[Piece]) -> list[Piece]:
        if key in written:
            return []  # of a field or key that stands twice, the last would count
        written.add(key)
        return new_field

    def replace(field: wire.Field) -> Iterable[Piece] | None:
        if not _is_known(field):
            return None
        if field.number in fields:
            return once(field.number, _field(after, field.number))
        if field.number == _ATTR and attrs and (key := _key(source, field)) in attrs:
            return once(key, _attr(new, key))
        return None

    yield from _rebuilt(source, field.payload, field.end, replace)
    for number in fields:
        yield from once(number, _field(after, number))
    for name in sorted(attrs):
        yield from once(name, _attr(new, name))


def _unknown(node: NodeDef) -> bytes:
    """The fields that the schema does not know, as they stand in the file."""
    rest = schema.NodeDef()
    rest.CopyFrom(node)
    for field, _ in node.ListFields():
        rest.ClearField(field.name)
    return rest.SerializeToString()


def _fields(node: NodeDef) -> dict[int, NodeDef]:
    """The fields of a node but its attrs, by number, each alone in a message."""
    return {
        field.number: schema.NodeDef(**{field.name: value})
        for field, value in node.ListFields()
        if field.number != _ATTR
    }


def _field(fields: Mapping[int, NodeDef], number: int) -> list[Piece]:
    """One field as it stands in a NodeDef; nothing where it is empty."""
    return [piece(fields[number].SerializeToString())] if number in fields else []


def _attr(node: NodeDef, name: str) -> list[Piece]:
    """One attr of a node as it stands in a NodeDef; nothing where the node lacks it."""
    if name not in node.attr:
        return []
    alone = schema.NodeDef()
    alone.attr[name].CopyFrom(node.attr[name])
    return [piece(alone.SerializeToString(deterministic=True))]


def _key(source: Source, entry: wire.Field) -> str:
    for field in wire.fields(source, entry.payload, entry.end):
        if field.number == 1:
            return source.read(field.payload, field.end).decode(errors="replace")
    return ""


# --- fields -----------------------------------------------------------------------------------


def _is_known(field: wire.Field) -> bool:
    """Whether what is edited here can lie in the field: messages and strings.

    Where the number is known and the wire type is another, protobuf keeps an unknown field.
    """
    return field.wire_type == wire.LENGTH_DELIMITED


def _rebuilt(source: Source, start: int, end: int, replace: _Replace) -> Iterator[Piece]:
    """A message of which some fields are replaced."""
    kept = start
    for field in wire.fields(source, start, end):
        instead = replace(field)
        if instead is not None:
            yield Piece(source, kept, field.start)
            yield from instead
            kept = field.end
    yield Piece(source, kept, end)


def as_field(number: int, content: Iterable[Piece]) -> Iterator[Piece]:
    """A message, or bytes, as a field of another message."""
    parts = list(content)
    tag = encode_varint(number << 3 | wire.LENGTH_DELIMITED)
    yield piece(tag + encode_varint(size(parts)))
    yield from parts
