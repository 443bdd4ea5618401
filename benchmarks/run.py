"""Measures pbtool beside tensorflow and plain protobuf: time and peak memory of whole commands.

    python benchmarks/run.py [--repeat N] [--only WORD] [--keep FOLDER]

Every command is a fresh process with its output thrown away, and is run in turn with the others, so
that a slow moment of the machine hits all. Printed are the median of the wall times, what that is
above a bare ``python -c pass``, and the peak of resident memory, as a Markdown table. Commands that
need tensorflow are left out where it is not installed. The graphs (4.3 GB) are written before.
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
from pathlib import Path
from typing import NamedTuple

from graphs import write_big, write_small

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
BARE = "python -c pass"

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


class Case(NamedTuple):
    """One command that is measured, and on which graph."""

    graph: str
    label: str
    command: tuple[str, ...]


class Measured(NamedTuple):
    """What runs of one command took; bytes are the peak of all runs, -1 status a failure."""

    seconds: float
    memory: int
    failed: bool


def cases(folder: Path) -> list[Case]:
    """All that is measured, in the order of the table."""
    small, big = ROOT / "examples" / "frozen.pb", folder / "big.pb"
    bigger, many = folder / "bigger.pb", folder / "many.pb"
    found = [Case("", BARE, (PYTHON, "-c", "pass"))]
    for name, path, formats in (
        ("example, 7 nodes", small, ("text", "names")),
        ("1 GB, 256 big constants", big, ("text", "names")),
        ("3 GB, 768 big constants", bigger, ("text",)),
        ("100,000 small nodes", many, ("names", "jsonl", "text")),
    ):
        for each in formats:
            command = (PYTHON, "-m", "pbtool", "list", str(path), "--format", each)
            found.append(Case(name, f"pbtool list --format {each}", command))
        found.append(Case(name, "pbtool info", (PYTHON, "-m", "pbtool", "info", str(path))))
        for label, script in (
            ("protobuf, parse", PARSE_WITH_PROTOBUF),
            ("tensorflow, parse", PARSE_WITH_TENSORFLOW),
            ("tensorflow, import_graph_def", IMPORT_WITH_TENSORFLOW),
        ):
            if "tensorflow" not in label or importlib.util.find_spec("tensorflow"):
                found.append(Case(name, label, (PYTHON, "-c", script, str(path))))
    return found


def run_once(command: tuple[str, ...]) -> Measured:
    """Run a command and wait for it."""
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    start = time.perf_counter()
    process = subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
        env=environment,
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - start
    return Measured(seconds, usage.ru_maxrss * 1024, process.returncode != 0)


def measure(chosen: list[Case], repeat: int) -> list[Measured]:
    """Run all cases in turn, as often as asked; slow ones (over 8 s) at most three times."""
    runs: list[list[Measured]] = [[] for _ in chosen]
    for turn in range(repeat):
        for case, done in zip(chosen, runs, strict=True):
            if turn < 3 or max(each.seconds for each in done) < 8:
                done.append(run_once(case.command))
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


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeat", type=int, default=7, help="runs of each command (default: 7)")
    parser.add_argument("--only", default="", help="only commands whose row contains this")
    parser.add_argument("--keep", type=Path, help="write the graphs here, and use those there")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        for name, write, amount in (
            ("big.pb", write_big, 1 << 30),
            ("bigger.pb", write_big, 3 << 30),
            ("many.pb", write_small, 100_000),
        ):
            if not (folder / name).exists():
                write(folder / name, amount)
        chosen = [
            case
            for case in cases(folder)
            if case.label == BARE or options.only in f"{case.graph} {case.label}"
        ]
        print(table(chosen, measure(chosen, options.repeat)))


if __name__ == "__main__":
    main()
