"""What was opened: a ``Model``, and the meta graphs in it."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pbtool import recognize, schema, wire
from pbtool.body import Region
from pbtool.errors import NotFoundError
from pbtool.graph import Graph
from pbtool.parsing import parse
from pbtool.source import Source, open_source
from pbtool.splice import Piece, Splice, piece
from pbtool.varint import encode_varint

if TYPE_CHECKING:
    from google.protobuf.message import Message

    from pbtool.checkpoint import Checkpoint
    from pbtool.schema import GraphDebugInfo, MetaGraphDef, OpList


class MetaGraph:
    """One meta graph of a SavedModel or a ``.meta`` file: a graph and what was saved with it.

    ``proto`` is the MetaGraphDef; ``region`` is where it lies in a binary file.
    """

    def __init__(self, proto: MetaGraphDef, region: Region | None) -> None:
        self.proto = proto
        self.region = region

    @property
    def tags(self) -> tuple[str, ...]:
        """The tags that a loader chooses it by, such as ``serve``."""
        return tuple(self.proto.meta_info_def.tags)

    @cached_property
    def graph(self) -> Graph:
        """Its graph."""
        proto, region = self.proto, self.region
        regions = [] if region is None else list(region.regions(2))
        if region is not None and len(regions) > 1:
            # A field that stands twice was merged by protobuf, and lies nowhere; no writer does it.
            proto = schema.MetaGraphDef.FromString(region.read())
        extra_ops = proto.meta_info_def.stripped_op_list.op
        only = regions[0] if len(regions) == 1 else None
        return Graph(proto.graph_def, region=only, extra_ops=extra_ops)


class Model:
    """An opened model file.

    ``kind`` is the message it holds (GraphDef, SavedModel, MetaGraphDef, FunctionDefLibrary,
    OpList), or ``TensorBundle`` or ``CheckpointV1`` for a checkpoint; ``encoding`` is ``binary``,
    ``text`` or ``json``; ``size`` the bytes of the file that holds the graph, unpacked if they were
    gzip, or of a checkpoint's index. ``source`` has those bytes (None for a checkpoint), ``region``
    is where the message lies in a binary one.
    """

    def __init__(
        self,
        path: str,
        kind: str,
        encoding: str,
        size: int,
        message: Message | None = None,
        region: Region | None = None,
        checkpoint: Checkpoint | None = None,
        source: Source | None = None,
    ) -> None:
        self.path = path
        self.kind = kind
        self.encoding = encoding
        self.size = size
        self.message: Any = message  # of the class that `kind` names
        self.region = region
        self.source = source if region is None else region.source
        self._checkpoint = checkpoint

    # --- graphs ---

    @cached_property
    def meta_graphs(self) -> tuple[MetaGraph, ...]:
        """The meta graphs of a SavedModel or a ``.meta`` file; empty for other kinds."""
        if self.kind == "MetaGraphDef":
            return (MetaGraph(self.message, self.region),)
        if self.kind != "SavedModel":
            return ()
        protos = self.message.meta_graphs
        regions: list[Region | None] = [None] * len(protos)
        if self.region is not None:
            regions = list(self.region.regions(2))
        return tuple(MetaGraph(*pair) for pair in zip(protos, regions, strict=True))

    def meta_graph(self, tags: str | None = None) -> MetaGraph:
        """The meta graph with exactly these tags, separated by commas.

        Without tags, it is the one tagged ``serve``, or else the first. Raises NotFoundError with
        the tags that there are.
        """
        if not self.meta_graphs:
            raise NotFoundError(f"this {self.kind} has no meta graphs", place=self.path)
        wanted = {"serve"} if tags is None else set(filter(None, tags.split(",")))
        for meta_graph in self.meta_graphs:
            if set(meta_graph.tags) == wanted:
                return meta_graph
        if tags is None:
            return self.meta_graphs[0]
        known = "; ".join(",".join(each.tags) or '""' for each in self.meta_graphs)
        raise NotFoundError(
            f"no meta graph is tagged {tags!r}", place=self.path, remedy=f"there are: {known}"
        )

    @cached_property
    def graph(self) -> Graph:
        """The graph of a GraphDef or function library, or of ``meta_graph()``.

        Raises NotFoundError for a checkpoint or a list of ops, which have none.
        """
        if self.meta_graphs:
            return self.meta_graph().graph
        if self.kind == "GraphDef":
            return Graph(self.message, region=self.region)
        if self.kind == "FunctionDefLibrary":
            # The same bytes, one level down: a graph without nodes.
            region = None if self.region is None else _with_library(self.region)
            return Graph(schema.GraphDef(library=self.message), region=region)
        remedy = "its graph may be in a .meta file beside it" if self.is_checkpoint else ""
        raise NotFoundError(f"this {self.kind} holds no graph", place=self.path, remedy=remedy)

    @property
    def op_list(self) -> OpList | None:
        """The op declarations of an OpList; None for other kinds."""
        ops: OpList | None = self.message if self.kind == "OpList" else None
        return ops

    # --- checkpoints and folders ---

    @property
    def is_checkpoint(self) -> bool:
        """Whether this is a checkpoint, which holds tensors and no graph."""
        return self._checkpoint is not None

    @property
    def folder(self) -> Path | None:
        """The folder of a SavedModel, where its variables and assets lie.

        None for other kinds, and for what came from no file: nothing lies beside standard input.
        """
        is_file = self.kind == "SavedModel" and Path(self.path).is_file()
        return Path(self.path).parent if is_file else None

    @cached_property
    def checkpoint(self) -> Checkpoint | None:
        """The checkpoint itself, or the variables of a SavedModel folder that has them."""
        if self.folder is None:
            return self._checkpoint
        prefix = self.folder / "variables" / "variables"
        if not prefix.with_suffix(".index").exists():
            return None
        from pbtool.checkpoint import open_checkpoint

        return open_checkpoint(str(prefix))

    @property
    def prefix(self) -> str:
        """The prefix of the checkpoint that holds the variables; "" where there is none.

        That is its own, the one in the folder of a SavedModel, or the one beside a ``.meta`` file.
        """
        if self.checkpoint is not None:
            return self.checkpoint.prefix
        prefix = self.path.removesuffix(".meta")
        beside = self.kind == "MetaGraphDef" and prefix != self.path
        return prefix if beside and (Path(prefix).is_file() or is_prefix(prefix)) else ""

    @cached_property
    def debug_info(self) -> GraphDebugInfo | None:
        """Where in a program the nodes were made, as the folder of a SavedModel may tell."""
        if self.folder is None:
            return None
        path = self.folder / "debug" / "saved_model_debug_info.pb"
        if not path.is_file():
            return None
        source = open_source(str(path))
        debug_info: GraphDebugInfo = parse(source, "GraphDebugInfo", recognize.BINARY)
        return debug_info

    def __repr__(self) -> str:
        return f"<Model {self.path!r}: {self.kind}, {self.encoding}, {self.size:,} bytes>"

    def _repr_html_(self) -> str:
        """What a notebook shows: the file, and the ops of its graph."""
        from html import escape

        has_graph = not self.is_checkpoint and self.op_list is None
        graph = self.graph._repr_html_() if has_graph else ""
        return f"<p>{escape(repr(self))}</p>{graph}"


def _with_library(library: Region) -> Region:
    """The bytes of a graph that has this library and nothing else."""
    source, start, end, whole = library
    head = encode_varint(2 << 3 | wire.LENGTH_DELIMITED) + encode_varint(end - start)
    splice = Splice([piece(head), Piece(source, start, end)], source.name)
    return Region(splice, 0, splice.size, whole)


def is_prefix(path: str) -> bool:
    """Whether a path is the prefix of a checkpoint's files."""
    from pbtool import checkpoint

    return checkpoint.is_prefix(path)
