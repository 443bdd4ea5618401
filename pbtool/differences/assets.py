"""What changed in the files that a SavedModel keeps in its folder ``assets``.

A change tells size and checksum of a file, not what is in it. Files are read side by side, a window
at a time.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from zlib import crc32

from pbtool.differences.changes import Added, Change, Changed, Removed
from pbtool.errors import FileError
from pbtool.quantity import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pbtool.model import Model

_FOLDER = "assets"
_COLLECTION = "saved_model_assets"  # that names the files in models of TensorFlow 1
_WINDOW = 1 << 20  # bytes


def diff_assets(a: Model, b: Model) -> Iterator[Change]:
    """The changes of files; none where one of the models lies alone, without its folder.

    Raises FileError for a file that cannot be read.
    """
    old, new = files_of(a), files_of(b)
    if old is None or new is None:
        return
    for name in sorted({*old, *new}):
        if name not in new:
            yield Removed("asset content", name, _about(old[name]))
        elif name not in old:
            yield Added("asset content", name, _about(new[name]))
        elif not _same(old[name], new[name]):
            yield Changed("asset content", name, _about(old[name]), _about(new[name]))


def files_of(model: Model) -> Mapping[str, Path] | None:
    """The assets by their names; None where there are none but the meta graphs name some."""
    folder = model.folder and model.folder / _FOLDER
    if folder is not None and folder.is_dir():
        files = (path for path in folder.rglob("*") if path.is_file())
        return {path.relative_to(folder).as_posix(): path for path in files}
    protos = [each.proto for each in model.meta_graphs]
    named = any(proto.asset_file_def or _COLLECTION in proto.collection_def for proto in protos)
    return None if named else {}


def _same(old: Path, new: Path) -> bool:
    if old.stat().st_size != new.stat().st_size:
        return False
    return all(pair[0] == pair[1] for pair in zip(_windows(old), _windows(new), strict=True))


def _about(path: Path) -> str:
    """Size and checksum, for people and for programs."""
    checksum = size = 0
    for window in _windows(path):
        checksum, size = crc32(window, checksum), size + len(window)
    return f"{counted(size, 'byte')}, crc32 {checksum:08x}"


def _windows(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            while window := file.read(_WINDOW):
                yield window
    except OSError as error:
        raise FileError(error.strerror or str(error), place=str(path)) from None
