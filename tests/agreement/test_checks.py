"""``pbtool check`` has an error if and only if ``tf.import_graph_def`` refuses the graph."""

from __future__ import annotations

import pytest

pytest.importorskip("tensorflow")

import tensorflow as tf

from pbtool.checks import ERROR, check_graph, safety
from pbtool.checks.versions import GRAPH_DEF_VERSION
from pbtool.graph import Graph
from pbtool.infer import Inference
from pbtool.shapes import Shape
from tests.agreement.graph_fuzz import CALLS, damaged, judged
from tests.agreement.graph_mutations import Case
from tests.agreement.models import MODELS, built
from tests.graphs import graph_def
from tests.known_differences import REFUSAL_DIFFERENCES, RefusalDifference
from tests.open_functions import DECLARED, FLOAT, called

pytestmark = pytest.mark.filterwarnings("ignore")  # TensorFlow's own

SMALL = ("data_iterator", "input_queue", "quantized", "strings", "tables", "word_embedding")
CASES = 300


def test_the_version_is_tensorflows() -> None:
    assert tf.version.GRAPH_DEF_VERSION == GRAPH_DEF_VERSION


@pytest.mark.parametrize("model", MODELS)
def test_what_tensorflow_builds_has_no_error(model: str) -> None:
    found = check_graph(Graph(built(model).graph_def))
    assert not [each for each in found if each.severity == ERROR]


@pytest.mark.parametrize("known", REFUSAL_DIFFERENCES, ids=lambda known: known.reason)
def test_known_differences_are_still_there(known: RefusalDifference) -> None:
    graph = graph_def(known.graph)
    graph.versions.producer = GRAPH_DEF_VERSION
    (verdict,) = judged([Case(graph, known.reason)])
    assert not verdict.agree, "take it from the list"
    assert verdict.known == known.reason


def test_damaged_graphs() -> None:
    verdicts = list(judged(damaged(CASES, seed=7, names=SMALL)))
    assert len([each for each in verdicts if each.refusal]) > CASES / 3
    assert not [str(each) for each in verdicts if not (each.agree or each.known)]


def test_damaged_functions() -> None:
    verdicts = list(judged(damaged(60, seed=8, names=[CALLS, "control_flow", "gru_as_traced"])))
    assert not [str(each) for each in verdicts if not (each.agree or each.known)]


CALL_WITH_ATTR = """
node {{ name: "x" op: "Placeholder" attr {{ key: "dtype" value {{ type: DT_FLOAT }} }} }}
node {{ name: "call" op: "f" input: "x" attr {{ key: "k" value {{ {value} }} }} }}
library {{
  function {{
    signature {{
      name: "f" input_arg {{ name: "x" type: DT_FLOAT }} output_arg {{ name: "y" type: DT_FLOAT }}
      attr {{ name: "k" type: "{declared}" }}
    }}
    ret {{ key: "y" value: "x" }}
  }}
}}
versions {{ producer: {version} }}
"""
TYPES = ("int", "list(int)", "type", "list(type)", "", "nonsense", "list()", "list(int", "int)")
HELD = ("", "i: 3", "type: DT_INT32", "list { }", "list { i: 3 }", "list { type: DT_INT32 }")


@pytest.mark.parametrize("declared", TYPES)
def test_attrs_that_functions_declare(declared: str) -> None:
    cases = []
    for value in (*HELD, 'placeholder: "q"'):
        text = CALL_WITH_ATTR.format(declared=declared, value=value, version=GRAPH_DEF_VERSION)
        cases.append(Case(graph_def(text), value))
    assert not [str(verdict) for verdict in judged(cases) if not verdict.agree]


PYTHON = 'attr { key: "token" value { s: "x" } }'
NO_TYPES = 'attr { key: "Tin" value { list { } } }'
RESULT = 'attr { key: "Tout" value { list { type: DT_FLOAT } } }'
NAMES = 'attr { key: "shared_name" value { s: "" } } attr { key: "container" value { s: "" } }'
SHAPES = 'attr { key: "output_shapes" value { list { shape { } } } }'
DTYPE = 'attr { key: "dtype" value { type: DT_FLOAT } }'


@pytest.mark.parametrize(
    ("op", "without", "others", "is_fine"),
    [
        ("PyFunc", "Tin", PYTHON + RESULT, True),
        ("PyFunc", "token", NO_TYPES + RESULT, False),
        ("IdentityN", "T", "", False),
        ("IteratorV2", "output_types", SHAPES + NAMES, False),
        ("Placeholder", "shape", DTYPE, True),
    ],
)
def test_attrs_without_a_value(op: str, without: str, others: str, is_fine: bool) -> None:
    """A list is an empty one, what has a default has that, and nothing else will do."""
    graph = graph_def(
        f'node {{ name: "a" op: "{op}" attr {{ key: "{without}" value {{ }} }} {others} }}'
    )
    graph.versions.producer = GRAPH_DEF_VERSION
    (verdict,) = judged([Case(graph, op)])
    assert verdict.agree
    assert (verdict.refusal is None) == is_fine


A = 'attr {{ key: "a" value {{ {} }} }}'
B = 'attr {{ key: "b" value {{ {} }} }}'
TRUE, FALSE = "b: true", "b: false"
CALL_ATTRS = (
    "",
    FLOAT,
    FLOAT + A.format(FALSE) + B.format(TRUE),
    FLOAT + A.format(TRUE),
    FLOAT + A.format(FALSE),
    FLOAT + A.format(TRUE) + B.format(TRUE),
    FLOAT + A.format("i: 1") + B.format(TRUE),
    FLOAT + A.format("") + B.format(TRUE),
    FLOAT + A.format('placeholder: "a"') + B.format(TRUE),
    FLOAT.replace("FLOAT", "INT32") + A.format(TRUE) + B.format(FALSE),
    A.format(TRUE) + B.format(FALSE),
)


@pytest.mark.parametrize("declared", ["", DECLARED, DECLARED.replace("b: true", "b: false")])
@pytest.mark.parametrize("attrs", CALL_ATTRS)
def test_attrs_that_a_call_fills_in(attrs: str, declared: str) -> None:
    graph = called(attrs, declared)
    graph.versions.producer = GRAPH_DEF_VERSION
    (verdict,) = judged([Case(graph, "")])
    assert verdict.agree, str(verdict)
    if verdict.refusal is None:
        inference = Inference(Graph(graph))
        with tf.Graph().as_default() as imported:
            tf.import_graph_def(
                tf.compat.v1.GraphDef.FromString(graph.SerializeToString()), name=""
            )
            for name in ("call", "through"):
                (fact,) = inference.outputs(name) or ()
                tensor = imported.get_tensor_by_name(f"{name}:0")
                assert fact.shape == Shape(tensor.shape.as_list())


SPLIT = """
node_def {
  name: "d" op: "Const" attr { key: "dtype" value { type: DT_INT32 } }
  attr { key: "value" value { tensor { dtype: DT_INT32 tensor_shape { } int_val: 1 } } }
}
node_def {
  name: "s" op: "Split" input: "d:output:0" input: "a"
  attr { key: "num_split" value { i: 2 } } attr { key: "T" value { type: DT_FLOAT } }
}
"""
CALL = 'node { name: "c" op: "f" input: "x" }'
PARTITIONED = """
node {{
  name: "c" op: "PartitionedCall" input: "x" attr {{ key: "f" value {{ func {{ name: "f" }} }} }}
  attr {{ key: "Tin" value {{ list {{ type: DT_FLOAT }} }} }}
  attr {{ key: "Tout" value {{ list {{ {} }} }} }}
}}
"""


def _node(op: str, inputs: str, more: str = "", name: str = "r") -> str:
    texts = " ".join(f'input: "{text}"' for text in inputs.split())
    return f'node_def {{ name: "{name}" op: "{op}" {texts} {FLOAT} {more} }}'


def _count(number: int) -> str:
    return f'attr {{ key: "N" value {{ i: {number} }} }}'


RELU = _node("Relu", "a")
GRADIENT = 'gradient { function_name: "f" gradient_func: "f" }'
TWICE = _node("Relu", "a", name="q")


@pytest.mark.parametrize(
    ("body", "result", "more"),
    [
        # An input without a number is all of an output.
        (SPLIT + _node("AddN", "s:output", _count(2)), "r:sum:0", CALL),
        (SPLIT + _node("AddN", "s:output s:output:1", _count(3)), "r:sum:0", CALL),
        (SPLIT + _node("AddN", "s:output s:output:1", _count(2)), "r:sum:0", CALL),
        (SPLIT + _node("AddV2", "s:output"), "r:z:0", CALL),
        (SPLIT + _node("AddV2", "s:output:0 s:output:1"), "r:z", CALL),
        (TWICE + _node("Neg", "q:activations"), "r:y:0", CALL),
        (TWICE + _node("Neg", "q"), "r:y:0", CALL),
        (TWICE + _node("Neg", "q:activations:00"), "r:y:0", CALL),
        (SPLIT, "s:output", CALL),
        (RELU, "a:0", CALL),
        # A call may await more than the function returns, not less.
        (RELU, "r:activations:0", PARTITIONED.format("type: DT_FLOAT type: DT_INT32")),
        (RELU, "r:activations:0", PARTITIONED.format("")),
        (RELU, "r:activations:0", PARTITIONED.format("type: DT_INT32")),
        # An attr without a value is one that no call fills in.
        (_node("Relu", "a", 'attr { key: "_x" value { } }'), "r:activations:0", CALL),
        (_node("Relu", "a", 'attr { key: "_x" value { } }'), "r:activations:0", ""),
        (_node("Relu", "a", 'attr { key: "_x" value { list { } } }'), "r:activations:0", CALL),
        # Gradients in a ring, alone and not.
        (RELU, "r:activations:0", GRADIENT),
        (RELU, "r:activations:0", GRADIENT + 'function { signature { name: "g" } }'),
    ],
)
def test_functions(body: str, result: str, more: str) -> None:
    in_library, in_graph = (more, "") if more.startswith(GRADIENT) else ("", more)
    graph = graph_def(f"""
        node {{
          name: "x" op: "Placeholder" attr {{ key: "dtype" value {{ type: DT_FLOAT }} }}
          attr {{ key: "shape" value {{ shape {{ dim {{ size: 2 }} dim {{ size: 4 }} }} }} }}
        }}
        library {{
          function {{
            signature {{
              name: "f"
              input_arg {{ name: "a" type: DT_FLOAT }} output_arg {{ name: "y" type: DT_FLOAT }}
            }}
            {body}
            ret {{ key: "y" value: "{result}" }}
          }}
          {in_library}
        }}
        versions {{ producer: {GRAPH_DEF_VERSION} }}
        {in_graph}
    """)
    (verdict,) = judged([Case(graph, "")])
    assert verdict.agree, str(verdict)


def test_what_saved_model_cli_denies_is_found() -> None:
    from tensorflow.python.tools import saved_model_cli

    looked_for = {
        op
        for danger in vars(safety).values()
        if isinstance(danger, safety.Danger)
        for op in danger.ops.split()
    }
    assert looked_for >= saved_model_cli._OP_DENYLIST
