"""What pruned graphs compute, against what the whole ones do: bit for bit the same."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import islice

import numpy as np
import pytest

pytest.importorskip("tensorflow")

import tensorflow as tf

from pbtool import dtypes
from pbtool.graph import Graph
from pbtool.pruning import Pruned, Request, carry_out
from pbtool.pruning.frames import loop_depths
from pbtool.writing import to_bytes
from tests.agreement.executable import Feeds, without_optimization
from tests.agreement.models import MODELS, built

v1 = tf.compat.v1

TRIES = 3  # outputs of one model

OPTIONS = {
    "plain": {},
    "edges": {"drop_inert_control_edges": True},
    "training": {"remove_training_nodes": True},
    "all": {
        "drop_inert_control_edges": True,
        "remove_training_nodes": True,
        "clear_devices": True,
    },
}

# Values that Python can neither see nor feed.
OPAQUE = {0, dtypes.RESOURCE, dtypes.VARIANT}

SLOW = {"efficientnet_b0", "resnet50"}  # and much like mobilenet_v2

pytestmark = [
    pytest.mark.filterwarnings("ignore"),  # TensorFlow's own
    pytest.mark.parametrize("model", sorted(MODELS.keys() - SLOW)),
]


@cache
def graph(model: str) -> Graph:
    if not built(model).is_executable:
        pytest.skip("its variables have no values")
    return Graph(built(model).graph_def)


def imported(graph: Graph) -> tf.Graph:
    with tf.Graph().as_default() as made:
        tf.import_graph_def(v1.GraphDef.FromString(to_bytes(graph)), name="")
    return made


@cache
def whole(model: str) -> tf.Graph:
    return imported(graph(model))


@contextmanager
def session(graph: tf.Graph, model: str, feeds: Feeds) -> Iterator[v1.Session]:
    """A session that optimizes nothing, with variables as they are in the beginning."""
    with v1.Session(graph=graph, config=without_optimization()) as made:
        made.run([graph.get_operation_by_name(name) for name in built(model).setup], feeds)
        yield made


def run(graph: tf.Graph, model: str, feeds: Feeds, fetches: Sequence[str]) -> list[np.ndarray]:
    """What comes out of the first run."""
    names = {op.name for op in graph.get_operations()}
    feeds = {name: value for name, value in feeds.items() if name.partition(":")[0] in names}
    with session(graph, model, feeds) as opened:
        return opened.run(list(fetches), feeds)


def tensors(model: str) -> list[str]:
    """The tensors that can be seen and fed, outside of loops, in random order."""
    whole = graph(model)
    depths = loop_depths(whole)
    found = [
        f"{node.name}:{number}"
        for node in whole
        if not depths.get(node.name)
        for number, dtype in enumerate(whole.output_dtypes(node) or ())
        if dtype not in OPAQUE and not dtypes.is_ref(dtype)
    ]
    random.Random(model).shuffle(found)
    return found


def is_computed(opened: v1.Session, feeds: Feeds, name: str) -> bool:
    """Whether the tensor has a value; those in a branch that is not taken have none."""
    try:
        opened.run(name, feeds)
    except tf.errors.OpError:
        return False
    return True


@cache
def outputs(model: str) -> list[tuple[str, ...]]:
    """Tensors that are computed, in groups for a run: where there are variables, of one each."""
    feeds = built(model).feeds
    with session(whole(model), model, feeds) as opened:
        found = (name for name in tensors(model) if is_computed(opened, feeds, name))
        names = tuple(islice(found, TRIES))
    return [(name,) for name in names] if built(model).setup else [names]


def same(a: object, b: object) -> bool:
    a, b = np.asarray(a), np.asarray(b)
    if a.dtype == object:
        return np.array_equal(a, b)
    return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()


def pruned_to(names: Sequence[str], model: str, **options: object) -> Pruned:
    return carry_out(graph(model), Request([*names, *built(model).setup], **options))


@pytest.mark.parametrize("options", OPTIONS)
def test_outputs_are_the_same(model: str, options: str) -> None:
    for names in outputs(model):
        feeds = built(model).feeds
        part = imported(pruned_to(names, model, **OPTIONS[options]).graph)
        values = run(part, model, feeds, names)
        assert all(map(same, values, run(whole(model), model, feeds, names))), names


def test_outputs_of_cut_graphs_are_the_same(model: str) -> None:
    feeds = built(model).feeds
    for names in outputs(model):
        above = graph(model).ancestors(name.partition(":")[0] for name in names)
        for cut in cuttable(model, above - {name.partition(":")[0] for name in names}):
            fed, *values = run(whole(model), model, feeds, [cut, *names])
            part = pruned_to(names, model, inputs=[cut])
            more = {**feeds, f"{part.cuts[0].placeholder}:0": fed}
            assert all(map(same, run(imported(part.graph), model, more, names), values)), cut


def cuttable(model: str, nodes: set[str]) -> Iterator[str]:
    """Some tensors of these nodes that are computed and used."""
    feeds = built(model).feeds
    with session(whole(model), model, feeds) as opened:
        names = (name for name in tensors(model) if name.partition(":")[0] in nodes)
        used = (name for name in names if whole(model).get_tensor_by_name(name).consumers())
        yield from islice((name for name in used if is_computed(opened, feeds, name)), 2)
