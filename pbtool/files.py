"""Opening a model file: ``load`` finds out what it is and gives a ``Model``."""

from __future__ import annotations

import os
from copy import copy
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from pbtool import recognize, wire
from pbtool.body import Region
from pbtool.errors import FileError
from pbtool.model import Model, is_prefix
from pbtool.parsing import damaged, parse, parse_binary
from pbtool.source import MemorySource, Source, open_source, same_bytes, source_of

if TYPE_CHECKING:
    from pbtool.schema import CheckpointState

# A binary file up to this many bytes is parsed whole, a bigger one without its big tensors: the
# bookkeeping for that costs more than a few megabytes of tensors do.
WHOLE = 32 << 20

_AT_ONCE = 1 << 16  # bytes: a smaller file is read in one call to the system

_SAVED_MODEL_FILES = ("saved_model.pb", "saved_model.pbtxt")


def load(path: str | os.PathLike[str]) -> Model:
    """Open a model file, SavedModel folder or checkpoint; ``-`` is standard input.

    A checkpoint is named by its prefix, its ``.index`` file, or the folder with its ``checkpoint``
    file. Raises FileError for what cannot be read or is no TensorFlow model file.
    """
    path = os.fspath(path)
    if path == "-":
        import sys

        return load_source(source_of(sys.stdin.buffer, "<stdin>"))
    if Path(path).is_dir():
        return load(in_folder(path))
    if not Path(path).exists() and is_prefix(path):
        return _load_checkpoint(path)
    return load_source(open_source(path), path)


def load_bytes(data: bytes, name: str = "<bytes>") -> Model:
    """Open a model file's bytes. Raises FileError as ``load`` does."""
    import io

    file: BinaryIO = io.BytesIO(data)
    return load_source(source_of(file, name))


def load_source(source: Source, path: str = "") -> Model:
    """Open what a source holds; ``path`` is the file's, if it is one."""
    if source.size <= _AT_ONCE:
        source = MemorySource(source.read(0, source.size), source.name)
    kind, encoding = recognize.recognize(source)
    if kind == recognize.TABLE.kind:
        if not path:
            raise FileError(
                "a checkpoint lies in several files", place=source.name, remedy="pass its prefix"
            )
        return _load_checkpoint(path)
    if encoding != recognize.BINARY:
        message = parse(source, kind, encoding)
        if kind == "CheckpointState":
            return _load_checkpoint(_checkpoint_prefix(message, source.name))
        return Model(source.name, kind, encoding, source.size, message, source=source)
    if source.size <= WHOLE or kind not in wire.DESCENT:
        data = source.read(0, source.size)
        message = parse_binary(source, kind, data)
        region = Region(MemorySource(data, source.name), 0, len(data), whole=True)
        return Model(source.name, kind, encoding, len(data), message, region)
    try:
        data = wire.skeleton(source, kind)
    except wire.WireError as error:
        raise damaged(source, kind, str(error)) from None
    message = parse_binary(source, kind, data)
    # Of a graph of small nodes, however many, nothing was left out.
    region = Region(source, 0, source.size, whole=len(data) == source.size)
    return Model(source.name, kind, encoding, source.size, message, region)


def twin(model: Model, path: str) -> Model | None:
    """The model at another path, if the file there holds the same bytes: none is parsed again.

    None for any other, for what cannot be read, and for a checkpoint.
    """
    if model.source is None or path == "-":
        return None
    try:
        other = open_source(str(in_folder(path)) if Path(path).is_dir() else path)
    except FileError:
        return None
    if not same_bytes(model.source, other):
        return None
    found = copy(model)
    found.path = other.name
    for beside in ("checkpoint", "debug_info"):  # which lie in the other's folder
        found.__dict__.pop(beside, None)
    return found


def _load_checkpoint(path: str) -> Model:
    from pbtool.checkpoint import open_checkpoint

    checkpoint = open_checkpoint(path)
    size = Path(checkpoint.path).stat().st_size
    return Model(path, checkpoint.kind, recognize.BINARY, size, checkpoint=checkpoint)


def _checkpoint_prefix(state: CheckpointState, path: str) -> str:
    """The prefix that a ``checkpoint`` file names; a relative one is beside that file.

    So is one that is not where it was: the folder was moved, or comes from another machine.
    """
    prefix = Path(path).parent / state.model_checkpoint_path
    return str(prefix if is_prefix(str(prefix)) else Path(path).parent / prefix.name)


def in_folder(path: str) -> Path:
    """The path of what a folder holds: a SavedModel's file, or the state of a checkpoint.

    Raises FileError for a folder that holds neither.
    """
    folder = Path(path)
    try:
        names = sorted(path.name for path in folder.iterdir())
    except OSError as error:
        raise FileError(error.strerror or str(error), place=str(folder)) from None
    for name in (*_SAVED_MODEL_FILES, "checkpoint"):
        if name in names:
            return folder / name
    indexes = [name for name in names if name.endswith(".index")]
    if len(indexes) == 1:
        return folder / indexes[0]
    raise FileError(
        "the folder holds no saved_model.pb and no checkpoint",
        place=str(folder),
        remedy=_folder_remedy(folder, names, indexes),
    )


def _folder_remedy(folder: Path, names: list[str], indexes: list[str]) -> str:
    if indexes:
        prefixes = [str(folder / name.removesuffix(".index")) for name in indexes]
        return f"choose one of its checkpoints: {', '.join(prefixes)}"
    deeper = (
        folder / name
        for name in names
        if any((folder / name / file).exists() for file in _SAVED_MODEL_FILES)
    )
    files = (folder / name for name in names if name.endswith((".pb", ".pbtxt", ".meta")))
    if near := next(deeper, None) or next(files, None):
        return f"did you mean {near}?"
    return "pass a SavedModel folder, or a file"
