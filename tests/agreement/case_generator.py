"""Random nodes of one op, for TensorFlow's shape functions and ours to disagree on.

Blind chance rarely satisfies an op that wants five inputs of matching shapes. So a generator begins
with inputs of which nothing is known, and changes what TensorFlow has accepted, a little at a time;
the lines of the rule tables are its other source. What is refused is compared, too, but is no
ancestor.
"""

from __future__ import annotations

from collections.abc import Sequence

from pbtool import dtypes
from pbtool.schema import AttrValue, OpDef
from pbtool.shapes import SCALAR, Shape
from tests.agreement.random_values import RandomValues
from tests.rule_case import (
    Attrs,
    Case,
    Input,
    Operand,
    complete,
    is_list,
    newest_producer,
    operand_types,
)

POOL = 60  # accepted cases that are remembered
PRODUCERS = (1, 8, 12, 19, 21, 24, 26, 27, 130, 1087)

# How likely an input of a type becomes a constant; of other types a little.
CONSTANT = {dtypes.INT32: 0.4, dtypes.INT64: 0.4, dtypes.BOOL: 0.25, dtypes.STRING: 0.1}


class Generator:
    """Cases of one op; the same for the same seed, as long as TensorFlow answers the same."""

    def __init__(self, op_def: OpDef, seed: int | str, examples: Sequence[Case] = ()) -> None:
        self._op_def = op_def
        self._values = RandomValues(f"{op_def.name} {seed}")
        self._random = self._values.random
        self._examples = list(examples)
        self._pool = [(_richness(case), case) for case in examples]
        self._blank = _blank(op_def)
        newest = newest_producer(op_def)
        self._producers = (*(number for number in PRODUCERS if number < newest), newest)

    def next(self) -> Case:
        """The next case."""
        chance = self._random.random()
        if not self._pool or chance < 0.1:
            case = self._blank
            changes = self._random.randint(0, 8)
        else:
            rivals = self._random.choices(self._pool, k=2)
            case = max(rivals, key=lambda rival: rival[0])[1]
            changes = self._random.choice((1, 1, 2, 3))
        if chance > 0.8:
            case = self._with_similar_inputs(case)
        for _ in range(changes):
            case = self._change(case)
        return case

    def accepted(self, case: Case, shapes: Sequence[Shape]) -> None:
        """Remember a case that TensorFlow accepted, the longer the more is known of it."""
        richness = _richness(case) + 2 * sum(map(_known, shapes))
        if len(self._pool) < POOL:
            self._pool.append((richness, case))
            return
        place = self._random.randrange(POOL)
        if richness >= self._pool[place][0] or self._random.random() < 0.1:
            self._pool[place] = (richness, case)

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
        types = operand_types(arg, case.attrs)
        changed: Input
        if isinstance(value, Operand):
            changed = self._change_operand(value, types[0], case)
        elif not value or self._random.random() < 0.2:
            return self._change_count(case, arg)
        else:
            place = self._random.randrange(len(value))
            operand = self._change_operand(value[place], types[place], case)
            changed = (*value[:place], operand, *value[place + 1 :])
        inputs = (*case.inputs[:number], changed, *case.inputs[number + 1 :])
        return case._replace(inputs=inputs)

    def _change_operand(self, operand: Operand, dtype: int, case: Case) -> Operand:
        values, chance = self._values, self._random.random()
        if dtype in (dtypes.RESOURCE, dtypes.VARIANT):
            refers_to = self._random.choice((0, dtypes.FLOAT, dtypes.FLOAT, dtypes.INT32))
            keys = operand.keys if refers_to and chance < 0.9 else 0
            return Operand(values.shape(operand.shape), None, refers_to, keys)
        if operand.elements is not None and chance < 0.1:
            return Operand(operand.shape)
        if operand.elements and chance < 0.6:
            elements = list(operand.elements)
            elements[self._random.randrange(len(elements))] = values.element(dtype)
            return operand._replace(elements=tuple(elements))
        if operand.elements is not None or chance < CONSTANT.get(dtype, 0.08):
            return values.constant(values.shape(operand.shape, known=True, small=True), dtype)
        if chance > 0.85:
            return Operand(self._random.choice([other for other, _ in case.operands()]).shape)
        return Operand(values.shape(operand.shape))

    def _change_count(self, case: Case, arg: OpDef.ArgDef) -> Case:
        """Another number of tensors in a list input, and in those that must be as long."""
        name = arg.number_attr or arg.type_list_attr
        attr = next(attr for attr in self._op_def.attr if attr.name == name)
        count = max(attr.minimum, self._random.randint(0, 4))
        value = AttrValue(i=count)
        if arg.type_list_attr:
            value = AttrValue()
            value.list.type.extend(self._values.type(attr) for _ in range(count))
        return self._with_attrs(case, case.attrs | {name: value})

    def _change_attr(self, case: Case) -> Case:
        attr, chance = self._random.choice(self._op_def.attr), self._random.random()
        if chance < 0.3 and attr.HasField("default_value"):
            value = attr.default_value
        elif chance < 0.7 and self._examples:
            value = self._random.choice(self._examples).attrs[attr.name]
        else:
            lengths = [len(value.list.type) for value in case.attrs.values() if value.list.type]
            value = self._values.attr(attr, lengths)
        attrs = case.attrs | {attr.name: value}
        if "value" in attrs and attrs["value"].HasField(
            "tensor"
        ):  # else TensorFlow ends the process
            attrs["dtype"] = AttrValue(type=attrs["value"].tensor.dtype)
        return self._with_attrs(case, attrs)

    def _with_attrs(self, case: Case, attrs: Attrs) -> Case:
        """The case with other attrs, as many tensors as they say, and constants of their types."""
        inputs: list[Input] = []
        for arg, value in zip(self._op_def.input_arg, case.inputs, strict=True):
            types = operand_types(arg, attrs)
            operands = [value] if isinstance(value, Operand) else value
            old = [*zip(operands, operand_types(arg, case.attrs), strict=True)]
            old += [(Operand(), 0)] * (len(types) - len(old))
            operands = [
                operand if dtype == old_dtype else self._suited(operand, dtype)
                for (operand, old_dtype), dtype in zip(old, types, strict=False)
            ]
            inputs.append(tuple(operands) if is_list(arg) else operands[0])
        return case._replace(inputs=tuple(inputs), attrs=attrs)

    def _suited(self, operand: Operand, dtype: int) -> Operand:
        if operand.elements is not None:
            return self._values.constant(operand.shape, dtype)
        if dtype in (dtypes.RESOURCE, dtypes.VARIANT):
            return operand._replace(keys=operand.keys if dtype == dtypes.RESOURCE else 0)
        return operand._replace(refers_to=0, keys=0)

    def _with_similar_inputs(self, case: Case) -> Case:
        """The case with inputs whose shapes have much in common, as many an op wants them."""
        base = self._values.shape(Shape([2] * self._random.randint(0, 4)))
        length = self._random.choice((1, 2, base.rank or 1, base.rank or 3))
        vector = self._random.choice((Shape([length]), Shape([length]), Shape([length, 2])))
        inputs: list[Input] = []
        for arg, value in zip(self._op_def.input_arg, case.inputs, strict=True):
            operands = tuple(
                self._similar(operand, dtype, base, vector)
                for operand, dtype in zip(
                    [value] if isinstance(value, Operand) else value,
                    operand_types(arg, case.attrs),
                    strict=True,
                )
            )
            inputs.append(operands if is_list(arg) else operands[0])
        return case._replace(inputs=tuple(inputs))

    def _similar(self, operand: Operand, dtype: int, base: Shape, vector: Shape) -> Operand:
        chance = self._random.random()
        if chance < 0.2 or (operand.elements is not None and chance < 0.7):
            return operand
        if self._random.random() < 1.5 * CONSTANT.get(dtype, 0.0):
            shape = self._random.choice((SCALAR, vector, vector, vector))
            return self._values.constant(shape, dtype)
        shape = base if chance < 0.7 else self._values.shape(base)
        return operand._replace(shape=shape, elements=None)


def _blank(op_def: OpDef) -> Case:
    """The case of which nothing is known."""
    minimum = {attr.name: attr.minimum for attr in op_def.attr}
    counts = [
        max(1, minimum.get(arg.number_attr or arg.type_list_attr, 0)) for arg in op_def.input_arg
    ]
    attrs = complete(op_def, {}, counts)
    inputs: list[Input] = []
    for arg in op_def.input_arg:
        operands = tuple(Operand() for _ in operand_types(arg, attrs))
        inputs.append(operands if is_list(arg) else operands[0])
    return Case(op_def.name, attrs, tuple(inputs), newest_producer(op_def))


def _richness(case: Case) -> int:
    """How much a case states about its inputs."""
    return sum(
        _known(operand.shape) + 2 * (operand.elements is not None) for operand, _ in case.operands()
    )


def _known(shape: Shape) -> int:
    """How much is known of a shape."""
    return (shape.rank is not None) + sum(dim is not None for dim in shape.dims or ())
