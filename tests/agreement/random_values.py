"""Random shapes, constants and attrs, such as ops are likely to want them."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

from pbtool import dtypes
from pbtool.schema import AttrValue, NameAttrList, OpDef, TensorProto
from pbtool.shapes import UNKNOWN, Shape
from tests.case_graph import shape_proto, tensor_proto
from tests.rule_case import FIELDS, Operand, put

# Of attrs that allow any type: float32 twice, the usual others, and complex64, uint8, bfloat16.
TYPES = (1, 1, 2, 3, 7, 8, 9, 10, 4, 14)
INTEGERS = (3, 4, 5, 6, 9, 11, 12, 13, 15, 16, 17, 22, 23)
UNSIGNED = (4, 12, 16, 17, 22, 23)
STRINGS = {
    "data_format": (b"NHWC", b"NCHW", b"NDHWC", b"NCDHW"),
    "padding": (b"SAME", b"VALID", b"EXPLICIT"),
}


class RandomValues:
    """A source of values, the same for the same seed."""

    def __init__(self, seed: str) -> None:
        self.random = random.Random(seed)

    # Tensors.

    def dimension(self, *, known: bool = False) -> int | None:
        """A dimension: small, and often the same as another."""
        if not known and self.random.random() < 0.2:
            return None
        return self.random.choice((0, 1, 1, 2, 2, 2, 3, 3, 4, 4, 5, 6, 8))

    def shape(self, old: Shape = UNKNOWN, *, known: bool = False, small: bool = False) -> Shape:
        """A shape, often but little different from an old one."""
        chance = self.random.random()
        if old.dims is not None and chance < 0.6:
            return self._changed(old.dims, chance / 0.6, known)
        if chance < 0.65 and not known:
            return UNKNOWN
        rank = self.random.choice((0, 1, 1, 2) if small else (0, 1, 1, 2, 2, 3, 4, 4, 5))
        return Shape([self.dimension(known=known) for _ in range(rank)])

    def _changed(self, old: Sequence[int | None], chance: float, known: bool) -> Shape:
        dims = list(old)
        if dims and chance < 0.75:
            dims[self.random.randrange(len(dims))] = self.dimension(known=known)
        elif dims and chance < 0.87:
            del dims[self.random.randrange(len(dims))]
        else:
            dims.insert(self.random.randint(0, len(dims)), self.dimension(known=known))
        return Shape(dims)

    def constant(self, shape: Shape, dtype: int) -> Operand:
        """A constant of about this shape; no constant if its type has none."""
        if dtypes.is_ref(dtype) or not dtypes.BY_NUMBER[dtype].numpy:
            return Operand(shape)
        shape = Shape([1 if dim is None else min(dim, 8) for dim in (shape.dims or ())[:2]])
        count = shape.elements or 0
        style = self.random.random()
        if dtype in INTEGERS and style < 0.4:  # a permutation, as axes and indices are
            numbers = list(range(count))
            if style < 0.3:
                self.random.shuffle(numbers)
            return Operand(shape, tuple(numbers))
        return Operand(shape, tuple(self.element(dtype) for _ in range(count)))

    def element(self, dtype: int) -> Any:
        """One element of a constant."""
        if dtype == dtypes.STRING:
            return self.random.choice((b"", b"a", b"1"))
        if dtype == dtypes.BOOL:
            return self.random.random() < 0.5
        low = 0 if dtype in UNSIGNED else -2
        number = self.random.choice((0, 1, 1, 2, 2, 3, 3, 4, 5, 6, max(low, -1), low))
        return number if dtype in INTEGERS else float(number)

    # Attrs.

    def attr(self, attr: OpDef.AttrDef, lengths: Sequence[int]) -> AttrValue:
        """The value of an attr; a list is likely to be of one of these lengths."""
        value = AttrValue()
        kind = attr.type.removeprefix("list(").removesuffix(")")
        if kind == attr.type:
            put(value, kind, _ITEMS[kind](self, attr))
            return value
        value.list.SetInParent()
        if kind == "int":
            value.list.i.extend(self._integers(attr))
        else:
            length = self.random.choice([*lengths, *lengths, self.random.randint(0, 3)])
            items = [_ITEMS[kind](self, attr) for _ in range(max(attr.minimum, length))]
            getattr(value.list, FIELDS[kind]).extend(items)
        return value

    def type(self, attr: OpDef.AttrDef) -> int:
        """One of the types that an attr allows."""
        allowed = list(attr.allowed_values.list.type)
        if not allowed and self.random.random() < 0.03:
            allowed = [dtypes.RESOURCE, dtypes.VARIANT]
        return self.random.choice(allowed or TYPES)

    def _integer(self, attr: OpDef.AttrDef) -> int:
        low = attr.minimum if attr.has_minimum else -2
        return self.random.choice((low, low + 1, low + 2, low + 3, max(low, 0), 1, 2))

    def _integers(self, attr: OpDef.AttrDef) -> list[int]:
        a, b, c = (self.random.choice((1, 1, 2, 2, 3, 0)) for _ in range(3))
        count = max(attr.minimum, self.random.randint(0, 4))
        windows = [[1, a, b, 1], [1, 1, a, b], [1, a, b, c, 1], [1, 1, a, b, c]]
        numbers = [self.random.choice((-1, 0, 1, 2, 3)) for _ in range(count)]
        return self.random.choice((*windows, [a] * count, numbers, numbers))

    def _float(self, attr: OpDef.AttrDef) -> float:
        return self.random.choice((0.0, 0.5, 1.0, 2.0))

    def _bool(self, attr: OpDef.AttrDef) -> bool:
        return self.random.random() < 0.5

    def _string(self, attr: OpDef.AttrDef) -> bytes:
        allowed = list(attr.allowed_values.list.s)
        return self.random.choice(allowed or STRINGS.get(attr.name, (b"", b"a")))

    def _tensor(self, attr: OpDef.AttrDef) -> TensorProto:
        dtype = self.random.choice((dtypes.FLOAT, dtypes.INT32))
        return tensor_proto(self.constant(self.shape(known=True), dtype), dtype)


_ITEMS: dict[str, Callable[[RandomValues, OpDef.AttrDef], Any]] = {
    "int": RandomValues._integer,
    "float": RandomValues._float,
    "bool": RandomValues._bool,
    "type": RandomValues.type,
    "string": RandomValues._string,
    "shape": lambda self, _: shape_proto(self.shape(Shape([2]))),
    "func": lambda self, _: NameAttrList(name="f"),
    "tensor": RandomValues._tensor,
}
