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
    Content,
    Edited,
    Explanation,
    Removed,
    Renamed,
    sides,
)
from pbtool.differences.frames import COPIES
from pbtool.differences.naming import input_parts
from pbtool.differences.tally import Tally, tally_of
from pbtool.dtypes import RESOURCE
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
_READERS = ("ReadVariableOp", "Ref", "Resource")  # what ops begin with that take of variables
_NAMED = 3  # outputs that a sentence names


def explain(
    a: Graph, b: Graph, changes: Iterable[Change], *, several: bool = False
) -> list[Explanation]:
    """The explanations of a diff of two graphs, the most telling first.

    With ``several``, they are one of more meta graphs, and the changes are of all.
    """
    tally = tally_of(a, b, changes, several=several)
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
        bodies = () if tally.several else tally.a.bodies
        total = sum(node.op == "Const" for body in bodies for node in body)
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
    if tally.edited or tally.renamed or not tally.is_of_graphs:
        return
    if bool(tally.removed) == bool(tally.added):
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
    for names, before, after, swap in (
        ("BA", tally.a, tally.b, False),
        ("AB", tally.b, tally.a, True),
    ):
        edits = [each.inverse() if swap else each for each in tally.edited.values()]
        became = [each for each in edits if _ops(each)[0] in VARIABLES and _ops(each)[1] == "Const"]
        if tally.several or not became or any(node.op in VARIABLES for node in after.nodes):
            continue
        gone, came = (tally.added, tally.removed) if swap else (tally.removed, tally.added)
        counts = (("variables became constants", len(became)), ("nodes removed", len(gone)))
        became_constants = (
            f"{len(became):,} variables became constants"
            if len(became) > 1
            else "1 variable became a constant"
        )
        passed = {
            name: before[name] for name in gone if name in before and before[name].op in COPIES
        }
        is_all = (
            not tally.renamed
            and all(name in after and after[name].op == "Const" for name in came)
            and all(_is_of_freeze(each, passed) for each in edits)
            and all(each.kind == "function" or _is_version(each) for each in tally.others)
        )
        if is_all:
            yield Explanation(
                "frozen", f"{names[0]} is {names[1]} frozen: {became_constants}", counts
            )
        else:
            yield Explanation("constants", f"{became_constants} in {names[0]}", counts)


def _ops(change: Edited) -> tuple[str, str]:
    """The op of a node before and after, where it changed."""
    ops = (each for each in change.changes if isinstance(each, Changed) and each.kind == "op")
    return next(((str(each.old), str(each.new)) for each in ops), ("", ""))


def _is_of_freeze(change: Edited, removed: Mapping[str, NodeDef]) -> bool:
    """Whether a freeze does that: to what stands for variables, and to who takes of these."""
    op = _ops(change)[0]
    if op in VARIABLES or op.startswith(_READERS):
        return True
    return all(
        each.kind in ("control input", "device")
        or (each.kind == "attr" and (each.name.startswith("_") or _was_of_handle(each)))
        or _passes_by(each, removed)
        for each in change.changes
    )


def _was_of_handle(change: Change) -> bool:
    """Whether an attr said before that something is a handle of a variable."""
    old = sides(change)[0]
    return isinstance(old, Content) and old.message.type == RESOURCE


def _passes_by(change: Change, removed: Mapping[str, NodeDef]) -> bool:
    """Whether an input is what removed nodes only passed on."""
    return (
        isinstance(change, Changed)
        and change.kind == "input"
        and _behind(str(change.old), removed) == _plain(str(change.new))
    )


def _is_version(change: Change) -> bool:
    return change.kind == "field" and change.name == "versions"


def _training_removed(tally: Tally) -> Iterator[Explanation]:
    """Nodes that only pass something on are gone, and who took it from them takes that itself."""
    removed = {name: tally.a[name] for name in tally.removed if name in tally.a}
    if not removed or tally.added or tally.others or tally.renamed or not tally.edited:
        return
    if not tally.is_of_graphs:
        return
    if not all(node.op in TRAINING for node in removed.values()):
        return
    if not all(_passes_by(each, removed) for each in tally.leaves):
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
    if not tally.is_of_graphs:
        return
    ops = [old for edit in tally.edited.values() if (old := _ops(edit)[0])]
    removed = [name for name in tally.removed if tally.a[name].op in BATCH_NORMS]
    rewired = {
        input_parts(str(each.old))[1]
        for each in tally.leaves
        if isinstance(each, Changed) and each.kind == "input"
    }
    if not (BATCH_NORMS.issuperset(ops) and rewired.issuperset(removed)):
        return  # more happened, or nothing took the place of one
    count = len(removed) + len(ops)
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
    "versions": _is_version,
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
