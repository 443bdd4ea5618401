"""Which nodes of a model are meant: by name, op, function, or by what they are connected to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from pbtool.body import Body
from pbtool.errors import NotFoundError, UsageError
from pbtool.graph import FUNCTION_SEPARATOR, Graph
from pbtool.nearest import suggest

if TYPE_CHECKING:
    from pbtool.schema import NodeDef


class Place(NamedTuple):
    """A node, and the graph or function that it is in."""

    body: Body
    node: NodeDef

    @property
    def name(self) -> str:
        """The node's name; that of a function's node is ``function::node``."""
        function = self.body.name
        return f"{function}{FUNCTION_SEPARATOR}{self.node.name}" if function else self.node.name


def matcher(globs: Sequence[str]) -> Callable[[str], bool]:
    """A test whether a name matches one of the globs, and none that begins with ``!``.

    A glob speaks of the whole name, in its case; ``*`` crosses slashes. With negated globs alone,
    every other name matches; without any glob, every name does.
    """
    if not globs:
        return lambda _: True
    wanted = _pattern([glob for glob in globs if not glob.startswith("!")] or ["*"])
    unwanted = _pattern([glob[1:] for glob in globs if glob.startswith("!")])
    return lambda name: bool(wanted(name)) and not unwanted(name)


def _pattern(globs: list[str]) -> Callable[[str], object]:
    import fnmatch
    import re

    if not globs:
        return lambda _: None
    return re.compile("|".join(map(fnmatch.translate, globs))).match


class Selection(NamedTuple):
    """What was asked for; each field narrows the choice further.

    ``ops``, ``names`` and ``functions`` are globs. A name with ``::`` is compared with
    ``function::node``, any other with the node's own name. ``inputs_of`` and ``outputs_of`` name a
    node whose direct neighbours are meant.
    """

    ops: Sequence[str] = ()
    names: Sequence[str] = ()
    functions: Sequence[str] = ()
    main_only: bool = False
    inputs_of: str | None = None
    outputs_of: str | None = None

    def places(self, graph: Graph) -> Iterator[Place]:
        """The nodes that were asked for, in file order.

        Raises NotFoundError for a neighbour's or function's name that does not exist, and
        UsageError where both the main graph and functions alone are asked for.
        """
        places: Iterable[Place] = (
            Place(body, node) for body in self._bodies(graph) for node in body.nodes
        )
        if self.inputs_of is not None:
            feeding = {place.name for place in _neighbours(graph, self.inputs_of, _feeding)}
            places = (place for place in places if place.name in feeding)
        if self.outputs_of is not None:
            fed = {place.name for place in _neighbours(graph, self.outputs_of, _fed_by)}
            places = (place for place in places if place.name in fed)
        if self.ops:
            is_op = matcher(self.ops)
            places = (place for place in places if is_op(place.node.op))
        if self.names:
            full = any(FUNCTION_SEPARATOR in glob for glob in self.names)
            is_name = matcher(self.names)
            places = (place for place in places if is_name(place.name if full else place.node.name))
        yield from places

    def _bodies(self, graph: Graph) -> Iterable[Body]:
        if self.main_only and self.functions:
            raise UsageError("--main and --function leave no node", remedy="leave one of them out")
        if self.main_only:
            return [graph]
        if not self.functions:
            return graph.bodies
        is_function = matcher(self.functions)
        bodies = [body for name, body in graph.functions.items() if is_function(name)]
        if not bodies:
            glob = self.functions[0]
            raise NotFoundError(
                f"no function matches {glob!r}", remedy=suggest(glob, graph.functions)
            )
        return bodies


def _neighbours(
    graph: Graph, name: str, names_of: Callable[[Body, NodeDef], Iterable[str]]
) -> Iterator[Place]:
    body, node = graph.locate(name)
    wanted = set(names_of(body, node))
    return (Place(body, each) for each in body.nodes if each.name in wanted)


def _feeding(body: Body, node: NodeDef) -> Iterable[str]:
    return (each.node for each in body.inputs(node))


def _fed_by(body: Body, node: NodeDef) -> Iterable[str]:
    return (each.node.name for each in body.consumers(node.name))
