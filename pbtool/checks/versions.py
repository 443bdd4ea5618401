"""Checks of versions: of the graph's format, and of the TensorFlow that ops and attrs came with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pbtool import opdefs
from pbtool.checks.finding import Found
from pbtool.quantity import counted

if TYPE_CHECKING:
    from pbtool.checks.nodes import BodyNodes, GraphNodes

# The version of the graph's format that the TensorFlow of our op table writes and understands.
GRAPH_DEF_VERSION = 2474

_UPDATE = "use a newer TensorFlow"


def consumers(whole: GraphNodes) -> Iterator[Found]:
    """Graphs that say that TensorFlow is too old or too new for them."""
    versions = whole.graph.versions
    if versions.min_consumer > GRAPH_DEF_VERSION:
        asked = f"asks for graph version {versions.min_consumer}"
        yield Found(None, f"{asked}, and TensorFlow {_newest()} has {GRAPH_DEF_VERSION}", _UPDATE)
    if GRAPH_DEF_VERSION in versions.bad_consumers:
        sentence = f"says that graph version {GRAPH_DEF_VERSION}, TensorFlow's, must not read it"
        yield Found(None, sentence, _UPDATE)
    if versions.producer < 0:
        yield Found(None, f"was written by graph version {versions.producer}", "make it anew")


def _newest() -> str:
    return opdefs.versions()["tensorflow"].last


def newer_producers(whole: GraphNodes) -> Iterator[Found]:
    """Graphs that a newer TensorFlow wrote than ours."""
    producer = whole.graph.versions.producer
    if producer > GRAPH_DEF_VERSION:
        written = f"was written by graph version {producer}, newer than TensorFlow {_newest()}'s"
        yield Found(None, f"{written} {GRAPH_DEF_VERSION}", "a newer pbtool may know more of it")


def deprecated_ops(body: BodyNodes) -> Iterator[Found]:
    """Ops that were forbidden already when the graph was written."""
    deprecated = {
        op: op_def.deprecation
        for op in body.counts
        if (op_def := body.op_def(op)) is not None and op_def.deprecation.version
    }
    producer = body.whole.graph.versions.producer
    for name, op in zip(body.names, body.ops, strict=True) if deprecated else ():
        if op in deprecated and producer >= deprecated[op].version:
            sentence = f"{op} is not for graphs of version {deprecated[op].version} or later"
            yield Found(name, sentence, deprecated[op].explanation.rstrip("."))


def aged_ops(body: BodyNodes) -> Iterator[Found]:
    """Ops that are deprecated, in a graph that is old enough to have them."""
    producer = body.whole.graph.versions.producer
    for op in body.counts:
        op_def = body.op_def(op)
        if op_def is None or not op_def.deprecation.version > producer:
            continue
        name = body.names[body.ops.index(op)]
        version = op_def.deprecation.version
        nodes = counted(body.counts[op], "node")
        sentence = f"{op} is deprecated since graph version {version}, in {nodes}"
        yield Found(name, sentence, op_def.deprecation.explanation.rstrip("."))


# --- the version that is asked for --------------------------------------------------------------


def parse_version(text: str) -> tuple[int, int]:
    """The numbers of a version such as ``2.9`` or ``1.15.5``. Raises ValueError for others."""
    major, minor, *_ = text.split(".")
    return int(major), int(minor)


def lacks(target: str, key: str) -> str:
    """Why a version of TensorFlow does not have an op, or an attr (``Op.attr``); "" if it does.

    What no version of TensorFlow has ever had is not told either.
    """
    versions = opdefs.versions()
    row, wanted = versions.get(key), parse_version(target)
    if row is None:
        return ""
    first = parse_version(row.first)
    if first > wanted and first > parse_version(versions["tensorflow"].first):
        return f"came with TensorFlow {row.first}"
    if row.last and parse_version(row.last) < wanted:
        return f"went after TensorFlow {row.last}"
    return ""


def newer_than_target(body: BodyNodes) -> Iterator[Found]:
    """Ops and attrs that the TensorFlow asked for does not have yet, or no longer."""
    target = body.whole.target
    if not target:
        return
    known = opdefs.versions()
    wrong_ops = {op: why for op in body.counts if (why := lacks(target, op))}
    attrs: dict[str, dict[str, str]] = {}
    for op in body.counts:
        op_def = body.op_def(op)
        if op_def is not None and op in known:
            wrong = {attr.name: lacks(target, f"{op}.{attr.name}") for attr in op_def.attr}
            attrs[op] = {name: why for name, why in wrong.items() if why}
    for node, name, op in zip(body.nodes, body.names, body.ops, strict=True):
        if op in wrong_ops:
            yield Found(name, f"the op {op} {wrong_ops[op]}, the target is {target}")
        for attr, why in attrs.get(op, {}).items():
            if attr in node.attr and node.attr[attr] != _default(body, op, attr):
                yield Found(name, f"the attr {attr!r} of {op} {why}, the target is {target}")


def _default(body: BodyNodes, op: str, name: str) -> object:
    op_def = body.op_def(op)
    declared = () if op_def is None else op_def.attr
    return next((attr.default_value for attr in declared if attr.name == name), None)
