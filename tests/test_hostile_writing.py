"""Whatever ends a command while it writes, the target is what it was, or what it should become."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pbtool import files, load
from pbtool.errors import PbtoolError
from pbtool.graph import Graph
from pbtool.writing import save
from tests import survival
from tests.seeds import seeds

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals are POSIX's")

OLD = b"what was there before"

# pbtool, which stops in the middle of what it writes until it is told to go on.
HALFWAY = """
import sys
from pbtool import cli, writing
copy = writing.copy
def slow_copy(piece, stream):
    stream.write(b"half of it")
    stream.flush()
    print("halfway", flush=True)
    sys.stdin.readline()
    stream.seek(0)
    stream.truncate()
    return copy(piece, stream)
writing.copy = slow_copy
sys.exit(cli.main(sys.argv[1:]))
"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "graph.pb"
    path.write_bytes(next(seed.data for seed in seeds() if seed.name == "graph.pb"))
    return path


def started(source: Path, target: Path, outputs: str = "out") -> subprocess.Popen[str]:
    """A prune that stands in the middle of its work."""
    words = [sys.executable, "-c", HALFWAY, "prune", str(source), "--outputs", outputs]
    process = subprocess.Popen(
        [*words, "-o", str(target)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=survival.ROOT,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "halfway\n"
    return process


def passing_files(folder: Path) -> list[Path]:
    return list(folder.glob(".pbtool-*"))


def pruned(source: Path, outputs: str) -> bytes:
    target = source.with_name("expected.pb")
    run = survival.run(["prune", str(source), "--outputs", outputs, "-o", str(target)])
    assert run.status == 0
    return target.read_bytes()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("exists", [True, False])
def test_a_signal_leaves_the_target(
    number: signal.Signals, exists: bool, source: Path, tmp_path: Path
) -> None:
    target = tmp_path / "target.pb"
    if exists:
        target.write_bytes(OLD)
    process = started(source, target)
    assert len(passing_files(tmp_path)) == 1
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert target.exists() == exists
    assert not exists or target.read_bytes() == OLD
    if number == signal.SIGINT:  # what can be caught cleans up, and says nothing
        assert (process.returncode, err) == (130, "")
        assert not passing_files(tmp_path)
    else:  # what cannot leaves a file that nobody takes for a model, and the next run does not mind
        assert len(passing_files(tmp_path)) == 1
        expected = pruned(source, "out")
        run = survival.run(["prune", str(source), "--outputs", "out", "-o", str(target)])
        assert run.status == 0
        assert target.read_bytes() == expected


def test_of_two_writers_the_last_one_stays_and_is_whole(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "target.pb"
    expected = {each: pruned(source, each) for each in ("out", "r")}
    first, second = (started(source, target, each) for each in ("out", "r"))
    assert len(passing_files(tmp_path)) == 2
    for process, outputs in ((second, "r"), (first, "out")):
        process.communicate("go on\n", timeout=60)
        assert process.returncode == 0
        assert target.read_bytes() == expected[outputs]
    assert not passing_files(tmp_path)


@pytest.mark.parametrize(
    "line",
    [
        "prune {file} --outputs out -o {file}",
        "convert {file} {file}",
        "patch {file} {changes} -o {file}",
        "list {file} -o {file}",
    ],
)
def test_the_target_may_be_the_source(line: str, source: Path, tmp_path: Path) -> None:
    changes, elsewhere = tmp_path / "changes.json", tmp_path / "elsewhere.pb"
    survival.run(["diff", str(source), str(source), "--format", "json", "-o", str(changes)])
    places = {"changes": str(changes), "file": str(source)}
    words = [word.format(**places) for word in line.split()]
    assert survival.run([*words[:-1], str(elsewhere)]).status == 0
    assert survival.run(words).status == 0
    assert source.read_bytes() == elsewhere.read_bytes()


@pytest.mark.parametrize("verb", ["list", "prune", "convert", "textconv"])
def test_a_full_disk_is_one_sentence(verb: str, source: Path, tmp_path: Path) -> None:
    target = tmp_path / "target.pb"
    target.write_bytes(OLD)
    options = {"prune": ["--outputs", "out", "-o"], "convert": []}.get(verb, ["-o"])
    words = [sys.executable, "-m", "pbtool", verb, str(source), *options]
    for limited, place in ((False, "/dev/full"), (True, str(target))):
        if place == "/dev/full" and not Path(place).exists():
            continue
        limit = "ulimit -f 0; " if limited else ""  # files of no block
        done = subprocess.run(
            ["sh", "-c", f'{limit}exec "$@"', "sh", *words, place],
            capture_output=True,
            text=True,
            check=False,
            cwd=survival.ROOT,
        )
        assert done.returncode == 2
        assert done.stderr.startswith(f"pbtool: error: {place}: cannot be written")
        assert done.stderr.count("\n") == 1
    assert target.read_bytes() == OLD
    assert not passing_files(tmp_path)


def a_big_constant(path: Path) -> Path:
    graph = Graph(files.load_bytes(next(s.data for s in seeds() if s.name == "graph.pb")).message)
    tensor = graph.proto.node[1].attr["value"].tensor
    tensor.ClearField("float_val")
    tensor.tensor_shape.dim[0].size = 100_000
    tensor.tensor_content = bytes(400_000)
    path.write_bytes(graph.proto.SerializeToString())
    return path


@pytest.mark.parametrize("size", [300_000, 100, 0])
def test_a_file_that_shrinks_while_it_is_open(
    size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "WHOLE", 0)  # read without its big tensors, as a file of gigabytes
    path = a_big_constant(tmp_path / "big.pb")
    graph = load(path).graph
    os.truncate(path, size)
    with pytest.raises(PbtoolError):
        graph.tensor("c")
    with pytest.raises(PbtoolError):
        save(graph, tmp_path / "copy.pb")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["big.pb"]


def test_a_file_that_grows_while_it_is_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "WHOLE", 0)
    path = a_big_constant(tmp_path / "big.pb")
    before = path.read_bytes()
    graph = load(path).graph
    with path.open("ab") as file:
        file.write(b"\0" * 1_000_000)
    assert graph.tensor("c").shape == (100_000,)
    save(graph, tmp_path / "copy.pb")
    assert (tmp_path / "copy.pb").read_bytes() == before
