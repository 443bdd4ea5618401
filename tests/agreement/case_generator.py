"""Random nodes of one op, for TensorFlow's shape functions and ours to disagree on.

Blind chance rarely satisfies an op that wants five inputs of matching shapes. So a generator begins
with inputs of which nothing is known, and changes what TensorFlow has accepted, a little at a time;
the lines of the rule tables are its other source. What is refused is compared, too, but is no
ancestor.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from itertools import repeat, zip_longest
from typing import Any

from pbtool import dtypes
from pbtool.schema import AttrValue, NameAttrList, OpDef
from pbtool.shapes import UNKNOWN, Shape
from tests import rule_case
from tests.case_graph import shape_proto, tensor_proto
from tests.rule_case import Attrs, Case, Input, Operand

POOL = 60  # accepted cases that are remembered
# Of attrs that allow any type: float32 twice, the usual others, and complex64, uint8, bfloat16.
TYPES = (1, 1, 2, 3, 7, 8, 9, 10, 4, 14)
PRODUCERS = (1, 8, 12, 19, 21, 24, 26, 27, 130, 1087)
INTEGERS = (3, 4, 5, 6, 9, 11, 12, 13, 15, 16, 17, 22, 23)
UNSIGNED = (4, 12, 16, 17, 22, 23)
STRINGS = {
    "data_format": ("NHWC", "NCHW", "NDHWC", "NCDHW"),
    "padding": ("SAME", "VALID", "EXPLICIT"),
}


class Generator:
    """Cases of one op; the same for the same seed, as long as TensorFlow answers the same."""

    def __init__(self, op_def: OpDef, seed: int | str, examples: Sequence[Case] = ()) -> None:
        self._op_def = op_def
        self._random = random.Random(f"{op_def.name} {seed}")  # noqa: S311 - no secret
        self._examples = list(examples)
        self._pool = list(examples)
        self._blank = self._nothing_known()
        self._producers = self._known_producers()

    def next(self) -> Case:
        """The next case."""
        chance = self._random.random()
        if not self._pool or chance < 0.1:
            case = self._blank
            changes = self._random.randint(0, 8)
        else:
            case = max(self._random.choices(self._pool, k=2), key=_richness)
            changes = self._random.choice((1, 1, 2, 3))
        if chance > 0.8:
            case = self._with_similar_inputs(case)
        for _ in range(changes):
            case = self._change(case)
        return case

    def accepted(self, case: Case) -> None:
        """Remember a case that TensorFlow accepted; the more it states, the longer."""
        if len(self._pool) < POOL:
            self._pool.append(case)
            return
        place = self._random.randrange(POOL)
        if _richness(case) >= _richness(self._pool[place]) or self._random.random() < 0.1:
            self._pool[place] = case

    def _nothing_known(self) -> Case:
        op_def = self._op_def
        minimum = {attr.name: attr.minimum for attr in op_def.attr if attr.has_minimum}
        counts = [
            max(1, minimum.get(arg.number_attr or arg.type_list_attr, 0))
            for arg in op_def.input_arg
        ]
        attrs = rule_case.complete(op_def, {}, counts)
        inputs: list[Input] = []
        for arg in op_def.input_arg:
            operands = tuple(Operand() for _ in rule_case.operand_types(arg, attrs))
            inputs.append(operands if rule_case.is_list(arg) else operands[0])
        return Case(op_def.name, attrs, tuple(inputs), rule_case.newest_producer(op_def))

    def _known_producers(self) -> tuple[int, ...]:
        latest = rule_case.newest_producer(self._op_def)
        return (*(number for number in PRODUCERS if number < latest), latest)

    # Changes: each makes another case of one.

    def _change(self, case: Case) -> Case:
        inputs, attrs = len(case.inputs), len(case.attrs)
        kind = self._random.randrange(3 * inputs + attrs + 1)
        if kind < 3 * inputs:
            return self._change_input(case)
        if kind < 3 * inputs + attrs:
            return self._change_attr(case)
        if self._random.random() < 0.15:
            return case._replace(producer=self._random.choice(self._producers))
        return case

    def _change_input(self, case: Case) -> Case:
        number = self._random.randrange(len(case.inputs))
        arg, value = self._op_def.input_arg[number], case.inputs[number]
        types = rule_case.operand_types(arg, case.attrs)
        changed: Input
        if isinstance(value, Operand):
            changed = self._change_operand(value, types[0], case)
        elif self._random.random() < 0.2 or not value:
            return self._change_count(case, number)
        else:
            place = self._random.randrange(len(value))
            operand = self._change_operand(value[place], types[place], case)
            changed = (*value[:place], operand, *value[place + 1 :])
        inputs = (*case.inputs[:number], changed, *case.inputs[number + 1 :])
        return case._replace(inputs=inputs)

    def _with_similar_inputs(self, case: Case) -> Case:
        """The case with inputs whose shapes have much in common, as many an op wants them."""
        base = self._shape(Shape([2] * self._random.randint(0, 4)))
        inputs: list[Input] = []
        for arg, value in zip(self._op_def.input_arg, case.inputs, strict=True):
            types = rule_case.operand_types(arg, case.attrs)
            operands = [value] if isinstance(value, Operand) else value
            operands = tuple(map(self._similar, operands, types, repeat(base)))
            inputs.append(operands if rule_case.is_list(arg) else operands[0])
        return case._replace(inputs=tuple(inputs))

    def _similar(self, operand: Operand, dtype: int, base: Shape) -> Operand:
        chance = self._random.random()
        if chance < 0.2 or (operand.elements is not None and chance < 0.7):
            return operand
        if self._random.random() < _CONSTANT.get(dtype, 0.0):
            return self._constant(self._shape(UNKNOWN, known=True, small=True), dtype)
        shape = base if chance < 0.7 else self._shape(base)
        return operand._replace(shape=shape, elements=None)

    def _change_count(self, case: Case, number: int) -> Case:
        """Another number of tensors in a list input, and in those that must be as long."""
        arg = self._op_def.input_arg[number]
        name = arg.number_attr or arg.type_list_attr
        attr = next(attr for attr in self._op_def.attr if attr.name == name)
        count = max(attr.minimum, self._random.randint(0, 4))
        attrs = dict(case.attrs)
        if arg.number_attr:
            attrs[name] = AttrValue(i=count)
        else:
            attrs[name] = AttrValue()
            attrs[name].list.type.extend(self._type(attr) for _ in range(count))
        return self._with_attrs(case, attrs)

    def _with_attrs(self, case: Case, attrs: Attrs) -> Case:
        """The case with other attrs, as many tensors as they say, and constants of their types."""
        inputs: list[Input] = []
        for arg, value in zip(self._op_def.input_arg, case.inputs, strict=True):
            before = rule_case.operand_types(arg, case.attrs)
            types = rule_case.operand_types(arg, attrs)
            operands = [value] if isinstance(value, Operand) else list(value)
            operands = [
                operand if dtype == old else self._suited(operand, dtype)
                for operand, dtype, old in zip_longest(
                    operands[: len(types)], types, before[: len(types)], fillvalue=Operand()
                )
            ]
            inputs.append(tuple(operands) if rule_case.is_list(arg) else operands[0])
        return case._replace(inputs=tuple(inputs), attrs=attrs)

    def _suited(self, operand: Operand, dtype: int) -> Operand:
        if operand.elements is not None:
            return self._constant(operand.shape, dtype)
        refers_to = operand.refers_to if dtype in (dtypes.RESOURCE, dtypes.VARIANT) else 0
        return operand._replace(refers_to=refers_to)

    def _change_attr(self, case: Case) -> Case:
        attr = self._random.choice(self._op_def.attr)
        attrs = dict(case.attrs)
        attrs[attr.name] = self._attr(attr, case)
        if attrs.get("value", _NO_TENSOR).HasField("tensor"):  # else TensorFlow ends the process
            attrs["dtype"] = AttrValue(type=attrs["value"].tensor.dtype)
        return self._with_attrs(case, attrs)

    # Attrs.

    def _attr(self, attr: OpDef.AttrDef, case: Case) -> AttrValue:
        chance = self._random.random()
        if chance < 0.3 and attr.HasField("default_value"):
            return attr.default_value
        if chance < 0.7 and self._examples:
            return self._random.choice(self._examples).attrs[attr.name]
        value = AttrValue()
        if not attr.type.startswith("list("):
            _put(value, attr.type, self._attr_item(attr, attr.type))
            return value
        kind = attr.type[5:-1]
        value.list.SetInParent()
        lists = [len(v.list.type) for v in case.attrs.values() if v.list.type]
        if kind == "int":
            value.list.i.extend(self._integers(attr))
        else:
            length = self._random.choice([*lists, *lists, self._random.randint(0, 3)])
            field = rule_case.FIELDS[kind]
            items = [self._attr_item(attr, kind) for _ in range(max(attr.minimum, length))]
            getattr(value.list, field).extend(items)
        return value

    def _attr_item(self, attr: OpDef.AttrDef, kind: str) -> Any:
        return _ATTR_ITEMS[kind](self, attr)

    def _type(self, attr: OpDef.AttrDef) -> Any:
        allowed = list(attr.allowed_values.list.type)
        if not allowed and self._random.random() < 0.03:
            allowed = [dtypes.RESOURCE, dtypes.VARIANT]
        return self._random.choice(allowed or TYPES)

    def _integer(self, attr: OpDef.AttrDef) -> int:
        low = attr.minimum if attr.has_minimum else -2
        return self._random.choice((low, low + 1, low + 2, low + 3, 0 if low < 0 else low, 1, 2))

    def _string(self, attr: OpDef.AttrDef) -> bytes:
        allowed = list(attr.allowed_values.list.s)
        if allowed:
            return self._random.choice(allowed)
        return self._random.choice(STRINGS.get(attr.name, ("", "a"))).encode()

    def _function(self, attr: OpDef.AttrDef) -> Any:
        return NameAttrList(name="f")

    def _tensor(self, attr: OpDef.AttrDef) -> Any:
        dtype = self._random.choice((dtypes.FLOAT, dtypes.INT32))
        return tensor_proto(self._constant(self._shape(UNKNOWN, known=True), dtype), dtype)

    def _integers(self, attr: OpDef.AttrDef) -> list[int]:
        a, b, c = (self._random.choice((1, 1, 2, 2, 3, 0)) for _ in range(3))
        count = max(attr.minimum, self._random.randint(0, 4))
        windows = [[1, a, b, 1], [1, 1, a, b], [1, a, b, c, 1], [1, 1, a, b, c]]
        numbers = [self._random.choice((-1, 0, 1, 2, 3)) for _ in range(count)]
        return self._random.choice((*windows, [a] * count, numbers, numbers))

    # Operands.

    def _change_operand(self, operand: Operand, dtype: int, case: Case) -> Operand:
        if dtype in (dtypes.RESOURCE, dtypes.VARIANT):
            refers_to = self._random.choice((0, dtypes.FLOAT, dtypes.FLOAT, dtypes.INT32))
            return Operand(self._shape(operand.shape), None, refers_to)
        chance = self._random.random()
        if operand.elements is not None:
            if chance < 0.1:
                return Operand(operand.shape)
            if chance < 0.6 and operand.elements:
                elements = list(operand.elements)
                place = self._random.randrange(len(elements))
                elements[place] = self._element(dtype)
                return operand._replace(elements=tuple(elements))
            return self._constant(self._shape(operand.shape, known=True, small=True), dtype)
        if chance < _CONSTANT.get(dtype, 0.08) and operand.shape.rank in (None, 0, 1, 2):
            return self._constant(self._shape(operand.shape, known=True, small=True), dtype)
        if chance > 0.85:
            return Operand(self._random.choice(_operands(case)).shape)
        return Operand(self._shape(operand.shape))

    def _constant(self, shape: Shape, dtype: int) -> Operand:
        """A constant of about this shape, where its type has constants."""
        if dtypes.is_ref(dtype) or not dtypes.BY_NUMBER[dtype].numpy:
            return Operand(shape)
        shape = Shape([1 if dim is None else min(dim, 8) for dim in (shape.dims or ())[:2]])
        count = shape.elements or 0
        style = self._random.random()
        if dtype in INTEGERS and style < 0.4:
            numbers = list(range(count))
            if style < 0.3:
                self._random.shuffle(numbers)
            return Operand(shape, tuple(number % 100 for number in numbers))
        return Operand(shape, tuple(self._element(dtype) for _ in range(count)))

    def _element(self, dtype: int) -> Any:
        if dtype == dtypes.STRING:
            return self._random.choice((b"", b"a", b"1"))
        if dtype == dtypes.BOOL:
            return self._random.random() < 0.5
        low = 0 if dtype in UNSIGNED else -2
        number = self._random.choice((0, 1, 1, 2, 2, 3, 3, 4, 5, 6, max(low, -1), low))
        return number if dtype in INTEGERS else float(number)

    def _shape(self, old: Shape, *, known: bool = False, small: bool = False) -> Shape:
        """Another shape, often but little different from an old one."""
        chance = self._random.random()
        if old.dims is not None and chance < 0.6:
            dims = list(old.dims)
            if dims and chance < 0.45:
                dims[self._random.randrange(len(dims))] = self._dimension(known)
            elif dims and chance < 0.52:
                del dims[self._random.randrange(len(dims))]
            else:
                dims.insert(self._random.randint(0, len(dims)), self._dimension(known))
            return Shape(dims)
        if chance < 0.65 and not known:
            return UNKNOWN
        rank = self._random.choice((0, 1, 1, 2) if small else (0, 1, 1, 2, 2, 3, 4, 4, 5))
        return Shape([self._dimension(known) for _ in range(rank)])

    def _dimension(self, known: bool) -> int | None:
        if not known and self._random.random() < 0.2:
            return None
        return self._random.choice((0, 1, 1, 2, 2, 2, 3, 3, 4, 4, 5, 6, 8))


_CONSTANT = {dtypes.INT32: 0.4, dtypes.INT64: 0.4, dtypes.BOOL: 0.25, dtypes.STRING: 0.1}

_NO_TENSOR = AttrValue()

_ATTR_ITEMS: dict[str, Callable[[Generator, OpDef.AttrDef], Any]] = {
    "int": Generator._integer,
    "float": lambda self, attr: self._random.choice((0.0, 0.5, 1.0, 2.0)),
    "bool": lambda self, attr: self._random.random() < 0.5,
    "type": Generator._type,
    "string": Generator._string,
    "shape": lambda self, attr: shape_proto(self._shape(Shape([2]))),
    "func": Generator._function,
    "tensor": Generator._tensor,
}


def _put(value: AttrValue, kind: str, item: Any) -> None:
    rule_case.put(value, kind, item)


def _operands(case: Case) -> list[Operand]:
    result: list[Operand] = []
    for value in case.inputs:
        result.extend([value] if isinstance(value, Operand) else value)
    return result


def _richness(case: Case) -> int:
    """How much a case states about its inputs."""
    return sum(
        2 * (operand.elements is not None)
        + sum(dim is not None for dim in operand.shape.dims or ())
        + (operand.shape.rank is not None)
        for operand in _operands(case)
    )
