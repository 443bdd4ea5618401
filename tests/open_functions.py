"""Calls of a function with attrs that its callers fill in."""

from __future__ import annotations

from pbtool.schema import GraphDef
from tests.graphs import graph_def

X = """
node {
  name: "x" op: "Placeholder"
  attr { key: "dtype" value { type: DT_FLOAT } }
  attr { key: "shape" value { shape { dim { size: 2 } dim { size: 3 } } } }
}
"""
FUNCTION = """
library {
  function {
    signature {
      name: "f" input_arg { name: "a" type: DT_FLOAT } output_arg { name: "y" type: DT_FLOAT }
      %s
    }
    node_def {
      name: "n" op: "MatMul" input: "a" input: "a"
      attr { key: "T" value { placeholder: "T" } }
      attr { key: "transpose_a" value { placeholder: "a" } }
      attr { key: "transpose_b" value { placeholder: "b" } }
    }
    ret { key: "y" value: "n:product:0" }
  }
}
"""
DECLARED = """
attr { name: "T" type: "type" }
attr { name: "a" type: "bool" default_value { b: true } }
attr { name: "b" type: "bool" default_value { b: false } }
"""
FLOAT = 'attr { key: "T" value { type: DT_FLOAT } }'


def called(attrs: str, declared: str = DECLARED) -> GraphDef:
    """A graph that calls the function with such attrs, straight and through a PartitionedCall."""
    call = f'node {{ name: "call" op: "f" input: "x" {attrs} }}'
    through = f"""
    node {{
      name: "through" op: "PartitionedCall" input: "x"
      attr {{ key: "f" value {{ func {{ name: "f" {attrs} }} }} }}
      attr {{ key: "Tin" value {{ list {{ type: DT_FLOAT }} }} }}
      attr {{ key: "Tout" value {{ list {{ type: DT_FLOAT }} }} }}
    }}
    """
    return graph_def(X + call + through + FUNCTION % declared)


def nested() -> GraphDef:
    """A call of a function that calls the function in both ways, and hands its own attrs on."""
    graph = graph_def(X.replace("size: 3", "size: 2") + NESTED)
    graph.MergeFrom(graph_def(FUNCTION % DECLARED))
    return graph


NESTED = f"""
node {{ name: "call" op: "g" input: "x" {FLOAT} attr {{ key: "n" value {{ i: 2 }} }} }}
node {{ name: "r" op: "Relu" input: "call" {FLOAT} }}
library {{
  function {{
    signature {{
      name: "g" input_arg {{ name: "a" type: DT_FLOAT }} output_arg {{ name: "y" type: DT_FLOAT }}
      attr {{ name: "T" type: "type" }} attr {{ name: "n" type: "int" }}
    }}
    node_def {{ name: "p" op: "f" input: "a" attr {{ key: "T" value {{ placeholder: "T" }} }} }}
    node_def {{
      name: "k" op: "Pack" input: "p:y:0" input: "p:y:0"
      attr {{ key: "N" value {{ placeholder: "n" }} }}
      attr {{ key: "T" value {{ placeholder: "T" }} }}
    }}
    node_def {{
      name: "i" op: "Const" attr {{ key: "dtype" value {{ type: DT_INT32 }} }}
      attr {{
        key: "value" value {{ tensor {{ dtype: DT_INT32 tensor_shape {{ }} int_val: 0 }} }}
      }}
    }}
    node_def {{
      name: "s" op: "Sum" input: "k:output:0" input: "i:output:0"
      attr {{ key: "T" value {{ placeholder: "T" }} }}
      attr {{ key: "Tidx" value {{ type: DT_INT32 }} }}
    }}
    node_def {{
      name: "c" op: "PartitionedCall" input: "s:output:0"
      attr {{
        key: "f" value {{
          func {{
            name: "f" attr {{ key: "T" value {{ placeholder: "T" }} }}
            attr {{ key: "b" value {{ b: true }} }}
          }}
        }}
      }}
      attr {{ key: "Tin" value {{ list {{ type: DT_FLOAT }} }} }}
      attr {{ key: "Tout" value {{ list {{ type: DT_FLOAT }} }} }}
    }}
    ret {{ key: "y" value: "c:output:0" }}
  }}
}}
"""
