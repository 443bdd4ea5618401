"""Advice: what a graph could do without, and what may surprise who uses it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Set
from math import isfinite
from typing import TYPE_CHECKING

from pbtool import dtypes
from pbtool.body import parse_input
from pbtool.checks.constants import Constant, is_here
from pbtool.checks.finding import Found
from pbtool.checks.users import Users
from pbtool.ops import CONTROL_FLOW_V1, VARIABLES
from pbtool.quantity import counted
from pbtool.reach import NOTHING
from pbtool.shapes import count_elements
from pbtool.signatures import INITIALIZERS

if TYPE_CHECKING:
    from pbtool.checks.nodes import BodyNodes, GraphNodes
    from pbtool.schema import MetaGraphDef

_LEFTOVER = re.compile(
    r"(Resource|Sparse|ResourceSparse)?Apply[A-Z]\w+|Assign\w*|SaveV2|RestoreV2|Save|Restore"
    r"|\w*Summary\w*|IsVariableInitialized|VarIsInitializedOp|\w*Queue(V2)?|\w*Reader(V2)?"
)
_NAMED = 3
_BIG = 1 << 20  # bytes of a constant whose storage is worth a word
_SMALL = 1 << 12  # bytes of a constant that may be there twice
_CHAIN = 3  # Identity nodes, one behind the other, that are worth a word


def _told(names: Iterable[str], what: str, remedy: str, noun: str = "node") -> Iterator[Found]:
    """One finding about some nodes, in a sentence that ends with them; none about none."""
    every = list(names)
    if len(every) == 1:
        yield Found(every[0], f"{what} this {noun}", remedy)
    elif every:
        named = ", ".join(map(repr, every[:_NAMED]))
        more = f" and {len(every) - _NAMED:,} more" if len(every) > _NAMED else ""
        yield Found(None, f"{what} {len(every):,} {noun}s: {named}{more}", remedy)


def training_leftovers(body: BodyNodes) -> Iterator[Found]:
    """Ops of training, in a graph without variables."""
    if body.function is not None or body.whole.meta_graph is not None:
        return
    if not VARIABLES.isdisjoint(body.counts):
        return
    ops = {op for op in body.counts if _LEFTOVER.fullmatch(op)}
    if not any(op in body.counts for op in ("Const", "HostConst")) or not ops:
        return
    names = (name for name, op in zip(body.names, body.ops, strict=True) if op in ops)
    what = f"only training ({', '.join(sorted(ops))}) needs"
    yield from _told(names, what, "pbtool prune keeps what the outputs need")


def dead_nodes(whole: GraphNodes) -> Iterator[Found]:
    """Nodes that nobody needs."""
    if whole.meta_graph is None:
        names = _unused_constants(whole.main)
        yield from _told(names, "nothing uses", "pbtool prune drops what is not used", "constant")
    else:
        needed = _needed(whole, whole.meta_graph)
        if needed:
            others = (name for name in whole.main.names if name not in needed)
            yield from _told(others, "no signature, initializer or saver needs", "")


def _needed(whole: GraphNodes, proto: MetaGraphDef) -> Set[str]:
    """The nodes that loading, calling or saving a model runs; none where nothing can be called."""
    users = Users(whole.graph, proto)
    part = NOTHING
    for key, each in users.signatures.items():
        part |= NOTHING if key in INITIALIZERS else each
    if part == NOTHING:
        return frozenset()  # whoever loads this names what to run
    part |= users.initializer | users.saver
    fed = {parse_input(asset.tensor_info.name).node for asset in proto.asset_file_def}
    return part.nodes | fed


def _unused_constants(body: BodyNodes) -> Iterator[str]:
    used = {source for data in body.data for source, _ in data}
    used.update(source for controls in body.controls for source in controls)
    if len(body.constants) < len(body.nodes):  # a collection of constants is there for them
        yield from (body.names[each] for each in body.constants if each not in used)


def control_flow_v1(body: BodyNodes) -> Iterator[Found]:
    """Switch, Merge and the like."""
    ops = sorted(op for op in body.counts if op in CONTROL_FLOW_V1)
    if ops and body.function is None:
        count = sum(body.counts[op] for op in ops)
        nodes = counted(count, "node")
        sentence = f"control flow of TensorFlow 1 in {nodes}: {', '.join(ops)}"
        yield Found(None, sentence, "many converters know only If and While")


def doubles(body: BodyNodes) -> Iterator[Found]:
    """Floats of 64 bits."""
    pairs = zip(body.names, body.types, strict=False)
    names = (name for name, types in pairs if types and dtypes.DOUBLE in map(dtypes.base, types))
    remedy = "float32 is quicker, and all that many devices have"
    yield from _told(names, "float64 comes out of", remedy)


def identity_chains(body: BodyNodes) -> Iterator[Found]:
    """Identity nodes, one behind the other."""
    if body.counts.get("Identity", 0) < _CHAIN:
        return
    sources = {
        position: body.data[position][0][0]
        for position, op in enumerate(body.ops)
        if op == "Identity" and len(body.data[position]) == 1
    }

    def length(position: int | None) -> int:
        count = 0
        while position in sources and count <= _CHAIN:  # they may stand in a ring
            position, count = sources[position], count + 1
        return count

    ends = (body.names[position] for position in sources if length(position) == _CHAIN)
    what = f"{_CHAIN} or more Identity nodes stand behind each other, up to"
    yield from _told(ends, what, "they compute nothing")


# --- what constants hold ------------------------------------------------------------------------


def _sized(body: BodyNodes, least: int) -> Iterator[tuple[str, Constant]]:
    """The constants of numbers that take so many bytes."""
    for position, constant in body.constants.items():
        if constant.bytes < least or body.names[position] in body.malformed:
            continue
        if dtypes.BY_NUMBER[constant.tensor.dtype].numpy:
            yield body.names[position], constant


def strange_numbers(body: BodyNodes) -> Iterator[Found]:
    """Constants with NaN or infinity."""
    import numpy as np

    from pbtool import tensors

    for name, (tensor, sizes, _) in _sized(body, 1):
        if not dtypes.BY_NUMBER[tensor.dtype].numpy.startswith(("float", "complex")):
            continue
        is_float, is_double = tensor.dtype == dtypes.FLOAT, tensor.dtype == dtypes.DOUBLE
        is_listed = (is_float or is_double) and not tensor.tensor_content
        if is_listed and is_here(body.body, body.body[name]):
            listed = tensor.float_val if is_float else tensor.double_val
            if len(listed) < 2 and all(map(isfinite, listed)):
                continue  # most constants: numpy would take longer
        total = count_elements(sizes)
        if not tensor.tensor_content and is_here(body.body, body.body[name]):
            # The last may stand for a shape that no memory holds.
            values = tensors.listed_values(tensor, dtypes.BY_NUMBER[tensor.dtype])
        else:
            values = body.body.tensor(name).reshape(-1)
        rest = total - len(values)
        with np.errstate(all="ignore"):
            if np.isfinite(values).all():
                continue
            nans, infinities = (
                int(strange.sum()) + rest * int(strange[-1])
                for strange in (np.isnan(values), np.isinf(values))
            )
        said = [f"{nans:,} NaN"] * bool(nans) + [f"{infinities:,} infinite"] * bool(infinities)
        yield Found(name, f"holds {' and '.join(said)} of {total:,} values")


def uniform_constants(body: BodyNodes) -> Iterator[Found]:
    """Huge constants with one value."""
    for name, (_, _, size) in _sized(body, _BIG):
        if body.body.node_size(body.nodes[body.positions[name]]) < size // 2:
            continue  # the file states the value once
        values = body.body.tensor(name).reshape(-1)
        if values.size and (values[0] == values[-1]) and bool((values == values[0]).all()):
            sentence = f"holds {size:,} bytes, all of the value {values[0]}"
            yield Found(name, sentence, "state the value once, or use Fill")


def duplicate_constants(whole: GraphNodes) -> Iterator[Found]:
    """Constants with the same type, shape and content."""
    import hashlib

    first: dict[bytes, str] = {}
    twice: list[str] = []
    total = 0
    for body in whole.bodies:
        for name, (tensor, _, size) in _sized(body, _SMALL):
            if body.body.node_size(body.nodes[body.positions[name]]) < size // 2:
                continue
            values = body.body.tensor(name)
            head = f"{tensor.dtype}{values.shape}".encode()
            digest = hashlib.sha256(head + values.tobytes()).digest()
            place = name if body.body.name is None else f"{body.body.name}::{name}"
            if first.setdefault(digest, place) != place:
                twice.append(f"{place} is {first[digest]}")
                total += size
    if twice:
        named = "; ".join(twice[:_NAMED]) + ("; …" if len(twice) > _NAMED else "")
        sentence = (
            f"the bytes of {counted(len(twice), 'constant')} are there twice, {total:,}: {named}"
        )
        yield Found(None, sentence, "let the nodes share one")
