"""``pbtool check`` has an error if and only if ``tf.import_graph_def`` refuses the graph."""

from __future__ import annotations

import pytest

pytest.importorskip("tensorflow")

import tensorflow as tf

from pbtool.checks import ERROR, check_graph, safety
from pbtool.checks.versions import GRAPH_DEF_VERSION
from pbtool.graph import Graph
from tests.agreement.graph_fuzz import damaged, judged
from tests.agreement.graph_mutations import Case
from tests.agreement.models import MODELS, built
from tests.graphs import graph_def
from tests.known_differences import REFUSAL_DIFFERENCES, RefusalDifference

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
    verdicts = list(judged(damaged(40, seed=8, names=["control_flow", "gru_as_traced"])))
    assert not [str(each) for each in verdicts if not (each.agree or each.known)]


def test_what_saved_model_cli_denies_is_found() -> None:
    from tensorflow.python.tools import saved_model_cli

    looked_for = {
        op
        for danger in vars(safety).values()
        if isinstance(danger, safety.Danger)
        for op in danger.ops.split()
    }
    assert looked_for >= saved_model_cli._OP_DENYLIST
