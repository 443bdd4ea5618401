"""Parts of a tensor, and the keys that checkpoints keep them under.

TensorFlow saves a partitioned variable as several parts of one tensor. The key of a part is the
tensor's name and the part's extents in an encoding that sorts as they do ("ordered code"): numbers
with their length in front, strings ended by ``00 01`` and with that made impossible inside.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pbtool.errors import FileError

if TYPE_CHECKING:
    from pbtool.schema import TensorSliceProto

_ALL = -1  # as a length: all of a dimension

_START = b"\0"  # the number 0, which no tensor's own name begins with
_NAME_END = b"\0\1"


class Slice(NamedTuple):
    """A part of a tensor: where it starts in each dimension, and how long it is (-1: all)."""

    extents: tuple[tuple[int, int], ...]

    @classmethod
    def from_proto(cls, proto: TensorSliceProto) -> Slice:
        """The part that a TensorSliceProto states."""
        return cls(
            tuple(
                (extent.start, extent.length) if extent.HasField("length") else (0, _ALL)
                for extent in proto.extent
            )
        )

    @property
    def is_whole(self) -> bool:
        """Whether this is all of the tensor, as an unpartitioned one is saved."""
        return all(length == _ALL for _, length in self.extents)

    def within(self, shape: tuple[int, ...]) -> tuple[slice, ...]:
        """The part as numpy indexes it; raises FileError if a tensor of this shape has no such."""
        if len(self.extents) != len(shape):
            raise FileError(
                f"a part of rank {len(self.extents)} is in a tensor of rank {len(shape)}"
            )
        ranges = []
        for (start, length), size in zip(self.extents, shape, strict=True):
            stop = size if length == _ALL else start + length
            if not 0 <= start <= stop <= size:
                raise FileError(f"a part reaches from {start} to {stop} in a dimension of {size}")
            ranges.append(slice(start, stop))
        return tuple(ranges)

    def code(self) -> bytes:
        """The extents as they end the key of the part."""
        numbers = [number for extent in self.extents for number in extent]
        return _unsigned(len(self.extents)) + b"".join(map(_signed, numbers))


WHOLE = Slice(())


def name_code(name: bytes) -> bytes:
    """A tensor's name as it begins the keys of its parts."""
    return _START + b"\0\xff".join(
        between.replace(b"\xff", b"\xff\0") for between in name.split(b"\0")
    )


def join_key(name_code: bytes, slice_code: bytes) -> bytes:
    """The key of a part."""
    return name_code + _NAME_END + slice_code


def split_key(key: bytes) -> tuple[bytes, bytes]:
    """The codes that ``join_key`` joined; a key that is a tensor's own name, and nothing."""
    if not key.startswith(_START):
        return key, b""
    name, _, slice_code = key[1:].partition(_NAME_END)
    return _START + name, slice_code


def _unsigned(value: int) -> bytes:
    size = (value.bit_length() + 7) // 8
    return bytes([size]) + value.to_bytes(size, "big")


def _signed(value: int) -> bytes:
    """As many ones as there are bytes, then the value; all but the sign turned for negatives."""
    magnitude = ~value if value < 0 else value
    size = magnitude.bit_length() // 7 + 1
    lengths = ((1 << size) - 1) << (7 * size)
    return ((value ^ lengths) & ((1 << (8 * size)) - 1)).to_bytes(size, "big")
