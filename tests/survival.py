"""Damaged and hostile files: what must hold whatever pbtool is fed.

    python -m tests.survival --inputs 100000 [--seed S] [--keep FOLDER]

Each input is a small model file with random damage, which knows the structure of what it damages,
and goes through one command line. A command may succeed, or refuse in a sentence; it must not raise
anything else, compute longer than SECONDS, or print what steers a terminal, nor, in the runs which
the line above starts, need more than MEMORY. Inputs that break a law are written to the folder;
those of the past are kept in tests/survivors.
"""

from __future__ import annotations

import argparse
import io
import random
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from google.protobuf import text_format

from pbtool import cli, schema, wire
from pbtool.source import MemorySource
from pbtool.varint import encode_varint
from tests.checkpoint_examples import small_bundle
from tests.graphs import nodes

ROOT = Path(__file__).resolve().parent.parent
SURVIVORS = ROOT / "tests" / "survivors"

SECONDS = 5
MEMORY = 3 << 30  # bytes of address space, numpy's own included


# --- what is damaged ---------------------------------------------------------------------------

GRAPH = """
    x = Placeholder() dtype=1
    c = Const() dtype=1
    i = Const() dtype=3
    r = Reshape(x, i) T=1 Tshape=3
    s = Shape(r) T=1 out_type=3
    a = AddV2(r, c, ^i) T=1
    f = Twice(a)
    p = Pack(a, a) T=1 N=2
    m = Merge(a, n) T=1 N=2
    n = NextIteration(m) T=1
    out = Identity(p) T=1
"""


def _graph() -> schema.GraphDef:
    graph = nodes(GRAPH)
    for node, dtype, values in ((graph.node[1], 1, [1.5, -2.0]), (graph.node[2], 3, [2, -1])):
        tensor = node.attr["value"].tensor
        tensor.dtype = dtype
        tensor.tensor_shape.dim.add(size=2)
        (tensor.float_val if dtype == 1 else tensor.int_val).extend(values)
    function = graph.library.function.add()
    function.signature.name = "Twice"
    function.signature.input_arg.add(name="x", type=1)
    function.signature.output_arg.add(name="y", type=1)
    body = function.node_def.add(name="sum", op="AddV2", input=["x", "x"])
    body.attr["T"].type = 1
    function.ret["y"] = "sum:z:0"
    graph.versions.producer = 2000
    return graph


def _saved_model() -> schema.SavedModel:
    model = schema.SavedModel(saved_model_schema_version=1)
    meta = model.meta_graphs.add()
    meta.graph_def.CopyFrom(_graph())
    meta.meta_info_def.tags.append("serve")
    signature = meta.signature_def["serving_default"]
    signature.inputs["x"].name = "x:0"
    signature.inputs["x"].dtype = 1
    signature.outputs["y"].name = "out:0"
    meta.collection_def["variables"].bytes_list.value.append(b"\n\x03v:0")
    meta.asset_file_def.add(filename="../vocabulary.txt").tensor_info.name = "c:0"
    return model


def seeds() -> list[tuple[str, bytes]]:
    """Small files of every kind, each with the name that it is opened under."""
    graph, model = _graph(), _saved_model()
    with tempfile.TemporaryDirectory() as folder:
        small_bundle().write(Path(folder) / "small")
        index = (Path(folder) / "small.index").read_bytes()
    return [
        ("graph.pb", graph.SerializeToString()),
        ("graph.pbtxt", text_format.MessageToString(graph).encode()),
        ("saved_model.pb", model.SerializeToString()),
        ("model.meta", model.meta_graphs[0].SerializeToString()),
        ("small.index", index),
        ("library.pb", graph.library.SerializeToString()),
    ]


# --- damage ------------------------------------------------------------------------------------

NASTY = (
    b"",
    b"\0",
    b"\xff\xfe",
    b"\x1b[31m",
    b"a\nb",
    b"../../x",
    b"=1+1",
    b"<script>",
    b"^x",
    b"x:99999999999",
    b"x" * 5000,
    "\u202e".encode(),
)
EXTREME = (0, 1, 127, 128, (1 << 31) - 1, 1 << 31, (1 << 63) - 1, 1 << 63, (1 << 64) - 1)


def damaged(chance: random.Random, data: bytes) -> bytes:
    """The data with a few random changes."""
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        data = _change(chance, data)
    return data


def _change(chance: random.Random, data: bytes) -> bytes:
    """One change, at any depth of the messages; the lengths around it are put right."""
    if data.count(b"\n") > 20 and data.isascii():
        return _change_line(chance, data)
    fields = _fields(data)
    if not fields or chance.random() < 0.03:
        return _scramble(chance, data)
    field = chance.choice(fields)
    inside = data[field.payload : field.end]
    if field.wire_type == wire.LENGTH_DELIMITED and inside and chance.random() < 0.8:
        changed = wire.encode_length_delimited(field.number, _change(chance, inside))
    else:
        changed = chance.choice(_CHANGES)(chance, data, field)
    return data[: field.start] + changed + data[field.end :]


def _fields(data: bytes) -> list[wire.Field]:
    try:
        return list(wire.fields(MemorySource(data), 0, len(data)))
    except wire.WireError:
        return []


Change = Callable[[random.Random, bytes, wire.Field], bytes]


def _twice(chance: random.Random, data: bytes, field: wire.Field) -> bytes:
    return data[field.start : field.end] * chance.choice((2, 2, 3, 300))


def _number(chance: random.Random, data: bytes, field: wire.Field) -> bytes:
    tag = encode_varint(field.number << 3 | wire.VARINT)
    return tag + encode_varint(chance.choice(EXTREME))


def _bytes(chance: random.Random, data: bytes, field: wire.Field) -> bytes:
    return wire.encode_length_delimited(field.number, chance.choice(NASTY))


def _renumbered(chance: random.Random, data: bytes, field: wire.Field) -> bytes:
    number = chance.choice((field.number + 1, max(field.number - 1, 1), 99, 1 << 28))
    return wire.encode_length_delimited(number, data[field.payload : field.end])


def _nested(chance: random.Random, data: bytes, field: wire.Field) -> bytes:
    inside = data[field.start : field.end]
    for _ in range(chance.choice((1, 5, 150))):
        inside = wire.encode_length_delimited(field.number, inside)
    return inside


def _lying(chance: random.Random, data: bytes, field: wire.Field) -> bytes:
    tag = encode_varint(field.number << 3 | wire.LENGTH_DELIMITED)
    return tag + encode_varint(chance.choice(EXTREME)) + data[field.payload : field.end]


_CHANGES: tuple[Change, ...] = (
    lambda chance, data, field: b"",
    _twice,
    _number,
    _bytes,
    _renumbered,
    _nested,
    _lying,
)


def _change_line(chance: random.Random, data: bytes) -> bytes:
    """A change of a text in one of its lines."""
    lines = data.split(b"\n")
    at = chance.randrange(len(lines))
    key, colon, _ = lines[at].partition(b": ")
    value = chance.choice((b'""', b'"x"', b'"^out"', b"-1", b"1e400", b"DT_INT8", b"99999999999"))
    lines[at : at + 1] = chance.choice(
        (
            [],
            [lines[at]] * 2,
            [key + colon + value],
            [key + colon + value],
            [_scramble(chance, lines[at])],
        )
    )
    return b"\n".join(lines)


def _scramble(chance: random.Random, data: bytes) -> bytes:
    """A change that knows nothing of messages."""
    at, end = sorted(chance.randrange(len(data) + 1) for _ in range(2))
    piece = chance.choice((b"", chance.randbytes(end - at), chance.choice(NASTY), data[at:end] * 2))
    return chance.choice((data[:at] + piece + data[end:], data[:at], data[end:]))


# --- laws --------------------------------------------------------------------------------------

# {file} is the damaged file, {seed} the one that it was made of, {out} a place to write.
COMMANDS = tuple(
    line.split()
    for line in """
    list {file}
    list {file} --format json
    list {file} --format csv --sort size
    list {file} --format html --columns name,inputs,bytes
    list {file} --explain out
    info {file}
    info {file} --format json
    info {file} --brief
    show {file} *
    show {file} * --values --format json
    check {file}
    check {file} --format sarif
    diff {file} {seed}
    diff {seed} {file} --format json
    prune {file} --outputs out -o {out}.pb
    prune {file} --outputs * --inputs x,a:0 --drop-inert-control-edges -o {out}.pbtxt
    prune {file} --outputs a --remove-training-nodes --clear-devices --dry-run
    convert {file} {out}.pbtxt
    convert {file} {out}.json
    textconv {file}
""".strip().splitlines()
)


class Run(NamedTuple):
    """What one command did with one input."""

    words: tuple[str, ...]
    status: int
    out: str
    err: str
    seconds: float

    def broken_law(self) -> str:
        """The law that does not hold; "" when all do."""
        if self.status not in (0, 1, 2):
            return f"exit status {self.status}"
        for said in ("a bug in pbtool", "not enough memory", "deeper than pbtool"):
            if said in self.err:
                return self.err.strip()
        if self.status == 2 and len(self.err.splitlines()) != self.err.count("pbtool: "):
            return f"an error of several lines: {self.err!r}"
        if self.seconds > SECONDS:
            return f"{self.seconds:.1f} seconds"
        steering = {char for char in self.out + self.err if not char.isprintable()} - {"\n", "\t"}
        return f"prints {steering}" if steering else ""


def run(words: Sequence[str]) -> Run:
    """Run one command line in this process."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="") for _ in range(2))
    start = time.process_time()
    signal.alarm(4 * SECONDS)  # what hangs ends the process, and that is seen
    status = cli.main(words, stdin=io.TextIOWrapper(io.BytesIO()), stdout=out, stderr=err)
    signal.alarm(0)
    seconds = time.process_time() - start
    texts = []
    for stream in (out, err):
        stream.flush()
        texts.append(stream.buffer.getvalue().decode())
    return Run(tuple(words), status, *texts, seconds)


def command(words: Sequence[str], folder: Path, name: str) -> list[str]:
    """The words of one command, its files in the folder."""
    places = {"file": folder / name, "seed": folder / f"seed-{name}", "out": folder / "out"}
    return [word.format(**places) for word in words]


def survive(inputs: int, seed: int, folder: Path) -> Iterator[tuple[bytes, Run, str]]:
    """Yield what breaks a law: the input, the run, the law."""
    chance = random.Random(seed)
    models = seeds()
    small_bundle().write(folder / "small")
    for name, data in models:
        (folder / f"seed-{name}").write_bytes(data)
    for _ in range(inputs):
        name, data = chance.choice(models)
        data = damaged(chance, data)
        (folder / name).write_bytes(data)
        done = run(command(chance.choice(COMMANDS), folder, name))
        if law := done.broken_law():
            yield data, done, law


def main() -> None:
    """Survive as many inputs as the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--inputs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, default=SURVIVORS)
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    found = 0
    with tempfile.TemporaryDirectory() as folder:
        for data, done, law in survive(options.inputs, options.seed, Path(folder)):
            found += 1
            options.keep.mkdir(exist_ok=True)
            name = Path(next(word for word in done.words[1:] if "seed-" not in word)).name
            kept = options.keep / f"{options.seed}-{found}-{name}"
            kept.write_bytes(data)
            words = " ".join(word.replace(folder, "") for word in done.words)
            print(f"{law}\n  {words}\n  {kept}", flush=True)
    print(f"{options.inputs} inputs, {found} broke a law")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
