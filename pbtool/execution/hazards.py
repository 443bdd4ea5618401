"""Ops that reach outside of a graph: to files, to the network, into Python."""

from __future__ import annotations

from collections.abc import Iterator, Set
from typing import TYPE_CHECKING, NamedTuple

from pbtool.reach import needed_functions
from pbtool.selection import Place

if TYPE_CHECKING:
    from pbtool.graph import Graph

PYTHON = frozenset({"PyFunc", "PyFuncStateless", "EagerPyFunc"})
TABLE_FILES = frozenset({"InitializeTableFromTextFile", "InitializeTableFromTextFileV2"})
RESTORES = frozenset({"Restore", "RestoreSlice", "RestoreV2"})
_WRITES = frozenset(
    {
        "Save",
        "SaveV2",
        "SaveSlices",
        "MergeV2Checkpoints",
        "WriteFile",
        "DebugIdentityV2",
        "DebugIdentityV3",
        "SaveDataset",
        "SaveDatasetV2",
        "WriteSummary",
        "WriteScalarSummary",
        "WriteHistogramSummary",
        "WriteImageSummary",
        "WriteAudioSummary",
        "WriteGraphSummary",
        "WriteRawProtoSummary",
        "CreateSummaryFileWriter",
        "CreateSummaryDbWriter",
        "ImportEvent",
        "DatasetToTFRecord",
        "ExperimentalDatasetToTFRecord",
        "SnapshotDataset",
        "SnapshotDatasetV2",
        "CacheDataset",
        "CacheDatasetV2",
        "DistributedSave",
    }
)
_READS = TABLE_FILES | frozenset(
    {
        "ReadFile",
        "MatchingFiles",
        "WholeFileReader",
        "WholeFileReaderV2",
        "TextLineReader",
        "TextLineReaderV2",
        "TFRecordReader",
        "TFRecordReaderV2",
        "FixedLengthRecordReader",
        "FixedLengthRecordReaderV2",
        "LMDBReader",
        "TextLineDataset",
        "TFRecordDataset",
        "TFRecordDatasetV2",
        "FixedLengthRecordDataset",
        "FixedLengthRecordDatasetV2",
        "CSVDataset",
        "CSVDatasetV2",
        "LMDBDataset",
        "SqlDataset",
        "MatchingFilesDataset",
        "LoadDataset",
        "ImmutableConst",
    }
)
_NETWORK = frozenset(
    {
        "Rpc",
        "TryRpc",
        "RpcCall",
        "RpcClient",
        "RpcServer",
        "RpcServerStart",
        "DataServiceDataset",
        "DataServiceDatasetV2",
        "DataServiceDatasetV3",
        "DataServiceDatasetV4",
        "RegisterDataset",
        "RegisterDatasetV2",
        "BigQueryReader",
        "RemoteFusedGraphExecute",
        "RemoteCall",
    }
)

REASONS = {
    "runs Python of the process": PYTHON,
    "reads a checkpoint": RESTORES,
    "writes files": _WRITES,
    "reads files": _READS,
    "talks to other machines": _NETWORK,
}


class Hazard(NamedTuple):
    """A node that reaches outside, by its full name, and how it does so."""

    node: str
    op: str
    reason: str

    def __str__(self) -> str:
        return f"{self.node} ({self.op} {self.reason})"


def find_hazards(
    graph: Graph, nodes: Set[str], *, allowed: frozenset[str] = frozenset()
) -> Iterator[Hazard]:
    """Those of these nodes, and of the functions they call, that reach outside.

    Ops in ``allowed`` are left out.
    """
    functions = sorted(needed_functions(graph, nodes))
    for body in (graph, *(graph.functions[name] for name in functions)):
        for node in body:
            if node.op in allowed or (body is graph and node.name not in nodes):
                continue
            for reason, ops in REASONS.items():
                if node.op in ops:
                    yield Hazard(Place(body, node).name, node.op, reason)
