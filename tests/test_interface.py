from __future__ import annotations

from google.protobuf import text_format

from pbtool import dtypes, schema
from pbtool.graph import Graph
from pbtool.infer import Inference
from pbtool.interface import find_interface
from tests.graphs import a_graph, graph_def
from tests.interface_graphs import graph, node, placeholder, reason, said

SIGNATURES = """
signature_def { key: "b" value { inputs { key: "q" value { name: "x:0" dtype: DT_FLOAT } } } }
signature_def { key: "serving_default" value {
  inputs { key: "p" value { name: "x:0" dtype: DT_FLOAT tensor_shape { dim { size: 3 } } } }
  outputs { key: "r" value { dtype: DT_STRING coo_sparse { values_tensor_name: "v:0"
    indices_tensor_name: "i:0" dense_shape_tensor_name: "s:0" } } } } }
signature_def { key: "__saved_model_init_op" value { outputs { key: "i" value { name: "init" } } } }
"""


def a_meta_graph(text: str) -> schema.MetaGraphDef:
    return text_format.Parse(text, schema.MetaGraphDef(), descriptor_pool=schema.POOL)


def test_signatures_come_before_guesses() -> None:
    model = graph(placeholder("x", [2]), node("y", "Relu", "x"))
    found = find_interface(model, None, a_meta_graph(SIGNATURES))
    assert [(each.signature, each.key, each.name) for each in found.inputs] == [
        ("serving_default", "p", "x:0"),
        ("b", "q", "x:0"),
    ]
    assert {each.confidence for each in found.inputs + found.outputs} == {"stated"}
    assert found.inputs[0].reason == "input 'p' of signature 'serving_default'"
    assert [(each.name, each.reason) for each in found.outputs] == [
        ("v:0", "values of output 'r' of signature 'serving_default'"),
        ("i:0", "indices of output 'r' of signature 'serving_default'"),
        ("s:0", "dense_shape of output 'r' of signature 'serving_default'"),
    ]


def test_an_initializer_is_no_signature_to_call() -> None:
    proto = a_meta_graph('signature_def { key: "__saved_model_init_op" value { } }')
    assert said(find_interface(a_graph("y = Add()"), None, proto).outputs) == [("y:0", "likely")]


def test_what_a_meta_graph_knows_of_placeholders() -> None:
    proto = a_meta_graph(
        """saver_def { filename_tensor_name: "f:0" }
           asset_file_def { filename: "words.txt" tensor_info { name: "w:0" } }"""
    )
    model = graph(
        placeholder("f", dtype="DT_STRING"),
        placeholder("w", dtype="DT_STRING"),
        node("y", "MadeUp", "f", "w"),
    )
    found = find_interface(model, Inference(model).facts, proto).inputs
    assert said(found) == [("f:0", "possible"), ("w:0", "possible")]
    assert reason(found, "w:0") == "path of asset 'words.txt'"


def test_a_library_has_the_arguments_of_its_outermost_functions() -> None:
    library = """
    library {
      function { signature { name: "inner" input_arg { name: "z" type: DT_INT32 } } }
      function {
        signature { name: "outer" input_arg { name: "x" type: DT_FLOAT }
                    output_arg { name: "y" type: DT_INT64 } }
        node_def { name: "call" op: "inner" input: "x" }
      }
    }
    """
    found = find_interface(Graph(graph_def(library)), None)
    assert [(each.name, each.dtype, each.reason) for each in found.inputs + found.outputs] == [
        ("outer::x:0", dtypes.FLOAT, "argument 'x' of function 'outer'"),
        ("outer::y:0", dtypes.INT64, "result 'y' of function 'outer'"),
    ]
