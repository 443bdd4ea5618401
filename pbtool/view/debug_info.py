"""GraphDebugInfo: where in a program the nodes of a graph were made."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pbtool.schema import GraphDebugInfo


class Frame(NamedTuple):
    """One call on the stack; ``code`` is the source line, "" where it was not recorded."""

    file: str
    line: int
    column: int
    function: str
    code: str


def frames(info: GraphDebugInfo, function: str | None, node: str) -> Iterator[Frame]:
    """The stack of calls that made a node of the function, or of the main graph; innermost last.

    Nothing comes where the file does not tell.
    """
    # TensorFlow writes ``node@`` for a node of the main graph, and used to write ``node``.
    for key in (f"{node}@{function or ''}", node if function is None else ""):
        trace = info.traces.get(key)
        if trace is None and key in info.name_to_trace_id:
            trace = info.traces_by_id.get(info.name_to_trace_id[key])
        if trace is None:
            continue
        shared = (info.frames_by_id.get(number) for number in trace.frame_id)
        for frame in (*trace.file_line_cols, *filter(None, shared)):
            known = 0 <= frame.file_index < len(info.files)
            file = info.files[frame.file_index] if known else ""
            yield Frame(file, frame.line, frame.col, frame.func, frame.code)
        return
