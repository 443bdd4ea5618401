"""Differential fuzz of ``pbtool check``: damaged graphs, ``import_graph_def`` and our errors.

    python -m tests.agreement.graph_fuzz --cases 10000 --seed 1

Prints every disagreement that is not known, then how often the two agreed, and how often they
disagreed for which known reason. A graph on which TensorFlow ends its process, or never
answers, tells nothing.
"""

from __future__ import annotations

import argparse
import os
import pickle
import random
import signal
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from typing import BinaryIO, NamedTuple

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import tensorflow as tf

from pbtool.checks import ERROR, Finding, check_graph
from pbtool.graph import Graph
from tests.agreement.graph_mutations import Case, mutants
from tests.agreement.models import built
from tests.known_differences import refusal_difference
from tests.open_functions import nested

CRASH = "TensorFlow ends its process, or never answers"
SECONDS = 20  # for one graph: some of them TensorFlow awaits for ever
BATCH = 100  # graphs that one process is asked about
CALLS = "calls"  # a graph of calls with attrs, which TensorFlow's Python does not write
SEEDS = (
    *("cond", "control_flow", "control_flow_as_traced", "data_iterator", "dynamic_rnn", "gru"),
    *("gru_as_traced", "input_queue", "quantized", "ragged", "strings", "tables"),
    *("tensor_array", "training_momentum", "while_loop", "word_embedding"),
)


class Verdict(NamedTuple):
    """What TensorFlow says of a damaged graph (None: nothing), and what we do."""

    story: str
    refusal: str | None
    findings: Sequence[Finding]

    @property
    def errors(self) -> list[Finding]:
        """The findings that are errors."""
        return [each for each in self.findings if each.severity == ERROR]

    @property
    def agree(self) -> bool:
        """Whether both refuse it, or none does; who crashes has no say."""
        return self.refusal == CRASH or (self.refusal is None) == (not self.errors)

    @property
    def known(self) -> str:
        """Why the two are known to disagree; "" where that is not known."""
        return "" if self.agree else refusal_difference(self.refusal, self.findings)

    def __str__(self) -> str:
        ours = "; ".join(f"{each.code} {each.place}: {each.sentence}" for each in self.errors[:2])
        return f"{self.story}\n    TensorFlow: {self.refusal}\n    we: {ours or None}"


def refusal(serialized: bytes) -> str | None:
    """Why TensorFlow refuses a graph; None if it does not."""
    try:
        graph_def = tf.compat.v1.GraphDef.FromString(serialized)
        with tf.Graph().as_default():
            tf.import_graph_def(graph_def, name="")
    except Exception as error:  # noqa: BLE001 - whatever it raises, it refuses
        return f"{type(error).__name__}: {error}"
    return None


def refusals(graphs: Sequence[bytes]) -> Iterator[str | None]:
    """What TensorFlow says of each graph, asked in processes of their own: some it ends."""
    at = 0
    while at < len(graphs):
        answers, pipe = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(answers)
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            _answer(graphs[at : at + BATCH], os.fdopen(pipe, "wb"))
            os._exit(0)
        os.close(pipe)
        expected = at + len(graphs[at : at + BATCH])
        with os.fdopen(answers, "rb") as stream:
            for answer in _received(stream):
                yield answer
                at += 1
        os.waitpid(child, 0)
        if at < expected:
            yield CRASH
            at += 1


def _answer(graphs: Sequence[bytes], stream: BinaryIO) -> None:
    for graph in graphs:
        signal.alarm(SECONDS)  # ends the process
        pickle.dump(refusal(graph), stream)
        stream.flush()


def _received(stream: BinaryIO) -> Iterator[str | None]:
    with suppress(EOFError):
        while True:
            yield pickle.load(stream)  # noqa: S301 - from our own child


def judged(cases: Iterable[Case]) -> Iterator[Verdict]:
    """The verdicts on some cases."""
    rest = iter(cases)
    while some := list(islice(rest, BATCH)):
        told = refusals([case.graph.SerializeToString() for case in some])
        for case, answer in zip(some, told, strict=True):
            yield Verdict(case.story, answer, check_graph(Graph(case.graph)))


def damaged(count: int, seed: int, names: Sequence[str] = SEEDS) -> Iterator[Case]:
    """That many damaged graphs."""
    seeds = {
        name: (nested() if name == CALLS else built(name).graph_def).SerializeToString()
        for name in names
    }
    return islice(mutants(seeds, random.Random(seed)), count)


def main() -> int:
    """Run from a command line; the status says whether there were unknown disagreements."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--models", nargs="+", default=SEEDS, help=f"of tests.agreement.models, or {CALLS}"
    )
    args = parser.parse_args()
    counts: Counter[str] = Counter()
    for number, verdict in enumerate(judged(damaged(args.cases, args.seed, args.models)), 1):
        if not number % 500:
            print(f"{number:,} cases: {dict(counts)}", file=sys.stderr, flush=True)
        counts["refused" if verdict.refusal else "accepted"] += 1
        counts[CRASH] += verdict.refusal == CRASH
        counts["agree"] += verdict.agree
        if verdict.known:
            counts[f"known: {verdict.known}"] += 1
        elif not verdict.agree:
            counts["unknown"] += 1
            print(verdict, flush=True)
    for what, count in sorted(counts.items()):
        print(f"{count:>7,} {what}")
    return counts["unknown"] > 0


if __name__ == "__main__":
    sys.exit(main())
