"""What ``show`` shows, as plain values for JSON: the schema of its json and jsonl formats.

Each object has a ``kind``: ``node``, ``function``, ``tensor`` (of a checkpoint) or ``op``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pbtool import dtypes
from pbtool.facts import Fact
from pbtool.render import attr
from pbtool.render.declaration import declaration_json
from pbtool.render.facts import fact_json
from pbtool.render.listing import argument_type

if TYPE_CHECKING:
    from pbtool.facts import Value
    from pbtool.schema import AttrValue
    from pbtool.view.declaration import Declaration
    from pbtool.view.function import Argument, FunctionView
    from pbtool.view.node import Attr, NodeView, Output, Source, Use
    from pbtool.view.saved_tensor import SavedTensor


def node_json(view: NodeView, *, values: bool = False) -> dict[str, Any]:
    """A node; the values of tensors are in it where they are asked for."""
    node = view.place.node
    declared, saved = view.declaration, view.saved
    return {
        "kind": "node",
        "function": view.place.body.name,
        "name": node.name,
        "op": node.op,
        "device": node.device,
        "inputs": [_input(source) for source in view.inputs],
        "control_inputs": [_control_input(source) for source in view.control_inputs],
        "outputs": [_output(output) for output in view.outputs],
        "control_outputs": [{"node": use.node, "op": use.op} for use in view.control_outputs],
        "control_results": list(view.control_results),
        "attrs": [_attr(each, values=values) for each in view.attrs],
        "full_type": None if view.full_type is None else attr.full_type(view.full_type),
        "original_nodes": list(view.original_nodes),
        "original_functions": list(view.original_functions),
        "trace": [frame._asdict() for frame in view.trace],
        "declaration": None if declared is None else declaration_json(declared),
        "problems": list(view.problems),
        "saved": None if saved is None else saved_json(saved, values=values),
    }


def _fact(fact: Fact | None) -> Mapping[str, Any]:
    """``value`` are the elements of a small tensor where they are known before the graph runs;
    ``refers_to`` is what a resource or variant holds.
    """
    if fact is None:
        return {"dtype": None, "shape": None, "value": None, "refers_to": None}
    handles, value = fact.handles, fact.value
    return {
        **fact_json(fact),
        "value": None if value is None else _nested(value.dims, _elements(value, fact.dtype)),
        "refers_to": None if handles is None else [fact_json(Fact(*each)) for each in handles],
    }


def _elements(value: Value, dtype: int) -> Iterator[Any]:
    for element in value.elements:
        short = float(attr.float32(element)) if dtype == dtypes.FLOAT else element
        yield attr.number_json(short)


def _nested(dims: Sequence[int], elements: Iterator[Any]) -> Any:
    if not dims:
        return next(elements)
    return [_nested(dims[1:], elements) for _ in range(dims[0])]


def _input(source: Source) -> dict[str, Any]:
    return {
        "argument": source.argument or None,
        "tensor": source.tensor,
        **_fact(source.fact),
        "op": source.op,
        "is_argument": source.is_argument,
    }


def _control_input(source: Source) -> dict[str, Any]:
    return {"node": source.tensor.removeprefix("^"), "op": source.op}


def _output(output: Output) -> dict[str, Any]:
    return {
        "argument": output.argument or None,
        "tensor": output.tensor,
        **_fact(output.fact),
        "consumers": _consumers(output.uses),
        "results": list(output.results),
        "signatures": [role._asdict() for role in output.roles],
    }


def _consumers(uses: Iterable[Use]) -> list[dict[str, Any]]:
    return [
        {"node": use.node, "op": use.op, "input": use.position, "argument": use.argument or None}
        for use in uses
    ]


def _attr(each: Attr, *, values: bool) -> dict[str, Any]:
    if each.tensor is not None:
        from pbtool.render.tensor import tensor_json  # loads numpy

        value: Any = tensor_json(each.tensor, values=values)
    else:
        value = None if each.value is None else attr.value_json(each.value)
    kind = each.type or (attr.kind(each.value) if each.value is not None else "")
    return {"name": each.name, "type": kind, "value": value, "origin": each.origin}


def _plain_attrs(attrs: Mapping[str, AttrValue]) -> list[dict[str, Any]]:
    return [
        {"name": name, "type": attr.kind(value), "value": attr.value_json(value)}
        for name, value in sorted(attrs.items())
    ]


def function_json(view: FunctionView) -> dict[str, Any]:
    """A function, without its nodes but for their number."""
    return {
        "kind": "function",
        "name": view.function.name,
        "nodes": len(view.function),
        "arguments": [_argument(argument) for argument in view.arguments],
        "results": [
            {
                "name": result.declared.name,
                "type": argument_type(result.declared),
                **_fact(result.fact),
                "tensor": result.tensor,
            }
            for result in view.results
        ],
        "control_results": dict(view.control_results),
        "attrs": _plain_attrs(view.function.proto.attr),
        "callers": [
            {"function": place.body.name, "node": place.node.name, "op": place.node.op}
            for place in view.callers
        ],
        "gradient": view.gradient or None,
    }


def _argument(argument: Argument) -> dict[str, Any]:
    return {
        "name": argument.declared.name,
        "type": argument_type(argument.declared),
        **_fact(argument.fact),
        "attrs": _plain_attrs(argument.attrs),
        "consumers": _consumers(argument.uses),
    }


def saved_json(view: SavedTensor, *, values: bool = False) -> dict[str, Any]:
    """A tensor of a checkpoint."""
    from pbtool.render.tensor import tensor_json  # loads numpy

    return {
        "kind": "tensor",
        "name": view.name,
        "shards": list(view.shards),
        "num_shards": view.num_shards,
        "parts": view.parts,
        "stored_bytes": view.size,
        "checksum": view.checksum,
        **tensor_json(view.tensor, values=values),
    }


def op_json(declared: Declaration) -> dict[str, Any]:
    """The declaration of an op, with its documentation."""
    op_def = declared.op_def
    return {
        "kind": "op",
        "name": op_def.name,
        **declaration_json(declared),
        "summary": op_def.summary,
        "description": op_def.description,
    }
