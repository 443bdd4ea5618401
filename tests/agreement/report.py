"""Rows of the report for which tensorflow itself is asked: what was compared, and how it went."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import NamedTuple

import numpy as np
import tensorflow as tf
from google.protobuf import text_format
from tensorflow.core.framework.tensor_pb2 import TensorProto

from pbtool import files, schema
from pbtool.backend.preparing import prepare
from pbtool.backend.unfreezable import refuse
from pbtool.checkpoint import Checkpoint, open_checkpoint
from pbtool.conversion import document, encode
from pbtool.differences.equal_graph_def import difference
from pbtool.errors import PbtoolError
from pbtool.execution.program import find_program
from pbtool.execution.values import RANDOM, make, sizes
from pbtool.graph import Graph
from pbtool.parsing import parse
from pbtool.pruning import prune
from pbtool.recognize import BINARY, TEXT
from pbtool.source import open_source
from pbtool.writing import to_bytes
from tests.agreement.freezes import UNEXECUTABLE, frozen, program_of, sources
from tests.agreement.graph_fuzz import damaged, judged
from tests.agreement.graph_mutations import Case
from tests.agreement.test_conversion import CLASSES
from tests.agreement.test_equal_graph_def import mutated, tensorflow_says
from tests.agreement.test_pruning import fates
from tests.corpus import FOLDER
from tests.test_corpus import manifest

_SMALL = 1 << 18  # bytes of a graph that is compared with many others
_DAMAGED = 300  # graphs


class Row(NamedTuple):
    """One kind of work, done by both sides: on how many files, how much was equal, what was not."""

    work: str
    files: int
    things: str
    equal: int
    known: int
    total: int
    different: tuple[str, ...] = ()


class Verdict(NamedTuple):
    """Of one file: how many things were equal, how many there were, and how many of those differ in
    a way that ``tests/known_differences.py`` lists.
    """

    equal: int
    total: int
    known: int = 0


NOTHING = Verdict(0, 0)


def rows() -> Iterator[Row]:
    """Do all the work; what cannot be done with a file says nothing about it."""
    models = [row["path"] for row in manifest() if row["kind"].removesuffix("-text") in CLASSES]
    small = [row["path"] for row in manifest() if int(row["bytes"]) < 1_000_000]
    indexes = [row["path"] for row in manifest() if row["path"].endswith(".index")]
    texts = [path for path in models if path in small]
    yield _row("parse", "messages", models, _parse)
    yield _row("text format", "messages", texts, _text)
    yield _row("values of constants", "tensors", models, _constants)
    yield _row("checkpoints", "tensors", indexes, _checkpoint)
    yield _row("prune: what extract_sub_graph keeps", "nodes", models, _prune)
    yield _row("prune: what remove_training_nodes takes out", "nodes", models, _training_nodes)
    yield _row("equality: what EqualGraphDef says", "pairs of graphs", models, _equality)
    yield _row("validity: what import_graph_def refuses", "graphs", models, _validity)
    yield _damaged_row()
    yield _row("execute before and after prune", "outputs", models, _execute)
    yield _row("execute before and after freeze", "outputs", _frozen_paths(), _freeze)


def _row(work: str, things: str, paths: list[str], compare: Callable[[str], Verdict]) -> Row:
    found = {}
    for path in paths:
        with suppress(PbtoolError, UnableError):
            found[path] = compare(path)
    told = {path: verdict for path, verdict in found.items() if verdict.total}
    different = tuple(
        path for path, (equal, total, known) in told.items() if equal + known != total
    )
    equal, total, known = (sum(each[side] for each in told.values()) for side in range(3))
    return Row(work, len(told), things, equal, known, total, different)


class UnableError(Exception):
    """TensorFlow cannot do its part."""


def _message(path: str) -> tuple[str, schema.Message]:
    source = open_source(str(FOLDER / path))
    given = document(source)
    return given.kind, parse(source, given.kind, given.encoding)


def _graph(path: str) -> Graph:
    return files.load(FOLDER / path).graph


def _parse(path: str) -> Verdict:
    kind, ours = _message(path)
    theirs = CLASSES[kind].FromString(encode(ours, BINARY))
    return Verdict(int(theirs.SerializeToString(deterministic=True) == encode(ours, BINARY)), 1)


def _text(path: str) -> Verdict:
    kind, ours = _message(path)
    theirs = CLASSES[kind].FromString(encode(ours, BINARY))
    return Verdict(int(text_format.MessageToString(theirs).encode() == encode(ours, TEXT)), 1)


def _constants(path: str) -> Verdict:
    verdicts = []
    for body in _graph(path).bodies:
        for node in body:
            if node.op != "Const":
                continue
            data = node.attr["value"].tensor.SerializeToString()
            try:
                theirs = tf.make_ndarray(TensorProto.FromString(data))
            except (TypeError, ValueError):
                continue
            ours = body.tensor(node.name)
            if theirs.dtype != ours.dtype:
                theirs = theirs.astype(ours.dtype)  # bfloat16 and the like
            verdicts.append(_same(ours, theirs))
    return Verdict(sum(verdicts), len(verdicts))


def _same(ours: np.ndarray, theirs: np.ndarray) -> bool:
    if ours.dtype == object:
        return ours.tolist() == theirs.tolist()
    return ours.shape == theirs.shape and ours.tobytes() == theirs.tobytes()


def _checkpoint(path: str) -> Verdict:
    checkpoint: Checkpoint = open_checkpoint(str(FOLDER / path))
    if checkpoint.missing_shards:
        return NOTHING
    reader = tf.train.load_checkpoint(checkpoint.prefix)
    names = list(reader.get_variable_to_shape_map())
    equal = sum(_same(checkpoint.tensor(name), _array(reader.get_tensor(name))) for name in names)
    return Verdict(equal, len(names))


def _array(value: np.ndarray | bytes) -> np.ndarray:
    """What TensorFlow's reader gives; a string of its own would lose its last zero bytes."""
    return np.array(value, object) if isinstance(value, bytes) else value


def _prune(path: str) -> Verdict:
    graph = _graph(path)
    outputs = [port.tensor for port in find_program(files.load(FOLDER / path)).outputs]
    names = [name.partition(":")[0] for name in outputs]
    proto = tf.compat.v1.GraphDef.FromString(to_bytes(graph))
    try:
        theirs = tf.compat.v1.graph_util.extract_sub_graph(proto, names)
    except (KeyError, AssertionError):
        raise UnableError from None
    kept = {node.name: node.SerializeToString(deterministic=True) for node in theirs.node}
    ours = {node.name: node.SerializeToString(deterministic=True) for node in prune(graph, outputs)}
    every = kept.keys() | ours.keys()
    return Verdict(sum(kept.get(name) == ours.get(name) for name in every), len(every))


def _execute(path: str) -> Verdict:
    program = find_program(files.load(FOLDER / path))
    refuse(program)
    if program.steps or any("Random" in node.op for node in program.graph):
        return NOTHING
    feeds = {port.tensor: make(RANDOM, port, sizes(port, unknown=1)) for port in program.inputs}
    fetches = [port.tensor for port in program.outputs]
    pruned = prune(program.graph, [*fetches, *feeds])
    results = []
    for graph in (program.graph, pruned):
        with prepare(program._replace(graph=graph), plain=True) as runtime:
            results.append(runtime.run(fetches, feeds))
    pairs = list(zip(*results, strict=True))
    return Verdict(sum(_same(one.array, two.array) for one, two in pairs), len(pairs))


def _training_nodes(path: str) -> Verdict:
    graph = _graph(path)
    outputs = find_program(files.load(FOLDER / path)).outputs
    found = list(fates(graph, {port.tensor.partition(":")[0] for port in outputs}))
    known = sum(each.is_known for each in found)
    return Verdict(sum(each.is_equal for each in found), len(found), known)


def _equality(path: str) -> Verdict:
    """A graph with itself, and with such in which something was changed that may count or not."""
    graph = _graph(path).proto
    if graph.ByteSize() > _SMALL:
        return NOTHING
    dice = random.Random(path)
    others = [graph, *(mutated(mutated(graph, dice), dice) for _ in range(5))]
    verdicts = [
        (difference(Graph(graph), Graph(other)) is None) == tensorflow_says(graph, other)
        for other in others
    ]
    return Verdict(sum(verdicts), len(verdicts))


def _validity(path: str) -> Verdict:
    (verdict,) = judged([Case(_graph(path).proto, path)])
    return Verdict(verdict.agree, 1, bool(verdict.known))


def _damaged_row() -> Row:
    verdicts = list(judged(damaged(_DAMAGED, seed=7)))
    equal = sum(each.agree for each in verdicts)
    known = sum(bool(each.known) for each in verdicts)
    different = tuple(each.story for each in verdicts if not (each.agree or each.known))
    return Row(
        "validity of graphs damaged at random", 0, "graphs", equal, known, len(verdicts), different
    )


def _frozen_paths() -> list[str]:
    return list(dict.fromkeys(each.path for each in sources()))


def _freeze(path: str) -> Verdict:
    verdicts = []
    for source in sources():
        if source.path == path and source.path not in UNEXECUTABLE:
            with suppress(PbtoolError):
                _, verified = frozen(program_of(source))
                verdicts += [each.is_equal for each in verified.differences.values()]
    return Verdict(sum(verdicts), len(verdicts))
