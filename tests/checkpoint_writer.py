"""Writers of the formats that pbtool only reads: tables, snappy blocks, checkpoints.

They are the plainest form of each format, written from its description and apart from the reader,
and they can write what TensorFlow would not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pbtool import dtypes
from pbtool.schema import (
    BundleEntryProto,
    BundleHeaderProto,
    SavedTensorSlices,
    TensorShapeProto,
    TensorSliceProto,
    VersionDef,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    import numpy as np

ByteOrder = Literal["little", "big"]

MAGIC = bytes.fromhex("57fb808b247547db")


def crc32c(data: bytes) -> int:
    """The checksum bit by bit, as its definition says."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def masked(crc: int) -> int:
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def varint(value: int) -> bytes:
    return bytes([value]) if value < 0x80 else bytes([value & 0x7F | 0x80]) + varint(value >> 7)


# --- snappy -------------------------------------------------------------------------------------


def snappy(data: bytes) -> bytes:
    """A snappy block with literals and copies of every kind that the data give cause for."""
    out = bytearray(varint(len(data)))
    seen: dict[bytes, int] = {}
    position = literal = 0
    while position < len(data):
        key = data[position : position + 4]
        match = seen.get(key)
        seen[key] = position
        if match is None or len(key) < 4:
            position += 1
            continue
        length = 4
        while length < 64 and data[match + length : match + length + 1] == (
            data[position + length : position + length + 1] or None
        ):
            length += 1
        out += snappy_literal(data[literal:position])
        out += snappy_copy(position - match, length)
        position += length
        literal = position
    return bytes(out + snappy_literal(data[literal:]))


def snappy_literal(data: bytes) -> bytes:
    if not data:
        return b""
    size = len(data) - 1
    if size < 60:
        return bytes([size << 2]) + data
    width = (size.bit_length() + 7) // 8
    return bytes([(59 + width) << 2]) + size.to_bytes(width, "little") + data


def snappy_copy(offset: int, length: int) -> bytes:
    if offset < 1 << 11 and 4 <= length < 12:
        return bytes([offset >> 8 << 5 | (length - 4) << 2 | 1, offset & 0xFF])
    width, kind = (2, 2) if offset < 1 << 16 else (4, 3)
    return bytes([(length - 1) << 2 | kind]) + offset.to_bytes(width, "little")


# --- tables -------------------------------------------------------------------------------------


def block(items: Iterable[tuple[bytes, bytes]], restart_interval: int = 16) -> bytes:
    out = bytearray()
    restarts = []
    last = b""
    for index, (key, value) in enumerate(items):
        shared = 0
        if index % restart_interval == 0:
            restarts.append(len(out))
        else:
            while shared < min(len(key), len(last)) and key[shared] == last[shared]:
                shared += 1
        out += (
            varint(shared) + varint(len(key) - shared) + varint(len(value)) + key[shared:] + value
        )
        last = key
    numbers = [*(restarts or [0]), len(restarts or [0])]
    return bytes(out) + b"".join(number.to_bytes(4, "little") for number in numbers)


def stored_block(content: bytes, kind: int = 0) -> bytes:
    data = content + bytes([kind])
    return data + masked(crc32c(data)).to_bytes(4, "little")


def handle(offset: int, stored: bytes) -> bytes:
    return varint(offset) + varint(len(stored) - 5)


def footer(index: bytes, metaindex: bytes = b"\0\0") -> bytes:
    return (metaindex + index).ljust(40, b"\0") + MAGIC


def table(
    items: Iterable[tuple[bytes, bytes]],
    *,
    per_block: int = 3,
    compress: Callable[[bytes], bytes] | None = None,
    restart_interval: int = 16,
) -> bytes:
    """A table with so many entries a block."""
    entries = sorted(items)
    file = bytearray()
    index = []
    for start in range(0, len(entries), per_block):
        chunk = entries[start : start + per_block]
        content = block(chunk, restart_interval)
        stored = stored_block(compress(content), 1) if compress else stored_block(content)
        index.append((chunk[-1][0], handle(len(file), stored)))
        file += stored
    stored_index = stored_block(block(index, 1))
    offset = len(file)
    return bytes(file) + stored_index + footer(handle(offset, stored_index))


# --- checkpoints --------------------------------------------------------------------------------


def shape_proto(shape: Iterable[int]) -> TensorShapeProto:
    return TensorShapeProto(dim=[TensorShapeProto.Dim(size=size) for size in shape])


def slice_proto(*extents: tuple[int, int] | None) -> TensorSliceProto:
    """A part by (start, length) in each dimension, None for all of it."""
    proto = TensorSliceProto()
    for extent in extents:
        added = proto.extent.add()
        if extent is not None:
            added.start, added.length = extent
    return proto


def slice_key(name: bytes, *extents: tuple[int, int] | None) -> bytes:
    """The key of a part, for small numbers only."""
    numbers = [number for extent in extents for number in extent or (0, -1)]
    assert all(-64 <= number < 64 for number in numbers)
    rank = bytes([1, len(extents)]) if extents else b"\0"
    return b"\0" + name + b"\0\1" + rank + bytes(0x80 ^ (number & 0xFF) for number in numbers)


def stored_strings(values: Sequence[bytes], byte_order: ByteOrder) -> tuple[bytes, int]:
    """The bytes of a string tensor in a shard, and the masked checksum of its entry."""
    lengths = b"".join(len(value).to_bytes(4, byte_order) for value in values)
    checksum = masked(crc32c(lengths)).to_bytes(4, byte_order)
    content = b"".join(values)
    return (
        b"".join(varint(len(value)) for value in values) + checksum + content,
        masked(crc32c(lengths + checksum + content)),
    )


class Bundle:
    """A TensorBundle in the making: entries are added, changed as a test likes, then written."""

    def __init__(self, shards: int = 1) -> None:
        self.header = BundleHeaderProto(num_shards=shards, version=VersionDef(producer=1))
        self.shards = [b""] * shards
        self.entries: dict[bytes, BundleEntryProto] = {}

    def add(
        self, key: str | bytes, data: bytes, dtype: int, shape: Iterable[int], shard: int = 0
    ) -> BundleEntryProto:
        entry = BundleEntryProto(
            dtype=dtype,
            shape=shape_proto(shape),
            shard_id=shard,
            offset=len(self.shards[shard]),
            size=len(data),
            crc32c=masked(crc32c(data)),
        )
        self.shards[shard] += data
        self.entries[key.encode() if isinstance(key, str) else key] = entry
        return entry

    def add_array(self, key: str, array: np.ndarray, shard: int = 0) -> BundleEntryProto:
        number = dtypes.number(array.dtype.name)
        assert number is not None
        return self.add(key, array.tobytes(), number, array.shape, shard)

    def add_strings(
        self,
        key: str,
        values: Sequence[bytes],
        shape: Iterable[int],
        byte_order: ByteOrder = "little",
    ) -> None:
        data, checksum = stored_strings(values, byte_order)
        self.add(key, data, dtypes.STRING, shape).crc32c = checksum

    def items(self) -> list[tuple[bytes, bytes]]:
        return [
            (b"", self.header.SerializeToString()),
            *((key, entry.SerializeToString()) for key, entry in self.entries.items()),
        ]

    def write(self, prefix: Path) -> str:
        """Write index and shards; the prefix comes back as a string."""
        prefix.with_name(f"{prefix.name}.index").write_bytes(table(self.items()))
        for number, data in enumerate(self.shards):
            name = f"{prefix.name}.data-{number:05d}-of-{len(self.shards):05d}"
            prefix.with_name(name).write_bytes(data)
        return str(prefix)


class V1:
    """One file of a checkpoint of the first format in the making."""

    def __init__(self) -> None:
        self.first = SavedTensorSlices()
        self.first.meta.versions.producer = 1
        self.parts: dict[bytes, SavedTensorSlices] = {}

    def add(
        self,
        name: str,
        dtype: int,
        shape: Sequence[int],
        parts: Mapping[tuple[tuple[int, int] | None, ...], Mapping[str, Sequence[object]]],
    ) -> None:
        """Add a tensor; for each part, its fields of a TensorProto."""
        tensor = self.first.meta.tensor.add(name=name, type=dtype, shape=shape_proto(shape))
        for extents, fields in parts.items():
            tensor.slice.append(slice_proto(*extents))
            part = SavedTensorSlices()
            part.data.name = name
            part.data.slice.CopyFrom(slice_proto(*extents))
            for field, values in fields.items():
                getattr(part.data.data, field).extend(values)
            self.parts[slice_key(name.encode(), *extents)] = part

    def items(self) -> list[tuple[bytes, bytes]]:
        return [
            (b"", self.first.SerializeToString()),
            *((key, part.SerializeToString()) for key, part in self.parts.items()),
        ]

    def write(self, path: Path, compress: Callable[[bytes], bytes] | None = snappy) -> str:
        path.write_bytes(table(self.items(), compress=compress))
        return str(path)
