"""Rows of a list as JSON, whose fields are stable.

Each field is a function from a row to JSON text: with a hundred thousand rows, building objects for
an encoder to take apart again is most of the work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from json import dumps
from json.encoder import encode_basestring_ascii as quoted
from typing import TYPE_CHECKING, Any

from pbtool import dtypes
from pbtool.errors import UsageError
from pbtool.facts import Fact
from pbtool.render.facts import fact_json, shape_json
from pbtool.render.json_array import array
from pbtool.render.listing import argument_type

if TYPE_CHECKING:
    from pbtool.schema import OpDef
    from pbtool.shapes import Shape

Field = Callable[[Any], str]


def _list(items: Iterable[str]) -> str:
    return f"[{', '.join(items)}]"


@lru_cache(1024)  # graphs have many tensors and few shapes
def _output(dtype: int, shape: Shape) -> str:
    return dumps(fact_json(Fact(dtype, shape)))


def _outputs(facts: Sequence[Fact] | None) -> str:
    """The outputs of a node; null when its op is not known."""
    if facts is None:
        return "null"
    return _list([_output(fact.dtype, fact.shape) for fact in facts])


def _arguments(args: Iterable[OpDef.ArgDef]) -> str:
    return dumps([{"name": arg.name, "type": argument_type(arg)} for arg in args])


FIELDS: Mapping[str, Mapping[str, Field]] = {
    "nodes": {
        "function": lambda row: quoted(row.place.body.name) if row.place.body.name else "null",
        "name": lambda row: quoted(row.place.node.name),
        "op": lambda row: quoted(row.place.node.op),
        "device": lambda row: quoted(row.place.node.device),
        "inputs": lambda row: _list(map(quoted, row.place.node.input)),
        "outputs": lambda row: _outputs(row.outputs),
        "problem": lambda row: dumps(row.problem),
        "bytes": lambda row: str(row.size),
    },
    "tensors": {
        "name": lambda row: quoted(row.name),
        "dtype": lambda row: quoted(dtypes.name(row.dtype)),
        "shape": lambda row: dumps(shape_json(row.shape)),
        "bytes": lambda row: dumps(row.size),
        "shard": lambda row: dumps(row.shards),
    },
    "ops": {
        "name": lambda row: quoted(row.name),
        "inputs": lambda row: _arguments(row.input_arg),
        "outputs": lambda row: _arguments(row.output_arg),
        "attrs": lambda row: dumps([{"name": each.name, "type": each.type} for each in row.attr]),
    },
}

# What is written when no fields are asked for: a list's own fields may grow, these stay.
DEFAULT = {
    "nodes": ("function", "name", "op", "device", "inputs", "outputs"),
    "tensors": ("name", "dtype", "shape", "bytes"),
    "ops": ("name", "inputs", "outputs", "attrs"),
}


def choose(rows: str, names: Iterable[str]) -> list[tuple[str, Field]]:
    """The fields of these names for a kind of rows, or without names the default ones.

    Raises UsageError with the names that there are.
    """
    fields = FIELDS[rows]
    chosen = []
    for name in names or DEFAULT[rows]:
        if name not in fields:
            raise UsageError(
                f"there is no field {name!r}", remedy=f"choose among {', '.join(fields)}"
            )
        chosen.append((quoted(name), fields[name]))
    return chosen


def objects(rows: Iterable[Any], fields: Sequence[tuple[str, Field]]) -> Iterator[str]:
    """Each row as a JSON object, escaped to ASCII, which no locale's encoding can spoil."""
    for row in rows:
        yield "{" + ", ".join([f"{name}: {field(row)}" for name, field in fields]) + "}"


def jsonl(rows: Iterable[Any], fields: Sequence[tuple[str, Field]]) -> Iterator[str]:
    """One JSON object a line."""
    for text in objects(rows, fields):
        yield text + "\n"


def json(rows: Iterable[Any], fields: Sequence[tuple[str, Field]]) -> Iterator[str]:
    """One JSON document: an array with an object a line."""
    return array(objects(rows, fields))
