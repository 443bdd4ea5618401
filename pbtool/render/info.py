"""What a model is, as a page of text: what someone asks first, first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pbtool.ops import CONTROL_FLOW_V1, CONTROL_FLOW_V2
from pbtool.quantity import counted, size
from pbtool.render import info_interface
from pbtool.render.escape import printable
from pbtool.render.facts import type_and_shape
from pbtool.render.layout import Layout
from pbtool.summary.census import elements

if TYPE_CHECKING:
    from pbtool.interface import Interface
    from pbtool.render.layout import Cell, Style
    from pbtool.summary import CheckpointSummary, MetaGraphSummary, Summary, Versions
    from pbtool.summary.census import Census, Counts, Tensors

_NOTEWORTHY = 1000  # bytes of a tensor that is worth a line
_ROWS = 3  # of tensors, variables
_ASSETS = 8

_KINDS = {
    "TensorBundle": "checkpoint (TensorBundle)",
    "CheckpointV1": "checkpoint of TensorFlow's first format",
}
_FLOWS = {
    "v1": ("v1", CONTROL_FLOW_V1),
    "lowered": ("v1, made from v2 on freezing", CONTROL_FLOW_V1),
    "v2": ("v2", CONTROL_FLOW_V2),
}


def page(
    file: str,
    summary: Summary,
    interface: Interface | None,
    style: Style,
    width: int | None,
    *,
    full: bool,
) -> Iterator[str]:
    """The page of one model, as lines without line ends; with ``full`` nothing is folded."""
    layout = Layout(style, width, full=full)
    meta_graph = None if summary.chosen is None else summary.meta_graphs[summary.chosen]
    yield style(printable(file), "heading")
    yield f"  {', '.join(_description(summary, meta_graph))}"
    for warning in _warnings(summary):
        yield f"  {style('warning:', 'warning')} {printable(warning)}"
    if meta_graph is not None and meta_graph.entry_points:
        yield from info_interface.signatures(meta_graph, layout)
    elif interface is not None:
        yield from info_interface.endpoints("inputs", interface.inputs, layout)
        yield from info_interface.endpoints("outputs", interface.outputs, layout)
        if not interface.worked_out:
            note = "so big a graph has no shapes worked out here; see pbtool list for them"
            yield f"  {style(note, 'dim')}"
    yield ""
    yield from _facts(summary, meta_graph, layout)
    if layout.folded:
        yield style("--full shows what … stands for", "dim")


def _description(summary: Summary, meta_graph: MetaGraphSummary | None) -> Iterator[str]:
    yield _KINDS.get(summary.kind, summary.kind)
    yield summary.encoding
    yield size(summary.bytes)
    if meta_graph is not None and meta_graph.tags:
        yield f"tagged {printable(', '.join(meta_graph.tags))}"
    if summary.versions is not None and summary.versions.tensorflow:
        yield f"TensorFlow {printable(summary.versions.tensorflow)}"


def _warnings(summary: Summary) -> Iterator[str]:
    yield from summary.warnings
    dangling = summary.graph.dangling_inputs if summary.graph is not None else ()
    if dangling:
        yield (
            f"{counted(len(dangling), 'input')} name no node, first {dangling[0].input!r} of "
            f"{dangling[0].node!r}: the file may have been cut, or stripped of nodes"
        )


def _facts(summary: Summary, meta_graph: MetaGraphSummary | None, layout: Layout) -> Iterator[str]:
    if summary.graph is not None:
        yield from _graph(summary.graph, meta_graph, layout)
    if summary.versions is not None:
        yield from layout.labelled("versions", [_versions(summary.versions, layout)])
    if len(summary.meta_graphs) > 1:
        yield from _meta_graphs(summary, layout)
    if meta_graph is not None:
        yield from _saved_with(meta_graph, layout)
    if summary.checkpoint is not None:
        yield from _checkpoint(summary.checkpoint, layout)
    if summary.op_declarations:
        yield from layout.labelled("ops", [f"{summary.op_declarations:,} declared"])


# --- the graph --------------------------------------------------------------------------------


def _graph(graph: Census, meta_graph: MetaGraphSummary | None, layout: Layout) -> Iterator[str]:
    yield from layout.labelled("nodes", _nodes(graph.counts, meta_graph, layout))
    ops, whose = graph.counts.ops, ""
    if meta_graph is not None and meta_graph.entry_points and graph.counts.functions:
        ops, whose = meta_graph.served.ops, layout.style("of the nodes that signatures need", "dim")
    if ops:
        frequent = [f"{op} {count:,}" for op, count in ops.items()]
        yield from layout.labelled("ops", [whose, *layout.listed(frequent)])
    if graph.unknown_ops:
        unknown = [_unknown(op, count, graph) for op, count in graph.unknown_ops.items()]
        lines = [layout.style(line, "warning") for line in layout.listed(unknown)]
        yield from layout.labelled("unknown ops", lines)
    constants = graph.constants
    yield from _tensors("constants", constants, f"{constants.count:,}", layout)
    yield from layout.labelled("variables", _variables(graph.counts, layout))
    yield from layout.labelled("control flow", [*_control_flow(graph)] or ["none"])
    if graph.devices:
        pairs = [f"{name} {count:,}" for name, count in graph.devices.items()]
        yield from layout.labelled("devices", layout.listed(pairs))


def _nodes(counts: Counts, meta_graph: MetaGraphSummary | None, layout: Layout) -> Iterator[str]:
    functions = ""
    if counts.functions:
        where = counted(counts.functions, "function")
        functions = f", and {counts.function_nodes:,} in {where}"
    yield f"{counts.nodes:,}{functions}; {counted(len(counts.ops), 'different op')}"
    if meta_graph is not None and meta_graph.entry_points:
        parts = {
            "needed by signatures": meta_graph.served,
            "to initialize": meta_graph.initializer,
            "to save and restore": meta_graph.saver,
            "for none of these": meta_graph.rest,
        }
        yield from layout.rows(
            [
                [(name, "dim"), (info_interface.part(part), "dim")]
                for name, part in parts.items()
                if part.ops
            ]
        )


def _unknown(op: str, count: int, graph: Census) -> str:
    last = graph.dropped_ops.get(op)
    return f"{op} {count:,}" + (f" (TensorFlow {last} had it last)" if last else "")


def _variables(counts: Counts, layout: Layout) -> Iterator[str]:
    variables = counts.variables
    if not variables:
        yield "none"
        return
    trainable = [each for each in variables if each.trainable]
    text = f"{len(variables):,}, {counted(counts.parameters, 'parameter')}"
    if trainable:
        parameters = sum(elements(each.shape) for each in trainable)
        text += f"; trainable {len(trainable):,}, {counted(parameters, 'parameter')}"
        if untold := sum(each.trainable is None for each in variables):
            text += f", unknown of {untold:,}"
    by_size = sorted(variables, key=lambda each: -elements(each.shape))
    shown = layout.first(variables if layout.full else by_size, _ROWS)
    yield text + ("; the biggest:" if len(shown) < len(variables) else "")
    yield from layout.rows(
        [[(type_and_shape(each.dtype, each.shape), "type"), (each.name, "name")] for each in shown]
    )
    yield layout.more(variables, _ROWS)


def _tensors(label: str, tensors: Tensors, head: str, layout: Layout) -> Iterator[str]:
    if not tensors.count:
        yield from layout.labelled(label, ["none"])
        return
    head += f", {counted(tensors.parameters, 'parameter')}, {size(tensors.bytes)}"
    big = [each for each in tensors.biggest if each.bytes >= _NOTEWORTHY]
    rows: list[list[Cell]] = [
        [
            (size(each.bytes), ""),
            (type_and_shape(each.dtype, each.shape), "type"),
            (each.name, "name"),
        ]
        for each in (big if layout.full else big[:_ROWS])
    ]
    if rows:
        head += "; the biggest:" if len(rows) < tensors.count else ":"
    yield from layout.labelled(label, [head, *layout.rows(rows)])


def _control_flow(graph: Census) -> Iterator[str]:
    for kind in graph.control_flow:
        name, ops = _FLOWS[kind]
        found = [f"{op} {count:,}" for op, count in graph.counts.ops.items() if op in ops]
        yield f"{name}: {', '.join(found)}"


def _versions(versions: Versions, layout: Layout) -> str:
    if versions.producer is None:
        sentence = "none: dropped by a tool, or the file was cut between two nodes"
        return layout.style(sentence, "warning")
    text = f"producer {versions.producer}, min consumer {versions.min_consumer}"
    if versions.bad_consumers:
        text += f", bad consumers {', '.join(map(str, versions.bad_consumers))}"
    return text


# --- what is saved with it --------------------------------------------------------------------


def _meta_graphs(summary: Summary, layout: Layout) -> Iterator[str]:
    rows: list[list[Cell]] = [
        [
            (", ".join(each.tags) or "no tags", "name"),
            (counted(each.counts.nodes + each.counts.function_nodes, "node"), ""),
            (counted(len(each.entry_points), "signature"), ""),
            ("this one" if number == summary.chosen else "", "dim"),
        ]
        for number, each in enumerate(summary.meta_graphs)
    ]
    yield from layout.labelled("meta graphs", layout.rows(rows))


def _saved_with(meta_graph: MetaGraphSummary, layout: Layout) -> Iterator[str]:
    if meta_graph.assets:
        rows: list[list[Cell]] = [
            [
                ("not there", "warning") if each.bytes is None else (size(each.bytes), ""),
                (each.filename, "name"),
                (each.tensor, ""),
            ]
            for each in layout.first(meta_graph.assets, _ASSETS)
        ]
        lines = [*layout.rows(rows), layout.more(meta_graph.assets, _ASSETS)]
        yield from layout.labelled("assets", lines)
    if meta_graph.collections:
        pairs = [f"{name} {count:,}" for name, count in meta_graph.collections.items()]
        yield from layout.labelled("collections", layout.listed(pairs))


def _checkpoint(checkpoint: CheckpointSummary, layout: Layout) -> Iterator[str]:
    tensors = checkpoint.tensors
    head = f"{counted(tensors.count, 'tensor')} in {counted(checkpoint.shards, 'shard')}"
    yield from _tensors("checkpoint", tensors, head, layout)
    if checkpoint.missing_shards:
        missing = [layout.style(printable(path), "warning") for path in checkpoint.missing_shards]
        yield from layout.labelled("not there", missing)
