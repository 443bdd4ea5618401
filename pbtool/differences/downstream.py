"""Which inferred types and shapes differ between two graphs: what the changes do downstream."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

from pbtool.differences.changes import Changed, Edited, Renamed
from pbtool.differences.scopes import node_names
from pbtool.graph import FUNCTION_SEPARATOR
from pbtool.infer import Inference

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pbtool.body import Body
    from pbtool.differences.changes import Change
    from pbtool.graph import Graph


def changed_outputs(a: Graph, b: Graph, changes: Iterable[Change]) -> Iterator[Changed]:
    """The outputs of nodes on both sides whose type or shape is another, after the node in B.

    An output that only one side has is ``""`` on the other.
    """
    found = list(changes)
    inferences = Inference(a), Inference(b)
    yield from _outputs(a, b, inferences, node_names(a, found))
    renamed = {
        each.name: each.new_name
        for each in found
        if isinstance(each, Renamed) and each.kind == "function"
    }
    edited = {each.name: each for each in found if isinstance(each, Edited)}
    for name, function in a.functions.items():
        partner = b.functions.get(renamed.get(name, name))
        if partner is not None:
            inside = edited[name].changes if name in edited else ()
            yield from _outputs(function, partner, inferences, node_names(function, inside))


def _outputs(
    a: Body, b: Body, inferences: tuple[Inference, Inference], names: Mapping[str, str]
) -> Iterator[Changed]:
    facts = inferences[0].facts(a), inferences[1].facts(b)
    prefix = f"{b.name}{FUNCTION_SEPARATOR}" if b.name else ""
    for node in a.nodes:
        name = names.get(node.name, node.name)
        if name not in b:
            continue
        old, new = facts[0].get(node.name) or (), facts[1].get(name) or ()
        for number, pair in enumerate(zip_longest(old, new)):
            before, after = ("" if each is None else str(each) for each in pair)
            if before != after:
                yield Changed("output", f"{prefix}{name}:{number}", before, after)
