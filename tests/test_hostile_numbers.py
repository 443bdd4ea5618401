"""Numbers of more digits than Python's int() and str() take, in names and made of sizes."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from pbtool.schema import GraphDef
from tests import survival
from tests.graphs import graph_def, nodes

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the time of a run is limited by POSIX")

DIGITS = "9" * 5000  # int() takes 4,300
SIZES = [1 << 62] * 254  # their product has 4,741 digits


def in_inputs() -> GraphDef:
    return nodes(f"""
        a = Placeholder() dtype=1
        n_{DIGITS} = Neg(a:{DIGITS}) T=1
        n_1{DIGITS} = Neg(n_{DIGITS}, ^a:{DIGITS}) T=1
    """)


def in_a_function(source: str) -> GraphDef:
    name = f"f_{DIGITS}"
    return graph_def(f"""
        node {{
          name: "a" op: "Placeholder" attr {{ key: "dtype" value {{ type: DT_FLOAT }} }}
        }}
        node {{ name: "call" op: "{name}" input: "a" }}
        library {{
          function {{
            signature {{
              name: "{name}"
              input_arg {{ name: "x" type: DT_FLOAT }} output_arg {{ name: "y" type: DT_FLOAT }}
            }}
            node_def {{
              name: "n" op: "Neg" input: "x" attr {{ key: "T" value {{ type: DT_FLOAT }} }}
            }}
            node_def {{
              name: "m" op: "Neg" input: "{source}" attr {{ key: "T" value {{ type: DT_FLOAT }} }}
            }}
            ret {{ key: "y" value: "{source}" }}
          }}
        }}
    """)


def in_shapes(count: int) -> GraphDef:
    graph = nodes("""
        p = Placeholder() dtype=1
        c = Const() dtype=1
        flat = Reshape(p, minus) T=1
        minus = Const() dtype=3
        size = Size(p) T=1
        v = VariableV2() dtype=1
    """)
    shapes = [graph.node[0].attr["shape"].shape, graph.node[5].attr["shape"].shape]
    tensor = graph.node[1].attr["value"].tensor
    tensor.dtype = 1
    tensor.float_val.append(0)
    for shape in (*shapes, tensor.tensor_shape):
        for size in SIZES * count:
            shape.dim.add(size=size)
    vector = graph.node[3].attr["value"].tensor
    vector.dtype = 3
    vector.tensor_shape.dim.add(size=1)
    vector.int_val.append(-1)
    return graph


@pytest.mark.parametrize(
    "made",
    [
        in_inputs,
        lambda: in_a_function(f"n:y:{DIGITS}"),
        lambda: in_a_function(f"x:{DIGITS}"),
        lambda: in_shapes(1),
        lambda: in_shapes(400),
    ],
)
def test_every_verb(made: Callable[[], GraphDef], tmp_path) -> None:
    survival.prepare(tmp_path)
    (tmp_path / "graph.pb").write_bytes(made().SerializeToString())
    for words in survival.commands_of("graph.pb"):
        run = survival.run(survival.command(words, tmp_path, "graph.pb"))
        assert not run.broken_law(), words


def test_the_size_in_a_pointer(tmp_path) -> None:
    path = tmp_path / "model.pb"
    path.write_text(f"version https://git-lfs.github.com/spec/v1\nsize {DIGITS}\n")
    run = survival.run(["list", str(path)])
    assert run.status == 2
    assert "a Git LFS pointer, not the file itself" in run.err
    path.write_bytes(b"version https://git-lfs.github.com/spec/v1\r\nsize 12345\r\n")
    run = survival.run(["list", str(path)])
    assert "a Git LFS pointer, not the file of 12,345 bytes itself" in run.err
