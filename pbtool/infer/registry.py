"""Rules, by op: how they are declared, and how they are called with a node's inputs and attrs.

A rule's signature is the op's: its inputs are positional parameters, in the op's order (a list
input is a list; ``*others`` takes those that do not matter), and the attrs that it needs are
keyword-only parameters of the attr's name, with the op's default where the node has none. Attrs are
plain Python values. Kinds of rules:

``shape_rule``        inputs are facts; returns the shape of the only output, or a list with the
                      shapes of all outputs, where a list output takes as many entries as it has
                      tensors; None for an op without outputs. What cannot be true raises
                      ShapeError.
``value_rule``        the op's kernel for small constants: inputs are Values, and the rule is only
                      called where all of them are known. The engine rounds what it returns to
                      the output's dtype. Any ArithmeticError, LookupError, ValueError or
                      ShapeError means that there is no value, as does None.
``shape_value_rule``  inputs are facts; returns the constant that their shapes and the attrs alone
                      tell, exactly as the dtype holds it, or None.
``as_shape_rule``     inputs are facts; returns the shape that a vector of sizes states as far as it
                      is known (see ``Fact.as_shape``), or None. A ShapeError is raised for those
                      who read the vector as a shape, not for the node itself.
``handle_rule``       inputs are facts; returns what a resource or variant refers to, or None.

The last four speak of the first output; a list which they return holds an entry for each output.

Besides attrs, a rule may ask for these keyword-only parameters:

``producer``  the version of the graph's writer: what an op means may depend on it
``dtypes``    the dtypes of the node's outputs, a tuple
``sources``   the ops that the node's inputs come from, a tuple; "" for a function's argument
``texts``     the strings that each input states, a tuple where it is a constant, else None; where
              fewer than its elements are stated, the last stands for the others
``as_op``     a function: what the shape rule of another op says of the node. It is called with the
              op and the inputs, one after the other, of which the op may take but the first
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from types import FunctionType
from typing import TYPE_CHECKING, Any, TypeVar

from pbtool import dtypes, opdefs
from pbtool.body import CONTROL
from pbtool.errors import ShapeError
from pbtool.infer import rules
from pbtool.shapes import Shape

if TYPE_CHECKING:
    from pbtool.body import Body
    from pbtool.facts import Fact, Value
    from pbtool.schema import AttrValue, NodeDef, OpDef

Rule = TypeVar("Rule", bound=Callable[..., Any])

SHAPE_RULES: dict[str, Callable[..., Any]] = {}
VALUE_RULES: dict[str, Callable[..., Any]] = {}
SHAPE_VALUE_RULES: dict[str, Callable[..., Any]] = {}
AS_SHAPE_RULES: dict[str, Callable[..., Any]] = {}
HANDLE_RULES: dict[str, Callable[..., Any]] = {}
TABLES = (SHAPE_RULES, VALUE_RULES, SHAPE_VALUE_RULES, AS_SHAPE_RULES, HANDLE_RULES)


def _registrar(rules: dict[str, Callable[..., Any]]) -> Callable[..., Callable[[Rule], Rule]]:
    def for_ops(*ops: str) -> Callable[[Rule], Rule]:
        def register(rule: Rule) -> Rule:
            for op in " ".join(ops).split():
                if op in rules:
                    raise ValueError(f"op {op} has two rules")
                rules[op] = rule
            return rule

        return register

    return for_ops


shape_rule = _registrar(SHAPE_RULES)  # @shape_rule("Relu Elu", ...): op names, split at spaces
value_rule = _registrar(VALUE_RULES)
shape_value_rule = _registrar(SHAPE_VALUE_RULES)
as_shape_rule = _registrar(AS_SHAPE_RULES)
handle_rule = _registrar(HANDLE_RULES)


AsOp = Callable[[str, "Sequence[Fact]"], list[Shape]]


class Context:
    """What a rule may ask for that is no attr of the node, and the attrs converted so far."""

    __slots__ = ("_body", "_node", "attrs", "dtypes", "producer")

    def __init__(self, body: Body, node: NodeDef, dtypes: tuple[int, ...], producer: int) -> None:
        self._body = body
        self._node = node
        self.attrs: dict[str, Any] = {}
        self.dtypes = dtypes
        self.producer = producer

    @property
    def sources(self) -> tuple[str, ...]:
        """The ops that the node's inputs come from."""
        return tuple("" if node is None else node.op for node in self._sources())

    @property
    def texts(self) -> tuple[tuple[bytes, ...] | None, ...]:
        """The strings that each input states, where it is a constant."""
        return tuple(map(_texts, self._sources()))

    @property
    def as_op(self) -> AsOp:
        """A function that tells what the shape rule of another op says of the node."""
        return self._as_op

    def _as_op(self, op: str, inputs: Sequence[Fact]) -> list[Shape]:
        rule = _shape_rule_of(op)
        shapes = rule(self._node, inputs[: rule.count(self._node)], self)
        return [shapes] if isinstance(shapes, Shape) else list(shapes)

    def _sources(self) -> list[NodeDef | None]:
        body = self._body
        names = [name for name, output in body.inputs(self._node) if output != CONTROL]
        return [body[name] if name in body else None for name in names]  # noqa: SIM401 - no dict


def _texts(node: NodeDef | None) -> tuple[bytes, ...] | None:
    value = node.attr.get("value") if node is not None and node.op == "Const" else None
    return None if value is None else tuple(value.tensor.string_val)


CONTEXT = frozenset({"as_op", "dtypes", "producer", "sources", "texts"})


# How an attr of each declared type becomes a Python value.
_CONVERT: dict[str, Callable[[AttrValue], Any]] = {
    "int": lambda value: value.i,
    "float": lambda value: value.f,
    "bool": lambda value: value.b,
    "type": lambda value: value.type,
    "shape": lambda value: Shape.from_proto(value.shape),
    "string": lambda value: value.s.decode(errors="surrogateescape"),
    "tensor": lambda value: value.tensor,
    "func": lambda value: value.func,
    "list(int)": lambda value: tuple(value.list.i),
    "list(float)": lambda value: tuple(value.list.f),
    "list(bool)": lambda value: tuple(value.list.b),
    "list(type)": lambda value: tuple(value.list.type),
    "list(shape)": lambda value: [Shape.from_proto(shape) for shape in value.list.shape],
    "list(string)": lambda value: [text.decode(errors="replace") for text in value.list.s],
    "list(tensor)": lambda value: list(value.list.tensor),
    "list(func)": lambda value: list(value.list.func),
}


def _conversion(attr: OpDef.AttrDef, takes_any: bool) -> Callable[[AttrValue], Any]:
    """How an attr becomes a Python value; a ShapeError for what the op does not take."""
    convert = _CONVERT[attr.type]
    declared = opdefs.attr_type(attr)
    is_list, field = declared.is_list, declared.field
    default = attr.default_value if attr.HasField("default_value") else None
    allowed = frozenset() if takes_any else _allowed(attr)

    def convert_declared(value: AttrValue) -> Any:
        held = value.WhichOneof("value")
        if held is None and default is not None:
            return convert(default)
        if held == "placeholder":
            raise ShapeError(f"attr {attr.name!r} is a placeholder")
        if held != field:
            raise ShapeError(f"attr {attr.name!r} must be of type {attr.type}")
        converted = convert(value)
        if allowed and not allowed.issuperset(converted if is_list else (converted,)):
            raise ShapeError(f"attr {attr.name!r} has a value that the op does not take")
        if attr.has_minimum:
            _check_least(attr, converted if attr.type == "int" else len(converted))
        return converted

    return convert_declared


def _allowed(attr: OpDef.AttrDef) -> frozenset[Any]:
    """The values that an attr may have, or the entries of a list; none for any."""
    allowed = attr.allowed_values.list
    if attr.type in ("type", "list(type)"):
        return frozenset(allowed.type or dtypes.BY_NUMBER)
    return frozenset(text.decode() for text in allowed.s)


def _check_least(attr: OpDef.AttrDef, number: int) -> None:
    if number < attr.minimum:
        unit = "" if attr.type == "int" else " elements"
        raise ShapeError(f"attr {attr.name!r} must be {attr.minimum}{unit} or more, not {number}")


class BoundRule:
    """A rule together with the op's declaration, ready to be called for nodes of that op.

    Nodes of the op that borrows it may have values in their attrs that this op does not take.
    """

    def __init__(
        self, rule: Callable[..., Any], op_def: OpDef, *, is_borrowed: bool = False
    ) -> None:
        if not isinstance(rule, FunctionType):
            raise TypeError(f"the rule of {op_def.name} is no function")
        code = rule.__code__  # not the inspect module: it takes 10 ms to import
        asked = code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]
        declared = {attr.name: attr for attr in op_def.attr}
        self._rule = rule
        self._context = [name for name in asked if name in CONTEXT and name not in declared]
        self._attrs = []  # (name, conversion, default)
        for name in asked:
            if name not in self._context:
                attr = declared[name]
                default = None
                if attr.HasField("default_value"):
                    default = (_CONVERT[attr.type](attr.default_value),)
                self._attrs.append((name, _conversion(attr, is_borrowed), default))
        # For each input the attr that says how many tensors it is, None for a single one.
        self._lengths = [
            declared.get(arg.number_attr or arg.type_list_attr) for arg in op_def.input_arg
        ]
        self._inputs = opdefs.inputs(op_def) if any(self._lengths) else None
        self._count = len(op_def.input_arg)
        self._has_options = bool(asked)

    def count(self, node: NodeDef) -> int:
        """How many inputs the op takes where its attrs are the node's."""
        return self._count if self._inputs is None else sum(map(len, self._inputs.spans(node)))

    def __call__(
        self, node: NodeDef, inputs: Sequence[Fact] | Sequence[Value], context: Context
    ) -> Any:
        """What the rule returns for the node, of whose inputs this is known.

        Raises ShapeError when the inputs or attrs do not fit the op's declaration.
        """
        arguments = inputs if self._inputs is None else self._grouped(self._inputs, node, inputs)
        if len(arguments) != self._count:
            raise ShapeError(f"has {len(inputs)} inputs, but the op takes {self._count}")
        if not self._has_options:
            return self._rule(*arguments)
        options = {name: getattr(context, name) for name in self._context}
        known = context.attrs
        for name, convert, default in self._attrs:
            if name not in known:
                value = node.attr.get(name)
                if value is not None:
                    known[name] = convert(value)
                elif default is not None:
                    known[name] = default[0]
                else:
                    raise ShapeError(f"attr {name!r} is missing")
            options[name] = known[name]
        return self._rule(*arguments, **options)

    def _grouped(
        self, declared: opdefs.Signature, node: NodeDef, inputs: Sequence[Any]
    ) -> Sequence[Any]:
        """The inputs, those of a list input together."""
        spans = declared.spans(node)
        expected = sum(map(len, spans))
        if len(inputs) != expected:
            raise ShapeError(f"has {len(inputs)} inputs, but the op takes {expected}")
        arguments: list[Any] = []
        for span, length in zip(spans, self._lengths, strict=True):
            if length is None:
                arguments.append(inputs[span.start])
                continue
            if length.has_minimum:
                _check_least(length, len(span))
            arguments.append(inputs[span.start : span.stop])
        return arguments


def attrs_read(op: str) -> frozenset[str]:
    """The attrs that shapes depend on: those that the rules of the op ask for."""
    rules.load(op)
    asked: set[str] = set()
    for table in (SHAPE_RULES, HANDLE_RULES):
        rule = table.get(op)
        if isinstance(rule, FunctionType):
            code = rule.__code__
            asked.update(code.co_varnames[code.co_argcount :][: code.co_kwonlyargcount])
    return frozenset(asked)


@cache
def _shape_rule_of(op: str) -> BoundRule:
    """The shape rule of an op that TensorFlow has."""
    rules.load(op)
    return BoundRule(SHAPE_RULES[op], opdefs.table()[op], is_borrowed=True)
