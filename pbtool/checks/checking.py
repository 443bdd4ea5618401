"""Runs the checks of the table over a model."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import TYPE_CHECKING

from pbtool.checks.finding import ERROR, WARNING, Check, Finding, Found
from pbtool.checks.nodes import GraphNodes
from pbtool.checks.saved_models import Loaded
from pbtool.checks.table import CHECKS, OF_TARGET
from pbtool.checks.versions import parse_version
from pbtool.errors import PbtoolError, UsageError
from pbtool.nearest import suggest

if TYPE_CHECKING:
    from pbtool.checkpoint import Checkpoint
    from pbtool.graph import Graph
    from pbtool.model import Model
    from pbtool.progress import Progress

Wanted = Callable[[Check], bool]


def check(
    model: Model,
    *,
    select: Collection[str] = (),
    ignore: Collection[str] = (),
    target: str = "",
    content: bool = True,
    progress: Progress | None = None,
) -> list[Finding]:
    """What is wrong with a model, in the order of the table of checks.

    ``select`` and ``ignore`` are codes; ``content`` says whether to read what tensors hold;
    ``target`` is a version of TensorFlow. Raises UsageError for a code that there is not, for
    one that reads what tensors hold where that is not to be read, for the one of a target where
    there is none, and for what is no version.
    """
    _parse_target(target)
    if not target and OF_TARGET in select:
        raise UsageError(f"the check {OF_TARGET!r} needs a target", remedy="add --target-version")
    wanted = _wanted(select, ignore, content=content)
    findings: list[Finding] = []
    if (checkpoint := _checkpoint(model)) is not None:
        findings += _of("checkpoint", checkpoint, wanted)
    if model.is_checkpoint or model.op_list is not None:
        return findings
    is_saved_model = model.kind == "SavedModel"
    found: list[tuple[str, list[Finding]]] = []  # by the tags of the meta graph
    for meta_graph in model.meta_graphs or (None,):
        whole = GraphNodes(
            model.graph if meta_graph is None else meta_graph.graph,
            meta_graph=None if meta_graph is None else meta_graph.proto,
            loaded_whole=is_saved_model,
            target=target,
            content=content,
            progress=progress,
        )
        own, tags = list(_of_graph(whole, wanted)), ""
        if meta_graph is not None:
            own += _of("meta_graph", Loaded(model, meta_graph, whole), wanted)
            tags = ",".join(meta_graph.tags)
        found.append((tags, own))
    ranks = {each.code: number for number, each in enumerate(CHECKS)}
    findings += _with_tags(found)
    return sorted(dict.fromkeys(findings), key=lambda finding: ranks[finding.code])


def _with_tags(found: list[tuple[str, list[Finding]]]) -> Iterator[Finding]:
    """The findings with the tags of their meta graph, unless all meta graphs have them."""
    everywhere = set.intersection(*(set(own) for _, own in found))
    for tags, own in found:
        for each in own:
            yield each if each in everywhere else each._replace(meta_graph=tags)


def _checkpoint(model: Model) -> Checkpoint | None:
    try:
        return model.checkpoint
    except PbtoolError:
        return None  # a check of the meta graph tells


def check_graph(graph: Graph) -> list[Finding]:
    """What is wrong with a graph of itself, as ``import_graph_def`` sees it."""
    return list(_of_graph(GraphNodes(graph), _wanted((), (), content=True)))


def _parse_target(target: str) -> None:
    try:
        parse_version(target or "2.0")
    except ValueError:
        sentence = f"{target!r} is no version of TensorFlow"
        raise UsageError(sentence, remedy="write it as 2.9") from None


def _wanted(select: Collection[str], ignore: Collection[str], *, content: bool) -> Wanted:
    codes = [check.code for check in CHECKS]
    for code in (*select, *ignore):
        if code not in codes:
            remedy = suggest(code, codes) or "pbtool check --codes lists them"
            raise UsageError(f"there is no check {code!r}", remedy=remedy)
    for check in CHECKS:
        if check.content and check.code in select and not content:
            sentence = f"the check {check.code!r} reads what tensors hold"
            raise UsageError(sentence, remedy="leave out --no-content")

    def wanted(check: Check) -> bool:
        return (
            (not select or check.code in select)
            and check.code not in ignore
            and (content or not check.content)
        )

    return wanted


def _of_graph(whole: GraphNodes, wanted: Wanted) -> Iterator[Finding]:
    for check in filter(wanted, CHECKS):
        if check.subject == "graph":
            yield from (_finding(whole, check, found) for found in check.generator(whole))
        elif check.subject == "body":
            for body in whole.bodies:
                for found in check.generator(body):
                    yield _finding(whole, check, found, body.body.name)


def _of(subject: str, what: object, wanted: Wanted) -> Iterator[Finding]:
    """The findings of the checks that look at such a subject."""
    for check in filter(wanted, CHECKS):
        if check.subject == subject:
            for found in check.generator(what):
                severity = found.severity or check.severity
                place = (found.function, found.node)
                yield Finding(check.code, severity, *place, found.sentence, found.remedy)


def _finding(whole: GraphNodes, check: Check, found: Found, function: str | None = None) -> Finding:
    function = function if found.function is None else found.function
    severity = found.severity or check.severity
    is_function = check.subject == "body" and function is not None
    if is_function and severity == ERROR and not found.severity:
        # What no call leads to, TensorFlow loads unseen.
        severity = ERROR if function in whole.looked_into else WARNING
    return Finding(check.code, severity, function, found.node, found.sentence, found.remedy)
