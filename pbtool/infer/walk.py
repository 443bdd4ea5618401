"""Walks a graph, or a function's body, and finds out what is known of every tensor in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import repeat
from typing import TYPE_CHECKING, Any, NamedTuple

from pbtool import dtypes, instances, opdefs
from pbtool.body import Body, Input
from pbtool.errors import ShapeError
from pbtool.facts import MAX_ELEMENTS, Fact
from pbtool.graph import Function
from pbtool.infer import calls, constants, rules
from pbtool.infer.registry import (
    AS_SHAPE_RULES,
    HANDLE_RULES,
    SHAPE_RULES,
    SHAPE_VALUE_RULES,
    VALUE_RULES,
    BoundRule,
    Context,
)
from pbtool.ops import ENTERS
from pbtool.shapes import UNKNOWN, Shape

if TYPE_CHECKING:
    from pbtool.infer.engine import Inference
    from pbtool.schema import NodeDef, OpDef

# The producer that tensorflow gives a function's body when it turns it into a graph: its own.
CURRENT_PRODUCER = 2474


class Problem(NamedTuple):
    """A node whose inputs cannot fit, so that TensorFlow refuses the graph.

    ``is_stated`` says that it is what an attr states which does not fit, not an input.
    """

    function: str | None
    node: str
    op: str
    message: str
    is_stated: bool = False

    def __str__(self) -> str:
        function = f"{self.function}::" if self.function else ""
        return f"node {function}{self.node} ({self.op}): {self.message}"


class _OpRules:
    """The rules of one op, bound to its declaration; None for each kind that it has no rule of."""

    def __init__(self, op: str, op_def: OpDef) -> None:
        rules.load(op)

        def bound(table: Mapping[str, Callable[..., Any]]) -> BoundRule | None:
            return BoundRule(table[op], op_def) if op in table else None

        self.inputs = opdefs.inputs(op_def).dtypes
        self.dtypes = opdefs.outputs(op_def).dtypes
        self.shape = bound(SHAPE_RULES)
        self.value = bound(VALUE_RULES)
        self.shape_value = bound(SHAPE_VALUE_RULES)
        self.as_shape = bound(AS_SHAPE_RULES)
        self.handle = bound(HANDLE_RULES)
        self.only_shape = not (self.value or self.shape_value or self.as_shape or self.handle)


class Walk:
    """One pass over one body, in topological order."""

    def __init__(
        self,
        inference: Inference,
        body: Body,
        arguments: Sequence[Fact] | None = None,
        *,
        is_instance: bool = False,
    ) -> None:
        self._inference = inference
        self._body = body
        self._arguments = arguments  # where the body is that of a function, called with these
        is_function = isinstance(body, Function)
        self._producer = CURRENT_PRODUCER if is_function else inference.graph.versions.producer
        # What callers fill in, nobody knows before they do; then types have to be looked at again.
        self._is_open = isinstance(body, Function) and arguments is None and bool(body.placeholders)
        self._is_instance = is_instance
        self._facts: dict[str, tuple[Fact, ...] | None] = {}
        self._rules: dict[str, _OpRules | None] = {}
        self._enters: set[str] = set()

    def run(self) -> dict[str, tuple[Fact, ...] | None]:
        """The facts of every node and function argument."""
        if isinstance(self._body, Function):
            self._facts |= calls.arguments(self._body, self._arguments)
        pins = self._inference.pins if self._body.name is None else {}
        progress = self._inference.progress
        for number, node in enumerate(self._body.topological_order()):
            if progress and not number % _STEP:
                progress(number, len(self._body))
            facts = self._outputs(node)
            if pins and facts is not None:
                facts = tuple(
                    pins.get(f"{node.name}:{output}", fact) for output, fact in enumerate(facts)
                )
            self._facts[node.name] = facts
            if facts is not None:
                self._inference.count(len(facts))
        return self._facts

    def returned(self, function: Function) -> tuple[Fact, ...]:
        """The facts of what the function returns; raises ShapeError where something cannot fit."""
        self.run()
        result = []
        for arg in function.proto.signature.output_arg:
            text = function.proto.ret.get(arg.name, "")  # [] would add an entry
            fact = self._fact(function.resolve(text))
            if self._is_instance:
                _check_type(f"result {arg.name!r}", fact.dtype, arg.type)
            result.append(Fact(arg.type, fact.shape, None, fact.handles))
        return tuple(result)

    def _outputs(self, node: NodeDef) -> tuple[Fact, ...] | None:
        op_rules = self._rules_of(node.op)
        if op_rules is None:
            return None
        types = op_rules.dtypes(node)
        is_open = self._is_open and instances.is_open(node)
        if is_open or len(types) >= opdefs.MAX_LIST:  # the number in the file may be billions
            return tuple(map(Fact, types, repeat(UNKNOWN)))
        inputs = self._inputs(node)
        context = Context(self._body, node, types, self._producer)
        shapes: Sequence[Shape] = [UNKNOWN] * len(types)
        handles: Any = None
        try:
            if self._is_instance:
                _check_types(op_rules.inputs(node), inputs)
            if op_rules.shape is not None:
                result = op_rules.shape(node, inputs, context)
                is_only = len(types) == 1 and isinstance(result, Shape)
                shapes = (result,) if is_only else _as_list(result, len(types))
            elif returned := self._inference.call(node, inputs):
                more = len(types) - len(returned)  # that the node states, and the function lacks
                shapes = _as_list([fact.shape for fact in returned] + [UNKNOWN] * more, len(types))
                handles = [fact.handles for fact in returned]
            if op_rules.handle is not None:
                handles = op_rules.handle(node, inputs, context)
        except ShapeError as error:
            self._report(node, error, inputs)
            return tuple(map(Fact, types, shapes))
        try:
            if self._arguments is None:
                shapes = _merge_stated(node, shapes)
        except ShapeError as error:
            self._report(node, error, inputs, is_stated=True)
            return tuple(map(Fact, types, shapes))
        if op_rules.only_shape and handles is None:
            return (
                (Fact(types[0], shapes[0]),) if len(types) == 1 else tuple(map(Fact, types, shapes))
            )
        values = self._values(node, op_rules, inputs, shapes, context)
        as_shapes = _as_shapes(node, op_rules.as_shape, inputs, context)
        if len(types) == 1:
            return (Fact(types[0], shapes[0], _first(values), _first(handles), _first(as_shapes)),)
        known = [_each(each, len(types)) for each in (values, handles, as_shapes)]
        return tuple(map(Fact, types, shapes, *known))

    def _values(
        self,
        node: NodeDef,
        op_rules: _OpRules,
        inputs: Sequence[Fact],
        shapes: Sequence[Shape],
        context: Context,
    ) -> Any:
        """The constants that the outputs are: what TensorFlow would evaluate beforehand."""
        try:
            if op_rules.shape_value is not None:
                known = op_rules.shape_value(node, inputs, context)
                if known is not None:
                    return known
            if op_rules.value is None:
                return None
            values = [fact.value for fact in inputs if fact.value is not None]
            if len(values) < len(inputs) or self._reads_loop(node):
                return None
            if not all(map(_is_small, shapes)):
                return None
            result = op_rules.value(node, values, context)
            if isinstance(result, list):
                return list(map(constants.narrow, result, context.dtypes))
            if values and result is values[0] and inputs[0].dtype == context.dtypes[0]:
                return result  # passed on, as by an Identity
            return constants.narrow(result, context.dtypes[0])
        except (ArithmeticError, LookupError, ValueError, ShapeError):
            return None  # TensorFlow, too, leaves such errors to the execution

    def _reads_loop(self, node: NodeDef) -> bool:
        """Whether the node reads what enters a loop: TensorFlow evaluates an Enter for whoever
        asks for its value, but nothing that is computed from it."""
        if node.op in ENTERS:
            self._enters.add(node.name)
        if not self._enters:
            return False
        return any(self._body.resolve(text).node in self._enters for text in node.input)

    def _rules_of(self, op: str) -> _OpRules | None:
        try:
            return self._rules[op]
        except KeyError:
            op_def = self._body.op_def(op)
            op_rules = None if op_def is None else _OpRules(op, op_def)
            return self._rules.setdefault(op, op_rules)

    def _inputs(self, node: NodeDef) -> list[Fact]:
        """The facts of the node's data inputs; nothing is known of one that does not exist."""
        known, inputs = self._facts, []
        for text in node.input:
            facts = known.get(text)
            if facts:  # most inputs are first outputs, and written as the node's name
                inputs.append(facts[0])
            elif not text.startswith("^"):
                tensors = self._body.tensors(text)
                if len(tensors) > 1:
                    self._inference.count(len(tensors))
                inputs += map(self._fact, tensors)
        return inputs

    def _fact(self, tensor: Input) -> Fact:
        source, output = tensor.node, tensor.output & 0xFFFFFFFF  # as TensorFlow has it
        facts = self._facts.get(source)
        return facts[output] if facts is not None and output < len(facts) else _NOTHING

    def _report(
        self, node: NodeDef, error: ShapeError, inputs: Sequence[Fact], *, is_stated: bool = False
    ) -> None:
        if self._arguments is not None:  # the call is to blame
            raise ShapeError(
                f"in function {self._body.name!r}, node {node.name!r}: {error.message}"
            )
        message = error.message
        if inputs:
            message += f"; its inputs are {', '.join(map(str, inputs[:8]))}"
        problem = Problem(self._body.name, node.name, node.op, message, is_stated)
        self._inference.problems.append(problem)


_STEP = 1024  # nodes between two reports of progress
_NOTHING = Fact(0, UNKNOWN)


def _as_list(result: Any, count: int) -> Sequence[Shape]:
    shapes = [result] if isinstance(result, Shape) else list(result or ())
    if len(shapes) != count:
        raise ShapeError(f"has {count} outputs, but its inputs and attrs make {len(shapes)}")
    return shapes


def _check_types(wanted: Sequence[int], inputs: Sequence[Fact]) -> None:
    if len(inputs) != len(wanted):
        raise ShapeError(f"has {len(inputs)} inputs, but the op takes {len(wanted)}")
    for number, (fact, dtype) in enumerate(zip(inputs, wanted, strict=True)):
        _check_type(f"input {number}", fact.dtype, dtype)


def _check_type(what: str, given: int, wanted: int) -> None:
    if given and dtypes.base(given) != dtypes.base(wanted):
        there = dtypes.name(wanted) if wanted else "of the type that an attr should state"
        raise ShapeError(f"{what} is {dtypes.name(given)}, not {there}")


def _first(known: Any) -> Any:
    """What a rule said of the only output."""
    if isinstance(known, list):
        return known[0] if known else None
    return known


def _each(known: Any, count: int) -> Sequence[Any]:
    """An entry for each output, of what a rule said of them all or of the first one."""
    if not isinstance(known, list):
        return (known,) if count == 1 else (known, *(None,) * (count - 1))
    return known if len(known) == count else (known + [None] * count)[:count]


def _is_small(shape: Shape) -> bool:
    elements = shape.elements
    return elements is None or elements <= MAX_ELEMENTS


def _as_shapes(
    node: NodeDef, rule: BoundRule | None, inputs: Sequence[Fact], context: Context
) -> Any:
    """What the outputs state as shapes; the error for those who will read them as shapes."""
    if rule is None:
        return None
    try:
        return rule(node, inputs, context)
    except ShapeError as error:
        return error


def _merge_stated(node: NodeDef, shapes: Sequence[Shape]) -> Sequence[Shape]:
    """The shapes, merged with those that the attr ``_output_shapes`` states, as importing does."""
    stated = node.attr.get("_output_shapes")
    if stated is None:
        return shapes
    protos = stated.list.shape
    if len(protos) < len(shapes):
        others = [field for field, _ in stated.list.ListFields() if field.name != "shape"]
        if stated.WhichOneof("value") in (None, "list") and not others:
            raise ShapeError(f"'_output_shapes' states {len(protos)} of {len(shapes)} shapes")
        return shapes
    pairs = zip(shapes, protos, strict=False)  # more may be stated than there are
    return [shape.merge(Shape.from_proto(proto)) for shape, proto in pairs]
