from __future__ import annotations

import gzip
import io
import os
from pathlib import Path

import pytest

from pbtool import source
from pbtool.errors import FileError, UsageError
from pbtool.source import FileSource, MemorySource, open_source, source_of

DATA = bytes(range(256)) * 40


def everything(opened: source.Source) -> bytes:
    return opened.read(0, opened.size)


def test_a_file_is_read_in_pieces(tmp_path: Path) -> None:
    path = tmp_path / "data"
    path.write_bytes(DATA)
    opened = open_source(str(path))
    assert isinstance(opened, FileSource)
    assert opened.size == len(DATA)
    assert opened.read(300, 310) == DATA[300:310]
    assert opened.read(len(DATA) - 2, len(DATA) + 10) == DATA[-2:]
    opened.close()


def test_a_file_that_does_not_exist_has_its_like_named(tmp_path: Path) -> None:
    (tmp_path / "model.pb").touch()
    (tmp_path / "other.txt").touch()
    with pytest.raises(FileError) as error:
        open_source(str(tmp_path / "modle.pb"))
    assert error.value.remedy == f"did you mean {tmp_path / 'model.pb'}?"
    with pytest.raises(FileError) as error:
        open_source(str(tmp_path / "gone" / "model.pb"))
    assert error.value.remedy == f"there is no folder {tmp_path / 'gone'} either"


def test_a_file_stays_the_one_that_was_opened(tmp_path: Path) -> None:
    path = tmp_path / "data"
    path.write_bytes(DATA)
    opened = open_source(str(path))
    (tmp_path / "new").write_bytes(b"other")
    (tmp_path / "new").replace(path)
    assert everything(opened) == DATA


def test_a_file_that_shrinks_gives_less_and_does_not_kill(tmp_path: Path) -> None:
    path = tmp_path / "data"
    path.write_bytes(DATA)
    opened = open_source(str(path))
    os.truncate(path, 100)
    assert everything(opened) == DATA[:100]


def test_gzip_is_unpacked_also_when_several_are_joined(tmp_path: Path) -> None:
    path = tmp_path / "data.pb"
    path.write_bytes(gzip.compress(DATA) + gzip.compress(b"more"))
    assert everything(open_source(str(path))) == DATA + b"more"


def test_a_pipe_is_read_whole() -> None:
    reading, writing = os.pipe()
    with os.fdopen(writing, "wb") as sender:
        sender.write(DATA)
    with os.fdopen(reading, "rb") as pipe:
        opened = source_of(pipe, "<stdin>")
    assert isinstance(opened, MemorySource)
    assert everything(opened) == DATA


def test_a_redirected_file_is_read_from_where_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "data"
    path.write_bytes(DATA)
    with path.open("rb") as file:
        file.read(256)
        assert everything(source_of(file, "<stdin>")) == DATA[256:]


@pytest.mark.parametrize(
    "damage", [lambda data: data[:-9], lambda data: data[:20] + b"\xff\xff" + data[22:]]
)
def test_damaged_gzip_is_one_sentence(damage) -> None:
    with pytest.raises(FileError, match=r"^a\.gz: gzip data are damaged"):
        source_of(io.BytesIO(damage(gzip.compress(DATA))), "a.gz")


def test_a_gzip_bomb_ends_at_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(source.LIMIT_VARIABLE, "1M")
    with pytest.raises(FileError, match=r"unpacks to more than the 1,048,576 bytes .* set PBTOOL_"):
        source_of(io.BytesIO(gzip.compress(bytes(40 << 20))), "a.gz")


def test_a_pipe_without_an_end_ends_at_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(source.LIMIT_VARIABLE, "1M")
    with pytest.raises(FileError, match=r"sends more than the 1,048,576 bytes .* set PBTOOL_"):
        open_source("/dev/zero")


@pytest.mark.parametrize(
    ("text", "limit"),
    [("", 2 << 30), ("1000", 1000), ("3k", 3 << 10), ("500M", 500 << 20), (" 8G ", 8 << 30)],
)
def test_the_limit_can_be_set(text: str, limit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(source.LIMIT_VARIABLE, text)
    assert source.memory_limit() == limit


@pytest.mark.parametrize("text", ["much", "-1", "1.5G", "8GG", "G", "٤"])
def test_a_limit_that_is_no_number_is_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(source.LIMIT_VARIABLE, text)
    with pytest.raises(UsageError, match="PBTOOL_MEMORY_LIMIT is no number of bytes"):
        source.memory_limit()


def test_what_cannot_be_opened_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="No such file or directory"):
        open_source(str(tmp_path / "absent"))
    with pytest.raises(FileError, match="Is a directory"):
        open_source(str(tmp_path))
