"""Writes the graphs that benchmarks are run on.

    python benchmarks/graphs.py big FILE [GIGABYTES]   few big constants
    python benchmarks/graphs.py small FILE [NODES]     many small nodes
    python benchmarks/graphs.py keras FILE MODEL       a Keras application without its weights
    python benchmarks/graphs.py scopes FILE [NODES]    many small nodes, in ten scopes
    python benchmarks/graphs.py edited FILE [NODES]    the same, with changes and a scope renamed
    python benchmarks/graphs.py same FILE [OTHER]      a copy of big.pb, or another, beside it
    python benchmarks/graphs.py added FILE [OTHER]     such a copy with one more node
    python benchmarks/graphs.py changed FILE [OTHER]   such a copy with three other weights

The first two are frozen graphs as TensorFlow writes them: layers of MatMul, BiasAdd and Relu with
their weights as Const behind an Identity. Keras models need tensorflow.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from pbtool import schema
from pbtool.varint import encode_varint
from pbtool.wire import encode_length_delimited

DT_FLOAT = 1
TENSOR = 4 << 20  # bytes of one big constant


def node(name: str, op: str, inputs: tuple[str, ...] = (), **types: int) -> schema.NodeDef:
    """A node whose attrs are element types."""
    made = schema.NodeDef(name=name, op=op, input=inputs)
    for attr, dtype in types.items():
        made.attr[attr].type = dtype
    return made


def constant(name: str, dtype: int, dims: tuple[int, ...], content: bytes = b"") -> schema.NodeDef:
    """A Const; without content its tensor is all zeros."""
    made = node(name, "Const", dtype=dtype)
    tensor = made.attr["value"].tensor
    tensor.dtype = dtype
    tensor.tensor_content = content
    for size in dims:
        tensor.tensor_shape.dim.add().size = size
    return made


def layer(number: int, source: str, width: int) -> Iterator[schema.NodeDef]:
    """The seven nodes of one dense layer; the last is called ``layerN/relu``."""
    scope = f"layer{number}"
    yield constant(f"{scope}/weights", DT_FLOAT, (width, width))
    yield node(f"{scope}/weights/read", "Identity", (f"{scope}/weights",), T=DT_FLOAT)
    yield constant(f"{scope}/bias", DT_FLOAT, (width,))
    yield node(f"{scope}/bias/read", "Identity", (f"{scope}/bias",), T=DT_FLOAT)
    yield node(f"{scope}/matmul", "MatMul", (source, f"{scope}/weights/read"), T=DT_FLOAT)
    yield node(f"{scope}/add", "BiasAdd", (f"{scope}/matmul", f"{scope}/bias/read"), T=DT_FLOAT)
    yield node(f"{scope}/relu", "Relu", (f"{scope}/add",), T=DT_FLOAT)


def network(layers: int, width: int) -> Iterator[schema.NodeDef]:
    """A placeholder ``x`` and layers on top of it."""
    x = node("x", "Placeholder", dtype=DT_FLOAT)
    for size in (-1, width):
        x.attr["shape"].shape.dim.add().size = size
    yield x
    source = "x"
    for number in range(layers):
        yield from layer(number, source, width)
        source = f"layer{number}/relu"


def write_small(path: Path, nodes: int) -> None:
    """Write a graph of that many nodes, give or take seven, each of some hundred bytes."""
    with path.open("wb") as file:
        for each in network(nodes // 7, 8):
            file.write(encode_length_delimited(1, each.SerializeToString()))
        file.write(b"\x22\x03\x08\xb2\x13")  # versions { producer: 2482 }


def write_big(path: Path, size: int) -> None:
    """Write a graph of about that many bytes, in constants of 4 MB each.

    The zeros stand in the file; writing them as a hole would make reading them too cheap.
    """
    width = 1024  # 1024 times 1024 float32 are 4 MB
    payload = bytes(range(256)) * (TENSOR // 256)
    field = encode_varint(4 << 3 | 2) + encode_varint(TENSOR)  # tensor_content
    with path.open("wb") as file:
        for each in network(size // TENSOR, width):
            if each.name.endswith("/weights"):
                _write_constant(file, each, field, payload)
            else:
                file.write(encode_length_delimited(1, each.SerializeToString()))
        file.write(b"\x22\x03\x08\xb2\x13")


def _write_constant(file: BinaryIO, each: schema.NodeDef, field: bytes, payload: bytes) -> None:
    """Write a Const with a payload, without a copy of the payload for each level of message."""
    tensor = each.attr["value"].tensor.SerializeToString() + field
    del each.attr["value"]
    head = each.SerializeToString()
    lengths = len(tensor) + len(payload)
    value = encode_varint(8 << 3 | 2) + encode_varint(lengths) + tensor
    lengths = len(value) + len(payload)
    entry = encode_length_delimited(1, b"value") + b"\x12" + encode_varint(lengths) + value
    lengths = len(entry) + len(payload)
    attr = b"\x2a" + encode_varint(lengths) + entry
    lengths = len(head) + len(attr) + len(payload)
    file.write(b"\x0a" + encode_varint(lengths) + head + attr)
    file.write(payload)


def write_keras(path: Path, name: str) -> None:
    """Write a model of ``tf.keras.applications``, such as ResNet50, frozen by TensorFlow 2."""
    import tensorflow as tf
    from tensorflow.python.framework.convert_to_constants import (
        convert_variables_to_constants_v2,
    )

    model = getattr(tf.keras.applications, name)(weights=None)
    call = tf.function(lambda x: model(x, training=False))
    traced = call.get_concrete_function(tf.TensorSpec([None, *model.input_shape[1:]]))
    frozen = convert_variables_to_constants_v2(traced)
    path.write_bytes(frozen.graph.as_graph_def().SerializeToString())


def write_scopes(path: Path, nodes: int, *, edited: bool) -> None:
    """Write a graph like ``write_small``'s, in ten scopes of as many layers each.

    If ``edited``, one scope has another name, and each hundredth node another attr.
    """
    layers = nodes // 7
    with path.open("wb") as file:
        for number, each in enumerate(network(layers, 8)):
            each.name = _scoped(each.name, layers, edited=edited)
            for position, name in enumerate(each.input):
                each.input[position] = _scoped(name, layers, edited=edited)
            if edited and number % 100 == 50:
                each.attr["edited"].b = True
            file.write(encode_length_delimited(1, each.SerializeToString()))


def _scoped(name: str, layers: int, *, edited: bool) -> str:
    if not name.startswith("layer"):
        return name
    number = int(name.removeprefix("layer").partition("/")[0]) * 10 // layers
    return f"{'renamed' if edited and number == 3 else f'block{number}'}/{name}"


def write_changed(path: Path) -> None:
    """Change a byte of three weights in a file that ``write_big`` wrote."""
    size = path.stat().st_size
    with path.open("r+b") as file:
        for part in (1, 5, 9):
            file.seek(size * part // 10)
            byte = file.read(1)
            file.seek(-1, 1)
            file.write(bytes([byte[0] ^ 1]))


def main(words: list[str]) -> None:
    """Write the graph that the command line asks for."""
    kind, path, *amount = words
    if kind == "keras":
        write_keras(Path(path), *amount)
    elif kind in ("scopes", "edited"):
        nodes = int(amount[0]) if amount else 100_000
        write_scopes(Path(path), nodes, edited=kind == "edited")
    elif kind in ("same", "added", "changed"):
        shutil.copyfile(Path(path).with_name(amount[0] if amount else "big.pb"), path)
        if kind == "changed":
            write_changed(Path(path))
        elif kind == "added":
            with Path(path).open("ab") as file:
                file.write(encode_length_delimited(1, node("added", "NoOp").SerializeToString()))
    elif kind == "small":
        write_small(Path(path), int(amount[0]) if amount else 100_000)
    else:
        write_big(Path(path), int(float(amount[0] if amount else 1) * (1 << 30)))


if __name__ == "__main__":
    main(sys.argv[1:])
