"""Writing a TensorBundle: one shard, and the index that says what lies where in it.

What is written is the plainest form of what ``bundle``, ``shards`` and ``sstable`` read: tensors
whole, keys whole, blocks without compression.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from pbtool import dtypes
from pbtool.checkpoint.crc32c import crc32c, mask
from pbtool.output import atomic_write
from pbtool.recognize import TABLE_FOOTER, TABLE_MAGIC
from pbtool.schema import BundleEntryProto, BundleHeaderProto
from pbtool.varint import encode_varint

if TYPE_CHECKING:
    from typing import BinaryIO

    from numpy.typing import NDArray

_ENTRIES = 64  # in a block
_FORMAT = 1  # of bundles: TensorFlow's kTensorBundleVersion


def write_bundle(prefix: str, values: Iterable[tuple[str, int, NDArray[Any]]]) -> None:
    """Write a checkpoint of this prefix: of each tensor the name, the dtype and the values.

    Raises FileError where it cannot be written, and TensorError for values that a dtype lacks.
    """
    header = BundleHeaderProto(num_shards=1)
    header.version.producer = _FORMAT
    items = {b"": header.SerializeToString()}
    with atomic_write(f"{prefix}.data-00000-of-00001") as shard:
        position = 0
        for name, dtype, array in values:
            data, checksum = _stored(array, dtype)
            entry = BundleEntryProto(
                dtype=dtype, offset=position, size=len(data), crc32c=mask(checksum)
            )
            entry.shape.SetInParent()
            for size in array.shape:
                entry.shape.dim.add(size=size)
            items[name.encode()] = entry.SerializeToString()
            shard.write(data)
            position += len(data)
    with atomic_write(f"{prefix}.index") as index:
        _write_table(index, sorted(items.items()))


def _stored(array: NDArray[Any], dtype: int) -> tuple[bytes, int]:
    """The elements as a shard has them, and the checksum that is to be stored masked.

    Of strings, their lengths come first, and a checksum of these: ``shards`` tells more.
    """
    from pbtool import tensors

    proto = tensors.to_proto(array, dtype)
    if dtype != dtypes.STRING:
        return proto.tensor_content, crc32c(proto.tensor_content)
    strings = list(proto.string_val)
    words = (len(each).to_bytes(4 if len(each) < 1 << 32 else 8, "little") for each in strings)
    checksum = crc32c(b"".join(words))
    stored = mask(checksum).to_bytes(4, "little")
    content = b"".join(strings)
    lengths = b"".join(encode_varint(len(each)) for each in strings)
    return lengths + stored + content, crc32c(content, crc32c(stored, checksum))


# --- the table ----------------------------------------------------------------------------------


def _write_table(file: BinaryIO, items: Iterable[tuple[bytes, bytes]]) -> None:
    """Write sorted entries as blocks, the index of these, and the footer."""
    position = 0

    def write(block: list[tuple[bytes, bytes]]) -> bytes:
        """Write a block; where it lies and how long it is comes back, as a handle."""
        nonlocal position
        content = _block(block)
        handle = encode_varint(position) + encode_varint(len(content))
        content += b"\0"  # not compressed
        content += mask(crc32c(content)).to_bytes(4, "little")
        file.write(content)
        position += len(content)
        return handle

    entries = list(items)
    blocks = [entries[at : at + _ENTRIES] for at in range(0, len(entries), _ENTRIES)]
    index = [(block[-1][0], write(block)) for block in blocks]
    handles = write([]) + write(index)
    file.write(handles.ljust(TABLE_FOOTER - len(TABLE_MAGIC), b"\0") + TABLE_MAGIC)


def _block(items: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Entries one behind the other, each key whole, and where they begin."""
    out = bytearray()
    starts = []
    for key, value in items:
        starts.append(len(out))
        out += b"\0" + encode_varint(len(key)) + encode_varint(len(value)) + key + value
    for number in (*(starts or [0]), max(1, len(starts))):
        out += number.to_bytes(4, "little")
    return bytes(out)
