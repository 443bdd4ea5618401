"""``freeze``: from a program with variables to a graph that needs nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from pbtool import schema
from pbtool.backend.constants import Array, inline, stands_in, to_constants
from pbtool.backend.naming import free, with_names
from pbtool.backend.preparing import prepare
from pbtool.backend.runtime import Runtime
from pbtool.backend.tables import only_of_tables, with_assets
from pbtool.backend.unfreezable import computing, refuse_size, refuse_uses, stated_size
from pbtool.body import parse_input
from pbtool.editing import NodeEdits, edit, region_of
from pbtool.errors import NotFoundError, UsageError
from pbtool.execution.ports import Port
from pbtool.execution.program import Program
from pbtool.execution.references import repair
from pbtool.execution.tables import TABLES
from pbtool.gathers import read_before_gather
from pbtool.graph import Graph
from pbtool.infer import Inference
from pbtool.nearest import suggest
from pbtool.ops import CALLS, REF_VARIABLES, VARIABLES
from pbtool.pruning import prune
from pbtool.selection import Place, matcher
from pbtool.writing import to_bytes

_OF_INLINING = b"loc:@Func/"
_NOT_OF_INLINING = "!Func/*"  # where TensorFlow puts what it makes of arguments and results


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
    NotFoundError for one that fits none, UsageError where constants cannot do what variables do or
    would be too big, and ExecutionError where TensorFlow refuses the source or the result.
    """
    starts = _table_starts(program)
    named, inputs, outputs = with_names(program._replace(graph=computing(program, *starts)))
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
    refuse_uses(graph, chosen)
    refuse_size(graph, {name: stated_size(graph[name]) for name in chosen})
    arrays: dict[str, Array] = {}
    if chosen:
        with prepare(program, variables=chosen) as runtime:
            arrays = {
                name: value.array
                for name, value in zip(chosen, runtime.variables(chosen), strict=True)
            }
        refuse_size(graph, {name: array.nbytes for name, array in arrays.items()})
        names = list(dict.fromkeys(parse_input(target).node for target in targets))
        graph = _graph(to_constants(to_bytes(read_before_gather(graph)), arrays, names))
    graph, repaired = repair(graph)
    graph = _tidied(graph, targets, clear_devices=clear_devices)
    with Runtime(to_bytes(graph)):
        pass  # TensorFlow imports it again, or says why not
    return Frozen(
        _with_elements(graph, arrays),
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
    if not any(TABLES.fullmatch(node.op) for body in computing(program).bodies for node in body):
        return ()
    return [program.initializer] if program.initializer else program.fillers


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


def _with_elements(graph: Graph, arrays: Mapping[str, Array]) -> Graph:
    """The graph with the elements of its constants that stand for big arrays."""
    edits = {}
    for position, node in enumerate(graph):
        if node.name in arrays and stands_in(arrays[node.name]):
            new = schema.NodeDef()
            new.CopyFrom(node)
            given = node.attr["value"].tensor
            tensor = schema.TensorProto(dtype=given.dtype, tensor_shape=given.tensor_shape)
            tensor.tensor_content = arrays[node.name].tobytes()
            new.attr["value"].tensor.CopyFrom(tensor)
            edits[position] = [new]
    if not edits:
        return graph
    region = region_of(graph)  # as if it were a file: the result is not held in memory twice
    return edit(Graph(graph.proto, region=region._replace(whole=False)), edits)


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
    """The variables that become constants, and those that do not.

    Raises NotFoundError for a glob that fits none, UsageError where there are none.
    """
    kept_by = matcher(keep) if keep else lambda _: False
    wanted_by = matcher(only) if only else lambda _: True
    chosen: list[str] = []
    kept: list[str] = []
    every: set[str] = set()  # names: a variable may have two
    for node in graph:
        if node.op in VARIABLES:
            names = {node.name}
            if shared := node.attr["shared_name"].s if "shared_name" in node.attr else b"":
                names.add(shared.decode(errors="backslashreplace"))
            every |= names
            is_chosen = any(map(wanted_by, names)) and not any(map(kept_by, names))
            (chosen if is_chosen else kept).append(node.name)
    kept += [
        Place(body, node).name
        for body in graph.functions.values()
        for node in body
        if node.op in VARIABLES  # TensorFlow's freezer knows those of the graph
    ]
    if (keep or only) and not chosen and not kept:
        raise UsageError("the graph has no variables that the outputs need")
    for glob in (*keep, *only):
        if not (glob.startswith("!") or any(map(matcher([glob]), every))):
            raise NotFoundError(
                f"no variable that the outputs need matches {glob!r}", remedy=suggest(glob, every)
            )
    return chosen, kept


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
