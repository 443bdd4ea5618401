"""What a model is, as plain values for JSON; every document has the same keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pbtool.interface import Interface
from pbtool.render.facts import type_json
from pbtool.summary.census import Counts, Tensors

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pbtool.interface import Endpoint
    from pbtool.signatures import Argument, Signature
    from pbtool.summary import CheckpointSummary, MetaGraphSummary, Summary, Versions

JSON = dict[str, Any]


def document(file: str, summary: Summary, interface: Interface | None) -> JSON:
    """The object of one model. What its kind does not have is 0, empty or null."""
    graph = summary.graph
    counts = graph.counts if graph else Counts()
    endpoints = interface or Interface((), ())
    return {
        "file": file,
        "kind": summary.kind,
        "encoding": summary.encoding,
        "bytes": summary.bytes,
        "nodes": counts.nodes,
        "function_nodes": counts.function_nodes,
        "functions": counts.functions,
        "ops": dict(counts.ops),
        "inputs": [_endpoint(each) for each in endpoints.inputs],
        "outputs": [_endpoint(each) for each in endpoints.outputs],
        "variables": [
            {"name": each.name, **type_json(each.dtype, each.shape), "trainable": each.trainable}
            for each in counts.variables
        ],
        "constants": _tensors(graph.constants if graph else Tensors()),
        "unknown_ops": dict(graph.unknown_ops) if graph else {},
        "dropped_ops": dict(graph.dropped_ops) if graph else {},
        "control_flow": list(graph.control_flow) if graph else [],
        "devices": dict(graph.devices) if graph else {},
        "dangling_inputs": [each._asdict() for each in graph.dangling_inputs] if graph else [],
        "versions": _versions(summary.versions),
        "meta_graphs": [
            {"chosen": number == summary.chosen, **_meta_graph(each)}
            for number, each in enumerate(summary.meta_graphs)
        ],
        "checkpoint": _checkpoint(summary.checkpoint) if summary.checkpoint else None,
        "op_declarations": summary.op_declarations,
        "warnings": list(summary.warnings),
    }


def _endpoint(endpoint: Endpoint) -> JSON:
    return {
        "name": endpoint.name,
        **type_json(endpoint.dtype, endpoint.shape),
        "confidence": endpoint.confidence,
        "reason": endpoint.reason,
        "signature": endpoint.signature or None,
        "key": endpoint.key or None,
    }


def _tensors(tensors: Tensors) -> JSON:
    return {
        "count": tensors.count,
        "bytes": tensors.bytes,
        "parameters": tensors.parameters,
        "biggest": [
            {"name": each.name, **type_json(each.dtype, each.shape), "bytes": each.bytes}
            for each in tensors.biggest
        ],
    }


def _versions(versions: Versions | None) -> JSON:
    if versions is None:
        return {"tensorflow": None, "producer": None, "min_consumer": None, "bad_consumers": []}
    return {
        "tensorflow": versions.tensorflow or None,
        "producer": versions.producer,
        "min_consumer": versions.min_consumer,
        "bad_consumers": list(versions.bad_consumers),
    }


def _meta_graph(meta_graph: MetaGraphSummary) -> JSON:
    counts = meta_graph.counts
    return {
        "tags": list(meta_graph.tags),
        "nodes": counts.nodes,
        "function_nodes": counts.function_nodes,
        "functions": counts.functions,
        "versions": _versions(meta_graph.versions),
        "signatures": {
            key: {**_signature(entry), "needs": _part(meta_graph.reached[key])}
            for key, entry in meta_graph.signatures.items()
        },
        "needed": {
            "signatures": _part(meta_graph.served),
            "initializer": _part(meta_graph.initializer),
            "saver": _part(meta_graph.saver),
            "none": _part(meta_graph.rest),
        },
        "collections": dict(meta_graph.collections),
        "assets": [asset._asdict() for asset in meta_graph.assets],
    }


def _part(counts: Counts) -> JSON:
    return {
        "nodes": counts.nodes,
        "function_nodes": counts.function_nodes,
        "functions": counts.functions,
        "ops": dict(counts.ops),
        "variables": len(counts.variables),
        "parameters": counts.parameters,
    }


def _signature(signature: Signature) -> JSON:
    return {
        "method_name": signature.method_name,
        "inputs": _arguments(signature.inputs),
        "outputs": _arguments(signature.outputs),
    }


def _arguments(arguments: Iterable[Argument]) -> JSON:
    return {argument.key: _argument(argument) for argument in arguments}


def _argument(argument: Argument) -> JSON:
    """The tensor's name stands alone for a plain tensor; other encodings list their parts."""
    plain = argument.encoding == "name"
    return {
        "name": argument.tensors[0].name if plain else None,
        **type_json(argument.dtype, argument.shape),
        "encoding": argument.encoding,
        "optional": argument.optional,
        "parts": []
        if plain
        else [
            {"role": part.role, "name": part.name, **type_json(part.dtype, part.shape)}
            for part in argument.tensors
        ],
    }


def _checkpoint(checkpoint: CheckpointSummary) -> JSON:
    return {
        "prefix": checkpoint.prefix,
        **_tensors(checkpoint.tensors),
        "shards": checkpoint.shards,
        "missing_shards": list(checkpoint.missing_shards),
    }
