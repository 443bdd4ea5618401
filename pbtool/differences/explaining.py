"""What happened between two graphs, where it is recognised: a sentence, and counts as its proof.

A sentence is said only where the changes allow no other reading: what does not fit it entirely is
left to the list of changes.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from pbtool.differences.changes import (
    Added,
    Change,
    Changed,
    Explanation,
    Removed,
    Renamed,
)
from pbtool.differences.naming import input_parts
from pbtool.differences.tally import Tally, tally_of
from pbtool.ops import VARIABLES as OF_TODAY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from pbtool.graph import Graph
    from pbtool.schema import NodeDef

VARIABLES = OF_TODAY | {"AutoReloadVariable"}
# Ops of which inference needs only what they pass on.
TRAINING = frozenset({"Identity", "StopGradient", "CheckNumerics", "PreventGradient"})
BATCH_NORMS = frozenset(
    {
        "BatchNormWithGlobalNormalization",
        "FusedBatchNorm",
        "FusedBatchNormV2",
        "FusedBatchNormV3",
    }
)
_FOLDED_INTO = frozenset({"Const", "BiasAdd", "Add", "AddV2", "Identity"})
_NAMED = 3  # outputs that a sentence names


def explain(a: Graph, b: Graph, changes: Iterable[Change]) -> list[Explanation]:
    """The explanations of a diff of two graphs, the most telling first."""
    tally = tally_of(a, b, changes)
    return [found for rule in RULES for found in rule(tally)]


# --- rules --------------------------------------------------------------------------------------


def _same(tally: Tally) -> Iterator[Explanation]:
    """There is no change, and yet the bytes differ."""
    if tally.renamed or tally.has_nodes or tally.others:
        return
    a, b = tally.a, tally.b
    if a.proto is b.proto or a.proto == b.proto:
        return
    moved = sum(old.name != new.name for old, new in zip(a.nodes, b.nodes, strict=False))
    encoded = sum(_is_encoded_anew(old, tally) for old in a.nodes if old.name in b)
    if not (moved or encoded) and a.proto.library == b.proto.library:
        return  # one of them was only opened without its big tensors
    yield Explanation(
        "same",
        "same graph, other order or encoding",
        (("nodes in another place", moved), ("nodes in another encoding", encoded)),
    )


def _is_encoded_anew(node: NodeDef, tally: Tally) -> bool:
    """Whether a node that did not change has other bytes, apart from the order of maps."""
    other = tally.b[node.name]
    return node != other and tally.a.whole(node) != tally.b.whole(other)


def _only_names(tally: Tally) -> Iterator[Explanation]:
    functions = [each for each in tally.others if isinstance(each, Renamed)]
    if tally.has_nodes or len(functions) < len(tally.others):
        return
    counts = {"node": tally.renamed, "function": len(functions)}
    if any(counts.values()):
        proof = ", ".join(_counted(count, what) for what, count in counts.items() if count)
        yield Explanation(
            "only names",
            f"only names changed: {proof}",
            tuple((f"{what}s renamed", count) for what, count in counts.items()),
        )


def _only_weights(tally: Tally) -> Iterator[Explanation]:
    leaves = [*tally.leaves, *tally.others]
    changed = [each for each in leaves if isinstance(each, Changed) and each.comparison]
    if tally.removed or tally.added or not changed or len(changed) < len(leaves):
        return
    names = f"; {_counted(tally.renamed, 'node')} renamed" if tally.renamed else ""
    if all(each.kind == "variable" for each in changed):
        what, total = "variable", 0
    else:
        what = "tensor"
        total = sum(node.op == "Const" for body in tally.a.bodies for node in body)
    proof = (
        f"{len(changed):,} of {_counted(total, what)}" if total else _counted(len(changed), what)
    )
    sizes = [each.comparison.max_abs for each in changed if each.comparison]
    largest = max((size for size in sizes if size is not None), default=None)
    size = "" if largest is None else f", largest change {largest:.2g}"
    yield Explanation(
        "only weights",
        f"only weights changed: {proof}{size}{names}",
        ((f"{what}s changed", len(changed)), ("nodes renamed", tally.renamed)),
    )


def _pruned(tally: Tally) -> Iterator[Explanation]:
    if tally.edited or tally.renamed or bool(tally.removed) == bool(tally.added):
        return
    gone: Mapping[str, Change] = tally.removed or tally.added
    kind = Removed if tally.removed else Added
    whole, part = ("A", "B") if tally.removed else ("B", "A")
    graph = tally.b if tally.removed else tally.a
    if not all(isinstance(each, kind) and each.kind == "function" for each in tally.others):
        return
    used = {input_parts(text)[1] for node in graph.nodes for text in node.input}
    if not graph.nodes or not used.isdisjoint(gone):
        return  # what was left needs something that went
    outputs = [node.name for node in graph.nodes if node.name not in used]
    counts = [("nodes removed", len(gone)), ("nodes kept", len(graph))]
    if tally.others:
        counts.append(("functions removed", len(tally.others)))
    proof = f"{len(gone):,} of {len(gone) + len(graph):,} nodes removed"
    yield Explanation(
        "pruned", f"{part} is {whole} pruned to {_some(outputs)}: {proof}", tuple(counts)
    )


def _some(names: list[str]) -> str:
    if len(names) > _NAMED:
        return f"{len(names):,} outputs"
    return ", ".join(names) or "a loop"


def _frozen(tally: Tally) -> Iterator[Explanation]:
    changed = [each for each in tally.leaves if isinstance(each, Changed) and each.kind == "op"]
    for sides, graphs, swap in (
        ("BA", (tally.a, tally.b), False),
        ("AB", (tally.b, tally.a), True),
    ):
        ops = [(each.new, each.old) if swap else (each.old, each.new) for each in changed]
        became = [old for old, new in ops if old in VARIABLES and new == "Const"]
        if not became or any(node.op in VARIABLES for node in graphs[1].nodes):
            continue
        removed = len(tally.added if swap else tally.removed)
        counts = [("variables became constants", len(became)), ("nodes removed", removed)]
        became_constants = (
            f"{len(became):,} variables became constants"
            if len(became) > 1
            else "1 variable became a constant"
        )
        yield Explanation(
            "frozen",
            f"{sides[0]} is {sides[1]} frozen: {became_constants}",
            tuple(counts),
        )


def _training_removed(tally: Tally) -> Iterator[Explanation]:
    """Nodes that only pass something on are gone, and who took it from them takes that itself."""
    removed = {name: tally.a[name] for name in tally.removed if name in tally.a}
    if not removed or tally.added or tally.others or tally.renamed or not tally.edited:
        return
    if not all(node.op in TRAINING for node in removed.values()):
        return
    if not all(
        isinstance(each, Changed)
        and each.kind == "input"
        and _behind(str(each.old), removed) == _plain(str(each.new))
        for each in tally.leaves
    ):
        return
    ops = Counter(node.op for node in removed.values())
    proof = ", ".join(f"{count:,} {op}" for op, count in ops.most_common())
    yield Explanation("training removed", f"training nodes removed: {proof}", tuple(ops.items()))


def _behind(text: str, removed: Mapping[str, NodeDef]) -> str:
    """What an input comes to when removed nodes pass on their first."""
    for _ in removed:
        name = input_parts(text)[1]
        if name not in removed or not removed[name].input:
            break
        text = removed[name].input[0]
    return _plain(text)


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _plain(text: str) -> str:
    return text.removesuffix(":0")


def _folded(tally: Tally) -> Iterator[Explanation]:
    """Batch norms are gone, and constants changed in their stead."""
    removed = Counter(tally.a[name].op for name in tally.removed if name in tally.a)
    count = sum(removed[op] for op in BATCH_NORMS)
    count += sum(
        1
        for edit in tally.edited.values()
        for each in edit.changes
        if isinstance(each, Changed) and each.kind == "op" and each.old in BATCH_NORMS
    )
    added = Counter(tally.b[name].op for name in tally.added if name in tally.b)
    weights = sum(isinstance(each, Changed) and each.kind == "attr" for each in tally.leaves)
    if count and weights + added["Const"] >= count and _FOLDED_INTO.issuperset(added):
        left = sum(node.op in BATCH_NORMS for node in tally.b.nodes)
        rest = f", {left:,} left" if left else ""
        yield Explanation(
            "folded",
            f"batch norms folded: {count:,} gone{rest}, {_counted(weights, 'constant')} changed",
            (("batch norms removed", count), ("constants changed", weights)),
        )


_ONLY: Mapping[str, Callable[[Change], bool]] = {
    "order and encoding": lambda change: change.kind in ("order", "encoding"),
    "devices": lambda change: change.kind == "device",
    "control inputs": lambda change: change.kind == "control input",
    "versions": lambda change: change.kind == "field" and change.name == "versions",
    "assets": lambda change: change.kind in ("asset", "asset content"),
    "internal attrs": lambda change: change.kind == "attr" and change.name.startswith("_"),
}


def _only_one_kind(tally: Tally) -> Iterator[Explanation]:
    leaves = [*tally.leaves, *tally.others]
    if tally.removed or tally.added or tally.renamed or not leaves:
        return
    for what, fits in _ONLY.items():
        if all(map(fits, leaves)):
            nodes = len(tally.edited)
            where = f": {_counted(nodes, 'node')}" if nodes else ""
            yield Explanation(f"only {what}", f"only {what} changed{where}", (("nodes", nodes),))


RULES: tuple[Callable[[Tally], Iterator[Explanation]], ...] = (
    _same,
    _only_names,
    _only_weights,
    _pruned,
    _frozen,
    _training_removed,
    _folded,
    _only_one_kind,
)
