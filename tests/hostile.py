"""Hostile files, each fed to every verb in a process of its own whose memory is limited.

    python -m tests.hostile CASE [--count N]

prints what breaks a law of ``survival``. N is how many nodes, levels or bytes a case has.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from pbtool import schema
from pbtool.varint import encode_varint
from pbtool.wire import LENGTH_DELIMITED, encode_length_delimited
from tests import survival
from tests.damage import NASTY

MEMORY = 1 << 30  # bytes of address space, Python's and numpy's own included
SECONDS = 60  # that a command may compute: some of these files are big


class Case(NamedTuple):
    """A file: what writes it, how big it is by default, and a node that is in it."""

    write: Callable[[Path, int], object]
    count: int
    node: str


def field(number: int, payload: bytes) -> bytes:
    return encode_length_delimited(number, payload)


def node(name: str, op: str, *inputs: str, **attrs: bytes) -> bytes:
    """A GraphDef with one node; attrs are serialized AttrValues."""
    parts = [field(1, name.encode()), field(2, op.encode())]
    parts += [field(3, text.encode()) for text in inputs]
    parts += [field(5, field(1, key.encode()) + field(2, attrs[key])) for key in attrs]
    return field(1, b"".join(parts))


FLOAT = b"\x30\x01"  # an AttrValue: DT_FLOAT
SOURCE = node("n0", "Placeholder", dtype=FLOAT)


def _link(number: int, source: int) -> bytes:
    return node(f"n{number}", "Identity", f"n{source}", T=FLOAT)


def chain(path: Path, count: int) -> None:
    """Nodes of which each needs the one before."""
    path.write_bytes(SOURCE + b"".join(_link(each, each - 1) for each in range(1, count)))


def chain_backwards(path: Path, count: int) -> None:
    """The same, the last one first."""
    path.write_bytes(b"".join(_link(each, each - 1) for each in range(count - 1, 0, -1)) + SOURCE)


def ring(path: Path, count: int) -> None:
    """Nodes that all need each other."""
    path.write_bytes(b"".join(_link(each, (each - 1) % count) for each in range(count)))


def fan_in(path: Path, count: int) -> None:
    """A node with very many inputs, and one with as many control inputs."""
    number = b"\x18" + encode_varint(count)  # an AttrValue: an int
    data = node("n1", "AddN", *["n0"] * count, N=number, T=FLOAT)
    control = node("all", "NoOp", *(f"^c{each}" for each in range(count)))
    nodes = b"".join(node(f"c{each}", "NoOp") for each in range(count))
    path.write_bytes(SOURCE + data + nodes + control)


def fan_out(path: Path, count: int) -> None:
    """A node that very many need."""
    path.write_bytes(SOURCE + b"".join(_link(each, 0) for each in range(1, count)))


def claim(path: Path, count: int) -> None:
    """A constant that claims more elements than its file has bits."""
    tensor = schema.TensorProto(dtype=1, float_val=[1.0])
    tensor.tensor_shape.dim.add(size=count)
    value = field(8, tensor.SerializeToString())
    data = node("n0", "Const", dtype=FLOAT, value=value)
    assert len(data) <= 100
    path.write_bytes(data)


def nested(path: Path, count: int) -> None:
    """Functions in attrs of functions: messages in messages."""
    value = b""
    for _ in range(count):
        value = field(10, field(1, b"f") + field(2, field(1, b"a") + field(2, value)))
    path.write_bytes(node("n0", "NoOp", a=value))


def nested_text(path: Path, count: int) -> None:
    """The same in protobuf's text format."""
    begin, end = 'func { attr { key: "a" value { ', "} } } "
    value = begin * count + end * count
    path.write_text(f'node {{ name: "n0" op: "NoOp" attr {{ key: "a" value {{ {value} }} }} }}')


def nested_json(path: Path, count: int) -> None:
    """The same in JSON."""
    value = '{"func":{"attr":{"a":' * count + "{}" + "}}}" * count
    path.write_text(f'{{"node":[{{"name":"n0","op":"NoOp","attr":{{"a":{value}}}}}]}}')


def unknown_field(path: Path, count: int) -> None:
    """A field that nobody knows, of very many bytes."""
    head = SOURCE + encode_varint(99 << 3 | LENGTH_DELIMITED) + encode_varint(count)
    path.write_bytes(head)
    with path.open("r+b") as file:
        file.truncate(len(head) + count)


def unknown_field_of_a_node(path: Path, count: int) -> None:
    """The same within a node."""
    inside = SOURCE[2:] + encode_varint(99 << 3 | LENGTH_DELIMITED) + encode_varint(count)
    head = b"\x0a" + encode_varint(len(inside) + count) + inside
    path.write_bytes(head)
    with path.open("r+b") as file:
        file.truncate(len(head) + count)


def names(path: Path, count: int) -> None:
    """Names that mean something elsewhere, and one that is very long."""
    graph = schema.GraphDef()
    graph.node.add(name="n0", op="NoOp")
    for text in (*(data.decode() for data in NASTY if data.isascii()), "\u202e", "x" * count):
        graph.node.add(name=text, op="NoOp", device=text).attr[text].s = text.encode()
        graph.node.add(name=f"op {text}", op=text, input=[text])
    path.write_bytes(graph.SerializeToString())


def no_text(path: Path, count: int) -> None:
    """A name that is no UTF-8."""
    path.write_bytes(field(1, field(1, b"n0\xff\xfe" * count) + field(2, b"NoOp")))


def scopes(path: Path, count: int) -> None:
    """A name with very many scopes, and a ladder of some."""
    ladder = b"".join(node("/".join("a" * each), "NoOp") for each in range(1, count // 100))
    path.write_bytes(SOURCE + node("/".join("a" * count), "NoOp") + ladder)


def functions(path: Path, count: int) -> None:
    """Functions of which each calls the next, and the last one the first."""
    graph = schema.GraphDef()
    for number in range(count):
        function = graph.library.function.add()
        function.signature.name = f"f{number}"
        function.signature.output_arg.add(name="o", type=1)
        function.node_def.add(name="x", op=f"f{(number + 1) % count}")
        function.ret["o"] = "x:o:0"
    graph.node.add(name="n0", op="f0")
    path.write_bytes(graph.SerializeToString())


def rank(path: Path, count: int) -> None:
    """A shape of very many dimensions."""
    shape = field(7, field(2, b"") * count)
    path.write_bytes(node("n0", "Placeholder", dtype=FLOAT, shape=shape))


CASES = {
    "graph.pb": {
        "chain": Case(chain, 100_000, "n99"),
        "chain_backwards": Case(chain_backwards, 100_000, "n99"),
        "ring": Case(ring, 100_000, "n99"),
        "fan_in": Case(fan_in, 100_000, "all"),
        "fan_out": Case(fan_out, 100_000, "n99"),
        "claim": Case(claim, 10**12, "n0"),
        "nested": Case(nested, 10_000, "n0"),
        "unknown_field": Case(unknown_field, 100 << 20, "n0"),
        "unknown_field_of_a_node": Case(unknown_field_of_a_node, 100 << 20, "n0"),
        "names": Case(names, 1 << 20, "n0"),
        "no_text": Case(no_text, 1, "n0"),
        "scopes": Case(scopes, 100_000, "n0"),
        "functions": Case(functions, 5_000, "n0"),
        "rank": Case(rank, 1_000_000, "n0"),
    },
    "graph.pbtxt": {"nested_text": Case(nested_text, 10_000, "n0")},
    "graph.json": {"nested_json": Case(nested_json, 10_000, "n0")},
}

COMMANDS = """
    list {file}
    list {file} --format json
    info {file}
    show {file} {node}
    check {file}
    diff {file} {file}
    diff {seed} {file}
    prune {file} --outputs {node} -o {out}.pb
    patch {file} {none} -o {out}.pb
    convert {file} {out}.pbtxt
    convert {file} {out}.json
    textconv {file}
"""


class Fed(NamedTuple):
    """What one command did with a case."""

    run: survival.Run
    law: str  # the one that it broke, or ""


def feed(name: str, folder: Path, count: int = 0) -> Iterator[Fed]:
    """Feed a case to every command."""
    file, case = next((file, cases[name]) for file, cases in CASES.items() if name in cases)
    places = {key: str(folder / key) for key in ("seed", "none", "out")} | {
        "file": str(folder / file),
        "node": case.node,
    }
    Path(places["seed"]).write_bytes(SOURCE)
    survival.run(["diff", *[places["seed"]] * 2, "--format", "json", "-o", places["none"]])
    case.write(folder / file, count or case.count)
    for line in COMMANDS.strip().splitlines():
        done = survival.run([word.format(**places) for word in line.split()], SECONDS)
        yield Fed(done, done.broken_law(SECONDS))


def main() -> None:
    """Feed one case to every command, and say what became of it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("case")
    parser.add_argument("--count", type=int, default=0)
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    broken = 0
    with tempfile.TemporaryDirectory() as folder:
        for run, law in feed(options.case, Path(folder), options.count):
            broken += bool(law)
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
            said = f"{law or 'fine'}; {run.err.strip()[:200]}".replace(folder, "")
            print(f"{run.words[0]}: status {run.status}, {run.seconds:.1f} s, {peak} MiB: {said}")
    sys.exit(bool(broken))


if __name__ == "__main__":
    main()
