"""A file that pbtool writes is whole, or is what it was before."""

from __future__ import annotations

import errno
import os
import stat
import threading
from pathlib import Path
from typing import BinaryIO

import pytest

from pbtool import output
from pbtool.errors import FileError
from pbtool.output import atomic_write

posix = pytest.mark.skipif(os.name != "posix", reason="needs POSIX files")
not_root = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="nothing is forbidden to root"
)


def files(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def test_a_new_file_appears_only_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "out.pb"
    with atomic_write(path) as file:
        file.write(b"half")
        file.flush()
        assert not path.exists()
        file.write(b" and half")
    assert path.read_bytes() == b"half and half"
    assert files(tmp_path) == ["out.pb"]


def fail_after_writing(file: BinaryIO, error: type[BaseException]) -> None:
    file.write(b"new")
    raise error


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit, MemoryError])
def test_after_any_error_the_old_file_is_there(tmp_path: Path, error: type[BaseException]) -> None:
    path = tmp_path / "out.pb"
    path.write_bytes(b"old")
    with pytest.raises(error), atomic_write(path) as file:
        fail_after_writing(file, error)
    assert path.read_bytes() == b"old"
    assert files(tmp_path) == ["out.pb"]


def test_text_is_utf8_with_plain_line_ends_and_no_refused_character(tmp_path: Path) -> None:
    path = tmp_path / "out.txt"
    with atomic_write(path, "w") as file:
        file.write("größe\n\udc80\n")
    assert path.read_bytes() == "größe\n\\udc80\n".encode()


def test_the_file_may_be_read_while_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "graph.pb"
    path.write_bytes(b"abc" * 1000)
    with path.open("rb") as source, atomic_write(path) as file:
        for chunk in iter(lambda: source.read(10), b""):
            file.write(chunk.upper())
    assert path.read_bytes() == b"ABC" * 1000


@posix
def test_an_existing_file_keeps_its_permissions(tmp_path: Path) -> None:
    path = tmp_path / "out.pb"
    path.write_bytes(b"old")
    path.chmod(0o640)
    with atomic_write(path) as file:
        file.write(b"new")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert path.read_bytes() == b"new"


@posix
def test_a_new_file_has_the_permissions_that_the_umask_leaves(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        with atomic_write(tmp_path / "out.pb") as file:
            file.write(b"new")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "out.pb").stat().st_mode) == 0o640


@posix
def test_a_link_stays_and_what_it_points_at_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    link = tmp_path / "link"
    link.symlink_to("there/real.pb")
    for content in (b"one", b"two"):  # first it dangles
        with atomic_write(link) as file:
            file.write(content)
        assert link.is_symlink()
        assert (tmp_path / "there" / "real.pb").read_bytes() == content
    assert files(tmp_path / "there") == ["real.pb"]


@posix
def test_a_pipe_is_written_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    received: list[bytes] = []
    reader = threading.Thread(target=lambda: received.append(path.read_bytes()))
    reader.start()
    with atomic_write(path) as file:
        file.write(b"through")
    reader.join()
    assert received == [b"through"]
    assert stat.S_ISFIFO(path.stat().st_mode)


@posix
def test_a_pipe_that_nobody_reads_any_more_is_a_broken_pipe() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        with pytest.raises(BrokenPipeError), atomic_write(f"/dev/fd/{writing}") as file:
            file.write(b"lost")
    finally:
        os.close(writing)


@posix
def test_a_descriptor_of_ours_is_not_truncated(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"first ")
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND)
    try:
        with atomic_write(f"/dev/fd/{descriptor}") as file:
            file.write(b"second")
    finally:
        os.close(descriptor)
    assert path.read_bytes() == b"first second"


@posix
def test_a_device_is_written_as_it_is() -> None:
    with atomic_write("/dev/null") as file:
        file.write(b"gone")
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_a_sentence() -> None:
    sentence = "/dev/full: cannot be written, no space is left; free some or choose another place"
    with pytest.raises(FileError, match=sentence), atomic_write("/dev/full") as file:
        file.write(b"x" * 10)


def test_a_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "out.pb"
    path.write_bytes(b"old")

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(output.os, "fsync", full)
    with pytest.raises(FileError, match="no space is left"), atomic_write(path) as file:
        file.write(b"new")
    assert path.read_bytes() == b"old"
    assert files(tmp_path) == ["out.pb"]


def test_a_folder_is_refused(tmp_path: Path) -> None:
    for path in (str(tmp_path), f"{tmp_path}/new/"):
        with pytest.raises(FileError, match="is a folder; name a file in it"), atomic_write(path):
            pass
    assert files(tmp_path) == []


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "missing" / "out.pb"
    with pytest.raises(FileError, match="its folder does not exist"), atomic_write(path):
        pass


def test_a_file_used_as_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    path = tmp_path / "file" / "out.pb"
    with pytest.raises(FileError, match="part of its path is not a folder"), atomic_write(path):
        pass


def test_a_protected_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "out.pb"
    path.write_bytes(b"old")
    monkeypatch.setattr(output.os, "access", lambda *_: False)
    with pytest.raises(FileError, match="may not be written"), atomic_write(path):
        pass
    assert path.read_bytes() == b"old"


@pytest.mark.parametrize(
    ("number", "sentence"),
    [(errno.EACCES, "may not be written"), (errno.EROFS, "lies on a read-only file system")],
)
def test_a_protected_folder_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, sentence: str
) -> None:
    def refuse(*_: object) -> int:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(output.os, "open", refuse)
    with pytest.raises(FileError, match=sentence), atomic_write(tmp_path / "out.pb"):
        pass


@not_root
def test_a_read_only_folder_is_refused_by_the_system_too(tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    try:
        with pytest.raises(FileError, match="may not be written"), atomic_write(tmp_path / "a"):
            pass
    finally:
        tmp_path.chmod(0o755)


def test_an_error_of_the_work_is_not_taken_for_one_of_the_file(tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    with pytest.raises(FileNotFoundError) as caught, atomic_write(tmp_path / "out.pb"):
        missing.read_bytes()
    assert caught.value.filename == str(missing)
