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

# Under each name, or code of a name, what the index says of it: of the tensor itself under b"", of
# its parts under the codes of their extents.
_Protos = dict[bytes, dict[bytes, BundleEntryProto]]


def read_bundle(
    prefix: str, path: str, header: bytes, items: Iterator[tuple[bytes, bytes]]
) -> Checkpoint:
    """The checkpoint of the index at ``path``, which holds a header and then these items."""
    head = parse(BundleHeaderProto, b"", header, path)
    check_version(head.version, path)
    entries = {entry.name: entry for entry in _entries(_protos(items, path))}
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


def _protos(items: Iterator[tuple[bytes, bytes]], path: str) -> _Protos:
    protos: _Protos = {}
    for key, value in items:
        name, slice_code = split_key(key)
        protos.setdefault(name, {})[slice_code] = parse(BundleEntryProto, key, value, path)
    return protos


def _entries(protos: _Protos) -> Iterator[Entry]:
    """The tensors in the order of their keys, without the entries that are parts of one."""
    partitioned = {
        name: tuple(_take_parts(stored[b""], protos.get(name_code(name), {})))
        for name, stored in protos.items()
        if b"" in stored and stored[b""].slices
    }
    for name, stored in protos.items():
        for slice_code, proto in stored.items():
            pieces: tuple[Piece, ...] = (_piece(WHOLE, proto),)
            if not slice_code:
                yield _entry(name, proto, partitioned.get(name, pieces))
            else:  # a part of no tensor: TensorFlow, too, lists it under its key
                yield _entry(join_key(name, slice_code), proto, pieces)


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
