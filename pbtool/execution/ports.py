"""What to feed a model and to fetch of it: by signature, by name, or by the look of its graph."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from pbtool import dtypes
from pbtool.body import CONTROL, parse_input
from pbtool.errors import UsageError
from pbtool.execution.examples import Examples
from pbtool.infer import Inference
from pbtool.interface import LIKELY, POSSIBLE, find_interface
from pbtool.pruning.targets import find_target
from pbtool.shapes import UNKNOWN, Shape
from pbtool.signatures import DEFAULT, INITIALIZERS, Argument, Signature, choose, signatures

if TYPE_CHECKING:
    from pbtool.graph import Graph
    from pbtool.model import MetaGraph

_FEW = 5  # names in a sentence


class Port(NamedTuple):
    """A tensor to feed or to fetch. ``key`` is its name in the signature, or its own name.

    ``examples`` tells what has to be in its strings, where they are parsed as tf.Example.
    """

    key: str
    tensor: str
    dtype: int
    shape: Shape
    examples: Examples | None = None


class Ports(NamedTuple):
    """The inputs and outputs of a signature (""): not of one); or such as they were ``guessed``."""

    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    signature: str = ""
    guessed: bool = False


def users(meta_graph: MetaGraph) -> dict[str, Signature]:
    """The signatures that are for users."""
    return {
        key: entry for key, entry in signatures(meta_graph.proto).items() if key not in INITIALIZERS
    }


def of_signature(meta_graph: MetaGraph, key: str | None) -> Ports:
    """What a signature takes and gives; the default one for None.

    Raises NotFoundError where there is none of this name, UsageError where one has to be named, or
    where it gives nothing.
    """
    entries = users(meta_graph)
    if key is None:
        key = DEFAULT if DEFAULT in entries else next(iter(entries))
        if key != DEFAULT and len(entries) > 1:
            raise UsageError(
                "there are several signatures", remedy=f"--signature: {', '.join(entries)}"
            )
    entry = choose(entries, key)
    if not entry.outputs:
        raise UsageError(f"signature {key!r} has no outputs", remedy="name what is to be computed")
    return Ports(tuple(_arguments(entry.inputs)), tuple(_arguments(entry.outputs)), key)


def of_keys(meta_graph: MetaGraph, key: str | None, names: Sequence[str]) -> Ports | None:
    """What a signature takes, and those of its outputs that it calls so; None where it does not.

    Without ``key`` it is the default signature or the only one, and names of nodes come first.
    """
    entries = users(meta_graph)
    if key is None:
        key = DEFAULT if len(entries) > 1 else next(iter(entries), "")
        if all(parse_input(name).node in meta_graph.graph for name in names):
            return None
    if key not in entries:
        return None
    ports = of_signature(meta_graph, key)
    outputs = {port.key: port for port in ports.outputs}
    if not outputs.keys() >= set(names):
        return None
    return ports._replace(outputs=tuple(outputs[name] for name in names))


def _arguments(arguments: Iterable[Argument]) -> Iterator[Port]:
    for argument in arguments:
        for tensor in argument.tensors:
            part = f"{argument.key}:{tensor.role}" if tensor.role else argument.key
            yield Port(part, tensor.name, tensor.dtype, tensor.shape)


def of_outputs(graph: Graph, outputs: Sequence[str], meta_graph: MetaGraph | None) -> Ports:
    """What these outputs need, or those that the graph looks to have.

    Raises NotFoundError for names that do not exist, UsageError where there is nothing to guess.
    """
    inference = Inference(graph)
    proto = None if meta_graph is None or users(meta_graph) else meta_graph.proto
    interface = find_interface(graph, inference.facts, proto)
    inputs = tuple(_port(each.name, inference) for each in interface.inputs)
    if outputs:
        chosen = tuple(_output(name, graph, inference) for name in outputs)
        return Ports(_placeholders(graph, inference), chosen)
    sure = [each for each in interface.outputs if each.confidence != POSSIBLE]
    likely = [each for each in sure if each.confidence == LIKELY] or sure
    if not likely:
        candidates = ", ".join(each.name for each in interface.outputs[:_FEW])
        raise UsageError(
            "it cannot be told what the outputs are",
            remedy=f"name them; perhaps {candidates}" if candidates else "name them",
        )
    ports = tuple(_port(each.name, inference) for each in likely)
    return Ports(inputs, ports, guessed=True)


def _placeholders(graph: Graph, inference: Inference) -> tuple[Port, ...]:
    return tuple(_port(f"{node.name}:0", inference) for node in graph if node.op == "Placeholder")


def _output(text: str, graph: Graph, inference: Inference) -> Port:
    target = find_target(graph, text)
    if target.output != CONTROL:
        return _port(str(target), inference)
    if graph.output_dtypes(graph[target.node]) == ():
        return Port(target.node, f"^{target.node}", 0, UNKNOWN)
    return _port(f"{target.node}:0", inference)


def port_of(graph: Graph, text: str) -> Port:
    """The port of any tensor of a graph. Raises NotFoundError where it does not exist."""
    return _output(text, graph, Inference(graph))


def _port(tensor: str, inference: Inference) -> Port:
    name, output = parse_input(tensor)
    facts = inference.facts(inference.graph).get(name) or ()
    dtype, shape = facts[output][:2] if 0 <= output < len(facts) else (0, UNKNOWN)
    return Port(f"{name}:{output}", f"{name}:{output}", dtypes.base(dtype), shape)
