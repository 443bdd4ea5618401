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
``{int64,float32[?,3]}``    a table from keys of that dtype to tensors of that dtype and shape
``( [2] ; [3] )``           the tensors of a list input; ``( )`` is an empty one

``int64:[2]`` and ``int64:2,3`` set the attr that names the type of the input; otherwise the type
is the attr's default, or float32, or the first that the op allows. An attr is written as in
``T=int32 N=2 shape=[?,2] strides=[1,2] output_types=[int32,string] shapes=[[],[2]] name="a b"``.
``@producer=21``, among the attrs, is the version of the graph's writer.

An output is a shape. ``[2]=3,?`` also states elements, those that TensorFlow knows before the graph
runs and would use as sizes. ``[]{float32[?,3],int32[]}`` is a resource or variant of shape ``[]``
and what it refers to. ``#`` begins a comment.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from pbtool import dtypes, opdefs
from pbtool.facts import Handle
from pbtool.schema import AttrValue, OpDef
from pbtool.shapes import Shape
from tests.attr_text import parse_attr, parse_dtype, parse_operand, write_attr, write_operand
from tests.rule_case import (
    Answer,
    Attrs,
    Case,
    Input,
    Operand,
    Output,
    complete,
    is_list,
    newest_producer,
    operand_types,
)

FOLDER = Path(__file__).parent / "rules"


class Row(NamedTuple):
    """One line of a rule table: a case, and what TensorFlow answers to it."""

    case: Case
    answer: Answer


def read_tables(folder: Path = FOLDER) -> dict[str, str]:
    """Each line of a folder's tables that holds a case, by ``file.txt:line``."""
    return {
        f"{path.name}:{number}": text
        for path in sorted(folder.glob("*.txt"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if (text := _without_comment(line))
    }


def write_row(row: Row) -> str:
    """The line of a rule table."""
    return f"{write_case(row.case)} -> {write_answer(row.answer)}"


def write_case(case: Case) -> str:
    """The part of a line before the arrow."""
    counts = [len(value) if not isinstance(value, Operand) else 1 for value in case.inputs]
    obvious = complete(case.op_def, {}, counts)
    given = {name: value for name, value in case.attrs.items() if value != obvious[name]}
    words = [case.op, *(f"{name}={write_attr(value)}" for name, value in given.items())]
    if case.producer != newest_producer(case.op_def):
        words.append(f"@producer={case.producer}")
    if case.inputs:
        words.append(" " + " ; ".join(map(_write_input, case.inputs)))
    return " ".join(words)


def write_answer(answer: Answer) -> str:
    """The part of a line behind the arrow."""
    return "error" if answer is None else " ; ".join(map(_write_output, answer))


def _write_input(value: Input) -> str:
    if isinstance(value, Operand):
        return write_operand(value)
    return f"( {' ; '.join(map(write_operand, value))} )" if value else "( )"


def _write_output(output: Output) -> str:
    text = str(output.shape)
    if output.handles is not None:
        handles = [f"{dtypes.name(handle.dtype)}{handle.shape}" for handle in output.handles]
        text += f"{{{','.join(handles)}}}"
    if output.elements is not None:
        text += "=" + ",".join("?" if each is None else str(each) for each in output.elements)
    return text


def parse_row(line: str) -> Row:
    """The case and the answer that a line states; raises ValueError where it makes no sense."""
    left, arrow, right = _without_comment(line).rpartition("->")
    if not arrow:
        raise ValueError(f"no '->' in {line!r}")
    return Row(parse_case(left), _parse_answer(right.strip()))


def parse_case(text: str) -> Case:
    """The case that the part of a line before the arrow states."""
    op, _, rest = text.strip().partition(" ")
    op_def = opdefs.table()[op]
    kinds = {attr.name: attr.type for attr in op_def.attr}
    attrs: Attrs = {}
    producer = newest_producer(op_def)
    while match := re.match(r"\s*(@?\w+)=((?:\"[^\"]*\"|[^\s\"])+)(?=\s|$)", rest):
        name, value = match.groups()
        if name == "@producer":
            producer = int(value)
        else:
            attrs[name] = parse_attr(kinds[name], value)
        rest = rest[match.end() :]
    return Case(op, *_parse_inputs(op_def, attrs, _split(rest)), producer)


def _parse_inputs(op_def: OpDef, attrs: Attrs, texts: list[str]) -> tuple[Attrs, tuple[Input, ...]]:
    """All attrs, with those that follow from the inputs, and the inputs."""
    args = op_def.input_arg
    if len(texts) != len(args):
        raise ValueError(f"{op_def.name} takes {len(args)} inputs, not {len(texts)}")
    lists = []
    for arg, text in zip(args, texts, strict=True):
        attrs = _stated_types(arg, text) | attrs
        untyped = _TYPE.sub(r"\1", text)
        lists.append(_split(untyped[1:-1]) if untyped.startswith("(") else [untyped])
    attrs = complete(op_def, attrs, [len(items) for items in lists])
    inputs: list[Input] = []
    for arg, items in zip(args, lists, strict=True):
        types = operand_types(arg, attrs)
        operands = tuple(map(parse_operand, items, types))
        if len(items) != len(types):
            raise ValueError(f"{arg.name} has {len(items)} tensors, but its attr says {len(types)}")
        inputs.append(operands if is_list(arg) else operands[0])
    return attrs, tuple(inputs)


_TYPE = re.compile(r"(^|[(;])\s*(\w+):")  # in front of a tensor


_TYPE = re.compile(r"(^|[(;]\s*)([a-z]\w*):")  # in front of a tensor


def _stated_types(arg: OpDef.ArgDef, text: str) -> Attrs:
    """The attr that ``int64:`` in front of a tensor decides."""
    numbers = [parse_dtype(name) for _, name in _TYPE.findall(text)]
    if numbers and arg.type_attr:
        return {arg.type_attr: AttrValue(type=numbers[0])}
    if numbers and arg.type_list_attr:
        value = AttrValue()
        value.list.type.extend(numbers)
        return {arg.type_list_attr: value}
    return {}


def _parse_answer(text: str) -> Answer:
    if text == "error":
        return None
    return tuple(map(_parse_output, _split(text)))


def _parse_output(text: str) -> Output:
    shape, states_elements, words = text.partition("=")
    elements = tuple(None if word == "?" else int(word) for word in words.split(",") if word)
    shape, refers, to = shape.partition("{")
    handles = tuple(
        Handle(parse_dtype(name), Shape.parse(dims))
        for name, dims in re.findall(r"(\w+)(\[[^\]]*\])", to)
    )
    return Output(
        Shape.parse(shape), handles if refers else None, elements if states_elements else None
    )


def _without_comment(line: str) -> str:
    return re.sub(r"^((?:\"[^\"]*\"|[^\"])*?)(?:(?:^|\s)#.*)?$", r"\1", line).strip()


def _split(text: str) -> list[str]:
    """The parts between semicolons that stand neither in parentheses nor in quotes."""
    parts, depth, quoted = [""], 0, False
    for char in text:
        quoted ^= char == '"'
        if not quoted:
            depth += (char == "(") - (char == ")")
        if char == ";" and not depth and not quoted:
            parts.append("")
        else:
            parts[-1] += char
    parts = [part.strip() for part in parts]
    return [] if parts == [""] else parts
