"""A tensor with what can be said about it: how it is stored, its values, and their summary."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pbtool import dtypes, tensors
from pbtool.errors import TensorError
from pbtool.shapes import Shape
from pbtool.tensor_summary import StringSummary, TensorSummary, summarize

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pbtool.schema import TensorProto

CONTENT = "tensor_content"
MOST_REPEATED = (
    10_000_000  # elements that are written out for one value, which needs but a few bytes
)


@dataclass(frozen=True, slots=True)
class TensorView:
    """A tensor.

    ``encoding`` is the field of the TensorProto that its values lie in, "" where there is none
    (all elements are zero) and for a tensor of a checkpoint; ``listed`` counts the values that
    stand in it, the last of which stands for the elements that do not (of CONTENT it counts
    bytes). Without values, ``array`` and ``summary`` are None and ``problem`` is the reason.
    """

    dtype: int
    shape: Shape
    encoding: str = ""
    listed: int = 0
    array: NDArray[Any] | None = None
    summary: TensorSummary | StringSummary | None = None
    problem: str = ""

    @property
    def bytes(self) -> int | None:
        """What all elements take, whatever the encoding; None where that is not known."""
        if isinstance(self.summary, StringSummary):
            return self.summary.bytes
        return None if self.shape.dims is None else tensors.payload_bytes(self.dtype, self.shape)

    @property
    def is_endless(self) -> bool:
        """Whether one value stands for so many elements that nobody wants them all."""
        array = self.array
        return array is not None and array.size > MOST_REPEATED and not any(array.strides)

    @property
    def is_damaged(self) -> bool:
        """Whether it should have values that can be read, and has not."""
        return bool(self.problem) and self.dtype not in (dtypes.RESOURCE, dtypes.VARIANT)


def proto_view(proto: TensorProto) -> TensorView:
    """The view of a TensorProto that is whole."""
    encoding, listed = _encoding(proto)
    shape = Shape.from_proto(proto.tensor_shape)
    try:
        array = tensors.to_numpy(proto)
    except TensorError as error:
        return TensorView(proto.dtype, shape, encoding, listed, problem=str(error))
    return TensorView(proto.dtype, shape, encoding, listed, array, summarize(array, proto.dtype))


def _encoding(proto: TensorProto) -> tuple[str, int]:
    """The field that holds values, and how many it lists."""
    for field, values in proto.ListFields():
        if field.name == CONTENT:
            return CONTENT, len(values)
        if field.name.endswith("_val"):
            per_element = 2 if field.name in ("scomplex_val", "dcomplex_val") else 1
            return field.name, len(values) // per_element
    return "", 0
