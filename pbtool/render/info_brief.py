"""What a model is, in one line: for people with many files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pbtool.interface import POSSIBLE
from pbtool.quantity import counted, size
from pbtool.render.escape import printable
from pbtool.render.facts import type_and_shape
from pbtool.render.fold import more

if TYPE_CHECKING:
    from pbtool.interface import Endpoint, Interface
    from pbtool.render.layout import Style
    from pbtool.summary import Summary

_NAMED = 2  # inputs and outputs that are named


def line(file: str, summary: Summary, interface: Interface | None, style: Style, width: int) -> str:
    """The line, without a line end; the file's name is padded to ``width`` columns."""
    name = printable(file)
    head = style(name, "name") + " " * max(width - len(name), 0)
    return f"{head}  {summary.kind:<12}  {size(summary.bytes):>9}  {_content(summary, interface)}"


def _content(summary: Summary, interface: Interface | None) -> str:
    if summary.graph is not None:
        counts = summary.graph.counts
        nodes = counted(counts.nodes + counts.function_nodes, "node")
        if interface is None or not (interface.inputs or interface.outputs):
            return nodes
        return f"{nodes:>13}  {_endpoints(interface.inputs)} -> {_endpoints(interface.outputs)}"
    if summary.checkpoint is not None:
        tensors = summary.checkpoint.tensors
        text = f"{counted(tensors.count, 'tensor'):>13}  {counted(tensors.parameters, 'parameter')}"
        missing = len(summary.checkpoint.missing_shards)
        return f"{text}, {counted(missing, 'shard')} not there" if missing else text
    return f"{counted(summary.op_declarations, 'op'):>13}"


def _endpoints(endpoints: Sequence[Endpoint]) -> str:
    """The first few that are not doubtful; each tensor once, whatever the signatures."""
    sure = [each for each in endpoints if each.confidence != POSSIBLE]
    mark = "" if sure else "? "
    tensors = {each.name: each for each in sure or endpoints}
    texts = [
        f"{mark}{printable(each.name)} {type_and_shape(each.dtype, each.shape)}"
        for each in list(tensors.values())[:_NAMED]
    ]
    if len(tensors) > _NAMED:
        texts.append(more(len(tensors) - _NAMED))
    return ", ".join(texts) or "nothing"
