"""Cuts: tensors that are fed from now on, each by a Placeholder, so that what made them can go."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from pbtool import dtypes, opdefs
from pbtool.body import CONTROL, Input, parse_input
from pbtool.errors import UsageError
from pbtool.facts import Fact
from pbtool.graph import Graph
from pbtool.pins import parse_pin
from pbtool.pruning.frames import loop_depths
from pbtool.pruning.rewiring import rewire, takes_reference
from pbtool.pruning.targets import find_target
from pbtool.schema import NodeDef
from pbtool.shapes import UNKNOWN, Shape

if TYPE_CHECKING:
    from pbtool.editing import NodeEdits

PLACEHOLDERS = frozenset({"Placeholder", "PlaceholderV2"})

# What is known of the outputs of some nodes.
Facts = Callable[[Iterable[str]], "Mapping[str, Sequence[Fact] | None]"]


class Cut(NamedTuple):
    """A tensor that was cut, and the Placeholder that stands there now."""

    tensor: str
    placeholder: str
    dtype: int
    shape: Shape


class Cuts(NamedTuple):
    """What cutting a graph comes to: edits, what the targets are called now, and the cuts."""

    edits: NodeEdits
    targets: list[Input]
    cuts: tuple[Cut, ...]


class _Wish(NamedTuple):
    """A tensor to cut: how it was asked for, and the type and shape that were stated with it."""

    text: str
    dtype: int | None
    shape: Shape | None


def cut(graph: Graph, texts: Sequence[str], targets: Sequence[Input], facts: Facts) -> Cuts:
    """Cut the graph at tensors such as ``x``, ``y:1`` or ``x:float32[?,224,224,3]``.

    A Placeholder takes the place and the name of the node that it stands for, unless another
    output of that is needed still. The name of a node with several outputs means all of them.
    Types and shapes that are not stated are those of ``facts``.

    Raises NotFoundError for what does not exist, and UsageError for a cut that no target needs,
    that lies in a loop, that must be a variable, or whose type nobody knows.
    """
    wishes = dict(wish for text in texts for wish in _wishes(graph, text))
    _refuse_loops(graph, wishes)
    whole = {name for name, _ in wishes if _is_whole(graph, name, wishes)}
    used, reached = _reach(graph, targets, wishes, whole)
    needed = {tensor.node for tensor in used}
    for tensor, wish in wishes.items():
        if tensor not in used and not (tensor.node in whole and tensor.node in needed):
            raise UsageError(
                f"no output needs the cut {wish.text!r}",
                remedy="leave it out, or look whether another cut lies behind it",
            )
    names = _names(graph, used, reached)
    _refuse_references(graph, names, reached)
    open_questions = {tensor.node for tensor in names if None in wishes[tensor]}
    known = facts(open_questions) if open_questions else {}
    cuts = {
        tensor: Cut(
            str(tensor),
            name,
            *_type_and_shape(graph, tensor, wishes[tensor], known.get(tensor.node)),
        )
        for tensor, name in names.items()
    }

    def new_text(_: NodeDef, text: str) -> str:
        tensor = parse_input(text)
        name = names.get(tensor)
        return text if name is None or tensor == Input(name, 0) else name

    edits = dict(rewire(graph, new_text))
    for position, placeholders in _placed(graph, cuts, wishes):
        node = graph.nodes[position]
        stays = edits.get(position, [node]) if node.name in reached else []
        edits[position] = [*placeholders, *stays]
    new_targets = [Input(names[each], 0) if each in names else each for each in targets]
    return Cuts(edits, new_targets, tuple(cuts.values()))


# --- what was asked for -----------------------------------------------------------------------


def _wishes(graph: Graph, text: str) -> Iterator[tuple[Input, _Wish]]:
    """The tensors that a text means."""
    wish = _Wish(text, None, None)
    name = text
    if text.endswith("]") and text not in graph:
        pin = parse_pin(text)
        name = pin.tensor
        wish = _Wish(text, pin.dtype, pin.shape)
    tensor = find_target(graph, name)
    outputs = _outputs(graph, tensor.node)
    if tensor.output != CONTROL:
        yield tensor, wish
    elif not outputs:
        raise UsageError(f"node {name!r} has no output that could be cut")
    elif len(outputs) > 1 and wish.shape is not None:
        raise UsageError(
            f"node {name!r} has {len(outputs)} outputs, and {text!r} does not say which is meant",
            remedy=f"write it as {name}:0{text.removeprefix(name)}",
        )
    else:
        yield from ((Input(tensor.node, output), wish) for output in outputs)


def _outputs(graph: Graph, name: str) -> Sequence[int]:
    """The outputs of a node; of one whose op is not known, the first and those that are used."""
    types = graph.output_dtypes(graph[name])
    if types is not None:
        return range(len(types))
    return sorted({0, *(use.output for use in graph.consumers(name))} - {CONTROL})


def _is_whole(graph: Graph, name: str, wishes: Mapping[Input, _Wish]) -> bool:
    """Whether all outputs of the node are cut."""
    return all(Input(name, output) in wishes for output in _outputs(graph, name))


def _refuse_loops(graph: Graph, wishes: Mapping[Input, _Wish]) -> None:
    depths = loop_depths(graph)
    for tensor, wish in wishes.items():
        if depths.get(tensor.node, 0) > 0:
            raise UsageError(
                f"{wish.text!r} lies within a loop, where nothing can be fed",
                remedy="cut what enters the loop, or what leaves it",
            )


# --- what it comes to -------------------------------------------------------------------------


def _reach(
    graph: Graph,
    targets: Sequence[Input],
    wishes: Mapping[Input, _Wish],
    whole: set[str],
) -> tuple[set[Input], set[str]]:
    """The cuts that the targets need, and the nodes that they need still.

    A control edge from a node of which all outputs are cut is one from its Placeholder.
    """
    used: set[Input] = set()
    reached: set[str] = set()
    pending: list[str] = []

    def need(tensor: Input) -> None:
        if tensor.node in whole or tensor in wishes:
            # For a control edge alone, a Placeholder for the first output will do.
            used.add(tensor if tensor in wishes else Input(tensor.node, 0))
        elif tensor.node in graph and tensor.node not in reached:
            reached.add(tensor.node)
            pending.append(tensor.node)

    for target in targets:
        need(target)
    while pending:
        for tensor in graph.inputs(graph[pending.pop()]):
            need(tensor)
    return used, reached


def _names(graph: Graph, used: set[Input], reached: set[str]) -> dict[Input, str]:
    """The names of the Placeholders."""
    names: dict[Input, str] = {}
    taken: set[str] = set()
    for tensor in sorted(used):
        name = tensor.node
        if name in reached or name in taken:
            name = f"{tensor.node}/output_{tensor.output}"
            while name in graph or name in taken:
                name += "_"
        taken.add(name)
        names[tensor] = name
    return names


def _refuse_references(graph: Graph, names: Mapping[Input, str], reached: set[str]) -> None:
    for tensor in names:
        for use in graph.consumers(tensor.node):
            if use.output == tensor.output and use.node.name in reached:
                types = graph.output_dtypes(graph[tensor.node]) or ()
                is_ref = tensor.output < len(types) and dtypes.is_ref(types[tensor.output])
                if is_ref and takes_reference(graph, use):
                    raise UsageError(
                        f"{tensor} cannot be cut: node {use.node.name!r} ({use.node.op}) writes "
                        "to that variable, and a Placeholder is none"
                    )


def _type_for_users(graph: Graph, tensor: Input) -> int:
    """The type that those who use the tensor need; 0 where they do not say it either."""
    for use in graph.consumers(tensor.node):
        op_def = graph.op_def(use.node.op)
        if use.output == tensor.output and op_def is not None:
            types = opdefs.inputs(op_def).dtypes(use.node)
            if use.position < len(types) and types[use.position]:
                return dtypes.base(types[use.position])
    return 0


def _type_and_shape(
    graph: Graph, tensor: Input, wish: _Wish, known: Sequence[Fact] | None
) -> tuple[int, Shape]:
    fact = known[tensor.output] if known and tensor.output < len(known) else Fact(0, UNKNOWN)
    dtype = wish.dtype or dtypes.base(fact.dtype) or _type_for_users(graph, tensor)
    if not dtype:
        raise UsageError(
            f"nobody knows the type of {tensor}", remedy=f"state it, as in {tensor}:float32[...]"
        )
    return dtype, fact.shape if wish.shape is None else wish.shape


def _placed(
    graph: Graph, cuts: Mapping[Input, Cut], wishes: Mapping[Input, _Wish]
) -> Iterator[tuple[int, list[NodeDef]]]:
    """The Placeholders by the positions at which they stand."""
    by_node: dict[str, list[NodeDef]] = {}
    for tensor, made in cuts.items():
        node = graph[tensor.node]
        if node.op not in PLACEHOLDERS:
            node = _placeholder(NodeDef(name=made.placeholder, op="Placeholder"), made)
        elif wishes[tensor].shape is not None:
            node = _placeholder(node, made)
        by_node.setdefault(tensor.node, []).append(node)
    for position, node in enumerate(graph):
        if node.name in by_node:
            yield position, by_node[node.name]


def _placeholder(like: NodeDef, made: Cut) -> NodeDef:
    node = NodeDef()
    node.CopyFrom(like)
    if "_output_shapes" in node.attr:
        del node.attr["_output_shapes"]
    node.attr["dtype"].type = made.dtype
    shape = node.attr["shape"].shape
    shape.Clear()
    shape.unknown_rank = made.shape.rank is None
    for size in made.shape.dims or ():
        shape.dim.add(size=-1 if size is None else size)
    return node
