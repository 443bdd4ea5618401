"""``Body``: nodes that refer to each other by name, as in a graph and in a function.

The messages stay the truth; nothing here copies them into a model of its own. What is looked up
often is indexed once, when first asked for. Nodes are NodeDef messages and are named as
TensorFlow names them: ``node``, the tensor ``node:0``, the control input ``^node``, and in a
function's body ``node:argument:0``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from pbtool import opdefs, schema, topology, wire
from pbtool.errors import FileError, NotFoundError, TensorError
from pbtool.nearest import suggest
from pbtool.source import WINDOW

if TYPE_CHECKING:
    import numpy as np

    from pbtool.schema import AttrValue, NameAttrList, NodeDef, OpDef, TensorProto
    from pbtool.source import Source

CONTROL = -1  # the output number of a control edge, as in TensorFlow's Graph::kControlSlot
COLOCATION = "_class"  # the attr that lists, as loc:@NODE, what a node is placed with


class Input(NamedTuple):
    """What one input of a node refers to: an output of a node (or argument), or a control edge."""

    node: str
    output: int

    def __str__(self) -> str:
        return f"^{self.node}" if self.output == CONTROL else f"{self.node}:{self.output}"


class Consumer(NamedTuple):
    """One use of a node: its output number ``output`` is input ``position`` of ``node``."""

    node: NodeDef
    position: int
    output: int


class Region(NamedTuple):
    """Where the bytes of a message lie.

    ``whole`` says that it was parsed with all of them, not as a skeleton.
    """

    source: Source
    start: int
    end: int
    whole: bool = False

    def read(self) -> bytes:
        """The message's bytes."""
        return self.source.read(self.start, self.end)

    def same(self, other: Region) -> bool:
        """Whether the bytes of the two are the same; they are read as far as they are."""
        size = self.end - self.start
        return size == other.end - other.start and all(
            self.source.read(self.start + at, self.start + min(at + WINDOW, size))
            == other.source.read(other.start + at, other.start + min(at + WINDOW, size))
            for at in range(0, size, WINDOW)
        )

    def fields(self) -> Iterator[wire.Field]:
        """The fields of the message, as ``wire.fields`` finds them."""
        return wire.fields(self.source, self.start, self.end)

    def spans(self, *path: int) -> Iterator[tuple[int, int]]:
        """Where the fields at ``path`` lie, as ``wire.spans`` finds them."""
        return wire.spans(self.source, self.start, self.end, *path)

    def regions(self, *path: int) -> Iterator[Region]:
        """The same as regions, of messages within this one."""
        return (Region(self.source, *span, self.whole) for span in self.spans(*path))


def parse_input(text: str) -> Input:
    """What an entry of ``NodeDef.input`` refers to, in a graph: ``a``, ``a:1`` or ``^a``."""
    if text.startswith("^"):
        return Input(text[1:], CONTROL)
    name, colon, digits = text.rpartition(":")
    number = output_number(digits) if colon else None
    return Input(text, 0) if number is None else Input(name, number)


def output_number(digits: str) -> int | None:
    """The number of an output; None for what is no number.

    TensorFlow keeps 32 bits of it, which do not change if only the last digits are taken.
    """
    if not (digits.isascii() and digits.isdecimal()):
        return None
    return int(digits[-32:])  # which takes no more than 4,300


def colocations(node: NodeDef) -> list[str]:
    """The names of the nodes with which TensorFlow is to place this one."""
    if COLOCATION not in node.attr:
        return []
    values = node.attr[COLOCATION].list.s
    return [value.decode(errors="replace").removeprefix("loc:@") for value in values]


def functions_in(value: AttrValue) -> Sequence[NameAttrList]:
    """The functions that an attr names, itself or in its list, not those inside their attrs."""
    return [value.func] if value.HasField("func") else value.list.func


def function_names(values: Iterable[AttrValue]) -> Iterator[str]:
    """The functions that attrs name, also inside the attrs of other functions: those call them."""
    for value in values:
        for function in functions_in(value):
            yield function.name
            yield from function_names(function.attr.values())


class Body(ABC):
    """Nodes that refer to each other by name: a graph, or a function's body.

    Iterating gives the nodes in file order; ``body["name"]`` is one node.
    """

    name: str | None = None  # the function's name; None for the main graph
    _nodes_field: int  # the number of the field that holds the nodes

    def __init__(self, nodes: Sequence[NodeDef], region: Region | None) -> None:
        self._messages = nodes
        self.region = region
        # Where the bytes are that messages without their big tensors lack.
        self._stripped = None if region is None or region.whole else region

    # --- nodes ---

    @cached_property
    def nodes(self) -> Sequence[NodeDef]:
        """The nodes in file order."""
        return list(self._messages)

    def __len__(self) -> int:
        return len(self._messages)

    def __iter__(self) -> Iterator[NodeDef]:
        return iter(self.nodes)

    def __contains__(self, name: object) -> bool:
        return name in self.positions

    def __getitem__(self, name: str) -> NodeDef:
        try:
            return self.nodes[self.positions[name]]
        except KeyError:
            raise NotFoundError(
                f"there is no node {name!r}{self._where}", remedy=suggest(name, self.positions)
            ) from None

    @cached_property
    def positions(self) -> Mapping[str, int]:
        """Where each node stands among ``nodes``, by name; of two with one name, the first."""
        names = [node.name for node in self.nodes]
        positions = dict(zip(names, range(len(names)), strict=True))
        if len(positions) < len(names):  # of two with one name, the first counts
            positions |= dict(zip(reversed(names), range(len(names) - 1, -1, -1), strict=True))
        return positions

    @property
    def _where(self) -> str:
        return f" in function {self.name!r}" if self.name else ""

    # --- ops ---

    @abstractmethod
    def op_def(self, op: str) -> OpDef | None:
        """The declaration of an op, or of the function that a node calls; None when unknown."""

    def output_dtypes(self, node: NodeDef) -> tuple[int, ...] | None:
        """The dtypes of the node's outputs; None when its op is not known.

        A dtype is 0 where the node lacks the attr that states it.
        """
        signature = self._signature(node.op)
        return None if signature is None else signature.dtypes(node)

    def _signature(self, op: str) -> opdefs.Signature | None:
        try:
            return self._signatures[op]
        except KeyError:
            op_def = self.op_def(op)
            signature = None if op_def is None else opdefs.outputs(op_def)
            self._signatures[op] = signature
            return signature

    @cached_property
    def _signatures(self) -> dict[str, opdefs.Signature | None]:
        return {}

    # --- edges ---

    def inputs(self, node: NodeDef) -> list[Input]:
        """What each input of the node refers to, control inputs included, in order."""
        return [self.resolve(text) for text in node.input]

    def resolve(self, text: str) -> Input:
        """What an entry of ``NodeDef.input`` refers to."""
        return parse_input(text)

    def tensors(self, text: str) -> Sequence[Input]:
        """The tensors that an entry of ``NodeDef.input`` is: one, but in a function may be more."""
        return (self.resolve(text),)

    def consumers(self, name: str) -> Sequence[Consumer]:
        """Who uses the node (or function argument) of this name, in file order."""
        return self._consumers.get(name, ())

    @cached_property
    def _consumers(self) -> dict[str, list[Consumer]]:
        consumers: dict[str, list[Consumer]] = {}
        for node in self.nodes:
            for position, text in enumerate(node.input):
                source, output = self.resolve(text)
                consumers.setdefault(source, []).append(Consumer(node, position, output))
        return consumers

    def dangling_inputs(self) -> Iterator[tuple[NodeDef, str]]:
        """The nodes with an input that names no node, and that input.

        A file that was cut between two nodes can be told by them: protobuf parses it in silence.
        """
        # Of all edges: a slice, being a list, is walked faster than protobuf's own sequence.
        texts = {text for node in self.nodes for text in node.input[:]}
        texts.difference_update(self.positions)  # most are the bare name of a node
        dangling = {text for text in texts if not self._exists(self.resolve(text).node)}
        if dangling:
            for node in self.nodes:
                yield from ((node, text) for text in node.input if text in dangling)

    def _exists(self, name: str) -> bool:
        return name in self.positions

    def ancestors(
        self,
        names: Iterable[str],
        *,
        colocated: bool = False,
        missing: list[tuple[NodeDef, str]] | None = None,
    ) -> set[str]:
        """The names of these nodes and of all that they need, control inputs included.

        With ``colocated`` they also need the nodes that they are to be placed with. Inputs that
        name no node are left out; ``missing`` collects them, with the nodes that have them.
        """
        nodes, positions = self.nodes, self.positions
        found = {name for name in names if name in positions}
        pending = list(found)
        while pending:
            node = nodes[positions[pending.pop()]]
            for text in node.input:
                if text in found:
                    continue
                name = text if text in positions else self.resolve(text).node
                if name in positions:
                    if name not in found:
                        found.add(name)
                        pending.append(name)
                elif missing is not None:
                    missing.append((node, text))
            if colocated and COLOCATION in node.attr:
                more = [name for name in colocations(node) if name in positions]
                pending += set(more) - found
                found.update(more)
        return found

    def topological_order(self) -> list[NodeDef]:
        """The nodes, each after those that it needs; in file order where that is such an order.

        The edge from a NextIteration to its Merge, which closes a loop, does not count. Nodes on
        any other cycle, and those that need them, come last in file order.
        """
        return topology.in_order(self)

    # --- values ---

    def whole(self, node: NodeDef) -> NodeDef:
        """The node with all its bytes, also where it was opened without its big tensors."""
        place = self.place(node)
        return node if place is None else schema.NodeDef.FromString(place.read())

    def place(self, node: NodeDef) -> Region | None:
        """Where the node lies whole; None for a node whose message has all its bytes."""
        if self._stripped is None:
            return None
        return Region(self._stripped.source, *self._spans[self.positions[node.name]])

    def written(self, node: NodeDef) -> Region | None:
        """Where the node lies, whether whole in memory or not; None for one of no binary file."""
        if self.region is None:
            return None
        span = self._spans[self.positions[node.name]]
        return Region(self.region.source, *span, self.region.whole)

    @cached_property
    def skeletons(self) -> Set[str]:
        """The names of the nodes whose messages lack the elements of big tensors."""
        if self._stripped is None:
            return frozenset()
        return {
            node.name
            for node, (start, end) in zip(self.nodes, self._spans, strict=True)
            if end - start > wire.SMALL and end - start != node.ByteSize()
        }

    def node_size(self, node: NodeDef) -> int:
        """The bytes that the node takes in its file."""
        place = self.place(node)
        return node.ByteSize() if place is None else place.end - place.start

    def tensor(self, name: str, attr: str = "value") -> np.ndarray:
        """The tensor that an attr of the node holds, such as the value of a Const.

        Raises NotFoundError when there is no such node or the attr holds no tensor, and
        TensorError when the tensor is malformed.
        """
        from pbtool import tensors

        node = self[name]
        value = node.attr.get(attr)
        if value is None or not value.HasField("tensor"):
            raise NotFoundError(f"node {name!r} has no attr {attr!r} that holds a tensor")
        try:
            return tensors.to_numpy(self._whole_tensor(node, attr))
        except TensorError as error:
            raise TensorError(error.message, place=f"node {name!r}", remedy=error.remedy) from None

    def _whole_tensor(self, node: NodeDef, attr: str) -> TensorProto:
        place = self.place(node)
        if place is None:
            return node.attr[attr].tensor
        source = place.source
        span = wire.attr_span(source, place.start, place.end, attr)
        if span is None:
            raise FileError("the file changed while it was read", place=source.name)
        return schema.AttrValue.FromString(source.read(*span)).tensor

    @cached_property
    def _spans(self) -> list[tuple[int, int]]:
        return [] if self.region is None else list(self.region.spans(self._nodes_field))
