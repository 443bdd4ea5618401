from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import pbtool
from pbtool.checks import CHECKS, ERROR, NOTE, WARNING, check, check_graph
from pbtool.errors import UsageError
from pbtool.graph import Graph
from pbtool.schema import GraphDef, MetaGraphDef, SavedModel
from tests.checkpoint_examples import small_bundle
from tests.graphs import a_graph, graph_def, nodes

CONST = """
node {{
  name: "c" op: "Const"
  attr {{ key: "dtype" value {{ type: DT_FLOAT }} }}
  attr {{ key: "value" value {{ tensor {{ dtype: {} tensor_shape {{ {} }} {} }} }} }}
}}
node {{ name: "d" op: "Relu" input: "c" attr {{ key: "T" value {{ type: DT_FLOAT }} }} }}
"""

FUNCTION = """
library {{
  function {{
    signature {{
      name: "f" input_arg {{ name: "x" type: DT_FLOAT }} output_arg {{ name: "y" type: DT_FLOAT }}
    }}
    node_def {{
      name: "r" op: "{op}" input: "{source}" attr {{ key: "T" value {{ type: DT_FLOAT }} }}
    }}
    ret {{ key: "y" value: "{result}" }}
  }}
  {more}
}}
"""
CALL = """
node { name: "x" op: "Placeholder" attr { key: "dtype" value { type: DT_FLOAT } } }
node { name: "call" op: "f" input: "x" }
"""


def function(
    op: str = "Relu", source: str = "x", result: str = "r:activations:0", more: str = ""
) -> str:
    return FUNCTION.format(op=op, source=source, result=result, more=more)


def codes(graph: Graph | GraphDef, severity: str | None = None) -> set[str]:
    whole = graph if isinstance(graph, Graph) else Graph(graph)
    found = check_graph(whole)
    return {each.code for each in found if severity in (None, each.severity)}


def one(graph: Graph, code: str) -> pbtool.Finding:
    (finding,) = (each for each in check_graph(graph) if each.code == code)
    return finding


# --- the table --------------------------------------------------------------------------------


def test_codes_are_words_that_differ() -> None:
    names = [each.code for each in CHECKS]
    assert len(set(names)) == len(names)
    assert all(name == name.lower() and " " not in name for name in names)


def test_explanations_are_sentences() -> None:
    assert not [each.code for each in CHECKS if not each.explanation.endswith(".")]


def test_generators_have_docstrings() -> None:
    assert not [each.code for each in CHECKS if not each.generator.__doc__]


def test_a_sound_graph_has_no_finding() -> None:
    assert not check_graph(a_graph("x = Placeholder() dtype=1\ny = Relu(x) T=1"))


# --- nodes and edges --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ("x = Placeholder() dtype=1\nx = NoOp()", "duplicate-node"),
        ("_x = NoOp()", "invalid-name"),
        ("a>>b = NoOp()", "invalid-name"),
        ("y = Relu(x) T=1", "dangling-input"),
        ("y = NoOp(^x)", "dangling-input"),
        ("x = Placeholder() dtype=1\ny = Relu(x:1) T=1", "missing-output"),
        ("x = Placeholder() dtype=1\nn = NoOp()\ny = Relu(n) T=1", "missing-output"),
        ("x = Placeholder() dtype=1\nn = NoOp()\ny = Relu(^n, x) T=1", "control-before-data"),
        ("a = NoOp(^b)\nb = NoOp(^a)", "cycle"),
        ("a = NoOp(^a)", "cycle"),
        ("x = Placeholder() dtype=1\ne = Exit(x) T=1", "open-loop"),
        ("x = Placeholder() dtype=1\nb = NextIteration(x) T=1", "open-loop"),
        ("a = NoSuchOp()", "unknown-op"),
        ("a = CompareAndBitpack()", "unknown-op"),
        ("x = Placeholder() dtype=1\ny = Relu(x)", "missing-attr"),
        ("x = Placeholder() dtype=1\ny = Relu(x) T=1 U=1", "unknown-attr"),
        ("x = Placeholder() dtype=7\ny = Relu(x) T=7", "disallowed-attr"),
        ("x = Placeholder() dtype=101", "ill-typed-attr"),
        ("x = Placeholder() dtype=1\ny = Pack(x) T=1 N=0", "disallowed-attr"),
        ("x = Placeholder() dtype=1\ny = Relu(x, x) T=1", "input-count"),
        ("x = Placeholder() dtype=1\ny = Relu(x) T=2", "input-type"),
        ("x = Placeholder() dtype=1\ny = Assign(x, x) T=1", "input-type"),
    ],
)
def test_unsound_graphs(lines: str, code: str) -> None:
    assert code in codes(a_graph(lines))


@pytest.mark.parametrize(
    "lines",
    [
        "a>b = NoOp()\n.c = NoOp()\nD/e-f_ = NoOp(^.c)",
        "v = VariableV2() dtype=1\ny = Relu(v) T=1",  # a reference where a value is taken
        "x = Placeholder() dtype=1\nb = NextIteration(m) T=1\nm = Merge(x, b) T=1 N=2",
    ],
)
def test_sound_graphs(lines: str) -> None:
    assert not codes(a_graph(lines), ERROR) - {"missing-attr", "shape-conflict"}


def test_a_cycle_is_told_by_its_nodes() -> None:
    graph = a_graph("a = NoOp(^c)\nb = NoOp(^a)\nc = NoOp(^b)\nafter = NoOp(^c)")
    assert one(graph, "cycle").sentence.endswith("'b' -> 'c' -> 'a' -> 'b'")


def test_the_nearest_name_is_suggested() -> None:
    graph = a_graph("weights = Placeholder() dtype=1\ny = Relu(wieghts) T=1")
    assert one(graph, "dangling-input").remedy == "did you mean weights?"


def test_a_library_is_known_by_its_ops() -> None:
    assert "TensorFlow Text" in one(a_graph("a = TFText>BertTokenize()"), "unknown-op").sentence


# --- devices ----------------------------------------------------------------------------------


@pytest.mark.parametrize("device", ["/gpu:x", "/nonsense", "/device:GPU", "/cpu:0/gpu:0"])
def test_devices_that_cannot_be_read(device: str) -> None:
    graph = nodes("a = NoOp()")
    graph.node[0].device = device
    assert codes(graph) == {"invalid-device"}


@pytest.mark.parametrize("device", ["/cpu:0", "/job:w/task:1/device:GPU:*", "/", "GPU:1"])
def test_devices_that_can_be_read(device: str) -> None:
    graph = nodes("a = NoOp()")
    graph.node[0].device = device
    assert not codes(graph)


def test_colocation_with_nobody() -> None:
    graph = nodes("a = NoOp()\nb = NoOp()")
    graph.node[0].attr["_class"].list.s.append(b"loc:@b")
    assert not codes(graph)
    graph.node[0].attr["_class"].list.s.append(b"loc:@c")
    assert codes(graph) == {"lost-colocation"}


# --- constants and shapes ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dtype", "shape", "payload", "expected"),
    [
        ("DT_FLOAT", "dim { size: 2 }", "float_val: 1", set()),
        ("DT_FLOAT", "dim { size: 2 }", "tensor_content: 'abc'", {"malformed-tensor"}),
        ("DT_FLOAT", "", "float_val: 1 float_val: 2", {"malformed-tensor"}),
        ("DT_FLOAT", "dim { size: -1 }", "", {"malformed-tensor", "shape-conflict"}),
        ("DT_INT32", "", "", {"constant-type"}),
        ("DT_FLOAT", "", "float_val: nan", {"nan-or-inf"}),
        ("DT_FLOAT", "dim { size: 2 }", "float_val: 1 float_val: inf", {"nan-or-inf"}),
    ],
)
def test_constants(dtype: str, shape: str, payload: str, expected: set[str]) -> None:
    assert codes(graph_def(CONST.format(dtype, shape, payload))) == expected


def test_a_malformed_constant_is_an_error_where_a_shape_depends_on_it() -> None:
    graph = nodes(
        "x = Placeholder() dtype=1\nto = Const() dtype=3\ny = Reshape(x, to) T=1 Tshape=3"
    )
    tensor = graph.node[1].attr["value"].tensor
    tensor.dtype = 3
    tensor.tensor_shape.dim.add(size=2)
    tensor.tensor_content = b"cut"
    assert codes(graph, ERROR) == {"shape-conflict"}


def test_shapes_that_lie() -> None:
    graph = nodes("a = Placeholder() dtype=1")
    graph.node[0].attr["shape"].shape.dim.add(size=2)
    graph.node[0].attr["_output_shapes"].list.shape.add().dim.add(size=3)
    graph.versions.producer = 2474
    assert codes(graph) == {"shape-conflict"}
    graph.node[0].attr["shape"].shape.dim[0].size = -2
    assert "impossible-shape" in codes(graph)


# --- functions --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (function(source="nope"), "dangling-input"),
        (function(result="r:nope:0"), "broken-signature"),
        (function(result="nope"), "broken-signature"),
        (function(op="NoSuchOp"), "unknown-op"),
    ],
)
def test_a_broken_function_is_an_error_where_it_is_called(text: str, code: str) -> None:
    assert code in codes(graph_def(text), WARNING)
    assert code not in codes(graph_def(text), ERROR)
    assert code in codes(graph_def(CALL + text), ERROR)


def test_functions() -> None:
    assert not codes(graph_def(CALL + function()))
    twin = 'function { signature { name: "f" } }'
    assert "duplicate-function" in codes(graph_def(function(more=twin)))
    shadow = 'function { signature { name: "Relu" } }'
    assert "function-named-as-op" in codes(graph_def(function(more=shadow)))
    gradient = 'gradient { function_name: "f" gradient_func: "g" }'
    assert codes(graph_def(function(more=gradient)), ERROR) == {"lost-gradient"}
    assert "recursion" in codes(graph_def(function(op="f")))
    assert codes(a_graph("p = PartitionedCall()")) <= {"missing-attr"}


def test_a_call_of_a_missing_function() -> None:
    graph = nodes("p = StatefulPartitionedCall()")
    graph.node[0].attr["f"].func.name = "nobody"
    assert "missing-function" in codes(graph, WARNING)


# --- versions ---------------------------------------------------------------------------------


def test_versions() -> None:
    graph = nodes("a = NoOp()")
    graph.versions.min_consumer = 100_000
    assert codes(graph) == {"too-new"}
    graph.versions.min_consumer = 0
    graph.versions.producer = 100_000
    assert codes(graph) == {"newer-producer"}


def test_deprecated_ops() -> None:
    graph = nodes("x = Placeholder() dtype=1\ny = BatchCholesky(x) T=1")
    graph.versions.producer = 12
    assert codes(graph) == {"deprecated-op"}
    graph.versions.producer = 13
    assert codes(graph) == {"forbidden-op"}


def in_target(graph: GraphDef, target: str) -> list[str]:
    model = pbtool.load_bytes(graph.SerializeToString())
    return [each.sentence for each in check(model, target=target, select=["not-in-target"])]


def test_what_a_target_does_not_have() -> None:
    graph = nodes("x = Placeholder() dtype=1\ny = Einsum(x) T=1 N=1")
    assert not in_target(graph, "2.21")
    assert len(in_target(graph, "1.5")) == 1
    with pytest.raises(UsageError, match="is no version"):
        in_target(graph, "new")


def test_codes_that_do_not_exist() -> None:
    model = pbtool.load_bytes(nodes("a = NoOp()").SerializeToString())
    with pytest.raises(UsageError, match="did you mean cycle"):
        check(model, select=["cycel"])


# --- SavedModels ------------------------------------------------------------------------------


SAVER = """
meta_info_def { tags: "serve" }
graph_def {
  node { name: "x" op: "Placeholder" attr { key: "dtype" value { type: DT_STRING } } }
  node {
    name: "names" op: "Const"
    attr { key: "dtype" value { type: DT_STRING } }
    attr {
      key: "value"
      value { tensor { dtype: DT_STRING tensor_shape { dim { size: 1 } } string_val: "NAME" } }
    }
  }
  node {
    name: "slices" op: "Const"
    attr { key: "dtype" value { type: DT_STRING } }
    attr {
      key: "value"
      value { tensor { dtype: DT_STRING tensor_shape { dim { size: 1 } } string_val: "" } }
    }
  }
  node {
    name: "restore" op: "RestoreV2" input: "x" input: "names" input: "slices"
    attr { key: "dtypes" value { list { type: DT_FLOAT } } }
  }
  node { name: "write" op: "WriteFile" input: "x" input: "x" }
  node {
    name: "y" op: "Identity" input: "x" input: "^WRITTEN"
    attr { key: "T" value { type: DT_STRING } }
  }
}
saver_def { restore_op_name: "restore" }
signature_def {
  key: "serving_default"
  value { outputs { key: "y" value { name: "y:0" dtype: DT_STRING } } }
}
asset_file_def { filename: "vocabulary.txt" }
"""


def saved_model(folder: Path, name: str = "x", written: str = "x") -> pbtool.Model:
    from google.protobuf import text_format

    from pbtool import schema

    text = SAVER.replace("NAME", name).replace("WRITTEN", written)
    proto = text_format.Parse(text, MetaGraphDef(), descriptor_pool=schema.POOL)
    (folder / "saved_model.pb").write_bytes(
        SavedModel(meta_graphs=[proto], saved_model_schema_version=1).SerializeToString()
    )
    return pbtool.load(folder)


def test_a_saved_model_that_lost_its_files(tmp_path: Path) -> None:
    errors = {each.code for each in check(saved_model(tmp_path)) if each.severity == ERROR}
    assert errors == {"lost-variable", "missing-asset"}
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "vocabulary.txt").write_text("a")
    assert {each.code for each in check(pbtool.load(tmp_path))} == {
        *("lost-variable", "dead-node", "writes-file")
    }


def test_variables_that_are_not_saved(tmp_path: Path) -> None:
    (tmp_path / "variables").mkdir()
    bundle = small_bundle()
    bundle.write(tmp_path / "variables" / "variables")
    saved = next(iter(pbtool.load(tmp_path / "variables" / "variables").checkpoint.entries))
    found = [each for each in check(saved_model(tmp_path, saved)) if each.code == "lost-variable"]
    assert {each.severity for each in found} <= {NOTE}
    found = [each for each in check(saved_model(tmp_path, "z")) if each.code == "lost-variable"]
    assert ERROR in {each.severity for each in found}


def test_who_reaches_an_op_decides(tmp_path: Path) -> None:
    (unreached,) = (each for each in check(saved_model(tmp_path)) if each.code == "writes-file")
    assert unreached.severity == WARNING
    model = saved_model(tmp_path, written="write")
    (reached,) = (each for each in check(model) if each.code == "writes-file")
    assert reached.severity == ERROR
    assert "serving_default" in reached.sentence


# --- checkpoints ------------------------------------------------------------------------------


def checkpoint_codes(prefix: Path) -> set[str]:
    return {each.code for each in check(pbtool.load(prefix))}


def test_checkpoints(tmp_path: Path) -> None:
    prefix = tmp_path / "model"
    small_bundle().write(prefix)
    assert not checkpoint_codes(prefix)
    (shard,) = tmp_path.glob("model.data-*")
    data = shard.read_bytes()
    shard.write_bytes(bytes([data[0] ^ 1]) + data[1:])
    assert checkpoint_codes(prefix) == {"damaged-tensor"}
    shard.write_bytes(data[:-1])
    assert "shard-size" in checkpoint_codes(prefix)
    shard.write_bytes(data + b"more")
    assert checkpoint_codes(prefix) == {"shard-size"}
    shard.unlink()
    assert "missing-shard" in checkpoint_codes(prefix)


# --- advice -----------------------------------------------------------------------------------


def constant(graph: GraphDef, name: str, values: np.ndarray) -> None:
    node = graph.node.add(name=name, op="Const")
    node.attr["dtype"].type = 1
    tensor = node.attr["value"].tensor
    tensor.dtype = 1
    tensor.tensor_shape.dim.add(size=len(values))
    tensor.tensor_content = values.astype("<f4").tobytes()


def test_constants_that_could_be_shared_or_smaller() -> None:
    graph = GraphDef()
    constant(graph, "a", np.arange(2000))
    assert not codes(graph)
    constant(graph, "b", np.arange(2000))
    assert codes(graph) == {"duplicate-constant"}
    constant(graph, "ones", np.ones(1 << 19))
    assert codes(graph) == {"duplicate-constant", "uniform-constant"}


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ("x = Placeholder() dtype=2", "float64"),
        ("x = Placeholder() dtype=1\ns = Switch(x, x) T=1", "control-flow-v1"),
        (
            "x = Placeholder() dtype=1\na = Identity(x) T=1\nb = Identity(a) T=1\nc = Identity(b)",
            "identity-chain",
        ),
        ("c = Const() dtype=1\ns = ScalarSummary(c, c) T=1", "training-leftover"),
    ],
)
def test_advice(lines: str, code: str) -> None:
    assert code in codes(a_graph(lines), NOTE)
