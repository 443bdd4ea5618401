"""The nodes of a graph that are its results, as far as their users, names and ops tell.

A result is what no other node uses, leaving aside who only watches: summaries, assertions and
gradients. Of several, those that TensorFlow marked when it froze the graph come first, then those
with a name or an op that speaks for it, then those that depend on most inputs and weights.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from pbtool import dtypes
from pbtool.interface.endpoint import LIKELY, POSSIBLE, Known
from pbtool.interface.inputs import SOURCE_OPS
from pbtool.ops import CONSTANTS, VARIABLES
from pbtool.quantity import counted
from pbtool.shapes import UNKNOWN, Shape

if TYPE_CHECKING:
    from pbtool.graph import Graph
    from pbtool.interface.dataflow import Dataflow
    from pbtool.schema import NodeDef

# Ops that serve the graph's own ends, beside all whose outputs are references or handles.
_NO_RESULT = re.compile(
    r"NoOp|Assert|(Ref)?Switch|LoopCond|\w*Summary(V2)?|(Restore|Save)\w*|ShardedFilename|"
    r"\w*IsInitialized\w*|IsVariableInitialized|Stack(Push|Pop)\w*|Queue\w+|Reader\w+|"
    r"_(Host)?(Send|Recv)"
)
_WATCHERS = re.compile(r"Assert|PrintV2|\w*Summary(V2)?")
_GRADIENTS = re.compile(r"(^|/)gradients(_\d+)?/")
_READS = frozenset({"Identity", "ReadVariableOp"})

_RESULT_OPS = re.compile(
    r"(Log)?Softmax|Sigmoid|ArgMax|TopK(V2)?|\w*NonMaxSuppression\w*|DetectionOutput"
)
_RESULT_WORDS = re.compile(
    "boxes|classes|detections?|embeddings?|final|heatmaps?|logits|outputs?|predict(ions?)?|probs?|"
    "probabilit(y|ies)|results?|scores?|softmax"
)
_TRAINING_WORDS = re.compile(
    "acc|accuracy|ada(delta|grad|m)|auc|correct|cost|error|global|initializer|learning|loss(es)?|"
    "metrics?|momentum|mse|optimizer|perplexity|precision|recall|report|rms(e|prop)|step|train(ing)?"
)
_RETURNED = re.compile(r"Identity(_\d+)?")
_SIZE_OPS = frozenset({"Rank", "Shape", "ShapeN", "Size"})
_ASSERTIONS = re.compile("(^|/)assert", re.IGNORECASE)
_LOSSES = frozenset({"SoftmaxCrossEntropyWithLogits", "SparseSoftmaxCrossEntropyWithLogits"})
_ONE_RESULT = re.compile(r"(Ref)?Merge|FusedBatchNorm\w*")  # the other outputs are by-products

_FEW = 10  # times fewer weights than the best result depends on make another one doubtful

_MOST = 500  # results told apart by what they depend on; outputs of one node that are results


class Result(NamedTuple):
    """A node whose outputs, those in ``numbers``, are results.

    ``needs`` has a bit for each source that it depends on; the greatest ``rank`` comes first.
    """

    position: int
    numbers: tuple[int, ...]
    confidence: str
    reason: str
    needs: int = 0
    rank: tuple[int, ...] = ()


def find_results(
    graph: Graph,
    flow: Dataflow,
    facts: Known,
    sources: Sequence[int],
) -> list[Result]:
    """The results, the best guess first; ``sources`` are the positions of what is fed."""
    search = _Search(graph, flow, facts)
    depends = flow.downstream(sources)
    ends = search.ends()
    if any(depends[position] for position in ends):
        ends = [position for position in ends if depends[position]]
    # What is computed from the mere size of a tensor is not computed from the tensor.
    sizes = {position for position, op in enumerate(flow.ops) if op in _SIZE_OPS}
    values = flow.downstream(sources, sizes) if sizes else depends
    weights = _weights(flow, ends, sizes)
    most = max(weights, default=0)
    results = []
    for position, weight in zip(ends, weights, strict=True):
        flaw = ""
        if depends[position] and not values[position]:
            flaw = "computed from mere sizes"
        elif weight * _FEW < most:
            flaw = f"computed from few weights: {weight}, another from {most}"
        results.append(search.judged(position, depends[position], weight, flaw))
    results.sort(key=lambda result: result.rank, reverse=True)  # equal ones stay in file order
    if results and results[0].rank[:2] > (True, 0):
        return results
    # Of a graph for training, the model's own results are what the loss is computed from.
    logits = [
        Result(position, (0,), LIKELY, f"the logits of {loss}", depends[position])
        for position, loss in dict(search.logits()).items()
    ]
    return logits + [
        result._replace(confidence=POSSIBLE) if logits else result for result in results
    ]


def _weights(flow: Dataflow, ends: Sequence[int], sizes: Collection[int]) -> list[int]:
    """How many constants and variables each of these nodes depends on."""
    if len(ends) < 2:
        return [0] * len(ends)
    told_apart = ends[:_MOST]
    masks = flow.upstream(told_apart, sizes)
    groups = Counter(
        mask
        for op, mask in zip(flow.ops, masks, strict=True)
        if mask and (op in CONSTANTS or op in VARIABLES)
    )
    weights = [0] * len(ends)
    for mask, count in groups.items():
        while mask:
            bit = mask & -mask
            weights[bit.bit_length() - 1] += count
            mask ^= bit
    return weights


class _Search:
    """What the rules below need to know of one graph."""

    def __init__(self, graph: Graph, flow: Dataflow, facts: Known) -> None:
        self._nodes = graph.nodes
        self._flow = flow
        self._facts = facts
        self._results = {op: _has_results(op) for op in set(flow.ops)}
        self._gradients = {
            position for position, name in enumerate(flow.names) if _is_of_gradients(name)
        }

    def ends(self) -> list[int]:
        """The nodes whose outputs nothing uses that counts, in file order."""
        used: set[int] = set()
        watchers = {op for op in self._results if _WATCHERS.fullmatch(op)}
        for position, sources in enumerate(self._flow.sources):
            if self._flow.ops[position] not in watchers and position not in self._gradients:
                used.update(sources)
        return [
            position
            for position, op in enumerate(self._flow.ops)
            if position not in used and self._results[op] and self._may_be_result(position)
        ]

    def _may_be_result(self, position: int) -> bool:
        node = self._nodes[position]
        sources = {self._nodes[source].op for source in self._flow.sources[position]}
        reads_state = node.op in _READS and not sources.isdisjoint(VARIABLES)
        is_pivot = node.op == "Identity" and not sources.isdisjoint(("Switch", "RefSwitch"))
        return not (
            reads_state or is_pivot or position in self._gradients or not self._numbers(position)
        )

    def _numbers(self, position: int) -> tuple[int, ...]:
        """The outputs of a node that hold values, no references or handles."""
        facts = self._facts.get(self._nodes[position].name)
        if facts is None or _ONE_RESULT.fullmatch(self._nodes[position].op):
            return (0,)
        return tuple(
            number
            for number, fact in enumerate(facts[:_MOST])
            if not dtypes.is_ref(fact.dtype) and fact.dtype not in (dtypes.RESOURCE, dtypes.VARIANT)
        )

    def _shape(self, position: int) -> Shape:
        facts = self._facts.get(self._nodes[position].name)
        return facts[0].shape if facts else UNKNOWN

    def judged(self, position: int, needs: int, weight: int, flaw: str) -> Result:
        """The node as a result, with what speaks for and against it."""
        merits = list(self._merits(position))
        flaws = list(self._flaws(position))
        if flaw and not merits:
            flaws.append(flaw)
        reason = "; ".join([*(text for _, text in merits), *flaws] or ["nothing uses it"])
        confidence = POSSIBLE if flaws else LIKELY
        points = sum(points for points, _ in merits)
        rank = (not flaws, points, needs.bit_count(), weight)
        return Result(position, self._numbers(position), confidence, reason, needs, rank)

    def _merits(self, position: int) -> Iterator[tuple[int, str]]:
        """What makes an end of the graph look like a result, in points and words."""
        node = origin = self._nodes[position]
        if node.op == "Identity" and self._flow.sources[position]:
            origin = self._nodes[self._flow.sources[position][0]]
            if _RETURNED.fullmatch(node.name):
                count = self._collected_reads(node)
                frozen = f" that was frozen with {counted(count, 'variable')}" if count else ""
                yield 9 if count else 3, f"returned by a function{frozen}: a copy of {origin.name}"
                return
        if _RESULT_OPS.fullmatch(origin.op):
            yield 1, f"ends in {origin.op}"
        words = _words(node.name) + _words(origin.name)
        if word := next(filter(_RESULT_WORDS.fullmatch, words), None):
            yield 1, f"named {word!r}"

    def _collected_reads(self, node: NodeDef) -> int:
        """How many variables a NoOp collects that the node waits for.

        A function returns its results behind a NoOp with a control edge from every read of a
        variable. Freezing replaces the reads by constants, and leaves the edges.
        """
        for text in node.input:
            position = self._flow.positions.get(text[1:]) if text.startswith("^") else None
            if position is not None and self._nodes[position].op == "NoOp":
                inputs = self._nodes[position].input
                reads = sum("ReadVariableOp" in name for name in inputs)
                if reads * 2 > len(inputs):
                    return reads
        return 0

    def _flaws(self, position: int) -> Iterator[str]:
        """What makes an end of the graph look like something else."""
        node = self._nodes[position]
        if word := next(filter(_TRAINING_WORDS.fullmatch, _words(node.name)), None):
            yield f"named {word!r}, like figures of training"
        elif self._gradients and self._shape(position).rank == 0:
            yield "a single number in a graph that is trained, perhaps the loss"
        if _ASSERTIONS.search(node.name):
            yield "part of an assertion"
        elif node.op in _SIZE_OPS:
            yield "a size, not a value"
        elif node.op in ("Exit", "RefExit"):
            yield "what a loop ends with, but nothing uses it"
        if position in self._flow.awaited:
            yield "only control edges name it"

    def logits(self) -> Iterator[tuple[int, str]]:
        """What the losses of the graph are computed from, and which loss."""
        flow = self._flow
        for loss, op in enumerate(flow.ops):
            if op in _LOSSES and flow.sources[loss] and loss not in self._gradients:
                position = flow.sources[loss][0]
                while flow.ops[position] == "Reshape" and flow.sources[position]:
                    position = flow.sources[position][0]
                yield position, flow.names[loss]


def _is_of_gradients(name: str) -> bool:
    # The first test is for speed: there are many names.
    return "gradients" in name and _GRADIENTS.search(name) is not None


def _has_results(op: str) -> bool:
    ruled_out = op in CONSTANTS or op in VARIABLES or op in SOURCE_OPS
    return not ruled_out and _NO_RESULT.fullmatch(op) is None


def _words(name: str) -> list[str]:
    """The words of the last two parts of a node's name, in lower case, the last part first."""
    return [word for part in name.split("/")[:-3:-1] for word in re.findall("[a-z]+", part.lower())]
