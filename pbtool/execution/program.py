"""What it takes to execute a model: its graph, the steps before it, what to feed and to fetch.

It is found without tensorflow. A graph alone is executed as it is; the variables of a SavedModel,
of a ``.meta`` file and its checkpoint, or of a graph with a checkpoint are restored before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from pbtool import dtypes
from pbtool.body import parse_input
from pbtool.errors import UsageError
from pbtool.execution.examples import find_examples
from pbtool.execution.ports import Port, of_keys, of_outputs, of_signature, users
from pbtool.execution.setup import (
    Step,
    beside_checkpoint,
    find_assets,
    find_fillers,
    find_initializer,
    find_prefix,
    restoration,
)
from pbtool.graph import Graph
from pbtool.model import Model
from pbtool.pruning.cuts import PLACEHOLDERS
from pbtool.pruning.targets import find_target

_BOTH = "--signature and names of other outputs than its own contradict each other"


class Program(NamedTuple):
    """A graph that is ready to be executed once its ``steps`` are done.

    ``restored`` says which tensors of the checkpoint at ``prefix`` are values of which variables,
    by node; it is empty where a step restores them. ``assets`` are the paths of files that nodes
    want, by tensor. ``initializer`` is the node that fills tables and the like, or "", where
    ``fillers`` fill tables from what the graph itself holds. ``is_meta_graph`` says that the graph
    is one of a SavedModel or a ``.meta`` file. ``unneeded`` are inputs that no output depends on.
    """

    graph: Graph
    steps: tuple[Step, ...]
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    signature: str = ""
    guessed: bool = False
    prefix: str = ""
    restored: Mapping[str, str] = {}
    assets: Mapping[str, str] = {}
    initializer: str = ""
    fillers: tuple[str, ...] = ()
    is_meta_graph: bool = False
    unneeded: tuple[Port, ...] = ()

    @property
    def setup(self) -> list[str]:
        """The nodes that the steps run."""
        return [name for step in self.steps for name in step.nodes]

    def reached(self, fed: Iterable[str] = ()) -> set[str]:
        """The nodes that are executed for the outputs when these tensors are fed."""
        inputs = [parse_input(tensor) for tensor in fed]
        stops = set(map(str, inputs))
        # TensorFlow takes control edges, too, from what is fed in place of a placeholder.
        stops |= {
            f"^{name}"
            for name, _ in inputs
            if name in self.graph and self.graph[name].op in PLACEHOLDERS
        }
        found: set[str] = set()
        pending = [str(parse_input(port.tensor)) for port in self.outputs]
        while pending:
            text = pending.pop()
            name = parse_input(text).node
            if text not in stops and name in self.graph and name not in found:
                found.add(name)
                pending += map(str, self.graph.inputs(self.graph[name]))
        return found

    def only_needed(self) -> Program:
        """The program with the inputs that its outputs do not need set apart."""
        needed = self.reached()
        kept = tuple(port for port in self.inputs if parse_input(port.tensor).node in needed)
        unneeded = tuple(port for port in self.inputs if port not in kept)
        return self._replace(inputs=kept, unneeded=unneeded)

    def with_examples(self) -> Program:
        """The program with what its string inputs have to hold, where that can be told."""
        inputs = (
            port._replace(examples=find_examples(self.graph, port.tensor))
            if port.dtype == dtypes.STRING
            else port
            for port in self.inputs
        )
        return self._replace(inputs=tuple(inputs))


def find_program(
    model: Model,
    *,
    tags: str | None = None,
    signature: str | None = None,
    outputs: Sequence[str] = (),
    checkpoint: str | None = None,
    initializers: Sequence[str] = (),
    one_of_two: bool = False,
) -> Program:
    """How to execute a model. ``outputs`` are tensors or nodes, in place of the model's own, or
    else some of the signature's, by their names there.

    ``initializers`` are nodes to run at first. With ``one_of_two``, what a model has nothing of is
    left out: it is meant for the other one. Raises NotFoundError for names that do not exist,
    and for variables that the checkpoint lacks; UsageError where it cannot be told what to fetch.
    """
    prefix = find_prefix(model, checkpoint)
    if model.is_checkpoint and model.checkpoint is not None:
        model = beside_checkpoint(model.checkpoint, model.path)
    meta_graph = model.meta_graph(tags) if model.meta_graphs else None
    if tags is not None and meta_graph is None and not one_of_two:
        raise UsageError(f"--tags is about meta graphs, and a {model.kind} has none")
    graph = model.graph if meta_graph is None else meta_graph.graph
    if outputs and meta_graph and (named := of_keys(meta_graph, signature, outputs)):
        ports = named
    elif outputs or meta_graph is None or not users(meta_graph):
        if signature is not None and (outputs or not one_of_two):
            raise UsageError("this model has no signatures" if not outputs else _BOTH)
        ports = of_outputs(graph, outputs, meta_graph)
    else:
        ports = of_signature(meta_graph, signature)
    program = Program(graph, (), *ports)
    if one_of_two:
        initializers = [name for name in initializers if parse_input(name).node in graph]
    steps = [Step(tuple(initializers), {})] if initializers else []
    for name in initializers:
        find_target(graph, name)  # raises where there is none
    fetched = [port.tensor for port in ports.outputs]
    if prefix:
        restore, restored = restoration(graph, meta_graph, prefix, fetched)
        steps += restore
        program = program._replace(restored=restored, prefix=prefix)
    if meta_graph is not None:
        assets = find_assets(model, meta_graph)
        initializer = find_initializer(meta_graph)
        program = program._replace(assets=assets, initializer=initializer, is_meta_graph=True)
    if program.initializer:
        steps.append(Step((program.initializer,), program.assets))
    elif fillers := find_fillers(graph, fetched):
        steps.append(Step(fillers, {}))
        program = program._replace(fillers=fillers)
    return program._replace(steps=tuple(steps)).only_needed().with_examples()
