"""What it takes to execute a model: its graph, the steps before it, what to feed and to fetch.

It is found without tensorflow. A graph alone is executed as it is; the variables of a SavedModel,
of a ``.meta`` file and its checkpoint, or of a graph with a checkpoint are restored before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from pbtool import dtypes, schema
from pbtool.body import CONTROL, parse_input
from pbtool.checkpoint import open_checkpoint
from pbtool.errors import NotFoundError, UsageError
from pbtool.files import Model, is_prefix, load
from pbtool.graph import Graph
from pbtool.infer import Inference
from pbtool.interface import LIKELY, POSSIBLE, find_interface
from pbtool.nearest import nearest
from pbtool.pruning.targets import find_target
from pbtool.reach import needed_by
from pbtool.shapes import UNKNOWN, Shape
from pbtool.signatures import DEFAULT, INITIALIZERS, Argument, Signature, signatures

if TYPE_CHECKING:
    from pbtool.checkpoint import Checkpoint
    from pbtool.files import MetaGraph
    from pbtool.schema import NodeDef

REF_VARIABLES = frozenset({"Variable", "VariableV2"})
VARIABLES = REF_VARIABLES | {"VarHandleOp"}
_RESTORES = frozenset({"Restore", "RestoreSlice", "RestoreV2"})

_ASSETS = "saved_model_assets"  # a collection

_FEW = 5  # names in a sentence


class Port(NamedTuple):
    """A tensor to feed or to fetch. ``key`` is its name in the signature, or its own name."""

    key: str
    tensor: str
    dtype: int
    shape: Shape


class Step(NamedTuple):
    """Nodes to run before the graph is ready, and what to feed them: strings, by tensor."""

    nodes: tuple[str, ...]
    feeds: Mapping[str, str]


class Program(NamedTuple):
    """A graph that is ready to be executed once its ``steps`` are done.

    ``restored`` says which tensors of the checkpoint at ``prefix`` are values of which variables,
    by node; it is empty where a step restores them. ``assets`` are the paths of files that nodes
    want, by tensor. ``initializer`` is the node that fills tables and the like, or "".
    """

    graph: Graph
    steps: tuple[Step, ...]
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    signature: str = ""
    prefix: str = ""
    restored: Mapping[str, str] = {}
    assets: Mapping[str, str] = {}
    initializer: str = ""
    guessed: bool = False

    @property
    def setup(self) -> list[str]:
        """The nodes that the steps run."""
        return [name for step in self.steps for name in step.nodes]

    def reached(self, fed: Iterable[str] = ()) -> set[str]:
        """The nodes that are executed for the outputs when these tensors are fed."""
        stops = {str(parse_input(tensor)) for tensor in fed}
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
        """The program without the inputs that its outputs do not need."""
        needed = self.reached()
        kept = (port for port in self.inputs if parse_input(port.tensor).node in needed)
        return self._replace(inputs=tuple(kept))


def find_program(
    model: Model,
    *,
    tags: str | None = None,
    signature: str | None = None,
    outputs: Sequence[str] = (),
    checkpoint: str | None = None,
    initializers: Sequence[str] = (),
) -> Program:
    """How to execute a model. ``outputs`` are tensors or nodes, in place of the model's own.

    ``initializers`` are nodes to run at first. Raises NotFoundError for names that do not exist,
    and for variables that the checkpoint lacks; UsageError where it cannot be told what to fetch.
    """
    prefix = _prefix(model, checkpoint)
    if model.is_checkpoint and model.checkpoint is not None:
        model = _beside_checkpoint(model.checkpoint, model.path)
    meta_graph = model.meta_graph(tags) if model.meta_graphs else None
    if tags is not None and meta_graph is None:
        raise UsageError(f"--tags is about meta graphs, and a {model.kind} has none")
    graph = model.graph if meta_graph is None else meta_graph.graph
    program = Program(graph, (), (), ())
    if outputs or meta_graph is None or not _users(meta_graph):
        if signature is not None:
            raise UsageError("this model has no signatures" if not outputs else _BOTH)
        program = _with_ports(program, graph, outputs, meta_graph)
    else:
        program = _of_signature(program, meta_graph, signature)
    steps = [Step(tuple(initializers), {})] if initializers else []
    for name in initializers:
        find_target(graph, name)  # raises where there is none
    if prefix:
        restore, restored = _restoration(graph, meta_graph, prefix, program)
        steps += restore
        program = program._replace(restored=restored, prefix=prefix)
    if meta_graph is not None:
        assets = _assets(model, meta_graph)
        initializer = _initializer(meta_graph)
        if initializer:
            steps.append(Step((initializer,), assets))
        program = program._replace(assets=assets, initializer=initializer)
    return program._replace(steps=tuple(steps)).only_needed()


_BOTH = "--signature and names of outputs contradict each other"

# --- what to feed and to fetch ------------------------------------------------------------------


def _users(meta_graph: MetaGraph) -> dict[str, Signature]:
    """The signatures that are for users."""
    return {
        key: entry for key, entry in signatures(meta_graph.proto).items() if key not in INITIALIZERS
    }


def _of_signature(program: Program, meta_graph: MetaGraph, key: str | None) -> Program:
    entries = _users(meta_graph)
    if key is None:
        key = DEFAULT if DEFAULT in entries else next(iter(entries))
        if key != DEFAULT and len(entries) > 1:
            raise UsageError(
                "there are several signatures", remedy=f"--signature: {', '.join(entries)}"
            )
    if key not in entries:
        raise NotFoundError(
            f"there is no signature {key!r}", remedy=f"there are: {', '.join(entries)}"
        )
    entry = entries[key]
    return program._replace(
        inputs=tuple(_arguments(entry.inputs)),
        outputs=tuple(_arguments(entry.outputs)),
        signature=key,
    )


def _arguments(arguments: Iterable[Argument]) -> Iterator[Port]:
    for argument in arguments:
        for tensor in argument.tensors:
            part = f"{argument.key}:{tensor.role}" if tensor.role else argument.key
            yield Port(part, tensor.name, tensor.dtype, tensor.shape)


def _with_ports(
    program: Program, graph: Graph, outputs: Sequence[str], meta_graph: MetaGraph | None
) -> Program:
    inference = Inference(graph)
    proto = None if meta_graph is None or _users(meta_graph) else meta_graph.proto
    interface = find_interface(graph, inference.facts, proto)
    inputs = tuple(_port(each.name, inference) for each in interface.inputs)
    if outputs:
        chosen = tuple(_output(name, graph, inference) for name in outputs)
        return program._replace(inputs=_placeholders(graph, inference), outputs=chosen)
    sure = [each for each in interface.outputs if each.confidence != POSSIBLE]
    likely = [each for each in sure if each.confidence == LIKELY] or sure
    if not likely:
        candidates = ", ".join(each.name for each in interface.outputs[:_FEW])
        raise UsageError(
            "it cannot be told what the outputs are",
            remedy=f"name them; perhaps {candidates}" if candidates else "name them",
        )
    ports = tuple(_port(each.name, inference) for each in likely)
    return program._replace(inputs=inputs, outputs=ports, guessed=True)


def _placeholders(graph: Graph, inference: Inference) -> tuple[Port, ...]:
    return tuple(_port(f"{node.name}:0", inference) for node in graph if node.op == "Placeholder")


def _output(text: str, graph: Graph, inference: Inference) -> Port:
    target = find_target(graph, text)
    if target.output != CONTROL:
        return _port(str(target), inference)
    if not graph.output_dtypes(graph[target.node]):
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


# --- what to do before --------------------------------------------------------------------------


def _prefix(model: Model, checkpoint: str | None) -> str:
    """The prefix of the checkpoint that holds the variables; "" where there is none."""
    if checkpoint is not None:
        opened = load(checkpoint).checkpoint
        if opened is None:
            raise UsageError("is no checkpoint", place=checkpoint)
        return opened.prefix
    if model.checkpoint is not None:
        return model.checkpoint.prefix
    prefix = model.path.removesuffix(".meta")
    beside = model.kind == "MetaGraphDef" and prefix != model.path
    return prefix if beside and (Path(prefix).is_file() or is_prefix(prefix)) else ""


def _beside_checkpoint(checkpoint: Checkpoint, place: str) -> Model:
    """The ``.meta`` file beside a checkpoint."""
    path = Path(f"{checkpoint.prefix}.meta")
    if not path.is_file():
        raise NotFoundError(
            "a checkpoint holds no graph, and there is no .meta file beside it",
            place=place,
            remedy="name the graph's file, with --checkpoint for this one",
        )
    return load(path)


def _restoration(
    graph: Graph, meta_graph: MetaGraph | None, prefix: str, program: Program
) -> tuple[list[Step], Mapping[str, str]]:
    """The step that restores the variables; or which tensors they are, where there is none."""
    checkpoint = open_checkpoint(prefix)
    saver = None if meta_graph is None else meta_graph.proto.saver_def
    if saver is not None and saver.restore_op_name:
        restore, filename = parse_input(saver.restore_op_name).node, saver.filename_tensor_name
        saved = set(_saved_names(graph, restore))
        _demand(saved, checkpoint)
        return [Step((restore,), {filename: prefix})], {}
    needed = needed_by(graph, [port.tensor for port in program.outputs]).nodes
    variables = (node for node in graph if node.op in VARIABLES and node.name in needed)
    names = {node.name: _name(node) for node in variables}
    _demand(set(names.values()), checkpoint)
    return [], names


def _name(variable: NodeDef) -> str:
    shared = variable.attr["shared_name"].s if "shared_name" in variable.attr else b""
    return (shared.decode() if variable.op == "VarHandleOp" else "") or variable.name


def _saved_names(graph: Graph, restore: str) -> Iterator[str]:
    """The names that a restore op of a graph reads, where constants tell."""
    for name in graph.ancestors([restore]):
        node = graph[name]
        source = node.op in _RESTORES and len(node.input) > 1 and parse_input(node.input[1]).node
        if source and source in graph and graph[source].op == "Const":
            yield from (each.decode() for each in graph.tensor(source).flat)


def _demand(names: set[str], checkpoint: Checkpoint) -> None:
    missing = sorted(names - checkpoint.entries.keys())
    if not missing:
        return
    lines = []
    for name in missing[:_FEW]:
        near = nearest(name, checkpoint.entries)[:1]
        lines.append(f"{name} (there is {near[0]})" if near else name)
    more = f" and {len(missing) - _FEW} more" if len(missing) > _FEW else ""
    raise NotFoundError(
        f"the checkpoint lacks {len(missing)} of {len(names)} variables: {', '.join(lines)}{more}",
        place=checkpoint.prefix,
        remedy="is it the checkpoint of this graph? --outputs may do without them",
    )


def _assets(model: Model, meta_graph: MetaGraph) -> dict[str, str]:
    """The paths of the files beside a SavedModel, by the tensor that wants to know."""
    folder = Path(model.path).parent.absolute() / "assets"
    proto = meta_graph.proto
    found = list(proto.asset_file_def)
    if _ASSETS in proto.collection_def:  # as TensorFlow 1 writes them
        packed: Iterable[Any] = proto.collection_def[_ASSETS].any_list.value  # of type Any
        found += [schema.AssetFileDef.FromString(each.value) for each in packed]
    return {each.tensor_info.name: str(folder / each.filename) for each in found}


def _initializer(meta_graph: MetaGraph) -> str:
    """The node that a loader of this SavedModel runs after restoring, or ""."""
    proto = meta_graph.proto
    if (signature := proto.signature_def.get(INITIALIZERS[0])) is not None:
        for key in signature.outputs:
            return parse_input(signature.outputs[key].name).node
    for name in ("saved_model_main_op", "legacy_init_op"):
        if name in proto.collection_def and proto.collection_def[name].node_list.value:
            return parse_input(proto.collection_def[name].node_list.value[0]).node
    return ""
