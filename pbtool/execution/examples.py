"""Serialized tf.Example messages: what the parsers of a graph want to find in them, and such ones.

Many SavedModels take their inputs so, in one string tensor, and refuse any other string.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from pbtool import dtypes, opdefs
from pbtool.body import Body
from pbtool.execution.uses import uses
from pbtool.graph import Graph
from pbtool.varint import encode_varint
from pbtool.wire import encode_length_delimited

if TYPE_CHECKING:
    import numpy as np

    from pbtool.schema import AttrValue, NodeDef

PARSERS = frozenset({"ParseExample", "ParseExampleV2", "ParseSingleExample"})

# What hands a tensor on, with its elements as they are.
_HANDED_ON = frozenset({"Identity", "Reshape", "ExpandDims", "Squeeze", "PlaceholderWithDefault"})
_ANY_NUMBER = 2  # of values, where the parser takes as many as there are
_LARGEST = 10  # integers are below it

# The field of Feature for each type, whose list has its values in field 1.
_LISTS = {dtypes.STRING: 1, dtypes.FLOAT: 2, dtypes.INT64: 3}


class Feature(NamedTuple):
    """A feature that a parser asks for: its key, type, and number of values."""

    key: bytes
    dtype: int
    values: int


class Examples(NamedTuple):
    """The features of what a tensor holds; and whether that has to be a vector of Examples."""

    features: tuple[Feature, ...]
    is_vector: bool


def find_examples(graph: Graph, tensor: str) -> Examples | None:
    """What the parsers behind a tensor ask for; None where there is none, or it is not known."""
    found: dict[bytes, Feature] = {}
    is_vector = False
    for body, node, position in uses(graph, tensor, _HANDED_ON):
        if node.op in PARSERS and position == 0:
            is_vector |= node.op == "ParseExample"
            found |= {each.key: each for each in _features(body, node)}
    return Examples(tuple(found.values()), is_vector) if found else None


def serialized(
    features: Sequence[Feature], words: Sequence[bytes], dice: np.random.Generator
) -> bytes:
    """A tf.Example with random values for these features; strings are among ``words``."""
    entries = []
    for key, dtype, count in features:
        if dtype == dtypes.STRING:
            chosen = dice.integers(0, len(words), count)
            values = b"".join(encode_length_delimited(1, words[number]) for number in chosen)
        elif dtype == dtypes.FLOAT:
            floats = struct.pack(f"<{count}f", *dice.uniform(-1, 1, count))
            values = encode_length_delimited(1, floats)
        else:
            integers = map(int, dice.integers(0, _LARGEST, count))
            values = encode_length_delimited(1, b"".join(map(encode_varint, integers)))
        feature = encode_length_delimited(_LISTS[dtype], values)
        entry = encode_length_delimited(1, key) + encode_length_delimited(2, feature)
        entries.append(encode_length_delimited(1, entry))
    return encode_length_delimited(1, b"".join(entries))


def _features(body: Body, parser: NodeDef) -> Iterator[Feature]:
    """The features that a parser asks for, of the types that an Example has."""
    attr: Mapping[str, AttrValue] = parser.attr
    shapes = attr["dense_shapes"].list.shape if "dense_shapes" in attr else ()
    counts = []
    for shape in shapes:
        count = 1
        for dim in shape.dim:
            count *= dim.size if dim.size >= 0 else _ANY_NUMBER
        counts.append(count)
    kinds = (
        ("dense_keys", "Tdense", counts),
        ("sparse_keys", "sparse_types", None),
        ("ragged_keys", "ragged_value_types", None),
    )
    for keys_name, types_name, sizes in kinds:
        keys = _keys(body, parser, keys_name)
        types = list(attr[types_name].list.type) if types_name in attr else []
        for key, dtype, count in zip(
            keys, types, sizes or [_ANY_NUMBER] * len(types), strict=False
        ):
            if dtype in _LISTS:
                yield Feature(key, dtype, count)


def _keys(body: Body, parser: NodeDef, name: str) -> list[bytes]:
    """The keys that a parser is given: in an attr, or in constants."""
    if name in parser.attr:
        return list(parser.attr[name].list.s)
    op_def = body.op_def(parser.op)
    positions = () if op_def is None else opdefs.inputs(op_def).ports(parser).get(name, ())
    found: list[bytes] = []
    for position in positions:
        if position >= len(parser.input):
            return []
        source = body.resolve(parser.input[position]).node
        if source not in body or body[source].op != "Const":
            return []
        found += (each for each in body.tensor(source).flat if isinstance(each, bytes))
    return found
