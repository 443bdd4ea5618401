"""Everything that is known of one node as a plain value.

What the file says, what the op table says of the op, and what was inferred of the tensors.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from pbtool.body import CONTROL, Body, Input, parse_input
from pbtool.facts import Fact
from pbtool.graph import Function
from pbtool.selection import Place
from pbtool.view.debug_info import Frame, frames
from pbtool.view.declaration import Declaration, argument_names, declaration, has_lists
from pbtool.view.saved_tensor import SavedTensor
from pbtool.view.tensor import TensorView, proto_view

if TYPE_CHECKING:
    from pbtool.infer.engine import Facts, Inference
    from pbtool.schema import AttrValue, FullTypeDef, GraphDebugInfo, NodeDef, OpDef
    from pbtool.signatures import Signature

# Where an attr's value comes from.
WRITTEN = "written"
DEFAULT = "default"  # written, and the same as the op's default
OMITTED = "omitted"  # not written; the op's default applies
MISSING = "missing"  # not written, and there is no default
UNDECLARED = "undeclared"  # written, but the op declares no such attr


class Source(NamedTuple):
    """What feeds an input: a tensor, or a control edge.

    ``argument`` is the op's name for the input, ``x`` or ``values[2]``, "" where the op does not
    tell. ``op`` is that of the node it comes from; None if that is an argument of the function
    (``is_argument``), or does not exist. ``fact`` is None if nothing is known of the tensor.
    """

    argument: str
    tensor: str
    op: str | None
    is_argument: bool
    fact: Fact | None


class Use(NamedTuple):
    """One use of an output: as which input of which node."""

    node: str
    op: str
    position: int
    argument: str


class Role(NamedTuple):
    """What a tensor is to a signature: its argument of that key, an "input" or an "output"."""

    signature: str
    side: str
    key: str


class Output(NamedTuple):
    """An output: what is known of it, and its uses by nodes, function results and signatures."""

    number: int
    argument: str
    tensor: str
    fact: Fact | None
    uses: tuple[Use, ...]
    results: tuple[str, ...]
    roles: tuple[Role, ...]


class Attr(NamedTuple):
    """An attr. ``value`` is None for a missing one; ``type`` is what the op declares, or "".

    ``tensor`` is the view of a value that is a tensor.
    """

    name: str
    origin: str
    type: str
    value: AttrValue | None
    tensor: TensorView | None


class NodeView(NamedTuple):
    """A node. ``declaration`` is None if the op is not known, ``full_type`` mostly.

    ``original_nodes`` and ``original_functions`` are what a rewrite of the graph made it of, and
    ``trace`` is the stack of calls that made it, innermost last, where the file tells.
    ``problems`` say why TensorFlow refuses the node. ``saved`` is the value that a checkpoint
    beside the graph has of a variable.
    """

    place: Place
    inputs: tuple[Source, ...]
    control_inputs: tuple[Source, ...]
    outputs: tuple[Output, ...]
    control_outputs: tuple[Use, ...]
    control_results: tuple[str, ...]
    attrs: tuple[Attr, ...]
    full_type: FullTypeDef | None
    original_nodes: tuple[str, ...]
    original_functions: tuple[str, ...]
    trace: tuple[Frame, ...]
    declaration: Declaration | None
    problems: tuple[str, ...]
    saved: SavedTensor | None = None


def node_view(
    place: Place,
    inference: Inference,
    signatures: Sequence[Signature] = (),
    debug_info: GraphDebugInfo | None = None,
) -> NodeView:
    """The view of a node of the graph that the inference is about.

    The node's tensors are read, those of other nodes are not. ``signatures`` are those of the
    graph, and ``debug_info`` has the stacks of calls where the graph itself has none.
    """
    body, node = place
    graph, facts = inference.graph, inference.facts(body)
    declared = declaration(graph, node.op)
    sources = tuple(_sources(body, node, declared, facts))
    uses = find_uses(body, node.name)
    own = node.experimental_debug_info
    return NodeView(
        place=place,
        inputs=tuple(source for source in sources if not source.tensor.startswith("^")),
        control_inputs=tuple(source for source in sources if source.tensor.startswith("^")),
        outputs=tuple(_outputs(place, declared, facts, uses, signatures)),
        control_outputs=tuple(uses.get(CONTROL, ())),
        control_results=tuple(_control_results(body, node)),
        attrs=tuple(_attrs(body.whole(node), declared and declared.op_def)),
        full_type=node.experimental_type if node.HasField("experimental_type") else None,
        original_nodes=tuple(own.original_node_names),
        original_functions=tuple(own.original_func_names),
        trace=tuple(frames(debug_info or graph.proto.debug_info, body.name, node.name)),
        declaration=declared,
        problems=tuple(
            problem.message
            for problem in inference.problems
            if (problem.function, problem.node) == (body.name, node.name)
        ),
    )


# --- edges --------------------------------------------------------------------------------------


def _sources(
    body: Body, node: NodeDef, declared: Declaration | None, known: Facts
) -> Iterator[Source]:
    names = argument_names(node, declared and declared.op_def)
    arguments = body.arguments if isinstance(body, Function) else frozenset[str]()
    for position, text in enumerate(node.input):
        source = body.resolve(text)
        is_argument = source.node in arguments
        op = body[source.node].op if source.node in body and not is_argument else None
        name = names[position] if position < len(names) and source.output != CONTROL else ""
        fact = _fact(known.get(source.node), source)
        yield Source(name, _tensor(source, is_argument), op, is_argument, fact)


def _tensor(source: Input, is_argument: bool) -> str:
    return source.node if is_argument and source.output == 0 else str(source)


def _fact(facts: Sequence[Fact] | None, source: Input) -> Fact | None:
    if facts is None or not 0 <= source.output < len(facts):
        return None
    return facts[source.output]


def _outputs(
    place: Place,
    declared: Declaration | None,
    known: Facts,
    uses: Mapping[int, Sequence[Use]],
    signatures: Sequence[Signature],
) -> Iterator[Output]:
    """The outputs that the op declares, and any others that are used nevertheless."""
    body, node = place
    facts = known.get(node.name) or ()
    names = argument_names(node, declared and declared.op_def, outputs=True)
    results = _results(body, node)
    roles = _roles(node, signatures) if body.name is None else {}
    for number in sorted({*range(len(facts)), *uses, *results, *roles} - {CONTROL}):
        yield Output(
            number,
            names[number] if number < len(names) else "",
            str(Input(node.name, number)),
            facts[number] if number < len(facts) else None,
            tuple(uses.get(number, ())),
            tuple(results.get(number, ())),
            tuple(roles.get(number, ())),
        )


def find_uses(body: Body, name: str) -> dict[int, list[Use]]:
    """The uses of a node or function argument in its body, by output number; CONTROL is one."""
    uses: dict[int, list[Use]] = {}
    names_of: dict[str, Sequence[str]] = {}  # of ops whose nodes all have the same inputs
    for user, position, output in body.consumers(name):
        names = names_of.get(user.op)
        if names is None:
            op_def = body.op_def(user.op)
            names = argument_names(user, op_def)
            if op_def is None or not has_lists(op_def.input_arg):
                names_of[user.op] = names
        argument = names[position] if position < len(names) and output != CONTROL else ""
        uses.setdefault(output, []).append(Use(user.name, user.op, position, argument))
    return uses


def _results(body: Body, node: NodeDef) -> dict[int, list[str]]:
    """The results of the body's function that are outputs of the node, by output number."""
    results: dict[int, list[str]] = {}
    if isinstance(body, Function):
        for arg in body.proto.signature.output_arg:
            source = body.resolve(body.proto.ret.get(arg.name, ""))
            if source.node == node.name:
                results.setdefault(source.output, []).append(arg.name)
    return results


def _roles(node: NodeDef, signatures: Sequence[Signature]) -> dict[int, list[Role]]:
    """What the node's outputs are to the signatures, by output number."""
    roles: dict[int, list[Role]] = {}
    for signature in signatures:
        for side, arguments in (("input", signature.inputs), ("output", signature.outputs)):
            for argument in arguments:
                role = Role(signature.key, side, argument.key)
                for tensor in argument.tensors:
                    name, output = parse_input(tensor.name)
                    if name == node.name:
                        roles.setdefault(output, []).append(role)
    return roles


def _control_results(body: Body, node: NodeDef) -> Iterator[str]:
    if isinstance(body, Function):
        for name, source in body.proto.control_ret.items():
            if source == node.name:
                yield name


# --- attrs --------------------------------------------------------------------------------------


def _attrs(node: NodeDef, op_def: OpDef | None) -> Iterator[Attr]:
    """The attrs that the op declares, in its order, then the others by name."""
    declared = op_def.attr if op_def is not None else ()
    for attr in declared:
        value = node.attr.get(attr.name)
        default = attr.default_value if attr.HasField("default_value") else None
        if value is None:
            yield _attr(attr.name, MISSING if default is None else OMITTED, attr.type, default)
        else:
            yield _attr(attr.name, DEFAULT if value == default else WRITTEN, attr.type, value)
    origin = WRITTEN if op_def is None else UNDECLARED
    for name in sorted(set(node.attr) - {attr.name for attr in declared}):
        yield _attr(name, origin, "", node.attr[name])


def _attr(name: str, origin: str, declared_type: str, value: AttrValue | None) -> Attr:
    tensor = proto_view(value.tensor) if value is not None and value.HasField("tensor") else None
    return Attr(name, origin, declared_type, value, tensor)
