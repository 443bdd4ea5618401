"""Measures pbtool beside tensorflow and plain protobuf: time and peak memory of whole commands.

    python benchmarks/run.py [--repeat N] [--only WORD...] [--keep FOLDER]

Every command is a fresh process with its output thrown away, and is run in turn with the others, so
that a slow moment of the machine hits all. Printed are the median of the wall times, what that is
above a bare ``python -c pass``, and the peak of resident memory, as a Markdown table. "infer" and
"import" are the seconds within a process that has the modules and the graph in memory. The rows of
numpy and tabulate tell how fast the machine is just then. Commands that need tensorflow are left
out where it is not installed. The graphs (4.6 GB) are written first, and
what is pruned takes 3.2 GB more.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
BARE = "python -c pass"
HAS_TENSORFLOW = importlib.util.find_spec("tensorflow") is not None


class Graph(NamedTuple):
    """A file to measure on: what it is called, and the words for graphs.py that write it."""

    label: str
    recipe: tuple[str, ...]
    output: str = ""  # a node that needs most of the others
    other: str = ""  # the file that it is compared with


GRAPHS = {
    "frozen.pb": Graph("example, 7 nodes", ()),
    "big.pb": Graph("1 GB, 256 big constants", ("big", "1"), "layer250/relu"),
    "bigger.pb": Graph("3 GB, 768 big constants", ("big", "3"), "layer760/relu"),
    "many.pb": Graph("100,000 small nodes", ("small", "100000"), "layer14000/relu"),
    "same.pb": Graph("1 GB and a copy", ("same",), other="big.pb"),
    "changed.pb": Graph("1 GB, 3 weights changed", ("changed",), other="big.pb"),
    "scopes.pb": Graph("100,000 small nodes in scopes", ("scopes", "100000"), other="scopes.pb"),
    "edited.pb": Graph(
        "100,000 small nodes, 1 % changed, 10,000 renamed", ("edited", "100000"), other="scopes.pb"
    ),
    "more.pb": Graph("400,000 small nodes", ("small", "400000")),
    "resnet50.pb": Graph("ResNet50, 103 MB", ("keras", "ResNet50")),
    "efficientnet_b0.pb": Graph("EfficientNetB0, 22 MB", ("keras", "EfficientNetB0")),
}

PARSE_WITH_TENSORFLOW = """
import sys
import tensorflow
tensorflow.compat.v1.GraphDef.FromString(open(sys.argv[1], "rb").read())
"""
IMPORT_WITH_TENSORFLOW = """
import sys
import tensorflow as tf
graph = tf.compat.v1.GraphDef.FromString(open(sys.argv[1], "rb").read())
with tf.Graph().as_default():
    tf.import_graph_def(graph, name="")
"""
PARSE_WITH_PROTOBUF = """
import sys
from pbtool.schema import GraphDef
GraphDef.FromString(open(sys.argv[1], "rb").read())
"""
INFER = """
import sys, time
import pbtool
graph = pbtool.load(sys.argv[1]).graph
inference = pbtool.Inference(graph)
start = time.perf_counter()
inference.facts(graph)
print(time.perf_counter() - start)
"""
ONLY_IMPORT_WITH_TENSORFLOW = """
import sys, time
import tensorflow as tf
graph = tf.compat.v1.GraphDef.FromString(open(sys.argv[1], "rb").read())
with tf.Graph().as_default():
    start = time.perf_counter()
    tf.import_graph_def(graph, name="")
    print(time.perf_counter() - start)
"""
PRUNE_WITH_TENSORFLOW = """
import sys
import tensorflow as tf
graph = tf.compat.v1.GraphDef.FromString(open(sys.argv[1], "rb").read())
pruned = tf.compat.v1.graph_util.extract_sub_graph(graph, [sys.argv[2]])
open(sys.argv[3], "wb").write(pruned.SerializeToString())
"""
EQUAL_WITH_TENSORFLOW = """
import sys
from tensorflow.core.framework.graph_pb2 import GraphDef
from tensorflow.python.client.pywrap_tf_session import EqualGraphDefWrapper
EqualGraphDefWrapper(open(sys.argv[1], "rb").read(), open(sys.argv[4], "rb").read())
"""


def _pbtool(*words: str) -> tuple[str, ...]:
    return (PYTHON, "-m", "pbtool", *words)


def _script(text: str) -> tuple[str, ...]:
    return (PYTHON, "-c", text, "{file}", "{output}", "{target}", "{other}")


class Command(NamedTuple):
    """A command line, whether it prints its own time, and the exit statuses that are fine.

    In it, {file} is the graph's path, {output} a node of it, {target} a file that is not there yet,
    and {other} the path of the graph that it is compared with.
    """

    words: tuple[str, ...]
    prints_seconds: bool = False
    fine: tuple[int, ...] = (0,)


COMMANDS = {
    "pbtool list": Command(_pbtool("list", "{file}")),
    "pbtool list --format names": Command(_pbtool("list", "{file}", "--format", "names")),
    "pbtool list --format jsonl": Command(_pbtool("list", "{file}", "--format", "jsonl")),
    "pbtool info": Command(_pbtool("info", "{file}")),
    "pbtool check": Command(_pbtool("check", "{file}")),
    "pbtool check --no-content": Command(_pbtool("check", "--no-content", "{file}")),
    "pbtool prune": Command(_pbtool("prune", "{file}", "--outputs", "{output}", "-o", "{target}")),
    "pbtool diff": Command(_pbtool("diff", "{other}", "{file}"), fine=(0, 1)),
    "pbtool diff --tensorflow": Command(
        _pbtool("diff", "{other}", "{file}", "--tensorflow"), fine=(0, 1)
    ),
    "cmp": Command(("cmp", "{other}", "{file}"), fine=(0, 1)),
    "tensorflow, EqualGraphDef": Command(_script(EQUAL_WITH_TENSORFLOW)),
    "cp": Command(("cp", "{file}", "{target}")),
    "pbtool, infer": Command(_script(INFER), prints_seconds=True),
    "protobuf, parse": Command(_script(PARSE_WITH_PROTOBUF)),
    "tensorflow, parse": Command(_script(PARSE_WITH_TENSORFLOW)),
    "tensorflow, parse and import": Command(_script(IMPORT_WITH_TENSORFLOW)),
    "tensorflow, extract_sub_graph": Command(_script(PRUNE_WITH_TENSORFLOW)),
    "tensorflow, import": Command(_script(ONLY_IMPORT_WITH_TENSORFLOW), prints_seconds=True),
}

READING = ("pbtool list", "pbtool list --format names", "pbtool info")
OTHERS = ("protobuf, parse", "tensorflow, parse", "tensorflow, parse and import")
PRUNING = ("pbtool prune", "cp", "tensorflow, extract_sub_graph")
COMPARING = ("cmp", "pbtool diff", "pbtool diff --tensorflow", "tensorflow, EqualGraphDef")
INFERENCE = ("pbtool, infer", "tensorflow, import")

# What is measured on which graph, in the order of the table.
MEASURED = {
    "frozen.pb": (*READING, *OTHERS),
    "big.pb": (*READING, "pbtool check --no-content", *PRUNING, *OTHERS),
    "bigger.pb": (*READING, *PRUNING, *OTHERS),
    "many.pb": (
        *READING,
        "pbtool list --format jsonl",
        "pbtool check",
        *PRUNING,
        *OTHERS,
        *INFERENCE,
    ),
    "same.pb": COMPARING,
    "changed.pb": COMPARING,
    "scopes.pb": COMPARING,
    "edited.pb": COMPARING,
    "more.pb": ("pbtool, infer",),
    "resnet50.pb": (*READING, *OTHERS, *INFERENCE),
    "efficientnet_b0.pb": INFERENCE,
}


class Case(NamedTuple):
    """One command that is measured, and on which file of ``GRAPHS``."""

    file: str
    label: str
    command: Command

    @property
    def graph(self) -> str:
        """What the table calls the file."""
        return GRAPHS[self.file].label if self.file else ""


class Measured(NamedTuple):
    """What runs of one command took; bytes are the peak of all runs."""

    seconds: float
    memory: int
    failed: bool


def cases() -> Iterator[Case]:
    """All that is measured, in the order of the table."""
    yield Case("", BARE, Command((PYTHON, "-c", "pass")))
    for module in ("numpy", "tabulate"):
        yield Case("", f"import {module}", Command((PYTHON, "-c", f"import {module}")))
    for file, labels in MEASURED.items():
        if "keras" in GRAPHS[file].recipe and not HAS_TENSORFLOW:
            continue
        for label in labels:
            if HAS_TENSORFLOW or "tensorflow" not in label:
                yield Case(file, label, COMMANDS[label])


def run_once(case: Case, folder: Path) -> Measured:
    """Run a command and wait for it."""
    recipe = case.file and GRAPHS[case.file].recipe
    places = {
        "{file}": str((folder if recipe else ROOT / "examples") / case.file),
        "{output}": GRAPHS[case.file].output if case.file else "",
        "{target}": str(folder / "written.pb"),
        "{other}": str(folder / GRAPHS[case.file].other) if case.file else "",
    }
    Path(places["{target}"]).unlink(missing_ok=True)
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    # An installed package has its bytecode; a checkout writes it at the first run, unless told not.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    start = time.perf_counter()
    process = subprocess.Popen(
        [places.get(word, word) for word in case.command.words],
        stdout=subprocess.PIPE if case.command.prints_seconds else subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
        env=environment,
    )
    printed = process.stdout.read() if process.stdout else b""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = float(printed) if printed else time.perf_counter() - start
    return Measured(seconds, usage.ru_maxrss * 1024, process.returncode not in case.command.fine)


def measure(chosen: list[Case], repeat: int, folder: Path) -> list[Measured]:
    """Run all cases in turn, as often as asked; slow ones (over 8 s) at most three times."""
    runs: list[list[Measured]] = [[] for _ in chosen]
    for turn in range(repeat):
        for case, done in zip(chosen, runs, strict=True):
            if turn < 3 or max(each.seconds for each in done) < 8:
                done.append(run_once(case, folder))
    return [
        Measured(
            statistics.median(each.seconds for each in done),
            max(each.memory for each in done),
            any(each.failed for each in done),
        )
        for done in runs
    ]


def table(chosen: list[Case], measured: list[Measured]) -> str:
    """The results as Markdown."""
    bare = measured[0].seconds
    lines = ["| graph | command | seconds | above bare | peak MB |", "|---|---|--:|--:|--:|"]
    for case, result in zip(chosen, measured, strict=True):
        seconds = f"{result.seconds:.3f} | {result.seconds - bare:.3f}"
        if result.failed:
            seconds = f"fails after {result.seconds:.1f} | "
        lines.append(f"| {case.graph} | {case.label} | {seconds} | {result.memory / 1e6:.0f} |")
    return "\n".join(lines)


def write_graphs(chosen: list[Case], folder: Path) -> None:
    """Write the files that are not there yet."""
    needed = (GRAPHS[case.file].other or case.file for case in chosen if case.file)
    files = (case.file for case in chosen if case.file)
    for file in dict.fromkeys([*needed, *files]):
        recipe = GRAPHS[file].recipe
        if recipe and not (folder / file).exists():
            kind, *amount = recipe
            script = str(ROOT / "benchmarks" / "graphs.py")
            command = [PYTHON, script, kind, str(folder / file), *amount]
            subprocess.run(command, check=True, capture_output=True)


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeat", type=int, default=7, help="runs of each command (default: 7)")
    parser.add_argument("--only", nargs="+", default=[""], help="only rows with one of these words")
    parser.add_argument("--keep", type=Path, help="write the graphs here, and use those there")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        chosen = [
            case
            for case in cases()
            if not case.file or any(word in f"{case.graph} {case.label}" for word in options.only)
        ]
        write_graphs(chosen, folder)
        print(table(chosen, measure(chosen, options.repeat, folder)))


if __name__ == "__main__":
    main()
