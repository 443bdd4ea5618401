"""What checks look at: the nodes of a body in columns, and the graph that they belong to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from functools import cached_property
from typing import TYPE_CHECKING

from pbtool import instances, opdefs, topology
from pbtool.body import Body, Input, parse_input
from pbtool.checks import constants, references
from pbtool.checks.attr_faults import AttrFaults, OpAttrs
from pbtool.checks.references import UNKNOWN_OUTPUT
from pbtool.checks.versions import lacks
from pbtool.graph import Function, Graph
from pbtool.infer import Inference, engine
from pbtool.infer.calls import called
from pbtool.nearest import Suggestions
from pbtool.ops import MERGES, NEXT_ITERATIONS

if TYPE_CHECKING:
    from pbtool.progress import Progress
    from pbtool.schema import MetaGraphDef, NodeDef, OpDef


class GraphNodes:
    """A graph under check.

    ``loaded_whole`` says that its loader looks into every function, as that of a SavedModel does;
    ``target`` is the version of TensorFlow that it is for, "" for any; ``content`` says whether
    to read what tensors hold.
    """

    def __init__(
        self,
        graph: Graph,
        *,
        loaded_whole: bool = False,
        target: str = "",
        content: bool = True,
        meta_graph: MetaGraphDef | None = None,
        progress: Progress | None = None,
    ) -> None:
        self.graph = graph
        self.target = target
        self.meta_graph = meta_graph
        self._content = content
        self._progress = progress
        self.suggest = Suggestions()
        self.bodies = [BodyNodes(self, body) for body in graph.bodies]
        self.loaded_whole = loaded_whole

    @property
    def main(self) -> BodyNodes:
        """The nodes of the main graph."""
        return self.bodies[0]

    @cached_property
    def inference(self) -> Inference:
        """What is known of every tensor; a shape that depends on a malformed one is a problem."""
        pins = {}
        if self._content:
            pins = {
                f"{name}:0": constants.unreadable(self.graph[name])
                for name, fault in self.main.malformed.items()
                if constants.SURPLUS not in fault
            }
        return Inference(self.graph, pins, self._progress)

    def op_def(self, op: str) -> OpDef | None:
        """The declaration that TensorFlow has of an op, or of a function; None if it has none.

        What today's TensorFlow dropped, it has if the one that the graph is for has it.
        """
        versions = opdefs.versions().get(op)
        if versions is not None and (
            not versions.last or (self.target and not lacks(self.target, op))
        ):
            return opdefs.table()[op]
        function = self.graph.functions.get(op)
        return None if function is None else function.proto.signature

    @cached_property
    def looked_into(self) -> frozenset[str]:
        """The functions that TensorFlow looks into when it loads the graph.

        ``import_graph_def`` infers shapes through calls, but leaves the functions alone that are
        only handed to an op, such as the body of a While.
        """
        functions = self.graph.functions
        if self.loaded_whole or not functions:
            return frozenset(functions)
        found: set[str] = set()
        pending: list[Body] = [self.graph]
        while pending:
            for node in pending.pop():
                name = called(node)
                if name is not None and name in functions and name not in found:
                    found.add(name)
                    pending.append(functions[name])
        return frozenset(found)


class BodyNodes:
    """The nodes of a graph or function, in columns: looking into messages again and again is slow.

    A node is its position in the file. ``data`` and ``controls`` say for each node where its
    inputs come from: the position of a node, or None for a name that no node has, and the output.
    In a function, the arguments stand behind the nodes.
    """

    def __init__(self, whole: GraphNodes, body: Body) -> None:
        self.whole = whole
        self.body = body
        self.nodes: Sequence[NodeDef] = body.nodes
        self.names = [node.name for node in body.nodes]
        self.ops = [node.op for node in body.nodes]
        self.inputs = [list(node.input) for node in body.nodes]

    @property
    def function(self) -> Function | None:
        """The function whose body this is."""
        return self.body if isinstance(self.body, Function) else None

    @cached_property
    def arguments(self) -> Sequence[OpDef.ArgDef]:
        """The arguments of the function."""
        function = self.function  # may have no nodes, and be false
        return [] if function is None else list(function.proto.signature.input_arg)

    @cached_property
    def positions(self) -> Mapping[str, int]:
        """The position of each name; of several nodes with one name, that of the first."""
        every = [*self.names, *(arg.name for arg in self.arguments)]
        return dict(zip(reversed(every), range(len(every) - 1, -1, -1), strict=True))

    @cached_property
    def edges(self) -> tuple[list[list[tuple[int | None, int]]], list[list[int | None]]]:
        """Of each node, where its data inputs come from, and its control inputs."""
        data: list[list[tuple[int | None, int]]] = []
        controls: list[list[int | None]] = []
        # No input means a node named "^x": it would be a control input.
        known = {name: at for name, at in self.positions.items() if name[:1] != "^"}
        find, is_main, listed = known.get, self.function is None, 0
        for texts in self.inputs:
            first_outputs = list(map(find, texts)) if is_main else [None]
            if None not in first_outputs:  # most inputs are such, written as the node's name
                data.append([(position, 0) for position in first_outputs])
                controls.append([])
                continue
            sources: list[tuple[int | None, int]] = []
            awaited: list[int | None] = []
            for text in texts:
                position = find(text)
                if position is not None and is_main:
                    sources.append((position, 0))
                elif text.startswith("^"):
                    awaited.append(find(text[1:]))
                else:
                    found = [(find(source.node), source.output) for source in self.tensors(text)]
                    sources += found
                    listed += len(found) if len(found) > 1 else 0
                    if listed > engine.MAX_OUTPUTS:
                        raise engine.too_many_outputs()
            data.append(sources)
            controls.append(awaited)
        return data, controls

    @property
    def data(self) -> list[list[tuple[int | None, int]]]:
        """Of each node, the position and output that each data input comes from."""
        return self.edges[0]

    @property
    def controls(self) -> list[list[int | None]]:
        """Of each node, the positions that its control inputs come from."""
        return self.edges[1]

    def resolve(self, text: str) -> Input:
        """What a data input refers to; the output is UNKNOWN_OUTPUT where there is none such."""
        if self.function is None:
            source = parse_input(text)
            return Input(source.node, source.output & 0xFFFFFFFF)  # TensorFlow has 32 bits
        return next(iter(self.tensors(text)), Input(text.split(":")[0], UNKNOWN_OUTPUT))

    def tensors(self, text: str) -> list[Input]:
        """The tensors of a data input: in a function, ``node:output`` is all of an output list."""
        return [self.resolve(text)] if self.function is None else references.tensors(self, text)

    def text(self, position: int, number: int) -> str:
        """How a node writes one of its data inputs."""
        texts = [text for text in self.inputs[position] if not text.startswith("^")]
        if len(texts) < len(self.data[position]):
            texts = [text for text in texts for _ in self.tensors(text)]
        return texts[number]

    # --- ops and types ---

    @cached_property
    def open(self) -> Set[int]:
        """The nodes with attrs that callers of the function fill in: their types are not known."""
        function = self.function
        if function is None or not function.placeholders:
            return frozenset()
        return {at for at, node in enumerate(self.nodes) if instances.is_open(node)}

    def op_def(self, op: str) -> OpDef | None:
        """The declaration that TensorFlow has of an op, or of a function; None if it has none."""
        return self._op_defs[op]

    @cached_property
    def _op_defs(self) -> dict[str, OpDef | None]:
        return {op: self.whole.op_def(op) for op in self.counts}

    @cached_property
    def counts(self) -> Mapping[str, int]:
        """How many nodes there are of each op."""
        return Counter(self.ops)

    @cached_property
    def outputs(self) -> Mapping[str, opdefs.Signature]:
        """The output side of each op that is known."""
        return {op: opdefs.outputs(each) for op, each in self._op_defs.items() if each is not None}

    @cached_property
    def types(self) -> list[tuple[int, ...] | None]:
        """The dtypes of each node's outputs, and of the arguments; None where it is not known."""
        result: list[tuple[int, ...] | None] = []
        total = 0
        for position, (node, op) in enumerate(zip(self.nodes, self.ops, strict=True)):
            is_known = op in self.outputs and position not in self.open
            result.append(self.outputs[op].dtypes(node) if is_known else None)
            total += len(result[-1] or ())
            if total > engine.MAX_OUTPUTS:
                raise engine.too_many_outputs()
        return result + [(arg.type,) if arg.type else None for arg in self.arguments]

    # --- attrs ---

    @cached_property
    def attr_faults(self) -> Mapping[int, AttrFaults]:
        """What is wrong with the attrs of the nodes of known ops, where anything is."""
        in_function = self.function is not None
        every = {
            op: OpAttrs(op_def, in_function=in_function)
            for op, op_def in self._op_defs.items()
            if op_def is not None
        }
        found = {}
        for position, (op, node) in enumerate(zip(self.ops, self.nodes, strict=True)):
            faults = every[op].faults(node) if op in every else None
            if faults is not None:
                found[position] = faults
        return found

    # --- inputs ---

    @cached_property
    def declared_inputs(self) -> list[tuple[int, tuple[int, ...]]]:
        """The nodes whose op is known, and the types of the inputs that they declare."""
        sides = {
            op: opdefs.inputs(op_def).dtypes
            for op, op_def in self._op_defs.items()
            if op_def is not None
        }
        return [
            (position, sides[op](node))
            for position, (op, node) in enumerate(zip(self.ops, self.nodes, strict=True))
            if op in sides and position not in self.open
        ]

    @cached_property
    def refused(self) -> Set[int]:
        """The nodes that TensorFlow refuses for their attrs, or for how many inputs they have.

        What else it says of them, or of who takes their outputs, follows from that.
        """
        found = {position for position, faults in self.attr_faults.items() if faults.refused}
        for position, expected in self.declared_inputs:
            if len(self.data[position]) != len(expected):
                found.add(position)
        return found

    # --- constants ---

    @cached_property
    def constants(self) -> Mapping[int, constants.Constant]:
        """The tensors that nodes hold."""
        return constants.held(self)

    @cached_property
    def malformed(self) -> Mapping[str, str]:
        """The constants whose payload does not fit type and shape, and what is wrong."""
        return constants.malformed(self)

    # --- order ---

    @property
    def _is_in_order(self) -> bool:
        """Whether the file has every node after those that it needs: then none is stuck."""
        last = len(self.nodes) - 1
        for position, sources in enumerate(self.data):
            for source, _ in sources:
                if source is not None and position <= source <= last:
                    return False
        for position, awaited in enumerate(self.controls):
            for source in awaited:
                if source is not None and position <= source <= last:
                    return False
        return True

    @cached_property
    def stuck(self) -> list[int]:
        """The nodes that wait for themselves: those on cycles, and those that need them.

        What comes back around a loop, from a NextIteration to a Merge, is not waited for.
        """
        count = len(self.nodes)
        if self._is_in_order:
            return []
        needs: list[list[int]] = []
        for position in range(count):
            sources = [source for source, _ in self.data[position]] + self.controls[position]
            is_merge = self.ops[position] in MERGES
            needs.append(
                [
                    source
                    for source in sources
                    if source is not None
                    and source < count
                    and not (is_merge and self.ops[source] in NEXT_ITERATIONS)
                ]
            )
        return topology.sort(needs).stuck
