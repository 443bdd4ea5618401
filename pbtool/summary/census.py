"""What a graph is made of, in numbers: nodes, ops, devices, constants, variables, control flow.

Numbers count the main graph and the bodies of the functions together, unless their name says
otherwise. Sizes of tensors follow from their types and shapes; no tensor is read.
"""

from __future__ import annotations

import heapq
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from pbtool import dtypes, opdefs
from pbtool.body import Body
from pbtool.graph import FUNCTION_SEPARATOR, Graph
from pbtool.ops import CONSTANTS, CONTROL_FLOW_V1, CONTROL_FLOW_V2, VARIABLES
from pbtool.shapes import LARGEST_DIMENSION, UNKNOWN, Shape
from pbtool.varint import read_varint

if TYPE_CHECKING:
    from pbtool.schema import NodeDef, TensorProto


# The names that TensorFlow gives to what it makes of an If or a While when it freezes a function.
_LOWERED = re.compile(r"/_\d+$")

BIGGEST = 10  # tensors named, of all that there are


class StoredTensor(NamedTuple):
    """A tensor and its size in bytes."""

    name: str
    dtype: int
    shape: Shape
    bytes: int


@dataclass(frozen=True)
class Tensors:
    """Some tensors: how many, their bytes, their elements ("parameters"), the largest of them.

    Bytes are those of the values in memory, whatever their encoding in the file, and of strings
    those of their characters. Elements are counted whatever their type, as summarize_graph did it.
    """

    count: int = 0
    bytes: int = 0
    parameters: int = 0
    biggest: tuple[StoredTensor, ...] = ()

    @classmethod
    def of(cls, tensors: Iterable[StoredTensor]) -> Tensors:
        """The numbers of these tensors."""
        every = list(tensors)
        return cls(
            len(every),
            sum(tensor.bytes for tensor in every),
            sum(elements(tensor.shape) for tensor in every),
            tuple(heapq.nlargest(BIGGEST, every, key=lambda tensor: tensor.bytes)),
        )


class Variable(NamedTuple):
    """A variable of a graph. ``trainable`` is None where the file does not tell."""

    name: str
    dtype: int
    shape: Shape
    trainable: bool | None = None


class DanglingInput(NamedTuple):
    """An input that names no node: the node that has it (``function::node``), and its text."""

    node: str
    input: str


@dataclass(frozen=True)
class Counts:
    """Sizes of a graph, or of a part of one.

    ``nodes`` are those of the main graph; ``ops`` counts nodes by their op, the most frequent
    first.
    """

    nodes: int = 0
    function_nodes: int = 0
    functions: int = 0
    ops: Mapping[str, int] = field(default_factory=dict)
    variables: tuple[Variable, ...] = ()

    @property
    def parameters(self) -> int:
        """The elements of all variables whose shape is known."""
        return sum(elements(variable.shape) for variable in self.variables)


@dataclass(frozen=True)
class Census:
    """A graph in numbers.

    ``unknown_ops`` counts the nodes whose op is none that today's TensorFlow has; ``dropped_ops``
    names the last version that had it, for those of them that one had. ``control_flow`` says which
    there are of ``v1`` (Switch, Merge, Enter, ...), ``lowered`` (the same, but made from v2 when
    the graph was frozen) and ``v2`` (If, While, ...).
    """

    counts: Counts
    devices: Mapping[str, int]
    constants: Tensors
    unknown_ops: Mapping[str, int]
    dropped_ops: Mapping[str, str]
    control_flow: tuple[str, ...]
    dangling_inputs: tuple[DanglingInput, ...]


def elements(shape: Shape) -> int:
    """The elements of a tensor; 0 where they are not known, or more than TensorFlow can count."""
    count = shape.elements or 0
    return count if count <= LARGEST_DIMENSION else 0


def census(graph: Graph, trainable: Mapping[str, bool] | None = None) -> Census:
    """The numbers of a graph; ``trainable`` tells by name which of its variables are."""
    ops: Counter[str] = Counter()
    devices: Counter[str] = Counter()
    constants: list[StoredTensor] = []
    variables: list[Variable] = []
    for body in graph.bodies:
        ops_of_body = [node.op for node in body]
        ops.update(ops_of_body)
        devices.update(node.device for node in body)
        for node, op in zip(body, ops_of_body, strict=True):
            if op in CONSTANTS:
                constants.append(constant(body, node))
            elif op in VARIABLES:
                variables.append(_variable(body, node, trainable or {}))
    del devices[""]
    versions = opdefs.versions()
    known = {op for op in ops if op in versions and not versions[op].last} | graph.functions.keys()
    unknown = by_frequency({op: count for op, count in ops.items() if op not in known})
    sizes = [len(function) for function in graph.functions.values()]
    return Census(
        Counts(len(graph), sum(sizes), len(sizes), by_frequency(ops), tuple(variables)),
        by_frequency(devices),
        Tensors.of(constants),
        unknown,
        {op: versions[op].last for op in unknown if op in versions},
        tuple(_control_flow(graph, ops)),
        tuple(dangling for body in graph.bodies for dangling in _dangling_inputs(body)),
    )


def part_counts(graph: Graph, nodes: frozenset[str], functions: frozenset[str]) -> Counts:
    """The sizes of a part of a graph: some of its nodes and some of its functions."""
    members = [[node for node in graph if node.name in nodes]] if nodes else [[]]
    members += [list(graph.functions[name]) for name in functions]
    every = [node for body in members for node in body]
    return Counts(
        len(members[0]),
        len(every) - len(members[0]),
        len(functions),
        by_frequency(Counter(node.op for node in every)),
        tuple(_variable(graph, node, {}) for node in every if node.op in VARIABLES),
    )


def by_frequency(counts: Mapping[str, int]) -> dict[str, int]:
    """The counts, the largest first and equal ones by name."""
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def constant(body: Body, node: NodeDef) -> StoredTensor:
    """The size of what a Const holds, from the type and shape of its tensor."""
    name = node.name if body.name is None else f"{body.name}{FUNCTION_SEPARATOR}{node.name}"
    value = node.attr.get("value")
    if value is None or not value.HasField("tensor"):
        return StoredTensor(name, 0, UNKNOWN, 0)
    tensor = value.tensor
    shape = Shape.from_proto(tensor.tensor_shape)
    if tensor.dtype == dtypes.STRING:
        # Long strings are not in a node that was opened without its big tensors.
        left_out = body.node_size(node) - node.ByteSize()
        if left_out > 0:
            size = sum(map(len, tensor.string_val)) + left_out
        else:
            size = _characters(tensor, elements(shape))
    else:
        element = dtypes.BY_NUMBER.get(tensor.dtype)
        size = elements(shape) * element.size if element else 0
    return StoredTensor(name, tensor.dtype, shape, size)


def _characters(tensor: TensorProto, count: int) -> int:
    """The bytes of a tensor's strings; 0 where its content does not hold as many as it should."""
    listed, content, end = tensor.string_val, tensor.tensor_content, 0
    if not content:
        # The last one stands for those that are not listed.
        return sum(map(len, listed)) + sum(map(len, listed[-1:])) * max(count - len(listed), 0)
    try:
        for _ in range(count):  # first come all lengths
            _, end = read_varint(content, end)
    except IndexError:
        return 0
    return len(content) - end


def _variable(body: Body, node: NodeDef, trainable: Mapping[str, bool]) -> Variable:
    dtype, shape = node.attr.get("dtype"), node.attr.get("shape")
    name = node.name if body.name is None else f"{body.name}{FUNCTION_SEPARATOR}{node.name}"
    return Variable(
        name,
        dtype.type if dtype is not None else 0,
        _variable_shape(node.op, Shape.from_proto(shape.shape) if shape is not None else UNKNOWN),
        trainable.get(node.name),
    )


def _variable_shape(op: str, shape: Shape) -> Shape:
    # TensorFlow: the first op for variables wrote [] for a scalar and for an unknown shape alike.
    return UNKNOWN if op == "Variable" and shape.rank == 0 else shape


def _control_flow(graph: Graph, ops: Mapping[str, int]) -> Iterator[str]:
    if not CONTROL_FLOW_V1.isdisjoint(ops):
        names = (node.name for body in graph.bodies for node in body if node.op in CONTROL_FLOW_V1)
        lowered = {_LOWERED.search(name) is not None for name in names}
        yield from (
            kind for kind, is_lowered in (("v1", False), ("lowered", True)) if is_lowered in lowered
        )
    if not CONTROL_FLOW_V2.isdisjoint(ops):
        yield "v2"


def _dangling_inputs(body: Body) -> Iterator[DanglingInput]:
    prefix = f"{body.name}{FUNCTION_SEPARATOR}" if body.name else ""
    return (DanglingInput(prefix + node.name, text) for node, text in body.dangling_inputs())
