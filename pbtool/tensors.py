"""TensorProto messages as numpy arrays, and back.

What a tensor's bytes mean is what TensorFlow's runtime takes them to mean. An array is of the
numpy type that ``pbtool.dtypes`` names for the element type:

- types that numpy has are themselves; quantized types are their integers;
- bfloat16, float8 and float4 are float32, which holds their values exactly;
- int4 and int2 are int8, uint4 and uint2 are uint8;
- strings are objects, each a ``bytes``.

Arrays come back read-only: they may be views of the file's bytes, or one value seen many times.
"""

from __future__ import annotations

from functools import cache
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from pbtool import dtypes, narrow_types
from pbtool.errors import TensorError
from pbtool.schema import TensorProto
from pbtool.shapes import LARGEST_DIMENSION, MAX_RANK, Dimension, Shape, count_elements, product

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from pbtool.dtypes import DType

_MOST_DIMENSIONS = 32  # of arrays, whatever numpy's version
_MOST_BYTES = 2**31 - 1  # protobuf's limit for one message


def to_numpy(tensor: TensorProto) -> NDArray[Any]:
    """The values of a TensorProto, in its shape, read-only.

    Understands every encoding that TensorFlow reads: ``tensor_content``, or the repeated field of
    the type. The last value of a repeated field stands for the elements that it does not list; a
    tensor without any value is zeros (``False``, ``b""``). A tensor of one value comes back as a
    view of that value, whatever its shape, so that it takes no memory. Integers wider than their
    type wrap, as in TensorFlow.

    Raises TensorError for what has no values (resources, variants, references, unknown types), for
    a shape that is not fully known, and for a payload that does not fit type and shape. More
    values than elements are refused, as ``tf.make_ndarray`` does; TensorFlow's runtime drops them.
    """
    shape = tuple(dim.size for dim in tensor.tensor_shape.dim)
    dtype = _with_values(tensor.dtype, tensor)
    if tensor.tensor_content:
        return from_bytes(tensor.tensor_content, tensor.dtype, shape)
    count = element_count(shape)
    values = listed_values(tensor, dtype)
    if len(values) > count:
        raise TensorError(f"{len(values)} values are too many for {_describe(dtype, shape)}")
    return _spread(values, count, shape, dtype)


def from_bytes(data: bytes | memoryview, dtype: int, shape: Sequence[int]) -> NDArray[Any]:
    """The values of raw elements, as they lie in ``tensor_content`` and in checkpoints; read-only.

    Elements are little-endian, in row-major order. The array is a view of ``data`` unless the type
    has to be converted for numpy. Strings are those of ``tensor_content``: all lengths as varints,
    then all bytes (checkpoints keep strings in another way).

    Raises TensorError as ``to_numpy`` does.
    """
    row = _with_values(dtype)
    count = element_count(shape)
    buffer = memoryview(data).cast("B")
    if row.number == dtypes.STRING:
        return _shaped(_strings(buffer, count, row, shape), shape, row)
    if len(buffer) != count * row.size:
        raise TensorError(
            f"{_describe(row, shape)} takes {count * row.size} bytes, not {len(buffer)}"
        )
    return _shaped(_decode(np.frombuffer(buffer, _stored(row)), row), shape, row)


def to_proto(array: NDArray[Any], dtype: int) -> TensorProto:
    """The TensorProto of an array: ``tensor_content``, or ``string_val`` for strings.

    The inverse of ``to_numpy``: the array must be of the numpy type that ``pbtool.dtypes`` names
    for ``dtype``, and TensorFlow reads the same values from the result.

    Raises TensorError for another numpy type, for a value that the type does not have (nothing is
    rounded), and for a tensor above protobuf's limit of 2 GB.
    """
    row = _with_values(dtype)
    if array.dtype.newbyteorder("=") != np.dtype(row.numpy):
        raise TensorError(
            f"{row.name} values come from numpy's {row.numpy}, not from {array.dtype}",
            remedy=f"convert the array with astype({row.numpy!r})",
        )
    if array.size * row.size > _MOST_BYTES:
        raise TensorError(f"{_describe(row, array.shape)} is above protobuf's limit of 2 GB")
    tensor = TensorProto(dtype=dtype)
    for size in array.shape:
        tensor.tensor_shape.dim.add(size=size)
    if row.number == dtypes.STRING:
        if not all(isinstance(value, bytes) for value in array.flat):
            raise TensorError("every element of a string tensor must be of type bytes")
        tensor.string_val.extend(array.flat)
    else:
        tensor.tensor_content = _encode(array, row).tobytes()
    return tensor


def element_count(shape: Iterable[int]) -> int:
    """The number of elements of a tensor of this shape.

    Raises TensorError for a negative dimension (which means unknown) and for a count of 2**63 or
    more, which TensorFlow refuses.
    """
    sizes = tuple(shape)
    if sizes and min(sizes) < 0:
        raise TensorError(f"a tensor with values cannot have the shape {list(sizes)}")
    if len(sizes) > MAX_RANK:
        raise TensorError(f"a tensor cannot have {len(sizes):,} dimensions")
    count = count_elements(sizes)
    if count > LARGEST_DIMENSION:
        raise TensorError(
            f"a tensor cannot have the shape {list(sizes)}: those are too many elements"
        )
    return count


def count_listed(tensor: TensorProto) -> int:
    """How many elements the repeated field of the tensor's type lists: perhaps fewer than it has.

    Raises TensorError for what has no values.
    """
    return len(listed_values(tensor, _with_values(tensor.dtype, tensor)))


def is_plain(tensor: TensorProto) -> bool:
    """Whether a glance tells that ``to_numpy`` reads the tensor: it decodes nothing.

    False says nothing; ``to_numpy`` knows.
    """
    row = dtypes.BY_NUMBER.get(tensor.dtype)
    if row is None or not row.field or row.number == dtypes.BOOL:
        return False
    sizes = [dim.size for dim in tensor.tensor_shape.dim]
    count = count_elements(sizes)
    if min(sizes, default=0) < 0 or count > LARGEST_DIMENSION or len(sizes) > _MOST_DIMENSIONS:
        return False
    spread = count * np.dtype(row.numpy).itemsize
    if spread > LARGEST_DIMENSION:
        return False
    if tensor.tensor_content:
        return row.size > 0 and len(tensor.tensor_content) == count * row.size
    listed = len(getattr(tensor, row.field))
    if listed <= 1:
        return row.size < 16 and listed <= count
    return 0 < row.size < 16 and listed <= count and spread <= _MOST_BYTES


def payload_bytes(dtype: int, shape: Iterable[Dimension]) -> int | None:
    """The bytes that all elements take when none is left out.

    None where that cannot be said: an unknown dimension, or a type whose elements have no fixed
    size (strings, resources, variants, types that TensorFlow does not know).
    """
    row = dtypes.BY_NUMBER.get(dtype)
    count = product(None if size is not None and size < 0 else size for size in shape)
    return None if row is None or row.size == 0 or count is None else count * row.size


def _with_values(number: int, tensor: TensorProto | None = None) -> DType:
    """The row of a type; raises TensorError for a type whose tensors hold no values."""
    dtype = dtypes.BY_NUMBER.get(number)
    if dtype and dtype.numpy:
        return dtype
    if number == 0:
        raise TensorError("the tensor has no dtype")
    if dtypes.is_ref(number):
        raise TensorError(f"a {dtypes.name(number)} refers to a variable and has no values here")
    if number == dtypes.RESOURCE:
        raise TensorError("a resource tensor holds handles of resources, not values")
    if number == dtypes.VARIANT:
        kinds = sorted({value.type_name for value in tensor.variant_val} if tensor else ())
        objects = f"objects ({', '.join(kinds)})" if kinds else "objects"
        raise TensorError(f"a variant tensor holds {objects}, not values")
    raise TensorError(
        f"{dtypes.name(number)} is a type that TensorFlow 2.21 does not have",
        remedy="a newer pbtool may know it",
    )


def _describe(dtype: DType, shape: Iterable[int]) -> str:
    return f"{dtype.name}{Shape(shape)}"


@cache
def _stored(dtype: DType) -> np.dtype[Any]:
    """The numpy type of an element as it lies in a file."""
    if dtype.number == dtypes.BOOL or dtype.name in narrow_types.NAMES:
        return np.dtype(f"<u{dtype.size}")
    stored: np.dtype[Any] = np.dtype(dtype.numpy).newbyteorder("<")
    return stored


def _decode(elements: NDArray[Any], dtype: DType) -> NDArray[Any]:
    """The values of elements of the type ``_stored(dtype)``."""
    if dtype.name in narrow_types.NAMES:
        return narrow_types.decode(elements, dtype)
    if dtype.number != dtypes.BOOL:
        return elements
    if elements.size and elements.max() > 1:
        # TensorFlow refuses them too; numpy computes nonsense from such booleans.
        raise TensorError(f"a bool is stored as 0 or 1, not as {elements.max()}")
    return elements.view(bool)


def _encode(array: NDArray[Any], dtype: DType) -> NDArray[Any]:
    """The elements of an array of values, of the type ``_stored(dtype)``."""
    if dtype.name in narrow_types.NAMES:
        return narrow_types.encode(array.astype(dtype.numpy, copy=False), dtype)
    return array.astype(_stored(dtype), copy=False)


def listed_values(tensor: TensorProto, dtype: DType) -> NDArray[Any]:
    """The values in the repeated field of the tensor's type, as many as it lists: the last one
    stands for all that the shape has more.

    The small integers share int_val, each as an int32; the halves lie in half_val as the integer
    that their bits make.
    """
    field = dtype.field
    listed = getattr(tensor, field)
    if field == "string_val":
        return _objects(listed)
    if field == "float8_val":
        elements = np.frombuffer(listed, "u1")
    elif field in ("float_val", "double_val", "scomplex_val", "dcomplex_val"):
        elements = _packed_floats(tensor, field, dtype)
    else:
        integers = np.fromiter(listed, "u8" if field == "uint64_val" else "i8", len(listed))
        elements = integers.astype(f"<u{dtype.size}").view(_stored(dtype))
    return _decode(elements, dtype)


def _packed_floats(tensor: TensorProto, field: str, dtype: DType) -> NDArray[Any]:
    """The elements of a repeated field of floats, to the bit.

    They are taken from the packed field itself: passing through Python's floats is slow and
    changes the bits of some NaNs. As in TensorFlow, half a complex number is no element.
    """
    alone = type(tensor)()
    alone.CopyFrom(tensor)
    alone.DiscardUnknownFields()
    for other, _ in tensor.ListFields():
        if other.name != field:
            alone.ClearField(other.name)
    numbers = len(getattr(tensor, field))
    width = 4 if field in ("float_val", "scomplex_val") else 8
    data = alone.SerializeToString()
    return np.frombuffer(
        data, _stored(dtype), numbers * width // dtype.size, len(data) - numbers * width
    )


def _strings(buffer: memoryview, count: int, dtype: DType, shape: Iterable[int]) -> NDArray[Any]:
    """The strings of ``tensor_content``: the lengths as varints of 32 bits, then the bytes."""
    problem = f"{len(buffer)} bytes are not the lengths and bytes of {_describe(dtype, shape)}"
    position = 0
    lengths = []
    for _ in range(count):
        length = 0
        for shift in range(0, 35, 7):
            byte = buffer[position] if position < len(buffer) else 0x80
            position += 1
            length |= (byte & 0x7F) << shift
            if byte < 0x80:
                break
        else:
            raise TensorError(problem)
        lengths.append(length & 0xFFFFFFFF)
    if position + sum(lengths) != len(buffer):
        raise TensorError(problem)
    ends = list(accumulate(lengths, initial=position))
    return _objects([bytes(buffer[start:end]) for start, end in pairwise(ends)])


def _objects(values: Sequence[bytes]) -> NDArray[Any]:
    array = np.empty(len(values), object)
    array[:] = values
    return array


def _spread(values: NDArray[Any], count: int, shape: Sequence[int], dtype: DType) -> NDArray[Any]:
    """The listed values over a whole shape; the last one repeats, and no value at all is zero."""
    if len(values) == 0:
        values = _objects([b""]) if dtype.number == dtypes.STRING else np.zeros(1, dtype.numpy)
    if len(values) == 1:
        return _shaped(values, shape, dtype)
    if len(values) < count:
        # A small file may claim a tensor that no memory holds.
        if count * values.itemsize > _MOST_BYTES:
            raise TensorError(
                f"{len(values)} values are too few for {_describe(dtype, shape)}:"
                " repeating the last one would take more than 2 GB"
            )
        rest = np.broadcast_to(values[-1:], count - len(values))
        values = np.concatenate((values, rest))
    return _shaped(values, shape, dtype)


def _shaped(values: NDArray[Any], shape: Sequence[int], dtype: DType) -> NDArray[Any]:
    """A read-only view of values in a shape; one value is seen everywhere."""
    try:
        if len(values) == 1 and shape:
            return np.broadcast_to(values, shape)
        array = values.reshape(shape)
    except ValueError as error:
        raise TensorError(
            f"{_describe(dtype, shape)} has more dimensions or elements than numpy can hold"
        ) from error
    array.flags.writeable = False
    return array
