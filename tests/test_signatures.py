from __future__ import annotations

from google.protobuf import text_format

from pbtool import dtypes, schema
from pbtool.shapes import Shape
from pbtool.signatures import signatures


def a_meta_graph(text: str) -> schema.MetaGraphDef:
    return text_format.Parse(text, schema.MetaGraphDef(), descriptor_pool=schema.POOL)


def a_signature(key: str, inputs: str = "") -> str:
    return f'signature_def {{ key: "{key}" value {{ method_name: "m" {inputs} }} }}'


DENSE = 'name: "a:0" dtype: DT_FLOAT tensor_shape { dim { size: -1 } }'
SPARSE = """dtype: DT_STRING tensor_shape { dim { size: -1 } dim { size: 2 } }
    coo_sparse { values_tensor_name: "v:0" indices_tensor_name: "i:0"
                 dense_shape_tensor_name: "d:0" }"""
RAGGED = f"""composite_tensor {{ components {{ {DENSE} }}
    components {{ name: "splits:0" dtype: DT_INT64 }} }}"""


def test_the_default_comes_first_and_initializers_last() -> None:
    keys = ("train", "__saved_model_init_op", "serving_default", "predict")
    proto = a_meta_graph("".join(map(a_signature, keys)))
    assert list(signatures(proto)) == [
        "serving_default",
        "predict",
        "train",
        "__saved_model_init_op",
    ]


def test_a_plain_argument() -> None:
    proto = a_meta_graph(a_signature("s", f'inputs {{ key: "x" value {{ {DENSE} }} }}'))
    (argument,) = signatures(proto)["s"].inputs
    assert (argument.key, argument.encoding, argument.optional) == ("x", "name", False)
    assert argument.tensors == (("a:0", dtypes.FLOAT, Shape((None,)), ""),)
    assert signatures(proto)["s"].method_name == "m"


def test_a_sparse_argument_is_three_tensors() -> None:
    proto = a_meta_graph(a_signature("s", f'outputs {{ key: "x" value {{ {SPARSE} }} }}'))
    (argument,) = signatures(proto)["s"].outputs
    assert argument.encoding == "coo_sparse"
    assert argument.tensors == (
        ("v:0", dtypes.STRING, Shape((None,)), "values"),
        ("i:0", dtypes.INT64, Shape((None, 2)), "indices"),
        ("d:0", dtypes.INT64, Shape((2,)), "dense_shape"),
    )


def test_a_composite_argument_is_its_components() -> None:
    proto = a_meta_graph(a_signature("s", f'inputs {{ key: "x" value {{ {RAGGED} }} }}'))
    (argument,) = signatures(proto)["s"].inputs
    assert argument.encoding == "composite_tensor"
    assert [(each.role, each.name) for each in argument.tensors] == [
        ("0", "a:0"),
        ("1", "splits:0"),
    ]


def test_arguments_come_by_key_and_know_their_defaults() -> None:
    inputs = f'inputs {{ key: "b" value {{ {DENSE} }} }} inputs {{ key: "a" value {{ {DENSE} }} }}'
    defaults = 'defaults { key: "b" value { dtype: DT_FLOAT float_val: 1 } }'
    entry = signatures(a_meta_graph(a_signature("s", inputs + defaults)))["s"]
    assert [(each.key, each.optional) for each in entry.inputs] == [("a", False), ("b", True)]
