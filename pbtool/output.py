"""Files that pbtool writes: whole, or not at all.

A regular file is written beside its place under a passing name and put there in one step, so that
neither an error nor a kill leaves half of it, and so that it may be the very file being read. A
file that is replaced goes only when the new one is on the disk, so that a power cut leaves one of
them.
What is not a regular file (a pipe, a device, ``/dev/stdout``) is written as it is.
"""

from __future__ import annotations

import errno
import io
import os
import stat
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, overload

from pbtool.errors import FileError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from typing import BinaryIO, Literal, TextIO

    from _typeshed import ReadableBuffer

_BUFFER = 1 << 17  # bytes; larger pieces go to the system as they come

# Paths that mean a descriptor of this process. Opening them anew would truncate a file that the
# shell opened for appending, so the descriptor itself is written.
_STREAMS = {"/dev/stdout": 1, "/dev/stderr": 2}
_DESCRIPTOR_FOLDERS = ("/dev/fd/", "/proc/self/fd/")

_REFUSALS = {
    errno.ENOENT: ("cannot be written, its folder does not exist", "make the folder first"),
    errno.ENOTDIR: ("cannot be written, part of its path is not a folder", "correct the path"),
    errno.EISDIR: ("is a folder", "name a file in it"),
    errno.EACCES: ("may not be written", "choose another place or change the permissions"),
    errno.EPERM: ("may not be written", "choose another place or change the permissions"),
    errno.EROFS: ("lies on a read-only file system", "choose another place"),
    errno.ENOSPC: ("cannot be written, no space is left", "free some or choose another place"),
    errno.EDQUOT: ("cannot be written, the quota is used up", "free some or choose another place"),
}


@overload
def atomic_write(
    path: str | os.PathLike[str], mode: Literal["wb"] = "wb"
) -> AbstractContextManager[BinaryIO]: ...
@overload
def atomic_write(
    path: str | os.PathLike[str], mode: Literal["w"]
) -> AbstractContextManager[TextIO]: ...
def atomic_write(
    path: str | os.PathLike[str], mode: Literal["w", "wb"] = "wb"
) -> AbstractContextManager[BinaryIO | TextIO]:
    r"""A file to write, which takes the place of ``path`` when the block ends well.

    When the block raises, whatever it raises, ``path`` is what it was before. A file that exists
    keeps its permission bits and, where the system allows, its owner; a symbolic link stays, and
    what it points at is replaced. Text is UTF-8 with ``\n`` line ends on every system, and what
    UTF-8 cannot hold becomes a backslash escape.

    Raises FileError when ``path`` cannot be written: a folder, in a missing or read-only folder,
    write-protected, on a full disk. A pipe that nobody reads raises BrokenPipeError.
    """
    return _write(os.fspath(path), mode)


@contextmanager
def _write(place: str, mode: Literal["w", "wb"]) -> Iterator[BinaryIO | TextIO]:
    with _naming(place):
        existing = _status(place)
        direct = _direct_descriptor(place, existing)
        target = os.path.realpath(place)
        temporary = "" if direct is not None else _beside(target)
        descriptor = _create(temporary) if direct is None else direct
    stream = _stream(descriptor, place, mode)
    try:
        yield stream
        stream.flush()
        if temporary:
            with _naming(place):
                if existing is not None:
                    os.fsync(descriptor)  # of a gigabyte it takes as long as to write it
                _take_over(temporary, existing)
        with _naming(place):
            stream.close()
            if temporary:
                os.replace(temporary, target)
    except BaseException:
        with suppress(OSError, FileError):
            stream.close()
        if temporary:
            with suppress(OSError):
                os.unlink(temporary)
        raise


class _Target(io.FileIO):
    """A descriptor whose failure to take bytes is a FileError that names the file."""

    def __init__(self, descriptor: int, place: str) -> None:
        super().__init__(descriptor, "w")
        self._place = place

    def write(self, data: ReadableBuffer, /) -> int:
        """Write ``data``, as io.FileIO does, and return how many bytes were taken."""
        with _naming(self._place):
            return super().write(data)


def _stream(descriptor: int, place: str, mode: Literal["w", "wb"]) -> BinaryIO | TextIO:
    binary = io.BufferedWriter(_Target(descriptor, place), _BUFFER)
    if mode == "wb":
        return binary
    return io.TextIOWrapper(binary, encoding="utf-8", errors="backslashreplace", newline="")


@contextmanager
def _naming(place: str) -> Iterator[None]:
    """Turn the system's refusals within the block into sentences about ``place``."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        message, remedy = _REFUSALS.get(error.errno or 0, ("", ""))
        message = message or f"cannot be written: {error.strerror or error}"
        raise FileError(message, place=place, remedy=remedy) from error


def _status(place: str) -> os.stat_result | None:
    """What stands at ``place`` (links followed), or None where a new file would be made."""
    if place.endswith(os.sep):
        raise IsADirectoryError(errno.EISDIR, "is a folder")
    try:
        status = os.stat(place)
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, "is a folder")
    if not os.access(place, os.W_OK):
        # os.replace would not mind, but whoever protected the file would.
        raise PermissionError(errno.EACCES, "is write-protected")
    return status


def _direct_descriptor(place: str, existing: os.stat_result | None) -> int | None:
    """A descriptor for what is written as it is; None for what is replaced in one step."""
    if place in _STREAMS:
        return os.dup(_STREAMS[place])
    for folder in _DESCRIPTOR_FOLDERS:
        number = place.removeprefix(folder)
        if number != place and number.isdecimal():
            return os.dup(int(number))
    if existing is None or stat.S_ISREG(existing.st_mode):
        return None
    return os.open(place, os.O_WRONLY)


def _beside(target: str) -> str:
    """A name for the passing file: in the target's folder, so that a rename can replace it."""
    folder = os.path.dirname(target)
    return os.path.join(folder, f".pbtool-{os.urandom(8).hex()}")


def _create(temporary: str) -> int:
    binary = getattr(os, "O_BINARY", 0)
    return os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | binary, 0o666)


def _take_over(temporary: str, existing: os.stat_result | None) -> None:
    """Give the passing file the owner, as far as allowed, and the permissions of the old one."""
    if existing is None:
        return
    if hasattr(os, "chown"):
        with suppress(PermissionError):
            os.chown(temporary, existing.st_uid, existing.st_gid)
    os.chmod(temporary, stat.S_IMODE(existing.st_mode))
