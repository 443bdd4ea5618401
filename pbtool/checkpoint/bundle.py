"""TensorBundle, the format of checkpoints since TensorFlow 1.0 and of a SavedModel's variables.

``PREFIX.index`` is a table: under the empty key a header, under each tensor's name where it lies
in the shards, ``PREFIX.data-00000-of-00001`` and so on.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pbtool.checkpoint.messages import check_version, parse, text
from pbtool.checkpoint.model import Checkpoint, Entry, Piece
from pbtool.checkpoint.shards import Shards
from pbtool.checkpoint.slices import WHOLE, Slice, join_key, name_code, split_key
from pbtool.schema import BundleEntryProto, BundleHeaderProto
from pbtool.shapes import Shape

if TYPE_CHECKING:
    from collections.abc import Iterator

# What the index says of parts: by the code of a tensor's name, then by that of the extents.
_Parts = dict[bytes, dict[bytes, BundleEntryProto]]


def read_bundle(
    prefix: str, path: str, header: bytes, items: Iterator[tuple[bytes, bytes]]
) -> Checkpoint:
    """The checkpoint of the index at ``path``, which holds a header and then these items."""
    head = parse(BundleHeaderProto, b"", header, path)
    check_version(head.version, path)
    entries = {entry.name: entry for entry in _entries(items, path)}
    shards = Shards(prefix, head.num_shards, "big" if head.endianness else "little")
    used = sorted({shard for entry in entries.values() for shard in entry.shards})
    paths = [shards.path(shard) for shard in used]
    there = [shard for shard in paths if Path(shard).is_file()]
    return Checkpoint(
        kind="TensorBundle",
        prefix=prefix,
        files=[path, *there],
        missing_shards=sorted(set(paths) - set(there)),
        num_shards=head.num_shards,
        versions=head.version,
        entries=entries,
        store=shards,
    )


def _entries(items: Iterator[tuple[bytes, bytes]], path: str) -> Iterator[Entry]:
    """The tensors in the order of their keys, without the entries that are parts of one."""
    wholes: dict[bytes, BundleEntryProto] = {}
    parts: _Parts = {}
    for key, value in items:
        proto = parse(BundleEntryProto, key, value, path)
        name, slice_code = split_key(key)
        if slice_code:
            parts.setdefault(name, {})[slice_code] = proto
        else:
            wholes[key] = proto
    partitioned = {
        key: tuple(_take_parts(proto, parts.get(name_code(key), {})))
        for key, proto in wholes.items()
        if proto.slices
    }
    # A part of no tensor: TensorFlow, too, lists it under its key, and those come first.
    for name, remaining in parts.items():
        for slice_code, proto in remaining.items():
            yield _entry(join_key(name, slice_code), proto, (_piece(WHOLE, proto),))
    for key, proto in wholes.items():
        yield _entry(key, proto, partitioned[key] if proto.slices else (_piece(WHOLE, proto),))


def _take_parts(whole: BundleEntryProto, parts: dict[bytes, BundleEntryProto]) -> Iterator[Piece]:
    """The pieces of a partitioned tensor, taken out of the entries under its name.

    One that the index lacks is left out: whoever reads the tensor finds that it has a hole.
    """
    for proto in whole.slices:
        extents = Slice.from_proto(proto)
        if (part := parts.pop(extents.code(), None)) is not None:
            yield _piece(extents, part)


def _entry(key: bytes, proto: BundleEntryProto, pieces: tuple[Piece, ...]) -> Entry:
    size = sum(piece.size or 0 for piece in pieces)
    return Entry(text(key), proto.dtype, Shape.from_proto(proto.shape), size, pieces)


def _piece(extents: Slice, proto: BundleEntryProto) -> Piece:
    return Piece(extents, proto.shard_id, proto.offset, proto.size, proto.crc32c)
