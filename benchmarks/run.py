"""Measures pbtool beside tensorflow and plain protobuf: time and peak memory of whole commands.

    python benchmarks/run.py [--repeat N] [--only WORD...] [--keep FOLDER]

Every command is a fresh process with its output thrown away, and is run in turn with the others, so
that a slow moment of the machine hits all. Printed are the median of the wall times, what that is
above a bare ``python -c pass``, and the peak of resident memory, as a Markdown table. "infer" and
"import" are the seconds within a process that has the modules and the graph in memory. The rows of
numpy and tabulate tell how fast the machine is just then. Commands that need tensorflow are left
out where it is not installed. The graphs (4.8 GB) are written first, and
what is pruned takes 3.2 GB more.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from measured import COMMANDS, GRAPHS, MEASURED, PYTHON, REFERENCES, Command

ROOT = Path(__file__).resolve().parent.parent
BARE = "python -c pass"
HAS_TENSORFLOW = importlib.util.find_spec("tensorflow") is not None


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
    seconds_of = {
        (case.file, case.label): result.seconds
        for case, result in zip(chosen, measured, strict=True)
        if not result.failed
    }
    heads = ["graph", "command", "seconds", "above bare", "peak MB", *REFERENCES]
    rows = [heads, ["---"] * 2 + ["--:"] * (len(heads) - 2)]
    for case, result in zip(chosen, measured, strict=True):
        seconds = [f"{result.seconds:.3f}", f"{result.seconds - bare:.3f}"]
        if result.failed:
            seconds = [f"fails after {result.seconds:.1f}", ""]
        times = [_times(seconds_of, case, labels) for labels in REFERENCES.values()]
        rows.append([case.graph, case.label, *seconds, f"{result.memory / 1e6:.0f}", *times])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _times(seconds: dict[tuple[str, str], float], case: Case, labels: tuple[str, ...]) -> str:
    """How many times as long a command takes as one of those on the same graph."""
    found = [seconds[case.file, each] for each in labels if (case.file, each) in seconds]
    own = seconds.get((case.file, case.label))
    return f"{own / found[0]:.2f}" if own and found else ""


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
