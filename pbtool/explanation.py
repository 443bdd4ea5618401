"""How the shape of a node came about, and where one that is not known was lost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from pbtool.body import CONTROL, Body
from pbtool.facts import Fact
from pbtool.infer import rules
from pbtool.infer.registry import SHAPE_RULES
from pbtool.ops import MERGES, NEXT_ITERATIONS
from pbtool.selection import Place

if TYPE_CHECKING:
    from pbtool.infer import Inference
    from pbtool.schema import NodeDef


class Step(NamedTuple):
    """A node on the way: what it takes, what it gives, and why that is so.

    ``inputs`` are tensors with what is known of them; None for one of a node whose op is not known.
    """

    place: Place
    inputs: Sequence[tuple[str, Fact | None]]
    outputs: Sequence[Fact] | None
    reason: str

    @property
    def is_full(self) -> bool:
        """Whether everything is known of the shapes of the outputs."""
        return self.outputs is not None and all(fact.shape.is_full for fact in self.outputs)


def explain(inference: Inference, place: Place) -> list[Step]:
    """The node itself and, if its shapes are not fully known, the way up to where that begins.

    The last step is then the first node that does not know its shapes although those of all its
    inputs are known, or that has no inputs.
    """
    steps = [_step(inference, place)]
    seen = {place.node.name}
    while not steps[-1].is_full:
        above = _unknown_source(inference, steps[-1].place, seen)
        if above is None:
            break
        seen.add(above.node.name)
        steps.append(_step(inference, above))
    return steps


def _step(inference: Inference, place: Place) -> Step:
    facts = inference.facts(place.body)
    inputs = [
        (text, _fact(inference, place.body, text))
        for text, each in zip(place.node.input, place.body.inputs(place.node), strict=True)
        if each.output != CONTROL
    ]
    return Step(place, inputs, facts[place.node.name], _reason(inference, place))


def _fact(inference: Inference, body: Body, text: str) -> Fact | None:
    source, output = body.resolve(text)
    facts = inference.facts(body).get(source)
    return facts[output] if facts is not None and output < len(facts) else None


def _unknown_source(inference: Inference, place: Place, seen: set[str]) -> Place | None:
    """The first node that feeds this one and does not know the shape of what it feeds."""
    for text in place.node.input:
        source, output = place.body.resolve(text)
        if output == CONTROL or source in seen or source not in place.body:
            continue
        fact = _fact(inference, place.body, text)
        if fact is None or not fact.shape.is_full:
            return Place(place.body, place.body[source])
    return None


def _reason(inference: Inference, place: Place) -> str:
    return next(_reasons(inference, place))


def _reasons(inference: Inference, place: Place) -> Iterator[str]:
    node = place.node
    if inference.facts(place.body)[node.name] is None:
        yield "no TensorFlow knows this op, and the file does not declare it"
    for problem in inference.problems:
        if (problem.function, problem.node) == (place.body.name, node.name):
            yield f"its inputs cannot fit: {problem.message}"
    if inference.is_pinned(place.body, node.name):
        yield "pinned with --input"
    if node.op in MERGES and _closes_a_loop(place.body, node):
        yield "a loop: what comes back is not known when the loop begins"
    if node.op == "Const":
        yield "a constant has the shape of its tensor"
    stated = ", and the file states it in _output_shapes" if "_output_shapes" in node.attr else ""
    rules.load(node.op)
    rule = SHAPE_RULES.get(node.op)
    if rule is not None:
        yield f"{(rule.__doc__ or 'its rule').splitlines()[0].rstrip('.')}{stated}"
    if inference.graph.functions.get(node.op) or "f" in node.attr:
        yield f"what the function returns that it calls{stated}"
    if stated:
        yield "the file states it in _output_shapes"
    yield "there is no shape rule for this op"


def _closes_a_loop(body: Body, node: NodeDef) -> bool:
    sources = (each.node for each in body.inputs(node))
    return any(source in body and body[source].op in NEXT_ITERATIONS for source in sources)
