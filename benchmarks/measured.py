"""What is measured: the graphs, the commands, and which command on which graph."""

from __future__ import annotations

import sys
from typing import NamedTuple

PYTHON = sys.executable


class Graph(NamedTuple):
    """A file to measure on: what it is called, and the words for graphs.py that write it."""

    label: str
    recipe: tuple[str, ...]
    output: str = ""  # a node that needs most of the others
    other: str = ""  # the file that it is compared with


GRAPHS = {
    "frozen.pb": Graph("example, 7 nodes", ()),
    "big.pb": Graph("1 GB, 256 big constants", ("big", "1"), "layer250/relu"),
    "bigger.pb": Graph("3 GB, 768 big constants", ("big", "3"), "layer760/relu"),
    "many.pb": Graph("100,000 small nodes", ("small", "100000"), "layer14000/relu"),
    "same.pb": Graph("1 GB and a copy", ("same",), other="big.pb"),
    "changed.pb": Graph("1 GB, 3 weights changed", ("changed",), other="big.pb"),
    "scopes.pb": Graph("100,000 small nodes in scopes", ("scopes", "100000"), other="scopes.pb"),
    "edited.pb": Graph(
        "100,000 small nodes, 1 % changed, 10,000 renamed", ("edited", "100000"), other="scopes.pb"
    ),
    "million.pb": Graph("1,000,000 small nodes", ("small", "1000000")),
    "copy.pb": Graph(
        "1,000,000 small nodes and a copy", ("same", "million.pb"), other="million.pb"
    ),
    "added.pb": Graph(
        "1,000,000 small nodes and one more", ("added", "million.pb"), other="million.pb"
    ),
    "more.pb": Graph("400,000 small nodes", ("small", "400000")),
    "resnet50.pb": Graph("ResNet50, 103 MB", ("keras", "ResNet50")),
    "efficientnet_b0.pb": Graph("EfficientNetB0, 22 MB", ("keras", "EfficientNetB0")),
}

PARSE_WITH_TENSORFLOW = """
import sys
import tensorflow
tensorflow.compat.v1.GraphDef.FromString(open(sys.argv[1], "rb").read())
"""
IMPORT_WITH_TENSORFLOW = """
import sys
import tensorflow as tf
graph = tf.compat.v1.GraphDef.FromString(open(sys.argv[1], "rb").read())
with tf.Graph().as_default():
    tf.import_graph_def(graph, name="")
"""
PARSE_WITH_PROTOBUF = """
import sys
from pbtool.schema import GraphDef
GraphDef.FromString(open(sys.argv[1], "rb").read())
"""
INFER = """
import sys, time
import pbtool
graph = pbtool.load(sys.argv[1]).graph
inference = pbtool.Inference(graph)
start = time.perf_counter()
inference.facts(graph)
print(time.perf_counter() - start)
"""
ONLY_IMPORT_WITH_TENSORFLOW = """
import sys, time
import tensorflow as tf
graph = tf.compat.v1.GraphDef.FromString(open(sys.argv[1], "rb").read())
with tf.Graph().as_default():
    start = time.perf_counter()
    tf.import_graph_def(graph, name="")
    print(time.perf_counter() - start)
"""
PRUNE_WITH_TENSORFLOW = """
import sys
import tensorflow as tf
graph = tf.compat.v1.GraphDef.FromString(open(sys.argv[1], "rb").read())
pruned = tf.compat.v1.graph_util.extract_sub_graph(graph, [sys.argv[2]])
open(sys.argv[3], "wb").write(pruned.SerializeToString())
"""
EQUAL_WITH_TENSORFLOW = """
import sys
from tensorflow.core.framework.graph_pb2 import GraphDef
from tensorflow.python.client.pywrap_tf_session import EqualGraphDefWrapper
EqualGraphDefWrapper(open(sys.argv[1], "rb").read(), open(sys.argv[4], "rb").read())
"""


def _pbtool(*words: str) -> tuple[str, ...]:
    return (PYTHON, "-m", "pbtool", *words)


def _script(text: str) -> tuple[str, ...]:
    return (PYTHON, "-c", text, "{file}", "{output}", "{target}", "{other}")


class Command(NamedTuple):
    """A command line, whether it prints its own time, and the exit statuses that are fine.

    In it, {file} is the graph's path, {output} a node of it, {target} a file that is not there yet,
    and {other} the path of the graph that it is compared with.
    """

    words: tuple[str, ...]
    prints_seconds: bool = False
    fine: tuple[int, ...] = (0,)


COMMANDS = {
    "pbtool list": Command(_pbtool("list", "{file}")),
    "pbtool list --format names": Command(_pbtool("list", "{file}", "--format", "names")),
    "pbtool list --format jsonl": Command(_pbtool("list", "{file}", "--format", "jsonl")),
    "pbtool info": Command(_pbtool("info", "{file}")),
    "pbtool check": Command(_pbtool("check", "{file}")),
    "pbtool check --no-content": Command(_pbtool("check", "--no-content", "{file}")),
    "pbtool prune": Command(_pbtool("prune", "{file}", "--outputs", "{output}", "-o", "{target}")),
    "pbtool diff": Command(_pbtool("diff", "{other}", "{file}"), fine=(0, 1)),
    "pbtool diff --tensorflow": Command(
        _pbtool("diff", "{other}", "{file}", "--tensorflow"), fine=(0, 1)
    ),
    "cmp": Command(("cmp", "{other}", "{file}"), fine=(0, 1)),
    # Reads on to the end, but into /dev/null it would stop at the first difference.
    "cmp -l": Command(("sh", "-c", 'cmp -l "$0" "$1" | cat', "{other}", "{file}"), fine=(0, 1)),
    "tensorflow, EqualGraphDef": Command(_script(EQUAL_WITH_TENSORFLOW)),
    "cp": Command(("cp", "{file}", "{target}")),
    "pbtool, infer": Command(_script(INFER), prints_seconds=True),
    "protobuf, parse": Command(_script(PARSE_WITH_PROTOBUF)),
    "tensorflow, parse": Command(_script(PARSE_WITH_TENSORFLOW)),
    "tensorflow, parse and import": Command(_script(IMPORT_WITH_TENSORFLOW)),
    "tensorflow, extract_sub_graph": Command(_script(PRUNE_WITH_TENSORFLOW)),
    "tensorflow, import": Command(_script(ONLY_IMPORT_WITH_TENSORFLOW), prints_seconds=True),
}

READING = ("pbtool list", "pbtool list --format names", "pbtool info")
OTHERS = ("protobuf, parse", "tensorflow, parse", "tensorflow, parse and import")
PRUNING = ("pbtool prune", "cp", "tensorflow, extract_sub_graph")
COMPARING = ("cmp", "pbtool diff", "pbtool diff --tensorflow", "tensorflow, EqualGraphDef")
# What others are so many times as slow as, by the head of a column.
REFERENCES = {
    "times cmp": ("cmp", "cmp -l"),
    "times EqualGraphDef": ("tensorflow, EqualGraphDef",),
}
INFERENCE = ("pbtool, infer", "tensorflow, import")

# What is measured on which graph, in the order of the table.
MEASURED = {
    "frozen.pb": (*READING, *OTHERS),
    "big.pb": (*READING, "pbtool check --no-content", *PRUNING, *OTHERS),
    "bigger.pb": (*READING, *PRUNING, *OTHERS),
    "many.pb": (
        *READING,
        "pbtool list --format jsonl",
        "pbtool check",
        *PRUNING,
        *OTHERS,
        *INFERENCE,
    ),
    "same.pb": COMPARING,
    "changed.pb": ("cmp -l", *COMPARING[1:]),
    "scopes.pb": COMPARING,
    "edited.pb": COMPARING,
    "copy.pb": COMPARING,
    "added.pb": COMPARING,
    "more.pb": ("pbtool, infer",),
    "resnet50.pb": (*READING, *OTHERS, *INFERENCE),
    "efficientnet_b0.pb": INFERENCE,
}
