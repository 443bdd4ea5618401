"""The tensors that the nodes of a body hold, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from pbtool import dtypes
from pbtool.errors import PbtoolError, ShapeError
from pbtool.facts import Fact, Value
from pbtool.ops import CONSTANTS
from pbtool.shapes import Shape, count_elements

if TYPE_CHECKING:
    from pbtool.body import Body
    from pbtool.checks.nodes import BodyNodes
    from pbtool.schema import NodeDef, TensorProto

MOST_BYTES = 1 << 42  # of a constant: one value may stand for a whole shape
SURPLUS = "too many"  # in the sentence about values that a tensor has no elements for


class Constant(NamedTuple):
    """The tensor that a node holds, its sizes, and the bytes that its elements take, else 0."""

    tensor: TensorProto
    sizes: list[int]
    bytes: int


def _bytes(dtype: int, sizes: list[int]) -> int:
    row = dtypes.BY_NUMBER.get(dtype)
    return 0 if row is None or min(sizes, default=0) < 0 else count_elements(sizes) * row.size


def held(body: BodyNodes) -> Mapping[int, Constant]:
    """The tensors that nodes hold, by the node's position."""
    found = {}
    for position, op in enumerate(body.ops):
        if op not in CONSTANTS or body.positions[body.names[position]] != position:
            continue  # of several with one name, the first is found by it
        value = body.nodes[position].attr.get("value")
        if value is not None and value.HasField("tensor"):
            tensor = value.tensor
            sizes = [dim.size for dim in tensor.tensor_shape.dim]
            found[position] = Constant(tensor, sizes, _bytes(tensor.dtype, sizes))
    return found


def is_here(body: Body, node: NodeDef) -> bool:
    """Whether the message has all bytes of the node: big tensors stay in the file."""
    return body.place(node) is None or body.node_size(node) == node.ByteSize()


def malformed(body: BodyNodes) -> Mapping[str, str]:
    """The constants whose payload does not fit type and shape, by name, and what is wrong."""
    from pbtool import tensors  # numpy, which a graph without constants does not need

    faults = {}
    for position, constant in body.constants.items():
        name = body.names[position]
        row = dtypes.BY_NUMBER.get(constant.tensor.dtype)
        if row is not None and not row.numpy:
            continue  # a resource or variant, which only TensorFlow decodes
        if constant.bytes > MOST_BYTES:
            faults[name] = f"no memory holds a shape of {constant.sizes}"
            continue
        if is_here(body.body, body.nodes[position]) and tensors.is_plain(constant.tensor):
            continue
        try:
            body.body.tensor(name)
        except PbtoolError as error:
            faults[name] = error.message
        except MemoryError:
            faults[name] = "it does not fit into memory"
    return faults


def strings(body: Body, name: str) -> Iterator[bytes]:
    """The strings of a constant; none where it cannot be read, or holds none.

    Those that the file lists come once, in whatever shape: the last may stand for a billion.
    """
    value = body[name].attr.get("value")
    listed = () if value is None else value.tensor.string_val
    if listed and is_here(body, body[name]):
        yield from listed
        return
    try:
        values = body.tensor(name)
    except (PbtoolError, MemoryError):
        return  # a check of constants tells
    for text in values.flat if any(values.strides) else values.flat[:1]:
        if isinstance(text, bytes):
            yield text


class Unreadable(Fact):
    """A tensor that nobody can read: whoever asks for its elements is refused."""

    @property
    def value(self) -> Value | None:
        """No elements."""
        raise ShapeError("the value of one of its inputs is malformed")


def unreadable(node: NodeDef) -> Unreadable:
    """What is known of a constant without reading it."""
    stated = node.attr["dtype"].type if "dtype" in node.attr else 0
    return Unreadable(stated, Shape.from_proto(node.attr["value"].tensor.tensor_shape))
