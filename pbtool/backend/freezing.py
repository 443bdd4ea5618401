"""``freeze``: from a program with variables to a graph that needs nothing else."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from pbtool import schema
from pbtool.backend.constants import inline, to_constants
from pbtool.backend.naming import free, with_names
from pbtool.backend.preparing import prepare
from pbtool.backend.runtime import Runtime
from pbtool.backend.tables import only_of_tables, with_assets
from pbtool.body import parse_input
from pbtool.editing import NodeEdits, edit
from pbtool.errors import UsageError
from pbtool.execution.big_constants import size_of
from pbtool.execution.hazards import PYTHON
from pbtool.execution.ports import Port
from pbtool.execution.program import Program
from pbtool.execution.references import repair
from pbtool.execution.tables import TABLES
from pbtool.gathers import read_before_gather
from pbtool.graph import Graph
from pbtool.infer import Inference
from pbtool.ops import CALLS, REF_VARIABLES, VARIABLES
from pbtool.pruning import prune
from pbtool.selection import Place, matcher
from pbtool.tensors import payload_bytes
from pbtool.writing import PROTOBUF_LIMIT, to_bytes

if TYPE_CHECKING:
    from pbtool.schema import NodeDef

_ITERATORS = re.compile(r"(?:OneShot|Anonymous|MultiDevice)*Iterator(?:GetNext.*|V\d)?")
_ELEMENTS = re.compile(r"IteratorGetNext.*")
_WRITES = re.compile(r"Assign|Resource\w*Apply|ResourceScatter|ResourceStridedSliceAssign")
_OF_INLINING = b"loc:@Func/"
_NOT_OF_INLINING = "!Func/*"  # where TensorFlow puts what it makes of arguments and results
_HANDED_ON = frozenset({"Identity", "Enter", "Switch"})  # what gives a handle on


class Frozen(NamedTuple):
    """A frozen graph, what to feed and fetch, and what became of the rest.

    ``constants`` and ``variables`` name what was frozen and what was not; ``tables`` remain, and
    ``initializer`` is the node to run before their first use, or "". ``repaired`` are nodes that
    expected references.
    """

    graph: Graph
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    constants: tuple[str, ...]
    variables: tuple[str, ...]
    tables: tuple[str, ...]
    initializer: str
    repaired: tuple[str, ...]


def refuse(program: Program) -> None:
    """Raise UsageError for a program that cannot be frozen, with the nodes that are why."""
    computing = _computing(program)
    variables = 0
    for body in computing.bodies:
        for node in body:
            name = Place(body, node).name
            if node.op in PYTHON:
                raise UsageError(
                    f"{name} is a {node.op}, which calls Python that the file does not hold",
                    remedy="name outputs that do not need it",
                )
            if _ITERATORS.fullmatch(node.op):
                elements = [each.name for each in computing if _ELEMENTS.fullmatch(each.op)]
                raise UsageError(
                    f"{name} is a {node.op}, and an iterator cannot be frozen",
                    remedy="first make its elements inputs, with pbtool prune --inputs "
                    + (",".join(elements) or name),
                )
            variables += node.op in VARIABLES
    _refuse_size(computing, {})
    if variables and not program.steps and not program.restored:
        raise UsageError(
            f"the outputs need {variables} variables, and there is no checkpoint",
            remedy="name it with --checkpoint, or nodes that set them with --initializers",
        )


def freeze(
    program: Program,
    *,
    keep: Sequence[str] = (),
    only: Sequence[str] = (),
    lower_control_flow: bool = False,
    clear_devices: bool = False,
) -> Frozen:
    """The program's graph with constants in place of its variables, and only what outputs need.

    ``keep`` and ``only`` are globs of variables that stay, or that alone become constants. Raises
    ExecutionError where TensorFlow refuses the source or the result.
    """
    starts = _table_starts(program)
    named, inputs, outputs = with_names(program._replace(graph=_computing(program, *starts)))
    targets = [port.tensor.removeprefix("^") for port in outputs]
    graph = _as_v2(with_assets(named, program.assets) if starts else named)
    if graph.functions:
        fed = [port.tensor for port in inputs if parse_input(port.tensor).node in graph]
        graph = _inlined(graph, [*targets, *starts], fed, lower_control_flow=lower_control_flow)
    initializer = ""
    if starts:
        graph, initializer = only_of_tables(graph, targets, starts)
        targets += [initializer] * bool(initializer)
    graph = prune(graph, targets)
    chosen, kept = _choose(graph, keep, only)
    _refuse_writes(graph, chosen)
    _refuse_size(graph, {name: _stated_size(graph[name]) for name in chosen})
    if chosen:
        with prepare(program, variables=chosen) as runtime:
            values = dict(zip(chosen, runtime.variables(chosen), strict=True))
        _refuse_size(graph, {name: value.array.nbytes for name, value in values.items()})
        names = list(dict.fromkeys(parse_input(target).node for target in targets))
        graph = _graph(to_constants(to_bytes(read_before_gather(graph)), values, names))
    graph, repaired = repair(graph)
    graph = _tidied(graph, targets, clear_devices=clear_devices)
    with Runtime(to_bytes(graph)):
        pass  # TensorFlow imports it again, or says why not
    return Frozen(
        graph,
        _described(graph, inputs),
        _described(graph, outputs),
        tuple(chosen),
        tuple(kept),
        tuple(node.name for node in graph if TABLES.fullmatch(node.op)),
        initializer,
        tuple(name for name in repaired if name in graph),
    )


def _table_starts(program: Program) -> Sequence[str]:
    """The nodes that fill the tables that the outputs need, among other things."""
    if not any(TABLES.fullmatch(node.op) for body in _computing(program).bodies for node in body):
        return ()
    return [program.initializer] if program.initializer else program.fillers


def _computing(program: Program, *more: str) -> Graph:
    """The part of a program's graph that its outputs need, and these nodes."""
    outputs = (port.tensor.removeprefix("^") for port in program.outputs)
    return prune(program.graph, list(dict.fromkeys([*outputs, *more])))


def _tidied(graph: Graph, targets: Sequence[str], *, clear_devices: bool) -> Graph:
    """The graph without what inlining left behind: control edges to constants, and the copies that
    stand for arguments of functions.
    """
    graph = edit(graph, _without_colocation(graph))
    size = 0
    while size != len(graph):  # one copy keeps another, by a control edge
        size = len(graph)
        graph = prune(
            graph,
            targets,
            remove_training_nodes=True,
            keep=[_NOT_OF_INLINING],
            drop_inert_control_edges=True,
            clear_devices=clear_devices,
        )
    return graph


def _without_colocation(graph: Graph) -> NodeEdits:
    """The edits that forget which nodes are to be placed with those that inlining made."""
    edits = {}
    for position, node in enumerate(graph):
        if "_class" in node.attr:
            new = schema.NodeDef()
            new.CopyFrom(node)
            kept = [
                each for each in node.attr["_class"].list.s if not each.startswith(_OF_INLINING)
            ]
            del new.attr["_class"]
            if kept:
                new.attr["_class"].list.s.extend(kept)
            edits[position] = [new]
    return edits


def _graph(data: bytes) -> Graph:
    return Graph(schema.GraphDef.FromString(data))


def _described(graph: Graph, ports: Sequence[Port]) -> tuple[Port, ...]:
    """The ports that the graph still has, with the shapes that it has now."""
    facts = Inference(graph).facts(graph)
    found = []
    for port in ports:
        name, output = parse_input(port.tensor)
        known = facts.get(name) or () if name in graph else None
        if known is not None:
            shape = known[output].shape if 0 <= output < len(known) else port.shape
            found.append(port._replace(shape=shape if shape.rank is not None else port.shape))
    return tuple(found)


def _inlined(
    graph: Graph, targets: Sequence[str], fed: Sequence[str], *, lower_control_flow: bool
) -> Graph:
    """The graph with calls of functions replaced by what the functions do."""
    proto = schema.GraphDef.FromString(to_bytes(graph))
    # TensorFlow does not inline a call with effects that nothing waits for.
    calls = [node.name for node in graph if node.op in CALLS or node.op in graph.functions]
    end = free("end_of_calls", {node.name for node in graph})
    proto.node.add(name=end, op="NoOp", input=[f"^{call}" for call in calls])
    kept = list(dict.fromkeys([*targets, *fed, end]))
    data = inline(proto.SerializeToString(), kept, lower_control_flow=lower_control_flow)
    return prune(_graph(data), targets)


# --- variables ----------------------------------------------------------------------------------


def _choose(graph: Graph, keep: Sequence[str], only: Sequence[str]) -> tuple[list[str], list[str]]:
    """The variables that become constants, and those that do not."""
    kept_by = matcher(keep) if keep else lambda _: False
    wanted_by = matcher(only) if only else lambda _: True
    chosen: list[str] = []
    kept: list[str] = []
    for node in graph:
        if node.op in VARIABLES:
            names = {node.name}
            if shared := node.attr["shared_name"].s if "shared_name" in node.attr else b"":
                names.add(shared.decode())
            is_chosen = any(map(wanted_by, names)) and not any(map(kept_by, names))
            (chosen if is_chosen else kept).append(node.name)
    if (keep or only) and not chosen and not kept:
        raise UsageError("the graph has no variables that the outputs need")
    return chosen, kept


def _refuse_writes(graph: Graph, variables: Sequence[str]) -> None:
    """Raise UsageError where a node writes to a variable that is to be a constant."""
    handles = {name: name for name in variables if graph[name].op == "VarHandleOp"}
    for node in graph.topological_order():
        source = handles.get(graph.resolve(node.input[0]).node) if node.input else None
        if source is None:
            continue
        if node.op in _HANDED_ON:
            handles[node.name] = source
        elif _WRITES.match(node.op):
            raise UsageError(
                f"node {node.name!r} ({node.op}) writes to variable {source!r}, "
                "which therefore cannot become a constant",
                remedy=f"choose outputs that do not need it, or add --keep-variables {source}",
            )


def _refuse_size(graph: Graph, variables: Mapping[str, int]) -> None:
    """Raise UsageError where the graph and the bytes of its variables are more than may be."""
    total = size_of(graph) + sum(variables.values())
    if total > PROTOBUF_LIMIT:
        biggest = max(variables, key=variables.__getitem__, default="")
        raise UsageError(
            f"the frozen graph would take {total:,} bytes, and TensorFlow reads no graph of more "
            "than 2 GB",
            remedy=f"keep some variables, such as --keep-variables {biggest}"
            if biggest
            else "choose outputs that need less of it",
        )


def _stated_size(variable: NodeDef) -> int:
    """The bytes that a variable says it takes; 0 where it does not."""
    if not {"dtype", "shape"} <= variable.attr.keys():
        return 0
    shape = variable.attr["shape"].shape
    sizes = [None if shape.unknown_rank else dim.size for dim in shape.dim]
    return payload_bytes(variable.attr["dtype"].type, sizes) or 0


def _as_v2(graph: Graph) -> Graph:
    """The graph with VariableV2 for Variable, the older op, which TensorFlow's freezer forgot."""
    edits = {}
    for position, node in enumerate(graph):
        if node.op in REF_VARIABLES - {"VariableV2"}:
            new = schema.NodeDef()
            new.CopyFrom(node)
            new.op = "VariableV2"
            edits[position] = [new]
    return edit(graph, edits) if edits else graph
