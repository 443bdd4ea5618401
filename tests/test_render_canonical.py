"""Canonical text: the same for what is the same, and a line for whatever differs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from google.protobuf import text_format
from hypothesis import given

from pbtool import dtypes, files, schema, tensors
from pbtool.differences import diff
from pbtool.graph import Graph
from pbtool.render import canonical, canonical_model
from tests.corpus import FOLDER, needs_corpus
from tests.graph_strategies import pairs
from tests.graphs import graph_def

GRAPH = """
node { name: "x" op: "Placeholder" attr { key: "dtype" value { type: DT_FLOAT } } }
node { name: "w" op: "Const" attr { key: "dtype" value { type: DT_FLOAT } }
  attr { key: "value" value { tensor { dtype: DT_FLOAT
    tensor_shape { dim { size: 2 } dim { size: 8 } } float_val: 1 float_val: 2.5 } } } }
node { name: "init" op: "NoOp" device: "/cpu:0" }
node { name: "y" op: "MatMul" input: "x" input: "w:0" input: "^init" input: "^w"
  attr { key: "transpose_a" value { b: true } } attr { key: "T" value { type: DT_FLOAT } } }
library { function { signature { name: "f" input_arg { name: "a" type: DT_INT32 }
    output_arg { name: "r" type: DT_INT32 } is_stateful: true }
  ret { key: "r" value: "n:output:0" } attr { key: "_noinline" value { b: true } }
  node_def { name: "n" op: "Identity" input: "a" } } }
versions { producer: 27 }
"""


def lines(graph: schema.GraphDef) -> list[str]:
    return list(canonical.graph_lines(Graph(graph)))


def value(text: str) -> str:
    attr = schema.AttrValue()
    text_format.Parse(text, attr, descriptor_pool=schema.POOL)
    return canonical.value_text(attr)


def test_a_graph_stays_as_it_is() -> None:
    graph = graph_def(GRAPH)
    graph.library.function[0].ret.clear()
    before = graph.SerializeToString(deterministic=True)
    assert "  result r: int32 = " in lines(graph)
    assert graph.SerializeToString(deterministic=True) == before


def test_a_graph() -> None:
    assert (
        "\n".join(lines(graph_def(GRAPH)))
        == """\
graph
  versions { producer: 27 }
init: NoOp
  device: /cpu:0
w: Const
  dtype = float32
  value = float32[2,8] 1.0 to 2.5, sha256 \
51de371d21b5a9cf46e99caa86ba52acef17eb89dd7e0fc78c0cf7ad7786202e
x: Placeholder
  dtype = float32
y: MatMul
  <- x
  <- w
  <- ^init
  <- ^w
  T = float32
  transpose_a = true
f::
  argument a: int32
  result r: int32 = n:output:0
  _noinline = true
  signature is_stateful: true
f::n: Identity
  <- a"""
    )


def test_order_and_encoding_do_not_matter() -> None:
    other = graph_def(GRAPH)
    nodes = [*reversed(other.node)]
    del other.node[:]
    other.node.extend(nodes)
    graph = Graph(other)
    graph["y"].input[:] = ["x:0", "w", "^w", "^init", "^w"]
    weight = graph["w"].attr["value"].tensor
    weight.CopyFrom(tensors.to_proto(tensors.to_numpy(weight), dtypes.FLOAT))
    assert weight.tensor_content
    assert list(canonical.graph_lines(graph)) == lines(graph_def(GRAPH))


@pytest.mark.parametrize(
    ("edit", "line"),
    [
        ('node { name: "z" op: "NoOp" }', "z: NoOp"),
        ("version: 3", "  version: 3"),
        ('library { gradient { function_name: "f" } }', '  gradient { function_name: "f" }'),
        (
            'node { name: "z" op: "NoOp" experimental_debug_info { original_node_names: "q" } }',
            '  experimental_debug_info { original_node_names: "q" }',
        ),
    ],
)
def test_everything_has_a_line(edit: str, line: str) -> None:
    graph = graph_def(GRAPH)
    graph.MergeFrom(graph_def(edit))
    assert line in lines(graph)


def test_what_the_schema_does_not_know_has_a_line() -> None:
    graph = graph_def(GRAPH)
    data = graph.node[0].SerializeToString() + bytes([0x98, 0x06, 5])  # field 99
    graph.node[0].ParseFromString(data)
    found = [line for line in lines(graph) if "does not know" in line]
    assert found[0].startswith("  3 bytes of fields that pbtool does not know, sha256 ")
    graph.node[0].ParseFromString(data[:-1] + bytes([6]))
    assert found[0] not in lines(graph)
    graph.node[0].attr["dtype"].MergeFromString(bytes([0x98, 0x06, 5]))
    assert any(line.startswith("  dtype has 3 bytes of fields") for line in lines(graph))


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("i: -3", "-3"),
        ('s: "a\\nb\\""', '"a\\nb\\""'),
        ("list { i: 1 i: 2 }", "[1, 2]"),
        ("list { }", "[]"),
        ('func { name: "f" attr { key: "T" value { type: 1 } } }', "f(T=float32)"),
        ('func { name: "float32" }', "float32()"),
        ('placeholder: "T"', "$T"),
        ("", "(no value)"),
        ("tensor { dtype: 1 tensor_shape { dim { size: 3 } } }", "float32[3] [0.0 0.0 0.0]"),
        ('tensor { dtype: 7 tensor_shape { } string_val: "a b" }', 'string[] "a b"'),
        ("tensor { dtype: 1 tensor_shape { } float_val: 1e-30 }", "float32[] 1e-30"),
    ],
)
def test_values(given: str, text: str) -> None:
    assert value(given) == text


def test_long_values_have_a_hash() -> None:
    a, b = (value(f's: "{"x" * 5000}{end}"') for end in "ab")
    assert a != b
    assert len(a) < 250
    assert "(5,001 bytes), sha256 " in a
    a, b = (value("list { " + "i: 1 " * 900 + end + " }") for end in ("i: 1", "i: 2"))
    assert a != b
    assert len(a) < 250


def test_a_bit_of_a_big_tensor_shows() -> None:
    array = np.zeros(1000, np.float32)
    array[7] = np.nan
    texts = []
    for number in (0.0, -0.0):
        array[500] = number
        texts.append(canonical.tensor_text(tensors.to_proto(array, dtypes.FLOAT)))
    assert texts[0] != texts[1]
    assert texts[0].startswith("float32[1000] 0.0 to 0.0, 1 NaN, sha256 ")


def test_a_damaged_tensor_still_has_a_line() -> None:
    text = value("tensor { dtype: 1 tensor_shape { dim { size: 3 } } tensor_content: 'ab' }")
    assert text.startswith("float32[3] sha256 ")
    assert "12 bytes" in text


@given(pairs())
def test_two_graphs_have_the_same_text_when_diff_finds_no_change(pair: tuple[Graph, Graph]) -> None:
    a, b = (list(canonical.graph_lines(graph)) for graph in pair)
    assert (a == b) == (not diff(*pair))
    assert all(line.isprintable() for line in a)


def test_text_and_binary_are_the_same(tmp_path: Path) -> None:
    graph = graph_def(GRAPH)
    (tmp_path / "a.pb").write_bytes(graph.SerializeToString())
    (tmp_path / "a.pbtxt").write_text(text_format.MessageToString(graph))
    texts = [
        list(canonical_model.lines(files.load(tmp_path / name))) for name in ("a.pb", "a.pbtxt")
    ]
    assert texts[0] == texts[1]
    assert texts[0][0] == "GraphDef"


@needs_corpus
@pytest.mark.parametrize(
    "name",
    [
        "saved_model/half_plus_two/saved_model.pb",
        "saved_model/half_plus_two_tf2/saved_model.pb",
        "checkpoint/half_plus_two_v1/export",
        "checkpoint/mtcnn/mtcnn-3000000.index",
    ],
)
def test_real_files_are_plain_lines(name: str) -> None:
    found = list(canonical_model.lines(files.load(FOLDER / name)))
    assert found
    assert all(line.isprintable() for line in found)
    assert max(map(len, found)) < 2 * canonical.LONG
