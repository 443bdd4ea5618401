"""Finding the files of a checkpoint, and what format they have."""

from __future__ import annotations

import os
import re
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from pbtool.checkpoint.sstable import Table
from pbtool.errors import FileError
from pbtool.source import open_source

if TYPE_CHECKING:
    from pbtool.checkpoint.model import Checkpoint

_INDEX = ".index"
_DATA = re.compile(r"\.data-\d{5}-of-\d{5}$")
_PATTERN = re.compile(r"-\?{5}-of-(\d{5})$")  # TensorFlow's for files of the first format

_HEADER_KEY = b""


def open_checkpoint(path: str | os.PathLike[str]) -> Checkpoint:
    """Open a checkpoint by its prefix, its index, a data shard, or a file of the first format.

    Reads only what lists the tensors. Several files of the first format are named by their prefix,
    or by TensorFlow's pattern ``PREFIX-?????-of-00002``; one of them alone holds its tensors only.
    Raises FileError where nothing is found, and for a table that is damaged or no checkpoint.
    """
    path = os.fspath(path)
    prefix = _DATA.sub("", path).removesuffix(_INDEX)
    if Path(prefix + _INDEX).is_file():
        return _open_table(prefix + _INDEX, prefix)
    if Path(path).is_file():
        return _open_table(path, path)
    return _open_sharded(path)


def is_prefix(path: str) -> bool:
    """Whether files beside this path belong to a checkpoint of this prefix or pattern.

    Shards whose index is missing count: ``open_checkpoint`` tells what is the matter with them.
    """
    name = re.escape(Path(_PATTERN.sub("", path)).name)
    member = re.compile(name + r"(\.index|(\.data)?-\d{5}-of-\d{5})")
    return any(member.fullmatch(each) for each in _beside(path))


def _open_table(path: str, prefix: str) -> Checkpoint:
    with closing(open_source(path)) as source:
        items = Table(source).items()
        key, header = next(items, (None, b""))
        if key != _HEADER_KEY:
            raise FileError("a table, but not of a checkpoint: it has no header", place=path)
        if not _is_v1(header):
            from pbtool.checkpoint.bundle import read_bundle

            return read_bundle(prefix, path, header, items)
    from pbtool.checkpoint.v1 import read_v1

    return read_v1(prefix, {0: path}, ())


def _is_v1(header: bytes) -> bool:
    """Whether the first value is a SavedTensorSlices: its field 1 is a message.

    That of a BundleHeaderProto is a number.
    """
    return header.startswith(b"\x0a")


def _open_sharded(path: str) -> Checkpoint:
    """The first format in several files."""
    prefix = _PATTERN.sub("", path)
    shard_name = re.compile(re.escape(Path(prefix).name) + r"-(\d{5})-of-(\d{5})")
    matches = [
        match
        for name in _beside(prefix)
        if (match := shard_name.fullmatch(name)) and int(match[1]) < int(match[2])
    ]
    if pattern := _PATTERN.search(path):
        matches = [match for match in matches if match[2] == pattern[1]]
    counts = sorted({match[2] for match in matches})
    if not counts:
        raise _nothing(prefix)
    if len(counts) > 1:
        choices = " or ".join(f"{prefix}-?????-of-{count}" for count in counts)
        raise FileError(
            "several checkpoints have this prefix", place=prefix, remedy=f"choose {choices}"
        )
    from pbtool.checkpoint.v1 import read_v1

    count = counts[0]
    there = {int(match[1]) for match in matches}
    paths = {shard: f"{prefix}-{shard:05d}-of-{count}" for shard in range(int(count))}
    return read_v1(
        prefix,
        {shard: path for shard, path in paths.items() if shard in there},
        [path for shard, path in paths.items() if shard not in there],
    )


def _nothing(prefix: str) -> FileError:
    """Why there is no checkpoint, as far as the names beside it tell."""
    name = Path(prefix).name
    names = _beside(prefix)
    if any(_DATA.sub("", each) == name for each in names if _DATA.search(each)):
        return FileError(
            f"the shards of this checkpoint are there, but not {name}{_INDEX}, which has the names",
            place=prefix,
            remedy="copy it there, beside them",
        )
    from difflib import get_close_matches

    prefixes = [each.removesuffix(_INDEX) for each in names if each.endswith(_INDEX)]
    near = get_close_matches(name, prefixes, 1, cutoff=0)
    remedy = f"did you mean {Path(prefix).with_name(near[0])}?" if near else "check the path"
    return FileError("no checkpoint has this prefix", place=prefix, remedy=remedy)


def _beside(prefix: str) -> list[str]:
    """The names of the files in the folder of a prefix."""
    try:
        return sorted(path.name for path in Path(prefix).parent.iterdir())
    except (OSError, ValueError):  # ValueError: a null character
        return []
