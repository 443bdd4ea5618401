"""What someone means who names nodes, functions, tensors of a checkpoint, or ops.

A node is named ``node``, or ``function::node`` in a function; its tensors ``node:0`` and its
control edge ``^node`` mean the node, too. A function is named by its name, with or without ``::``
behind it. A glob speaks of the whole name, in its case; ``*`` crosses slashes. A glob without
``::`` is compared with the node's own name, in functions as well.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from pbtool.body import CONTROL, Body, parse_input
from pbtool.errors import NotFoundError
from pbtool.graph import FUNCTION_SEPARATOR, Function, Graph
from pbtool.nearest import nearest, suggest
from pbtool.quantity import counted
from pbtool.selection import Place, Selection, matcher

Found = Place | Function  # a node, or a function itself

_GLOB_SIGNS = frozenset("*?[")


def is_glob(text: str) -> bool:
    """Whether the text has a sign with a meaning in globs."""
    return not _GLOB_SIGNS.isdisjoint(text)


def find(graph: Graph, text: str) -> list[Found]:
    """The nodes and functions that the text names, in file order; none if no name fits a glob.

    A name that exists is meant literally, whatever signs are in it. Raises NotFoundError with the
    nearest names for one that does not.
    """
    found = _named(graph, text)
    if found is not None:
        return [found]
    if not is_glob(text):
        raise _not_found(graph, text)
    if text.endswith(FUNCTION_SEPARATOR):
        fits = matcher([text.removesuffix(FUNCTION_SEPARATOR)])
        return [function for name, function in graph.functions.items() if fits(name)]
    return list(Selection(names=[text]).places(graph))


def find_names(names: Collection[str], text: str, what: str) -> list[str]:
    """Those of the names that the text means; none if no name fits a glob.

    ``what`` is the noun for the sentence of the NotFoundError that a wrong name raises.
    """
    if text in names:
        return [text]
    if is_glob(text):
        return list(filter(matcher([text]), names))
    raise NotFoundError(f"there is no {what} {text!r}", remedy=suggest(text, names))


def _named(graph: Graph, text: str) -> Found | None:
    if text in graph:
        return Place(graph, graph[text])
    name, separator, rest = text.removeprefix("^").partition(FUNCTION_SEPARATOR)
    function = graph.functions.get(name)
    if function is None:
        return None if separator else _node(graph, text)
    if not rest or rest in function.arguments:
        return function
    return _node(function, rest)


def _node(body: Body, text: str) -> Place | None:
    """The node of a body that is named by its tensor or control edge."""
    name, output = parse_input(text)  # also in a function, where files write node:argument:0
    if name not in body:
        name, output = body.resolve(text)
    if name not in body:
        return None
    place = Place(body, body[name])
    types = body.output_dtypes(place.node)
    if types is not None and output != CONTROL and output >= max(len(types), 1):
        outputs = counted(len(types), "output")
        raise NotFoundError(f"node {place.name!r} has {outputs}, and none of number {output}")
    return place


# --- names that do not exist --------------------------------------------------------------------


def _not_found(graph: Graph, text: str) -> NotFoundError:
    name, separator, rest = text.partition(FUNCTION_SEPARATOR)
    if not separator:
        near = _nearest(text, graph.bodies) or nearest(text, graph.functions)
        return NotFoundError(f"there is no node {text!r}", remedy=_question(near))
    function = graph.functions.get(name)
    if function is None:
        near = nearest(name, graph.functions) or _nearest(rest, graph.bodies)
        return NotFoundError(f"there is no function {name!r}", remedy=_question(near))
    near = _nearest(rest, [function])
    return NotFoundError(f"there is no node {rest!r} in function {name!r}", remedy=_question(near))


def _nearest(name: str, bodies: Iterable[Body]) -> list[str]:
    """The full names of the nodes whose own names are nearest."""
    name = name.partition(":")[0]
    full: dict[str, str] = {}
    for body in bodies:
        if name in body:  # its only fault was to lie in a function
            return [Place(body, body[name]).name]
        for node in body.nodes:
            full.setdefault(node.name, Place(body, node).name)
    return [full[own] for own in nearest(name, full)]


def _question(names: list[str]) -> str:
    return f"did you mean {', '.join(names)}?" if names else ""
