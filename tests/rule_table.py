"""Rule tables: what TensorFlow answers to one node, one line a case.

    MatMul transpose_a=true  [3,2] ; [3,?] -> [2,?]
    Reshape                  [2,3,?] ; 6,-1 -> [6,?]
    Pack axis=5              ( [2] ; [2] ) -> error

Before the arrow stand the op, attrs that differ from the op's defaults, and the inputs, parted by
semicolons; behind it the outputs, or ``error`` where TensorFlow refuses the node.

An input is written as

``[?,3]`` ``[]`` ``[...]``  a tensor of that shape, of which nothing else is known
``2,3,-1`` ``3,`` ``=3``    constants: vectors of three elements and of one, a scalar
``[2,2]=1,2,3,4`` ``[0]=``  a constant with its shape
``float32[?,3]``            a resource or variant that refers to a tensor of that dtype and shape
``( [2] ; [3] )``           the tensors of a list input; ``( )`` is an empty one

``int64:[2]`` and ``int64:2,3`` set the attr that names the type of the input; otherwise the type
is the attr's default, or float32, or the first that the op allows. An attr is written as in
``T=int32 N=2 shape=[?,2] strides=[1,2] output_types=[int32,string] shapes=[[],[2]] name="a b"``.
``@producer=21``, among the attrs, is the version of the graph's writer. An output is a shape, or a
shape with elements such as ``[2]=3,?``, which TensorFlow knows before the graph runs; -1 counts as
unknown there. ``#`` begins a comment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from pbtool import dtypes, opdefs, tensors
from pbtool.schema import AttrValue, GraphDef, NodeDef, OpDef
from pbtool.shapes import UNKNOWN, Shape

PRODUCER = 2517  # of the TensorFlow that the tables are held against

Elements = tuple[Any, ...]


class Operand(NamedTuple):
    """One input tensor: its shape, its elements where it is a constant, what it refers to."""

    shape: Shape = UNKNOWN
    elements: Elements | None = None
    refers_to: int = 0  # to a tensor of this dtype and of the shape above

    def __str__(self) -> str:
        if self.elements is None:
            return (dtypes.name(self.refers_to) if self.refers_to else "") + str(self.shape)
        text = ",".join(map(_write_element, self.elements))
        if self.shape.rank == 0:
            return f"={text}"
        if self.shape.rank == 1 and self.elements:
            return text if len(self.elements) > 1 else f"{text},"
        return f"{self.shape}={text}"


Input = Operand | tuple[Operand, ...]  # a tuple for a list input


class Case(NamedTuple):
    """One node: its op, all its attrs, its inputs, and the version of the graph's writer."""

    op: str
    attrs: dict[str, AttrValue]
    inputs: tuple[Input, ...]
    producer: int = PRODUCER

    @property
    def op_def(self) -> OpDef:
        """The op's declaration."""
        return opdefs.table()[self.op]

    def __str__(self) -> str:
        given = _without_the_obvious(self)
        words = [self.op, *(f"{name}={_write_attr(value)}" for name, value in given.items())]
        if self.producer != latest_producer(self.op_def):
            words.append(f"@producer={self.producer}")
        if self.inputs:
            words.append(" " + " ; ".join(map(_write_input, self.inputs)))
        return " ".join(words)


class Output(NamedTuple):
    """One output tensor: its shape, and its elements where the table states them."""

    shape: Shape
    elements: Elements | None = None

    def __str__(self) -> str:
        if self.elements is None:
            return str(self.shape)
        elements = ",".join("?" if e is None else str(e) for e in self.elements)
        return f"{self.shape}={elements}"


Answer = tuple[Output, ...] | None  # None: the node is refused


class Row(NamedTuple):
    """One line of a rule table."""

    case: Case
    answer: Answer

    def __str__(self) -> str:
        return f"{self.case} -> {write_answer(self.answer)}"


def write_answer(answer: Answer) -> str:
    """The outputs as a table has them."""
    return "error" if answer is None else " ; ".join(map(str, answer))


def read_tables(folder: Path) -> Iterator[tuple[str, str]]:
    """Each line of the tables in a folder that holds a case, with ``file.txt:line``."""
    for path in sorted(folder.glob("*.txt")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if text := _strip_comment(line):
                yield f"{path.name}:{number}", text


def parse_row(line: str) -> Row:
    """The case and the answer that a line states; raises ValueError where it makes no sense."""
    left, arrow, right = _strip_comment(line).rpartition("->")
    if not arrow:
        raise ValueError(f"no '->' in {line!r}")
    return Row(parse_case(left), _parse_answer(right.strip()))


def parse_case(text: str) -> Case:
    """The case that the part of a line before the arrow states."""
    op, _, rest = text.strip().partition(" ")
    op_def = opdefs.table()[op]
    kinds = {attr.name: attr.type for attr in op_def.attr}
    attrs: dict[str, AttrValue] = {}
    producer = latest_producer(op_def)
    while match := re.match(r"\s*(@?\w+)=((?:\"[^\"]*\"|[^\s\"])+)(?=\s|$)", rest):
        name, value = match.groups()
        if name == "@producer":
            producer = int(value)
        else:
            attrs[name] = _parse_attr(kinds[name], value)
        rest = rest[match.end() :]
    texts = _split(rest)
    if len(texts) != len(op_def.input_arg):
        raise ValueError(f"{op} takes {len(op_def.input_arg)} inputs, not {len(texts)}: {text!r}")
    texts = [
        _take_type(attrs, arg, word) for arg, word in zip(op_def.input_arg, texts, strict=True)
    ]
    attrs = complete(op_def, attrs, [len(_items(word)) for word in texts])
    inputs = []
    for arg, word in zip(op_def.input_arg, texts, strict=True):
        types = operand_types(arg, attrs)
        items = [_parse_operand(t, dtype) for t, dtype in zip(_items(word), types, strict=True)]
        inputs.append(tuple(items) if is_list(arg) else items[0])
    return Case(op, attrs, tuple(inputs), producer)


def latest_producer(op_def: OpDef) -> int:
    """The newest version of a graph's writer that may use the op."""
    return op_def.deprecation.version - 1 if op_def.deprecation.version else PRODUCER


def is_list(arg: OpDef.ArgDef) -> bool:
    """Whether an input of an op is a list of tensors."""
    return bool(arg.number_attr or arg.type_list_attr)


def operand_types(arg: OpDef.ArgDef, attrs: dict[str, AttrValue]) -> list[int]:
    """The dtypes of the tensors of one input, in a node with these attrs."""
    ref = dtypes.REF if arg.is_ref else 0
    if arg.type_list_attr:
        return [dtype + ref for dtype in attrs[arg.type_list_attr].list.type]
    dtype = (arg.type or attrs[arg.type_attr].type) + ref
    return [dtype] * (attrs[arg.number_attr].i if arg.number_attr else 1)


def complete(
    op_def: OpDef, attrs: dict[str, AttrValue], counts: Sequence[int]
) -> dict[str, AttrValue]:
    """All attrs of a node of which some are given; ``counts`` has the tensors of each input.

    What follows from the inputs comes before the op's default, and that before a free choice.
    """
    result = {}
    for attr in op_def.attr:
        if attr.name in attrs:
            result[attr.name] = attrs[attr.name]
        elif (count := _count(op_def, attr.name, counts)) is not None:
            if attr.type == "int":
                result[attr.name] = AttrValue(i=count)
            else:
                result[attr.name] = AttrValue()
                result[attr.name].list.type.extend([_usual_type(attr)] * count)
        elif attr.HasField("default_value"):
            result[attr.name] = attr.default_value
        else:
            result[attr.name] = _choose(attr)
    return result


def _count(op_def: OpDef, attr: str, counts: Sequence[int]) -> int | None:
    for arg, count in zip(op_def.input_arg, counts, strict=True):
        if attr in (arg.number_attr, arg.type_list_attr):
            return count
    return None


def _usual_type(attr: OpDef.AttrDef) -> int:
    allowed = list(attr.allowed_values.list.type)
    return dtypes.FLOAT if not allowed or dtypes.FLOAT in allowed else allowed[0]


def _choose(attr: OpDef.AttrDef) -> AttrValue:
    if attr.type == "type":
        return AttrValue(type=_usual_type(attr))
    if attr.type == "string" and attr.allowed_values.list.s:
        return AttrValue(s=attr.allowed_values.list.s[0])
    if attr.type == "int":
        return AttrValue(i=max(attr.minimum, 0) if attr.has_minimum else 0)
    value = AttrValue()
    if attr.type.startswith("list("):
        kind = attr.type[5:-1]
        value.list.SetInParent()
        if kind == "type":
            value.list.type.extend([_usual_type(attr)] * attr.minimum)
        elif kind == "int":
            value.list.i.extend([1] * attr.minimum)
        elif kind == "shape":
            for _ in range(attr.minimum):
                value.list.shape.add().unknown_rank = True
        return value
    _EMPTY[attr.type](value)
    return value


def _set(field: str, empty: Any) -> Any:
    return lambda value: setattr(value, field, empty)


def _unknown_shape(value: AttrValue) -> None:
    value.shape.unknown_rank = True


def _empty_tensor(value: AttrValue) -> None:
    value.tensor.dtype = dtypes.FLOAT
    value.tensor.tensor_shape.SetInParent()


def _some_function(value: AttrValue) -> None:
    value.func.name = "f"


_EMPTY = {
    "float": _set("f", 0.0),
    "bool": _set("b", False),
    "string": _set("s", b""),
    "shape": _unknown_shape,
    "tensor": _empty_tensor,
    "func": _some_function,
}


def _without_the_obvious(case: Case) -> dict[str, AttrValue]:
    """The attrs that ``complete`` would not come to by itself."""
    counts = [len(value) if not isinstance(value, Operand) else 1 for value in case.inputs]
    obvious = complete(case.op_def, {}, counts)
    return {name: value for name, value in case.attrs.items() if value != obvious[name]}


# Reading and writing the words of a line.


def _strip_comment(line: str) -> str:
    return re.sub(r"(^|\s)#.*", "", line).strip()


def _split(text: str) -> list[str]:
    """The parts between semicolons that stand in no parentheses."""
    parts, depth = [""], 0
    for char in text:
        depth += (char == "(") - (char == ")")
        if char == ";" and not depth:
            parts.append("")
        else:
            parts[-1] += char
    parts = [part.strip() for part in parts]
    return [] if parts == [""] else parts


def _items(text: str) -> list[str]:
    """The texts of the tensors of one input."""
    return _split(text[1:-1]) if text.startswith("(") else [text]


def _take_type(attrs: dict[str, AttrValue], arg: OpDef.ArgDef, text: str) -> str:
    """Set the attr that a type in front of an operand decides; return the text without it."""
    found = re.findall(r"(\w+):", text)
    if found:
        numbers = [_dtype(name) for name in found]
        if arg.type_attr:
            attrs.setdefault(arg.type_attr, AttrValue(type=numbers[0]))
        elif arg.type_list_attr:
            value = AttrValue()
            value.list.type.extend(numbers)
            attrs.setdefault(arg.type_list_attr, value)
    return re.sub(r"\w+:", "", text)


def _parse_operand(text: str, dtype: int) -> Operand:
    match = re.fullmatch(r"(\w*)(\[[^\]]*\])", text)
    if match:
        return Operand(Shape.parse(match[2]), None, _dtype(match[1]) if match[1] else 0)
    shape, constant, elements = text.rpartition("=")
    words = [word.strip() for word in elements.split(",") if word.strip()]
    if not constant:
        shape = f"[{len(words)}]"
    values = tuple(_parse_element(word, dtype) for word in words)
    return Operand(Shape.parse(shape or "[]"), values)


def _parse_element(word: str, dtype: int) -> Any:
    if dtype == dtypes.STRING:
        return word.strip('"').encode()
    if dtype == dtypes.BOOL:
        return {"true": True, "false": False}[word]
    return (
        int(word) if re.fullmatch(r"-?\d+", word) else complex(word) if "j" in word else float(word)
    )


def _write_element(element: Any) -> str:
    if isinstance(element, bytes):
        return f'"{element.decode()}"'
    return str(element).lower() if isinstance(element, bool) else str(element)


def _write_input(value: Input) -> str:
    if isinstance(value, Operand):
        return str(value)
    return f"( {' ; '.join(map(str, value))} )" if value else "( )"


def _dtype(name: str) -> int:
    number = dtypes.number(name)
    if number is None:
        raise ValueError(f"{name!r} is no dtype")
    return number


def _parse_answer(text: str) -> Answer:
    if text == "error":
        return None
    outputs = []
    for part in _split(text):
        shape, _, elements = part.partition("=")
        values = tuple(None if w == "?" else int(w) for w in elements.split(",") if w)
        outputs.append(Output(Shape.parse(shape), values if "=" in part else None))
    return tuple(outputs)


def _parse_attr(kind: str, text: str) -> AttrValue:
    value = AttrValue()
    if not kind.startswith("list("):
        field, convert = _SCALARS[kind]
        put(value, field, convert(text))
        return value
    field, convert = _SCALARS[kind[5:-1]]
    value.list.SetInParent()
    for word in _list_items(text):
        getattr(value.list, field).append(convert(word))
    return value


def _list_items(text: str) -> list[str]:
    """The items of ``[a,[b,c]]``."""
    return re.findall(r"\[[^\[\]]*\]|\"[^\"]*\"|[^,\[\]]+", text[1:-1])


def put(value: AttrValue, field: str, content: Any) -> None:
    """Set one field of an attr's value."""
    if field in ("shape", "tensor", "func"):
        getattr(value, field).CopyFrom(content)
    else:
        setattr(value, field, content)


def _shape_proto(text: str) -> Any:
    return shape_proto(Shape.parse(text))


def shape_proto(shape: Shape) -> Any:
    """The TensorShapeProto of a shape."""
    from pbtool.schema import TensorShapeProto

    proto = TensorShapeProto()
    if shape.dims is None:
        proto.unknown_rank = True
    for dim in shape.dims or ():
        proto.dim.add().size = -1 if dim is None else dim
    return proto


def function_attr(text: str) -> Any:
    """The value of an attr that names a function."""
    from pbtool.schema import NameAttrList

    return NameAttrList(name=text)


def _tensor(text: str) -> Any:
    dtype, _, rest = text.partition(":")
    number = _dtype(dtype)
    return tensor_proto(_parse_operand(rest, number), number)


_SCALARS: dict[str, tuple[str, Any]] = {
    "int": ("i", int),
    "float": ("f", float),
    "bool": ("b", lambda text: {"true": True, "false": False}[text]),
    "type": ("type", _dtype),
    "string": ("s", lambda text: text.strip('"').encode()),
    "shape": ("shape", _shape_proto),
    "func": ("func", function_attr),
    "tensor": ("tensor", _tensor),
}


FIELDS = {kind: field for kind, (field, _) in _SCALARS.items()}  # of AttrValue, by type of attr


def _write_attr(value: AttrValue) -> str:
    field = value.WhichOneof("value")
    if field != "list":
        return _WRITE[field](getattr(value, field)) if field else "?"
    for name, write in _WRITE.items():
        if items := getattr(value.list, name, None):
            return f"[{','.join(map(write, items))}]"
    return "[]"


def _write_string(text: bytes) -> str:
    word = text.decode()
    return word if re.fullmatch(r"[\w./-]+", word) else f'"{word}"'


def _write_tensor(proto: Any) -> str:
    values = tensors.to_numpy(proto)
    elements = tuple(values.reshape(-1).tolist())
    return f"{dtypes.name(proto.dtype)}:{Operand(Shape(values.shape), elements)}"


_WRITE: dict[str, Any] = {
    "s": _write_string,
    "i": str,
    "f": lambda number: str(np.float32(number)),
    "b": lambda truth: str(truth).lower(),
    "type": dtypes.name,
    "shape": lambda proto: str(Shape.from_proto(proto)),
    "tensor": _write_tensor,
    "func": lambda func: func.name,
}


# The graph of a case.


def tensor_proto(operand: Operand, dtype: int) -> Any:
    """The TensorProto of a constant."""
    numpy_type = dtypes.BY_NUMBER[dtype].numpy
    array = np.array(operand.elements, dtype=numpy_type).reshape(tuple(operand.shape))
    return tensors.to_proto(array, dtype)


def graph_def(case: Case) -> GraphDef:
    """A graph of a source node for each input, and the case's node, ``x``, behind them."""
    graph = GraphDef()
    graph.versions.producer = case.producer
    node = NodeDef(name="x", op=case.op)
    for name, value in case.attrs.items():
        node.attr[name].CopyFrom(value)
    for arg, value in zip(case.op_def.input_arg, case.inputs, strict=True):
        operands = [value] if isinstance(value, Operand) else value
        for operand, dtype in zip(operands, operand_types(arg, case.attrs), strict=True):
            name = f"i{len(node.input)}"
            graph.node.extend(sources(name, operand, dtype, case.producer))
            node.input.append(name)
    graph.node.append(node)
    return graph


def sources(name: str, operand: Operand, dtype: int, producer: int = PRODUCER) -> Iterator[NodeDef]:
    """The nodes of a graph of which the last, called ``name``, has the operand as its output."""
    if operand.elements is not None:
        node = NodeDef(name=name, op="Const")
        node.attr["dtype"].type = dtype
        node.attr["value"].tensor.CopyFrom(tensor_proto(operand, dtype))
    elif operand.refers_to and dtype == dtypes.VARIANT:
        dims = (
            Operand(
                Shape([len(operand.shape.dims or ())]),
                tuple(-1 if d is None else d for d in operand.shape),
            )
            if operand.shape.dims is not None
            else Operand(Shape([]), (-1,))
        )
        yield from sources(f"{name}_shape", dims, dtypes.INT32, producer)
        yield from sources(f"{name}_count", Operand(Shape([]), (-1,)), dtypes.INT32, producer)
        node = NodeDef(name=name, op="EmptyTensorList", input=[f"{name}_shape", f"{name}_count"])
        node.attr["element_dtype"].type = operand.refers_to
        node.attr["shape_type"].type = dtypes.INT32
    else:
        # Up to producer 21 a Placeholder of shape [] is one of any shape, so another op is needed.
        op = "Placeholder" if producer > 21 else "PlaceholderV2"
        if dtypes.is_ref(dtype):
            op = "VariableV2"
        elif operand.refers_to:
            op = "VarHandleOp"
        node = NodeDef(name=name, op=op)
        node.attr["dtype"].type = operand.refers_to or dtypes.base(dtype)
        node.attr["shape"].shape.CopyFrom(shape_proto(operand.shape))
    yield node
