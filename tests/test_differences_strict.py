"""What a strict diff tells besides: order and encoding, each in a line that says of what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from google.protobuf import text_format
from hypothesis import given, settings
from hypothesis import strategies as st

from pbtool import files, schema
from pbtool.differences import Change, Changed, Edited, diff
from pbtool.source import MemorySource
from pbtool.varint import encode_varint
from pbtool.wire import encode_length_delimited as message
from pbtool.wire import fields
from tests.checkpoint_examples import small_bundle, small_v1
from tests.graph_strategies import graph_defs
from tests.graphs import nodes

Told = list[tuple[str, str, str, str]]


def told(a: bytes, b: bytes, **options: object) -> Told:
    """The kind, name and sides of all changes between two files, which differ only if strict."""
    models = [files.load_bytes(each) for each in (a, b)]
    assert not diff(*models, **options)
    return list(leaves(diff(*models, strict=True, **options)))


def leaves(changes: Iterable[Change]) -> Iterator[tuple[str, str, str, str]]:
    for change in changes:
        if isinstance(change, Edited):
            yield from leaves(change.changes)
        else:
            assert isinstance(change, Changed)
            yield change.kind, change.name, str(change.old), str(change.new)


def text(number: int, value: str) -> bytes:
    return message(number, value.encode())


def an_entry(number: int, key: str, value: bytes) -> bytes:
    """An entry of a map whose values are messages."""
    return message(number, text(1, key) + message(2, value))


def number(field: int, value: int) -> bytes:
    return encode_varint(field << 3) + encode_varint(value)


def a_node(*fields: bytes, name: str = "x") -> bytes:
    return message(1, text(1, name) + text(2, "Op") + b"".join(fields))


FLOAT, INT = number(6, 1), number(6, 3)  # AttrValue.type
T, U = an_entry(5, "T", FLOAT), an_entry(5, "U", INT)


def a_function(*fields: bytes, name: str = "f") -> bytes:
    return message(1, message(1, text(1, name)) + b"".join(fields))


def test_a_map_of_attrs() -> None:
    assert told(a_node(T, U), a_node(U, T)) == [("order", "order of attrs", "T", "U")]


def test_a_map_inside_an_attr() -> None:
    def calling(*attrs: bytes) -> bytes:
        return a_node(an_entry(5, "f", message(10, text(1, "fn") + b"".join(attrs))))

    inner = an_entry(2, "T", FLOAT), an_entry(2, "U", INT)
    expected = [("order", "order of attr.f.func.attr", "T", "U")]
    assert told(calling(*inner), calling(*inner[::-1])) == expected


def test_defaults_that_are_written_out() -> None:
    expected = [("encoding", "encoding of device", "not written", "22 00")]
    assert told(a_node(T), a_node(text(4, ""), T)) == expected


def test_numbers_longer_than_need_be() -> None:
    long = an_entry(5, "T", b"\x30\x81\x00")
    expected = [("encoding", "encoding of attr.T.type", "01", "81 00")]
    assert told(a_node(T), a_node(long)) == expected


def test_fields() -> None:
    assert told(a_node(text(4, "d"), T), a_node(T, text(4, "d"))) == [
        ("order", "order of fields", "device", "attr")
    ]


def test_nodes() -> None:
    a, b = a_node(name="a"), a_node(name="b")
    assert told(a + b, b + a) == [("order", "order of nodes", "a", "b")]


def test_control_inputs() -> None:
    inputs = text(3, "^a"), text(3, "^b")
    beside = a_node(name="a") + a_node(name="b")
    assert told(beside + a_node(*inputs), beside + a_node(*inputs[::-1])) == [
        ("order", "order of control inputs", "a b", "b a")
    ]


def test_tensors() -> None:
    def constant(*values: bytes, inside: int = 8) -> bytes:
        shape = message(2, message(2, number(1, 2)))
        tensor = message(8, number(1, 1) + shape + b"".join(values))
        value = tensor if inside == 8 else message(1, tensor)
        return a_node(an_entry(5, "value", value))

    ones = b"\x00\x00\x80\x3f"
    raw, packed = message(4, ones * 2), message(5, ones * 2)
    unpacked = (b"\x2d" + ones) * 2
    for inside in (8, 1):
        assert told(constant(raw, inside=inside), constant(packed, inside=inside)) == [
            ("encoding", "encoding of value", "tensor_content[8]", "float_val[2]")
        ]
    assert told(constant(packed), constant(message(5, ones))) == [
        ("encoding", "encoding of value", "float_val[2]", "float_val[1]")
    ]
    ((kind, name, *_),) = told(constant(packed), constant(unpacked))
    assert (kind, name) == ("encoding", "encoding of attr.value.tensor.float_val")


def test_functions() -> None:
    f, g = a_function(name="f"), a_function(name="g")
    assert told(a_node() + message(2, f + g), a_node() + message(2, g + f)) == [
        ("order", "order of functions", "f", "g")
    ]


def test_gradients() -> None:
    gradients = [message(2, text(1, each) + text(2, "g")) for each in ("e", "f")]
    sides = (a_node() + message(2, b"".join(each)) for each in (gradients, gradients[::-1]))
    assert told(*sides) == [("order", "order of gradients", "e", "f")]


def test_what_a_function_is_made_of() -> None:
    inner = message(3, text(1, "n") + text(2, "Op") + T + U)
    turned = message(3, text(1, "n") + text(2, "Op") + U + T)
    ret = [message(4, text(1, key) + text(2, "n:0")) for key in ("r", "s")]
    a, b = a_function(inner, *ret), a_function(turned, *ret[::-1])
    assert sorted(told(a_node() + message(2, a), a_node() + message(2, b))) == [
        ("order", "order of attrs", "T", "U"),
        ("order", "order of ret", "r", "s"),
    ]


def a_saved_model(*fields: bytes) -> bytes:
    return number(1, 1) + message(2, message(1, text(4, "serve")) + b"".join(fields))


def test_maps_of_a_meta_graph() -> None:
    inputs = [an_entry(1, key, text(1, "x:0")) for key in ("i", "j")]
    plain = an_entry(5, "p", inputs[0]), an_entry(5, "q", b"".join(inputs))
    turned = plain[0], an_entry(5, "q", b"".join(inputs[::-1]))
    listed = [an_entry(4, key, message(1, text(1, "v"))) for key in ("c", "d")]
    a, b = a_saved_model(*plain, *listed), a_saved_model(*turned[::-1], *listed[::-1])
    assert told(a, b) == [("order", "order of fields of ", "", "")] or sorted(told(a, b)) == [
        ("order", "order of collections", "c", "d"),
        ("order", "order of signature_def.q.inputs", "i", "j"),
        ("order", "order of signatures", "p", "q"),
    ]
    assert {name for _, name, *_ in told(a, b, ignore=["signatures"])} == {"order of collections"}


def test_assets() -> None:
    assets = [message(6, message(1, text(1, f"{each}:0")) + text(2, each)) for each in "mn"]
    assert told(a_saved_model(*assets), a_saved_model(*assets[::-1])) == [
        ("order", "order of assets", "m", "n")
    ]


def test_meta_graphs() -> None:
    tagged = [message(2, message(1, text(4, tag))) for tag in ("serve", "train")]
    assert told(number(1, 1) + b"".join(tagged), number(1, 1) + b"".join(tagged[::-1])) == [
        ("order", "order of meta graphs", "serve", "train")
    ]


GRAPH = nodes("x = Placeholder() dtype=1\ny = Relu(x) T=1")


def test_text_and_binary() -> None:
    binary, as_text = GRAPH.SerializeToString(), text_format.MessageToString(GRAPH).encode()
    assert told(binary, as_text) == [
        ("encoding", "encoding of the file", "binary GraphDef", "text GraphDef")
    ]
    assert told(as_text, b"# as text\n" + as_text) == [
        ("encoding", "encoding of the file", "line 1: node {", "line 1: # as text")
    ]
    assert told(as_text, as_text) == []


def test_bytes_that_nothing_else_explains() -> None:
    """Versions that stand twice: protobuf merges them."""
    versions = message(4, number(1, 9))
    assert told(a_node() + versions, a_node() + versions + versions) == [
        ("encoding", "encoding of the file", "byte 13: the end", "byte 13: 22 02 08 09")
    ]


def test_formats_of_checkpoints(tmp_path: Path) -> None:
    small_v1().write(tmp_path / "old")
    models = files.load(tmp_path / "old"), files.load(small_bundle().write(tmp_path / "new"))
    found = list(diff(*models, strict=True))
    assert found[-1] == Changed(
        "encoding", "encoding of the file", "binary CheckpointV1", "binary TensorBundle"
    )


def test_what_is_ignored_has_no_order() -> None:
    assert told(a_node(T, U), a_node(U, T), only=["other"]) == []
    long = an_entry(5, "T", b"\x30\x81\x00")
    assert told(a_node(T), a_node(long), ignore=["attr:T"]) == []


@settings(max_examples=60)
@given(graph_defs(), st.data())
def test_a_strict_diff_is_empty_for_the_same_bytes_alone(
    graph: schema.GraphDef, data: st.DataObject
) -> None:
    source = MemorySource(graph.SerializeToString(deterministic=True))
    parts = [source.read(each.start, each.end) for each in fields(source, 0, source.size)]
    orders = parts, data.draw(st.permutations(parts))
    a, b = (a_node(name="first") + b"".join(each) for each in orders)
    models = [files.load_bytes(each) for each in (a, b)]
    assert bool(diff(*models, strict=True)) == (a != b)
