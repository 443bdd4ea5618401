"""Walks a graph, or a function's body, and finds out what is known of every tensor in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from pbtool import dtypes
from pbtool.errors import ShapeError
from pbtool.facts import Fact, Handle, Value
from pbtool.graph import CONTROL, Body, Function, Graph, Input
from pbtool.infer import constants, rules  # noqa: F401 - importing the rules registers them
from pbtool.infer.registry import HANDLE_RULES, SHAPE_RULES, VALUE_RULES, BoundRule
from pbtool.shapes import UNKNOWN, Shape

if TYPE_CHECKING:
    from pbtool.schema import NodeDef

# The producer that tensorflow gives a function's body when it turns it into a graph: its own.
CURRENT_PRODUCER = 2517


class Problem(NamedTuple):
    """A node whose inputs cannot fit, so that TensorFlow refuses the graph."""

    function: str | None
    node: str
    op: str
    message: str


Facts = Mapping[str, "tuple[Fact, ...] | None"]  # by node; None for an op that is not known


class Inference:
    """What is known of every tensor of a graph and of its functions.

    Each body is worked out when it is first asked for. ``pins`` replaces facts of tensors of the
    main graph, ``{"x:0": Fact(...)}``, before they flow on.
    """

    def __init__(self, graph: Graph, pins: Mapping[str, Fact] | None = None) -> None:
        self.graph = graph
        self.problems: list[Problem] = []
        self._pins = dict(pins or {})
        self._facts: dict[str | None, dict[str, tuple[Fact, ...] | None]] = {}

    def facts(self, body: Body) -> Facts:
        """The facts of each node's outputs, by the node's name."""
        if body.name not in self._facts:
            self._facts[body.name] = _Walk(self, body).run()
        return self._facts[body.name]

    def pinned(self, body: Body, node: str, facts: tuple[Fact, ...]) -> tuple[Fact, ...]:
        """The facts of a node's outputs after the pins."""
        if not self._pins or body.name is not None:
            return facts
        return tuple(
            self._pins.get(str(Input(node, output)), fact) for output, fact in enumerate(facts)
        )


class _Walk:
    """One pass over one body, in topological order."""

    def __init__(self, inference: Inference, body: Body) -> None:
        self._inference = inference
        self._body = body
        is_function = isinstance(body, Function)
        self._producer = CURRENT_PRODUCER if is_function else inference.graph.versions.producer
        self._facts: dict[str, tuple[Fact, ...] | None] = {}
        self._rules: dict[str, tuple[BoundRule | None, ...]] = {}

    def run(self) -> dict[str, tuple[Fact, ...] | None]:
        """The facts of every node and function argument."""
        if isinstance(self._body, Function):
            self._facts |= _arguments(self._body)
        for node in self._body.topological_order():
            facts = self._outputs(node)
            if facts is not None:
                facts = self._inference.pinned(self._body, node.name, facts)
            self._facts[node.name] = facts
        return self._facts

    def _outputs(self, node: NodeDef) -> tuple[Fact, ...] | None:
        types = self._body.output_dtypes(node)
        if not types:  # an op that is not known, or one without outputs
            return types if types is None else ()
        shapes: Sequence[Shape] = [UNKNOWN] * len(types)
        value: Value | None = None
        handles: tuple[Handle, ...] | None = None
        try:
            if node.op == "Const":
                shapes, value = [constants.shape(node)], constants.value(node)
            else:
                shape_rule, value_rule, handle_rule = self._bound(node.op)
                if shape_rule or value_rule or handle_rule:
                    inputs = self._inputs(node)
                    context = {"producer": self._producer, "dtypes": types}
                    if shape_rule:
                        shapes = _as_list(shape_rule(node, inputs, context), len(types))
                    if value_rule:
                        value = value_rule(node, inputs, context)
                    if handle_rule:
                        handles = handle_rule(node, inputs, context)
            shapes = _merge_stated(node, shapes)
        except ShapeError as error:
            self._report(node, error)
        first = Fact(types[0], shapes[0], value, handles)
        return (first, *map(Fact, types[1:], shapes[1:]))

    def _bound(self, op: str) -> tuple[BoundRule | None, ...]:
        try:
            return self._rules[op]
        except KeyError:
            op_def = self._body.op_def(op)
            assert op_def is not None  # noqa: S101 - its outputs' types are known
            bound = tuple(
                BoundRule(rules[op], op_def) if op in rules else None
                for rules in (SHAPE_RULES, VALUE_RULES, HANDLE_RULES)
            )
            self._rules[op] = bound
            return bound

    def _inputs(self, node: NodeDef) -> list[Fact]:
        """The facts of the node's data inputs; nothing is known of one that does not exist."""
        inputs = []
        for text in node.input:
            source, output = self._body.resolve(text)
            if output != CONTROL:
                facts = self._facts.get(source)
                known = facts is not None and output < len(facts)
                inputs.append(facts[output] if known and facts is not None else _NOTHING)
        return inputs

    def _report(self, node: NodeDef, error: ShapeError) -> None:
        problem = Problem(self._body.name, node.name, node.op, error.message)
        self._inference.problems.append(problem)


_NOTHING = Fact(0, UNKNOWN)


def _as_list(result: Any, count: int) -> Sequence[Shape]:
    shapes = [result] if isinstance(result, Shape) else list(result)
    if len(shapes) != count:
        raise ShapeError(f"has {count} outputs, but its inputs and attrs make {len(shapes)}")
    return shapes


def _merge_stated(node: NodeDef, shapes: Sequence[Shape]) -> Sequence[Shape]:
    """The shapes, merged with those that the attr ``_output_shapes`` states, as importing does."""
    stated = node.attr.get("_output_shapes")
    if stated is None:
        return shapes
    protos = stated.list.shape
    if len(protos) < len(shapes):
        return shapes
    return [shape.merge(Shape.from_proto(proto)) for shape, proto in zip(shapes, protos)]  # noqa: B905 - more may be stated than there are


def _arguments(function: Function) -> dict[str, tuple[Fact, ...]]:
    """The facts of a function's arguments, as its attrs state them."""
    signature = function.proto.signature
    shapes = [UNKNOWN] * len(signature.input_arg)
    stated = function.proto.attr.get("_input_shapes")
    if stated is not None and len(stated.list.shape) == len(shapes):
        shapes = [Shape.from_proto(proto) for proto in stated.list.shape]
    facts: dict[str, tuple[Fact, ...]] = {}
    for number, arg in enumerate(signature.input_arg):
        shape, handles = shapes[number], None
        if number in function.proto.arg_attr:
            own = function.proto.arg_attr[number].attr.get("_output_shapes")
            if own is not None:
                protos = own.list.shape if own.WhichOneof("value") == "list" else [own.shape]
                shape = Shape.from_proto(protos[0]) if protos else shape
        if arg.handle_data:
            shape = UNKNOWN if arg.type == dtypes.RESOURCE else shape
            handles = tuple(
                Handle(data.dtype, Shape.from_proto(data.shape)) for data in arg.handle_data
            )
        facts[arg.name] = (Fact(arg.type, shape, None, handles),)
    return facts
