"""A model with variables against a graph without: both are compared by what they compute.

The model is unfolded from what its signature gives out, with the values of its checkpoint in place
of its variables, and so is the graph; what is left to differ is no work of the freeze.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from pbtool import topology
from pbtool.body import function_names, parse_input
from pbtool.differences.bodies import diff_graphs
from pbtool.differences.changes import Change, Changed, Edited, Explanation
from pbtool.differences.explaining import VARIABLES, explain
from pbtool.differences.pairing import nodes_by_name
from pbtool.differences.restored import checkpoint_of, constants
from pbtool.differences.unfolding import Naming, Unfolded, unfold
from pbtool.gathers import read_before_gather
from pbtool.ops import FUNCTIONAL
from pbtool.reach import needed_by
from pbtool.signatures import DEFAULT, INITIALIZERS, Signature, output_names, signatures

if TYPE_CHECKING:
    from pbtool.body import Body
    from pbtool.differences.options import Options
    from pbtool.graph import Graph
    from pbtool.model import MetaGraph, Model


class Forms(NamedTuple):
    """What is compared: both sides, unfolded.

    ``model_is_a`` says which of the two has the variables; ``signature`` is the one that was
    unfolded, or "". ``unknown`` are the constants of the model whose values are not at hand.
    """

    a: Unfolded
    b: Unfolded
    model_is_a: bool
    signature: str
    unknown: frozenset[str]

    @property
    def model(self) -> Unfolded:
        """The side that has the variables."""
        return self.a if self.model_is_a else self.b

    def changes(self, options: Options) -> list[Change]:
        """What differs beside what a freeze does.

        Where functions were unfolded, names are overlooked: a function has no place of its own.
        """
        ignore = options.ignore | _OF_FREEZES | ({"names"} if self.model.calls else frozenset())
        found = diff_graphs(self.a.graph, self.b.graph, options._replace(ignore=ignore)).changes
        return [each for each in found if not self._is_unknown(each)]

    def _is_unknown(self, change: Change) -> bool:
        """Whether all that differs is a value that is not at hand."""
        return (
            isinstance(change, Edited)
            and (change.name if self.model_is_a else change.new_name) in self.unknown
            and all(isinstance(each, Changed) and each.comparison for each in change.changes)
        )

    def explanations(self, changes: Sequence[Change]) -> list[Explanation]:
        """What happened, with the counts that prove it."""
        count, unknown = len(self.model.constants), len(self.unknown)
        model, frozen = "AB" if self.model_is_a else "BA"
        of = "" if self.signature in ("", DEFAULT) else f", signature {self.signature}"
        counts = (
            ("variables became constants", count),
            ("of these without values to compare", unknown),
            ("calls replaced by what functions do", self.model.calls),
        )
        became = f"{count:,} variables became constants"
        if count == 1:
            became = "1 variable became a constant"
        elif not count:
            became = f"calls of functions replaced by what these do, {self.model.calls:,} in all"
        if unknown:
            which = "whose" if unknown == count else f"of {unknown:,} of which the"
            became += f", {which} values are not at hand"
        if not changes:
            return [Explanation("frozen", f"{frozen} is {model} frozen{of}: {became}", counts)]
        first = f"{model} is compared as a freeze makes it{of}: {became}"
        others = [*self._control_flow(), *explain(self.a.graph, self.b.graph, changes)]
        return [Explanation("compared frozen", first, counts), *others]

    def _control_flow(self) -> Iterator[Explanation]:
        """Where one side has loops and choices as functions, and the other has them without."""
        a, b = (Counter(node.op for node in each.graph) for each in (self.a, self.b))
        for has, lacks, sides in ((a, b, "AB"), (b, a, "BA")):
            found = [(op, has[op]) for op in sorted(FUNCTIONAL & has.keys())]
            if found and not FUNCTIONAL & lacks.keys() and _LOWERED & lacks.keys():
                what = ", ".join(f"{count:,} {op}" for op, count in found)
                yield Explanation(
                    "control flow lowered",
                    f"{what} of {sides[0]} stand as Switch and Merge in {sides[1]}: "
                    "what is inside is not compared",
                    tuple(found),
                )


_OF_FREEZES = frozenset({"debug", "internal", "versions"})  # what freezes change besides

# Of an unfolded graph: a small file may have functions that double from call to call.
_MOST_NODES = 1 << 19

_GIVEN = frozenset({"Const", "Placeholder"})
_LOWERED = frozenset({"Enter", "Switch"})


def forms(a: Model, b: Model) -> Forms | None:
    """Two models unfolded, if one of them may be frozen from the other; None for other pairs.

    So it is None for those that are too large to be unfolded.
    Raises FileError for a body with two nodes of one name, of which unfolding would see one.
    """
    if bool(a.meta_graphs) == bool(b.meta_graphs):
        return None
    model, graph = (a, b.graph) if a.meta_graphs else (b, a.graph)
    outputs = _outputs(graph)
    if not outputs or any(node.op in VARIABLES for body in graph.bodies for node in body):
        return None
    meta_graph = model.meta_graph()
    signature, targets = _targets(meta_graph, graph, outputs)
    if not _is_freezable(meta_graph.graph, targets):
        return None
    if any(_unfolded_nodes(each) > _MOST_NODES for each in (meta_graph.graph, graph)):
        return None
    for body in (*graph.bodies, *meta_graph.graph.bodies):
        nodes_by_name(body)
    known, unknown = constants(meta_graph, checkpoint_of(model))
    names = Naming(graph, _inputs(meta_graph, signature, graph))
    unfolded = unfold(read_before_gather(meta_graph.graph), targets, known, names)
    other = unfold(graph, outputs)
    sides = (unfolded, other) if model is a else (other, unfolded)
    return Forms(*sides, model is a, signature, unknown & unfolded.constants)


def _outputs(graph: Graph) -> list[str]:
    """The nodes whose output nobody takes, and that compute anything."""
    used = {graph.resolve(text).node for node in graph for text in node.input if text[:1] != "^"}
    return [
        node.name
        for node in graph
        if node.name not in used and node.op not in _GIVEN and graph.output_dtypes(node)
    ]


def _targets(meta_graph: MetaGraph, graph: Graph, outputs: Sequence[str]) -> tuple[str, list[str]]:
    """What of a model a frozen graph computes: tensors, and of which signature they are.

    They are the nodes of the same names, or else what the signature gives out of which the graph
    has the most names.
    """
    whole = meta_graph.graph
    if all(name in whole and whole[name].op == graph[name].op for name in outputs):
        return "", list(outputs)
    found = [each for key, each in signatures(meta_graph.proto).items() if key not in INITIALIZERS]
    if not found:
        return "", [name for name in outputs if name in whole]

    def fits(signature: Signature) -> int:
        return sum(each.key in graph for each in (*signature.inputs, *signature.outputs))

    best = max(found, key=fits)  # the default one comes first
    return best.key, output_names(best)


def _inputs(meta_graph: MetaGraph, signature: str, graph: Graph) -> dict[str, str]:
    """The inputs of a signature that a graph has under their keys: these, by the nodes' names."""
    if not signature:
        return {}
    return {
        parse_input(tensor.name).node: each.key
        for each in signatures(meta_graph.proto)[signature].inputs
        for tensor in each.tensors
        if each.key in graph and each.key not in meta_graph.graph and not tensor.role
    }


def _is_freezable(graph: Graph, targets: Sequence[str]) -> bool:
    """Whether a freeze of these tensors changes anything."""
    needed = needed_by(graph, targets)
    return bool(needed.functions) or any(graph[name].op in VARIABLES for name in needed.nodes)


def _unfolded_nodes(graph: Graph) -> int:
    """At most how many nodes a graph has when functions stand in place of their calls.

    More than are unfolded where functions call each other in a ring.
    """
    functions = graph.functions
    numbers = {name: number for number, name in enumerate(functions)}

    def callees(body: Body) -> list[int]:
        names = (name for node in body for name in (node.op, *function_names(node.attr.values())))
        return [numbers[name] for name in names if name in numbers]

    needs = [callees(body) for body in functions.values()]
    counts = [len(body) for body in functions.values()]
    order, stuck = topology.sort(needs)
    for number in order:
        counts[number] += sum(counts[each] for each in needs[number])
    for number in stuck:
        counts[number] = _MOST_NODES + 1
    return len(graph) + sum(counts[each] for each in callees(graph)) if functions else len(graph)
