"""Rows of the report for which tensorflow itself is asked: what was compared, and how it went."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import NamedTuple

import numpy as np
import tensorflow as tf
from google.protobuf import text_format
from tensorflow.core.framework.tensor_pb2 import TensorProto

from pbtool import files, schema
from pbtool.backend.freezing import freeze, refuse
from pbtool.backend.preparing import prepare
from pbtool.checkpoint import Checkpoint, open_checkpoint
from pbtool.conversion import document, encode
from pbtool.errors import PbtoolError
from pbtool.execution.feeding import RANDOM, make, sizes
from pbtool.execution.program import find_program
from pbtool.graph import Graph
from pbtool.parsing import parse
from pbtool.pruning import prune
from pbtool.recognize import BINARY, TEXT
from pbtool.source import open_source
from pbtool.writing import to_bytes
from tests.agreement.test_conversion import CLASSES
from tests.agreement.test_freeze import NOT_EXECUTED, SOURCES, frozen
from tests.corpus import FOLDER
from tests.test_corpus import manifest


class Row(NamedTuple):
    """One kind of work, done by both sides: on how many files, how much was equal, what was not."""

    work: str
    files: int
    things: str
    equal: int
    total: int
    different: tuple[str, ...] = ()


# Per file: how many things were equal, and how many there were.
Verdict = tuple[int, int]


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
    yield _row("execute before and after prune", "outputs", models, _execute)
    yield _row("execute before and after freeze", "outputs", list(SOURCES), _freeze)


def _row(work: str, things: str, paths: list[str], compare: Callable[[str], Verdict]) -> Row:
    found = {}
    for path in paths:
        with suppress(PbtoolError, UnableError):
            found[path] = compare(path)
    told = {path: verdict for path, verdict in found.items() if verdict[1]}
    different = tuple(path for path, (equal, total) in told.items() if equal != total)
    equal, total = (sum(each[side] for each in told.values()) for side in (0, 1))
    return Row(work, len(told), things, equal, total, different)


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
    return int(theirs.SerializeToString(deterministic=True) == encode(ours, BINARY)), 1


def _text(path: str) -> Verdict:
    kind, ours = _message(path)
    theirs = CLASSES[kind].FromString(encode(ours, BINARY))
    return int(text_format.MessageToString(theirs).encode() == encode(ours, TEXT)), 1


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
    return sum(verdicts), len(verdicts)


def _same(ours: np.ndarray, theirs: np.ndarray) -> bool:
    if ours.dtype == object:
        return ours.tolist() == theirs.tolist()
    return ours.shape == theirs.shape and ours.tobytes() == theirs.tobytes()


def _checkpoint(path: str) -> Verdict:
    checkpoint: Checkpoint = open_checkpoint(str(FOLDER / path))
    if checkpoint.missing_shards:
        return 0, 0
    reader = tf.train.load_checkpoint(checkpoint.prefix)
    names = list(reader.get_variable_to_shape_map())
    return sum(
        _same(checkpoint.tensor(name), _array(reader.get_tensor(name))) for name in names
    ), len(names)


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
    return sum(kept.get(name) == ours.get(name) for name in every), len(every)


def _execute(path: str) -> Verdict:
    program = find_program(files.load(FOLDER / path))
    refuse(program)
    if program.steps or any("Random" in node.op for node in program.graph):
        return 0, 0
    feeds = {port.tensor: make(RANDOM, port, sizes(port, unknown=1)) for port in program.inputs}
    fetches = [port.tensor for port in program.outputs]
    pruned = prune(program.graph, [*fetches, *feeds])
    results = []
    for graph in (program.graph, pruned):
        with prepare(program._replace(graph=graph), plain=True) as runtime:
            results.append(runtime.run(fetches, feeds))
    pairs = list(zip(*results, strict=True))
    return sum(_same(one.array, two.array) for one, two in pairs), len(pairs)


def _freeze(path: str) -> Verdict:
    if path in NOT_EXECUTED:
        freeze(find_program(files.load(FOLDER / path), **SOURCES[path]))
        return 0, 0
    verified = frozen(FOLDER / path, **SOURCES[path])[2]
    found = verified.differences.values()
    return sum(each.is_equal for each in found), len(found)
