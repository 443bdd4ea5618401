"""A tensor with what can be said about it: how it is stored, its values, and their summary.

Loads numpy only for a tensor: most nodes have none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from pbtool import dtypes
from pbtool.errors import TensorError
from pbtool.shapes import Shape

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pbtool.schema import TensorProto
    from pbtool.tensor_summary import StringSummary, TensorSummary

CONTENT = "tensor_content"
NO_VALUES = "none"
MOST_REPEATED = 10_000_000  # elements that are written out of a tensor that lists but one value


class TensorView(NamedTuple):
    """A tensor.

    ``encoding`` is the field of the TensorProto that its values lie in, NO_VALUES where there is
    none (all elements are zero), and None for a tensor of a checkpoint. ``listed`` counts the
    values in that field, the last of which stands for all that follow (of CONTENT it counts
    bytes). Without values, ``array`` and ``summary`` are None and ``problem`` is the reason.
    """

    dtype: int
    shape: Shape
    encoding: str | None = None
    listed: int = 0
    array: NDArray[Any] | None = None
    summary: TensorSummary | StringSummary | None = None
    problem: str = ""

    @property
    def bytes(self) -> int | None:
        """What all elements take, whatever the encoding; None where that is not known."""
        from pbtool import tensors
        from pbtool.tensor_summary import StringSummary

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
    from pbtool import tensors
    from pbtool.tensor_summary import summarize

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
    return NO_VALUES, 0
