"""Damaged and hostile files: what must hold whatever pbtool is fed.

    python -m tests.survival --inputs 100000 [--seed S] [--keep FOLDER]

Each input is a small model file with random damage, which knows the structure of what it damages,
and goes through one command line. A command may succeed, or refuse in a sentence; it must not raise
anything else, compute longer than SECONDS, or print what steers a terminal, nor, in the runs which
the line above starts, need more than MEMORY. Inputs that break a law are written to the folder;
those of the past are kept in tests/survivors.
"""

from __future__ import annotations

import argparse
import faulthandler
import functools
import gc
import io
import random
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from pbtool import cli, verbs
from tests.checkpoint_examples import small_bundle
from tests.seeds import Seed, seeds

ROOT = Path(__file__).resolve().parent.parent
SURVIVORS = ROOT / "tests" / "survivors"

SECONDS = 5
MEMORY = 3 << 30  # bytes of address space, numpy's own included


# --- laws --------------------------------------------------------------------------------------

# {file} is the damaged file, {seed} the one that it was made of, {graph} another graph, {out} a
# place to write.
COMMANDS = tuple(
    line.split()
    for line in """
    list {file}
    list {file} --format json
    list {file} --format csv --sort size
    list {file} --format html --columns name,inputs,bytes
    list {file} --explain out
    info {file}
    info {file} --format json
    info {file} --brief
    show {file} *
    show {file} * --values --format json
    check {file}
    check {file} --format sarif
    diff {file} {seed}
    diff {seed} {file} --format json
    prune {file} --outputs out -o {out}.pb
    prune {file} --outputs * --inputs x,a:0 --drop-inert-control-edges -o {out}.pbtxt
    prune {file} --outputs a --remove-training-nodes --clear-devices --dry-run
    convert {file} {out}.pbtxt
    convert {file} {out}.json
    textconv {file}
""".strip().splitlines()
)
OF_CHECKPOINTS = tuple(words for words in COMMANDS if words[0] not in ("prune", "convert"))
OF_CHANGES = tuple(
    line.split()
    for line in """
    patch {graph} {file} -o {out}.pb
    patch {graph} {file} --reverse -o {out}.pbtxt
""".strip().splitlines()
)


def commands_of(name: str) -> tuple[list[str], ...]:
    """The commands that take a file of this name."""
    if name == "changes.json":
        return OF_CHANGES
    return OF_CHECKPOINTS if name in ("small.index", "v1.ckpt") else COMMANDS


_LINE_ENDS = {ord("\n"): None, ord("\t"): None}


class Run(NamedTuple):
    """What one command did with one input."""

    words: tuple[str, ...]
    status: int
    out: str
    err: str
    seconds: float

    def broken_law(self, most_seconds: float = SECONDS) -> str:
        """The law that does not hold; "" when all do."""
        if self.status not in (0, 1, 2):
            return f"exit status {self.status}"
        for said in ("a bug in pbtool", "not enough memory", "deeper than pbtool"):
            if said in self.err:
                return self.err.strip()
        if self.status == 2 and len(self.err.splitlines()) != self.err.count("pbtool: "):
            return f"an error of several lines: {self.err!r}"
        if self.seconds > most_seconds:
            return f"{self.seconds:.1f} seconds"
        steering = set((self.out + self.err).translate(_LINE_ENDS))
        steering = {char for char in steering if not char.isprintable()}
        return f"prints {steering}" if steering else ""


def run(words: Sequence[str], most_seconds: int = SECONDS) -> Run:
    """Run one command line in this process."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="") for _ in range(2))
    start = time.process_time()
    # Of what it computes, not of the clock: other processes may keep the machine busy.
    signal.signal(signal.SIGPROF, _give_up)
    signal.setitimer(signal.ITIMER_PROF, 4 * most_seconds)
    faulthandler.dump_traceback_later(60 * most_seconds, exit=True)  # what hangs outside of Python
    status = cli.main(words, stdin=io.TextIOWrapper(io.BytesIO()), stdout=out, stderr=err)
    signal.setitimer(signal.ITIMER_PROF, 0)
    faulthandler.cancel_dump_traceback_later()
    seconds = time.process_time() - start
    texts = []
    for stream in (out, err):
        stream.flush()
        texts.append(stream.buffer.getvalue().decode())
    return Run(tuple(words), status, *texts, seconds)


def _give_up(*_: object) -> None:
    raise RuntimeError("hangs")  # which breaks a law, as every error that is none of pbtool's


def command(words: Sequence[str], folder: Path, name: str) -> list[str]:
    """The words of one command, its files in the folder."""
    files = {"file": name, "seed": f"seed-{name}", "graph": "seed-sizes.pb", "out": "out"}
    places = {key: folder / file for key, file in files.items()}
    return [word.format(**places) for word in words]


def prepare(folder: Path) -> list[Seed]:
    """The seeds, and in the folder what they are compared with."""
    small_bundle().write(folder / "small")
    small_bundle().write(folder / "seed-small")
    found = seeds()
    for seed in found:
        (folder / f"seed-{seed.name}").write_bytes(seed.data)
    return found


def survive(inputs: int, seed: int, folder: Path) -> Iterator[tuple[bytes, Run, str]]:
    """Yield what breaks a law: the input, the run, the law."""
    chance = random.Random(seed)
    models = prepare(folder)
    for _ in range(inputs):
        model = chance.choice(models)
        data = model.damage(chance, model.data)
        if chance.random() < 0.01:
            data = chance.randbytes(chance.choice((1, 10, 100, 1000)))
        (folder / model.name).write_bytes(data)
        done = run(command(chance.choice(commands_of(model.name)), folder, model.name))
        if law := done.broken_law():
            yield data, done, law


def main() -> None:
    """Survive as many inputs as the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--inputs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, default=SURVIVORS)
    options = parser.parse_args()
    # The files lie in memory where they can: a disk is slower than pbtool.
    place = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - the base of a folder of our own
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    found = 0
    # An ordinary process makes one parser and ends before it collects garbage.
    made = functools.cache(verbs.parser)
    cli.parser = lambda verb, module, _: made(verb, module)
    gc.freeze()
    with tempfile.TemporaryDirectory(dir=place) as folder:
        for data, done, law in survive(options.inputs, options.seed, Path(folder)):
            found += 1
            options.keep.mkdir(exist_ok=True)
            name = Path(next(word for word in done.words[1:] if "seed-" not in word)).name
            kept = options.keep / f"{options.seed}-{found}-{name}"
            kept.write_bytes(data)
            words = " ".join(word.replace(folder, "") for word in done.words)
            print(f"{law}\n  {words}\n  {kept}", flush=True)
    print(f"{options.inputs} inputs, {found} broke a law")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
