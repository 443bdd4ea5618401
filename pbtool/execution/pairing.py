"""Which inputs, outputs and inner tensors of two models are meant to be the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from pbtool import dtypes
from pbtool.body import parse_input
from pbtool.errors import ShapeError, UsageError
from pbtool.execution.ports import Port
from pbtool.execution.program import Program
from pbtool.graph import Graph
from pbtool.infer import Inference
from pbtool.pruning.frames import loop_depths


class Pair(NamedTuple):
    """A tensor of each model; ``key`` is what both call it, or the first does."""

    key: str
    one: Port
    two: Port

    @property
    def ports(self) -> tuple[Port, Port]:
        """The tensor of the first model and that of the second."""
        return self.one, self.two

    @property
    def port(self) -> Port:
        """What is known of both: the type, and a shape that fits either.

        Raises UsageError where nothing fits both.
        """
        types = [dtypes.name(each.dtype) for each in self.ports]
        if len({_kind(each) for each in self.ports}) > 1:
            raise UsageError(
                f"input {self.key} is {types[0]} in one model and {types[1]} in the other",
                remedy="choose outputs that need the same inputs",
            )
        try:
            shape = self.one.shape.merge(self.two.shape)
        except ShapeError as error:
            raise UsageError(f"input {self.key}: {error.message}") from None
        return self.one._replace(key=self.key, shape=shape)


class Pairs(NamedTuple):
    """What is compared, and the outputs that only one of the models has."""

    inputs: tuple[Pair, ...]
    outputs: tuple[Pair, ...]
    only_one: tuple[str, ...]
    only_two: tuple[str, ...]


def pair_up(one: Program, two: Program) -> Pairs:
    """Pair the ports of two programs by name; where no name is common, by order and type.

    Raises UsageError for inputs that cannot be paired, for outputs without values, and where no
    output can be paired.
    """
    for port in (*one.outputs, *two.outputs):
        if port.tensor.startswith("^"):
            raise UsageError(f"node {port.key!r} has no output that could be compared")
    inputs = _pairs(one.inputs, two.inputs)
    alone = [
        port
        for side, program in enumerate((one, two))
        for port in program.inputs
        if port not in {pair.ports[side] for pair in inputs} and not _is_optional(program, port)
    ]
    if alone:
        raise UsageError(
            f"an input is in one of the models only: {alone[0].key}",
            remedy="choose outputs that need the same inputs",
        )
    outputs = _pairs(one.outputs, two.outputs)
    if not outputs:
        names = [", ".join(port.key for port in each.outputs) for each in (one, two)]
        raise UsageError(f"no output is in both models: one has {names[0]}, the other {names[1]}")
    paired = [{_key(pair.ports[side]) for pair in outputs} for side in (0, 1)]
    return Pairs(
        tuple(inputs),
        tuple(outputs),
        tuple(port.key for port in one.outputs if _key(port) not in paired[0]),
        tuple(port.key for port in two.outputs if _key(port) not in paired[1]),
    )


def _kind(port: Port) -> str:
    """What values are, whatever their size: the same numbers go into all types of a kind."""
    row = dtypes.BY_NUMBER.get(port.dtype)
    return row.numpy.lstrip("u").rstrip("0123456789") if row else ""


def _key(port: Port) -> str:
    return port.key.removesuffix(":0")


def _pairs(one: Sequence[Port], two: Sequence[Port]) -> list[Pair]:
    theirs = {name: port for port in two for name in reversed(_names(port))}
    found = []
    for port in one:
        other = next((theirs[name] for name in _names(port) if name in theirs), None)
        if other is not None:
            found.append(Pair(_key(port), port, other))
    same_types = [port.dtype for port in one] == [port.dtype for port in two]
    if not found and same_types:
        found = [Pair(_key(a), a, b) for a, b in zip(one, two, strict=True)]
    return found


def _names(port: Port) -> list[str]:
    """What a port may be called: by its key in the signature, or as the tensor that it is."""
    return [_key(port), port.tensor.removesuffix(":0")]


def _is_optional(program: Program, port: Port) -> bool:
    return program.graph[parse_input(port.tensor).node].op == "PlaceholderWithDefault"


def common_tensors(one: Program, two: Program) -> Iterator[Pair]:
    """The tensors that both models compute under one name and that can be fetched, in the order in
    which the first computes them.

    What lies in a loop, or in a branch that may not be taken, cannot be fetched.
    """
    known = [_fetchable(each) for each in (one, two)]
    for name, port in known[0].items():
        other = known[1].get(name)
        if other is not None and other.dtype == port.dtype:
            yield Pair(name, port, other)


def _fetchable(program: Program) -> Mapping[str, Port]:
    graph = program.graph
    facts = Inference(graph).facts(graph)
    reached = program.reached([port.tensor for port in program.inputs])
    depths = loop_depths(graph)
    branched = _branched(graph)
    found = {}
    for node in graph.topological_order():
        if node.name not in reached or node.name in branched or depths.get(node.name):
            continue
        for number, fact in enumerate(facts.get(node.name) or ()):
            row = dtypes.BY_NUMBER.get(dtypes.base(fact.dtype))
            if row is not None and row.numpy:
                name = f"{node.name}:{number}"
                found[name] = Port(name, name, row.number, fact.shape)
    return found


def _branched(graph: Graph) -> set[str]:
    """The nodes behind a Switch that no Merge has brought together again."""
    found: set[str] = set()
    for node in graph.topological_order():
        if node.op in ("Merge", "RefMerge"):
            continue
        if node.op in ("Switch", "RefSwitch", "_SwitchN") or any(
            graph.resolve(text).node in found for text in node.input
        ):
            found.add(node.name)
    return found
