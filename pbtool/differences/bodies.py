"""What changed between two graphs: in their nodes, their functions, and what is beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from pbtool import schema
from pbtool.differences.changes import Added, Change, Content, Edited, Removed, Renamed
from pbtool.differences.constants import same_values
from pbtool.differences.fields import compare_fields, difference, without
from pbtool.differences.function_names import match_functions
from pbtool.differences.naming import Names, following, renamed_function, renamed_library
from pbtool.differences.nodes import Comparer, place
from pbtool.differences.pairing import Pairing, pair_nodes, renumbered, size
from pbtool.differences.scopes import renames
from pbtool.differences.shared_bytes import SharedBytes, same_graph, shared_bytes
from pbtool.differences.strict import changed_order, written_changes
from pbtool.errors import FileError

if TYPE_CHECKING:
    from pbtool.body import Body
    from pbtool.differences.options import Options
    from pbtool.graph import Function, Graph

VERSIONS = frozenset({"versions", "version"})
# The fields of a graph that can be ignored, each by its word.
_FIELDS = {"library": "functions", **dict.fromkeys(VERSIONS, "versions")}


class GraphDiff(NamedTuple):
    """The changes that turn one graph into the other, and the new names of its nodes."""

    changes: list[Change]
    nodes: Mapping[str, str]


def diff_graphs(a: Graph, b: Graph, options: Options) -> GraphDiff:
    """What changed between two graphs.

    Raises FileError for a body with two nodes of one name, unless the two are the same bytes.
    """
    shared = shared_bytes(a, b)
    if same_graph(a, b, shared):
        return GraphDiff([], {})
    differ = _Differ(a, b, options, shared)
    changes = [*differ.fields(), *differ.body(a, b), *differ.functions()]
    return GraphDiff(changes, differ.node_names[None])


class _Differ:
    """The two graphs, and the functions that were renamed."""

    def __init__(self, a: Graph, b: Graph, options: Options, shared: SharedBytes | None) -> None:
        self.a = a
        self.b = b
        self.options = options
        self.shared = shared
        self.function_names: Mapping[str, str] = match_functions(a, b) if options.renames else {}
        self.node_names: dict[str | None, Mapping[str, str]] = {}  # by the name of the body in A

    # --- the graph itself ---

    def fields(self) -> Iterator[Change]:
        """What changed beside nodes and functions."""
        if self.options.only:
            return
        for change in compare_fields(self.a.proto, self.b.proto, ("node", "library")):
            if not (change.name in VERSIONS and self.options.ignores("versions")):
                yield change
        if not self.options.ignores("functions"):
            old = renamed_library(self.a.proto.library, following({}, self.function_names))
            new = renamed_library(self.b.proto.library, Names())
            own = renamed_library(self.a.proto.library, Names())
            yield from compare_fields(old, new, prefix="library.", own=own)
        if self.options.strict:
            beside = {"node", "library.function", "library.gradient"}
            beside |= {field for field, word in _FIELDS.items() if self.options.ignores(word)}
            yield from written_changes(self.a.region, self.b.region, schema.GraphDef, beside)

    def body(self, a: Body, b: Body) -> Iterator[Change]:
        """What changed among the nodes of a graph or function."""
        options, functions = self.options, self.function_names
        pairing = pair_nodes(a, b, functions, renames=options.renames)
        changes = list(self._nodes(a, b, pairing))
        if options.renames and not options.only and (apart := renumbered(pairing, changes)):
            other = pair_nodes(a, b, functions, renames=True, apart=apart)
            others = list(self._nodes(a, b, other))
            if size(others) < size(changes):
                pairing, changes = other, others
        self.node_names[a.name] = pairing.names
        yield from changes
        if options.strict and not options.only:
            names = following(pairing.names, functions)
            yield from changed_order("nodes", map(names.node, _names(a)), _names(b))

    def _nodes(self, a: Body, b: Body, pairing: Pairing) -> Iterator[Change]:
        """What changed among nodes of which it is known who is whose partner."""
        options = self.options
        if pairing.names and not options.ignores("names"):
            gone, came = ({each.name for each in side} for side in (pairing.removed, pairing.added))
            kept_of_a = (node.name for node in a.nodes if node.name not in gone)
            kept_of_b = (node.name for node in b.nodes if node.name not in came)
            named = {old: new for old, new in pairing.names.items() if options.wants(old, new)}
            yield from renames(named, kept_of_a, kept_of_b)
        for node in pairing.removed:
            if options.wants(node.name):
                yield Removed("node", node.name, place(a, node).content())
        for node in pairing.added:
            if options.wants(node.name):
                yield Added("node", node.name, place(b, node).content())
        names = following(pairing.names, self.function_names)
        comparer = Comparer(a, b, names, options, self.shared)
        for old, partner in pairing.pairs:
            wanted = options.wants(old.name, partner.name)
            if wanted and (changes := comparer.changes(old, partner)):
                yield Edited("node", old.name, partner.name, changes)

    # --- functions ---

    def functions(self) -> Iterator[Change]:
        """What changed in the library."""
        options = self.options
        if options.ignores("functions"):
            return
        old, new = (_functions(graph) for graph in (self.a, self.b))
        for name, function in old.items():
            new_name = self.function_names.get(name, name)
            if new_name not in new:
                if options.wants(name):
                    yield Removed("function", name, _function_content(function))
                continue
            if new_name != name and not options.ignores("names"):
                yield Renamed("function", name, new_name)
            if changes := tuple(self._function(function, new[new_name])):
                yield Edited("function", name, new_name, changes)
        partners = {self.function_names.get(name, name) for name in old}
        for name, function in new.items():
            if name not in partners and options.wants(name):
                yield Added("function", name, _function_content(function))
        if options.strict and not options.only:
            yield from self._library_order()

    def _library_order(self) -> Iterator[Change]:
        """What stands in another order in the library."""
        names = following({}, self.function_names)
        own = map(names.function, self.a.functions)
        yield from changed_order("functions", own, self.b.functions)
        yield from changed_order(
            "gradients",
            (names.function(each.function_name) for each in self.a.proto.library.gradient),
            (each.function_name for each in self.b.proto.library.gradient),
        )

    def _function(self, a: Function, b: Function) -> Iterator[Change]:
        nodes = list(self.body(a, b))
        if not self.options.only:
            names = following(self.node_names[a.name], self.function_names)
            own, new = without(a.proto, "node_def"), b.proto
            old = renamed_function(own, names)
            for name in sorted({*old.attr, *new.attr}):
                if not self.options.ignores_attr(name):
                    yield from _attr_change(name, own, old, new)
            yield from compare_fields(old, new, ("node_def", "attr"), own=own)
            if self.options.strict:
                attrs = {f"attr.{name}" for name in new.attr if self.options.ignores_attr(name)}
                beside = {"node_def", *attrs}
                yield from written_changes(a.region, b.region, schema.FunctionDef, beside)
        yield from nodes


def _function_content(function: Function) -> Content[schema.FunctionDef]:
    region = function.region
    if region is None or region.whole:
        return Content(function.proto)
    return Content(function.proto, function.whole_proto)


def _names(body: Body) -> Iterator[str]:
    return (node.name for node in body.nodes)


def _attr_change(
    name: str, own: schema.FunctionDef, old: schema.FunctionDef, new: schema.FunctionDef
) -> Iterator[Change]:
    before, after = (Content(side.attr[name]) if name in side.attr else None for side in (own, new))
    if before and after and same_values(Content(old.attr[name]), after):
        return
    yield difference("attr", name, before, after)


def _functions(graph: Graph) -> Mapping[str, Function]:
    if len(graph.functions) < len(graph.proto.library.function):
        raise FileError(
            "two functions of the graph have one name, so it cannot be said what changed in which"
        )
    return graph.functions
