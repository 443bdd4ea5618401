"""Types and shapes of the corpus's files against what TensorFlow recorded for them.

The recorded answers lie beside the corpus: for each file, one JSON object a node.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter
from functools import cache

import pytest

from pbtool import dtypes, files
from pbtool.infer import Inference
from pbtool.shapes import Shape
from tests.corpus import FOLDER, needs_corpus
from tests.rule_case import Output
from tests.rule_engine import Verdict, compare

ORACLE = FOLDER.parent / "oracle"
MUST_BE_EQUAL = 0.995  # of all outputs

pytestmark = needs_corpus


def _records(path):
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


# A file that TensorFlow refuses has one record that says so.
ANSWERED = {
    path.name.removesuffix(".jsonl.gz").replace("__", "/"): records
    for path in sorted(ORACLE.glob("*.gz"))
    if "refused" not in (records := _records(path))[0]
}


@cache
def our_answer(name):
    """The op and facts of every node of a file, by function and node."""
    graph = files.load(FOLDER / name).graph
    inference = Inference(graph)
    return {
        (body.name, node.name): (node.op, inference.facts(body).get(node.name))
        for body in graph.bodies
        for node in body
    }


@pytest.fixture(params=ANSWERED)
def file(request):
    return request.param


def test_nothing_is_missing(file):
    theirs = Counter((row["function"], row["name"], row["op"]) for row in ANSWERED[file])
    ours = Counter((*where, op) for where, (op, _) in our_answer(file).items())
    assert ours == theirs


def test_types(file):
    answers = our_answer(file)
    for row in ANSWERED[file]:
        _, facts = answers[row["function"], row["name"]]
        types = [dtypes.name(fact.dtype) for fact in facts]
        assert types == [dtype for dtype, _ in row["outputs"]], row["name"]


def verdicts(file):
    """The verdict on each output, its op, and its place with the two answers."""
    answers = our_answer(file)
    for row in ANSWERED[file]:
        _, facts = answers[row["function"], row["name"]]
        for number, (fact, (_, dims)) in enumerate(zip(facts, row["outputs"], strict=True)):
            verdict = compare((Output(fact.shape),), (Output(Shape(dims)),))
            place = f"{file}: {row['function'] or ''}::{row['name']}:{number}"
            yield verdict, row["op"], f"{place}: we say {fact.shape}, TensorFlow {Shape(dims)}"


def test_shapes_do_not_contradict(file):
    wrong = [text for verdict, _, text in verdicts(file) if verdict == Verdict.CONTRADICTION]
    assert not wrong


def test_shapes_are_equal():
    counts: Counter[tuple[str, str]] = Counter()
    examples = {}
    for file in ANSWERED:
        for verdict, op, text in verdicts(file):
            counts[verdict, op] += 1
            examples.setdefault((verdict, op), text)
    differences = [
        f"{count} {verdict} {op}, such as {examples[verdict, op]}"
        for (verdict, op), count in counts.most_common()
        if verdict != Verdict.EQUAL
    ]
    share = 1 - sum(counts[key] for key in counts if key[0] != Verdict.EQUAL) / counts.total()
    assert share >= MUST_BE_EQUAL, "\n".join([f"{100 * share:.2f} % are equal", *differences])
