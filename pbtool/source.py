"""Bytes with a size, read piece by piece: a file on disk, or what came from a pipe or out of gzip.

Files are read with ``pread``, not mapped: a mapped file's pages count as the process's memory, and
a file that shrinks while it is mapped kills the process.
"""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Protocol

from pbtool.errors import FileError, UsageError
from pbtool.nearest import nearest

GZIP_MAGIC = b"\x1f\x8b\x08"

# What a pipe may send and gzip unpack to, in bytes: it is held in memory, and its size is not known
# before. This is what protobuf, and so TensorFlow, can read of one message.
MEMORY_LIMIT = 2 << 30
LIMIT_VARIABLE = "PBTOOL_MEMORY_LIMIT"  # in the environment: another limit, such as 500M or 8G
_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
_CHUNK = 1 << 20  # bytes

WINDOW = 1 << 16  # bytes read at once where two files are compared: the processor's cache has room


class Source(Protocol):
    """Random access to the bytes of one file."""

    name: str  # what errors call it: a path, or "<stdin>"
    size: int  # in bytes

    def read(self, start: int, end: int) -> bytes:
        """The bytes from ``start`` up to ``end``; fewer where the source ends before."""
        ...

    def close(self) -> None:
        """Release the file."""
        ...


class MemorySource:
    """Bytes that are in memory already."""

    def __init__(self, data: bytes, name: str = "<bytes>") -> None:
        self.name = name
        self.size = len(data)
        self.data = data

    def read(self, start: int, end: int) -> bytes:
        """The bytes from ``start`` up to ``end``."""
        return self.data[start:end]

    def close(self) -> None:
        """Nothing to release."""


class FileSource:
    """A regular file. It stays the file that was opened, also when another takes its name."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        self.name = name
        self._descriptor = os.dup(file.fileno())  # of its own: the caller's file may be closed
        self.size = os.fstat(self._descriptor).st_size

    def read(self, start: int, end: int) -> bytes:
        """The bytes from ``start`` up to ``end``."""
        parts = []
        while start < end:
            try:
                part = os.pread(self._descriptor, end - start, start)
            except OSError as error:
                raise FileError(error.strerror or str(error), place=self.name) from None
            if not part:
                break
            parts.append(part)
            start += len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def fileno(self) -> int:
        """The file's descriptor, for what the system can do with it."""
        return self._descriptor

    def close(self) -> None:
        """Close the file; it is also closed when nobody refers to this source any more."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    __del__ = close


def same_bytes(a: Source, b: Source) -> bool:
    """Whether two sources hold the same bytes; they are read as far as they do."""
    return a.size == b.size and all(
        a.read(start, start + WINDOW) == b.read(start, start + WINDOW)
        for start in range(0, a.size, WINDOW)
    )


def open_source(path: str) -> Source:
    """The bytes of the file at ``path``, unpacked where they are gzip.

    Raises FileError for what cannot be read.
    """
    try:
        with Path(path).open("rb") as file:
            return source_of(file, path)
    except OSError as error:
        remedy = _near(Path(path)) if isinstance(error, FileNotFoundError) else ""
        raise FileError(error.strerror or str(error), place=path, remedy=remedy) from None


def _near(path: Path) -> str:
    """What the folder holds whose name is like that of a file that does not exist, as a remedy."""
    try:
        names = nearest(path.name, (each.name for each in path.parent.iterdir()))
    except OSError:
        return f"there is no folder {path.parent} either"
    near = ", ".join(str(path.parent / name) for name in names)
    return f"did you mean {near}?" if near else ""


def source_of(file: BinaryIO, name: str) -> Source:
    """The bytes of an open file, which may be a pipe, unpacked where they are gzip."""
    try:
        if not _is_regular(file):
            file = _held(file.read, name, "sends")
        packed = file.read(3) == GZIP_MAGIC
        file.seek(0)
        if packed:
            return MemorySource(_unpacked(file, name), name)
        if isinstance(file, io.BytesIO):
            return MemorySource(file.getvalue(), name)
        return FileSource(file, name)
    except OSError as error:
        raise FileError(error.strerror or str(error), place=name) from None


def _is_regular(file: BinaryIO) -> bool:
    try:
        # Of a redirected standard input that was read in part, only the rest is meant.
        return stat.S_ISREG(os.fstat(file.fileno()).st_mode) and file.tell() == 0
    except OSError:  # a stream without a descriptor, such as BytesIO
        return False


def _unpacked(file: BinaryIO, name: str) -> bytes:
    import gzip
    import zlib

    with gzip.GzipFile(fileobj=file) as stream:
        try:
            return _held(stream.read, name, "unpacks to").getvalue()
        except (EOFError, OSError, zlib.error) as error:
            raise FileError(f"gzip data are damaged ({error})", place=name) from None


def _held(read: Callable[[int], bytes], name: str, does: str) -> io.BytesIO:
    """All that a stream gives, in memory; FileError where that is more than the limit."""
    limit = memory_limit()
    held = io.BytesIO()
    while part := read(_CHUNK):
        held.write(part)
        if held.tell() > limit:
            raise FileError(
                f"{does} more than the {limit:,} bytes that pbtool holds in memory",
                place=name,
                remedy=f"if that is right, set {LIMIT_VARIABLE}=8G or make it a file first",
            )
    held.seek(0)
    return held


def memory_limit() -> int:
    """How many bytes of a pipe, or out of gzip, are held in memory.

    Raises UsageError where the environment asks for what is no number of bytes.
    """
    text = os.environ.get(LIMIT_VARIABLE, "").strip().upper()
    number = text.rstrip("".join(_UNITS))
    unit = text.removeprefix(number)
    if not text:
        return MEMORY_LIMIT
    if not (number.isascii() and number.isdecimal()) or unit not in _UNITS:
        raise UsageError(
            f"{LIMIT_VARIABLE} is no number of bytes: {text!r}", remedy="write such as 500M or 8G"
        )
    return int(number) * _UNITS[unit]
