"""How verbs open two models that are compared."""

from __future__ import annotations

from pathlib import Path

import pytest

from pbtool.console import Console
from pbtool.errors import FileError
from pbtool.opening import open_pair
from tests.graphs import nodes

GRAPH = nodes("x = Placeholder() dtype=1\ny = Relu(x) T=1").SerializeToString()
CONSOLE = Console(None, None, None)


def opened(folder: Path, a: bytes, b: bytes) -> bool:
    """Whether the second model was taken from the first."""
    paths = folder / "a.pb", folder / "b.pb"
    for path, data in zip(paths, (a, b), strict=True):
        path.write_bytes(data)
    models = open_pair(str(paths[0]), str(paths[1]), CONSOLE)
    assert [model.path for model in models] == [str(path) for path in paths]
    assert [model.message.SerializeToString() for model in models] == [a, b]
    return models[0].message is models[1].message


def test_two_files_of_the_same_bytes_are_parsed_once(tmp_path: Path) -> None:
    assert opened(tmp_path, GRAPH, GRAPH)
    assert not opened(tmp_path, GRAPH, GRAPH.replace(b"Relu", b"Tanh"))


def test_two_files_of_the_same_rubbish_are_still_trouble(tmp_path: Path) -> None:
    for damaged in (GRAPH[:-3], GRAPH.replace(b"\x0a\x01y", b"\xff\xff\xff"), b"\xff" * 99):
        with pytest.raises(FileError) as raised:
            opened(tmp_path, damaged, damaged)
        assert str(tmp_path / "a.pb") in str(raised.value)
