"""For each check a model in which it finds something, as small as can be."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from google.protobuf import text_format

import pbtool
from pbtool import schema
from pbtool.checks import Finding, check_graph
from pbtool.graph import Graph
from pbtool.schema import GraphDef, SavedModel
from tests.checkpoint_examples import small_bundle
from tests.graphs import graph_def, nodes

# --- graphs -----------------------------------------------------------------------------------

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
CALL_WITH = """
node { name: "x" op: "Placeholder" attr { key: "dtype" value { type: DT_INT32 } } }
node {
  name: "call" op: "PartitionedCall" input: "x"
  attr { key: "f" value { func { name: "%s" } } }
  attr { key: "Tin" value { list { type: DT_INT32 } } }
  attr { key: "Tout" value { list { type: DT_FLOAT } } }
}
"""


def function(
    op: str = "Relu", source: str = "x", result: str = "r:activations:0", more: str = ""
) -> str:
    """A library with the function ``f`` of one node."""
    return FUNCTION.format(op=op, source=source, result=result, more=more)


def constant(graph: GraphDef, name: str, values: np.ndarray) -> None:
    """Add a constant of float32."""
    node = graph.node.add(name=name, op="Const")
    node.attr["dtype"].type = 1
    tensor = node.attr["value"].tensor
    tensor.dtype = 1
    tensor.tensor_shape.dim.add(size=len(values))
    tensor.tensor_content = values.astype("<f4").tobytes()


X = "x = Placeholder() dtype=1\n"
GRAPHS: dict[str, GraphDef] = {
    code: nodes(lines)
    for code, lines in {
        "duplicate-node": f"{X}x = NoOp()",
        "invalid-name": "_x = NoOp()",
        "dangling-input": "y = Relu(x) T=1",
        "missing-output": f"{X}y = Relu(x:1) T=1",
        "control-before-data": f"{X}n = NoOp()\ny = Relu(^n, x) T=1",
        "cycle": "a = NoOp(^b)\nb = NoOp(^a)",
        "open-loop": f"{X}b = NextIteration(x) T=1",
        "unknown-op": "a = NoSuchOp()",
        "missing-attr": f"{X}y = Relu(x)",
        "ill-typed-attr": "x = Placeholder() dtype=101",
        "disallowed-attr": "x = Placeholder() dtype=7\ny = Relu(x) T=7",
        "unknown-attr": f"{X}y = Relu(x) T=1 U=1",
        "input-count": f"{X}y = Relu(x, x) T=1",
        "input-type": f"{X}y = Assign(x, x) T=1",
        "shape-conflict": f"{X}a = Pack(x) T=1 N=1\nb = MatMul(a, p) T=1\np = Shape(x) T=1",
        "deprecated-op": f"{X}y = BatchCholesky(x) T=1",
        "not-in-target": f"{X}y = Einsum(x) T=1 N=1",
        "float64": "x = Placeholder() dtype=2",
        "control-flow-v1": f"{X}s = Switch(x, x) T=1",
        "identity-chain": f"{X}a = Identity(x) T=1\nb = Identity(a) T=1\nc = Identity(b) T=1",
        "training-leftover": "c = Const() dtype=1\ns = ScalarSummary(c, c) T=1",
        "writes-file": "a = WriteFile()",
        "reads-file": "a = ReadFile()",
        "runs-python": "a = PyFunc()",
        "runs-code": "a = XlaCustomCallV2()",
        "uses-network": "a = RpcClient()",
    }.items()
}
GRAPHS |= {
    code: graph_def(text)
    for code, text in {
        "impossible-shape": """
            node {
              name: "x" op: "Placeholder" attr { key: "dtype" value { type: DT_FLOAT } }
              attr { key: "shape" value { shape { dim { size: -2 } } } }
            }""",
        "constant-type": CONST.format("DT_INT32", "", ""),
        "malformed-tensor": CONST.format("DT_FLOAT", "dim { size: 2 }", "tensor_content: 'abc'"),
        "nan-or-inf": CONST.format("DT_FLOAT", "", "float_val: nan"),
        "invalid-device": 'node { name: "a" op: "NoOp" device: "/gpu:x" }',
        "unknown-device": 'node { name: "a" op: "NoOp" device: "/device:FPGA:0" }',
        "lost-colocation": """
            node {
              name: "a" op: "NoOp" attr { key: "_class" value { list { s: "loc:@b" } } }
            }""",
        "duplicate-function": function(more='function { signature { name: "f" } }'),
        "function-named-as-op": function(more='function { signature { name: "Relu" } }'),
        "missing-function": CALL_WITH % "nobody",
        "lost-gradient": function(more='gradient { function_name: "f" gradient_func: "g" }'),
        "broken-signature": CALL + function(result="r:nope:0"),
        "call-arguments": CALL_WITH % "f" + function(),
        "recursion": function(op="f"),
        "too-new": "versions { min_consumer: 100000 }",
        "newer-producer": "versions { producer: 100000 }",
        "forbidden-op": """
            node { name: "a" op: "BatchCholesky" attr { key: "T" value { type: DT_FLOAT } } }
            versions { producer: 13 }""",
    }.items()
}
for _code, _values in (
    ("uniform-constant", [np.ones(1 << 19)]),
    ("duplicate-constant", [np.arange(2000)] * 2),
    ("dead-node", [np.arange(2)]),
):
    GRAPHS[_code] = nodes("other = NoOp()")
    for _number, _each in enumerate(_values):
        constant(GRAPHS[_code], f"c{_number}", _each)


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
# A signature that runs one op.
SERVED = """
graph_def { %s }
signature_def {
  key: "serving_default" value { outputs { key: "y" value { name: "a:0" } } }
}
"""
_SERVED = {
    "writes-checkpoint": 'node { name: "a" op: "SaveV2" }',
    "reads-checkpoint": 'node { name: "a" op: "RestoreV2" }',
    "reads-table": 'node { name: "a" op: "InitializeTableFromTextFileV2" }',
    "prints": 'node { name: "a" op: "PrintV2" }',
}
META_GRAPHS = {code: SERVED % node for code, node in _SERVED.items()} | {
    "lost-tensor": SERVED % 'node { name: "b" op: "NoOp" }',
    "stray-asset": 'asset_file_def { filename: "../passwords" }',
    "missing-asset": 'asset_file_def { filename: "vocabulary.txt" }',
    "lost-variable": SAVER,
    "lambda-layer": """
        object_graph_def { nodes { user_object {
          identifier: "_tf_keras_layer"
          metadata: '{"class_name": "Lambda", "name": "swish"}'
        } } }""",
}


def saved_model(folder: Path, *texts: str) -> pbtool.Model:
    """A SavedModel of some meta graphs."""
    model = SavedModel(saved_model_schema_version=1)
    for text in texts:
        text_format.Parse(text, model.meta_graphs.add(), descriptor_pool=schema.POOL)
    (folder / "saved_model.pb").write_bytes(model.SerializeToString())
    return pbtool.load(folder)


def saver(folder: Path, name: str = "x", written: str = "x") -> pbtool.Model:
    """A SavedModel that restores a tensor of that name, and whose signature waits for a node."""
    return saved_model(folder, SAVER.replace("NAME", name).replace("WRITTEN", written))


# --- checkpoints ------------------------------------------------------------------------------


def _checkpoint(change: Callable[[Path], None]) -> Callable[[Path], pbtool.Model]:
    def made(folder: Path) -> pbtool.Model:
        small_bundle().write(folder / "model")
        change(folder / "model.data-00000-of-00001")
        return pbtool.load(folder / "model")

    return made


def _flip(shard: Path) -> None:
    data = shard.read_bytes()
    shard.write_bytes(bytes([data[0] ^ 1]) + data[1:])


def overlapping(folder: Path) -> pbtool.Model:
    """A checkpoint in which one tensor lies where another begins."""
    bundle = small_bundle()
    bundle.entries[b"step"].offset = bundle.entries[b"dense/kernel"].offset + 4
    bundle.write(folder / "model")
    return pbtool.load(folder / "model")


def badly_sized(folder: Path) -> pbtool.Model:
    """A checkpoint in which a tensor takes fewer bytes than its type and shape say."""
    bundle = small_bundle()
    bundle.entries[b"dense/kernel"].size -= 4
    bundle.write(folder / "model")
    return pbtool.load(folder / "model")


def damaged_index(folder: Path) -> pbtool.Model:
    """A SavedModel whose variables cannot be read."""
    (folder / "variables").mkdir()
    small_bundle().write(folder / "variables" / "variables")
    index = folder / "variables" / "variables.index"
    index.write_bytes(index.read_bytes()[:-1])
    return saved_model(folder, 'meta_info_def { tags: "serve" }')


CHECKPOINTS: dict[str, Callable[[Path], pbtool.Model]] = {
    "missing-shard": _checkpoint(Path.unlink),
    "shard-size": _checkpoint(lambda shard: shard.write_bytes(shard.read_bytes()[:-1]) and None),
    "damaged-tensor": _checkpoint(_flip),
    "overlap": overlapping,
    "saved-size": badly_sized,
    "unreadable-variables": damaged_index,
}


def example(code: str, folder: Path) -> pbtool.Model:
    """A model in which the check of that code finds something; LookupError if there is none."""
    if code in GRAPHS:
        return pbtool.load_bytes(GRAPHS[code].SerializeToString())
    if code in META_GRAPHS:
        return saved_model(folder, META_GRAPHS[code])
    return CHECKPOINTS[code](folder)


EXAMPLES = frozenset({*GRAPHS, *META_GRAPHS, *CHECKPOINTS})


# --- findings ---------------------------------------------------------------------------------


def codes(graph: Graph | GraphDef, severity: str | None = None) -> set[str]:
    """The codes of what is found in a graph, of one severity or of all."""
    whole = graph if isinstance(graph, Graph) else Graph(graph)
    found = check_graph(whole)
    return {each.code for each in found if severity in (None, each.severity)}


def one(graph: Graph, code: str) -> Finding:
    """The only finding of that code."""
    (finding,) = (each for each in check_graph(graph) if each.code == code)
    return finding
