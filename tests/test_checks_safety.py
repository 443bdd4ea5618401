from __future__ import annotations

from pathlib import Path

import pytest

from pbtool.checks import ERROR, NOTE, WARNING, Finding, check, check_graph
from pbtool.execution.hazards import find_hazards
from pbtool.graph import Graph
from tests.check_examples import codes, saved_model, saver
from tests.graphs import graph_def

SAFETY = (
    *("writes-file", "writes-checkpoint", "reads-file", "reads-checkpoint", "reads-table"),
    *("runs-python", "runs-code", "uses-network", "prints"),
)
NAME = """
node {
  name: "n" op: "Const" attr { key: "dtype" value { type: DT_STRING } }
  attr { key: "value" value { tensor { dtype: DT_STRING tensor_shape {} string_val: "%s" } } }
}
node {
  name: "i" op: "Identity" input: "n" attr { key: "T" value { type: DT_STRING } }
}
"""
SIGNATURE = 'signature_def { key: "serving_default" value { outputs { key: "y" value { %s } } } }'
OF_SIGNATURE = SIGNATURE % 'name: "a:0"'
OF_SAVER = SIGNATURE % 'name: "i:0"' + 'saver_def { save_tensor_name: "a:0" }'
OF_INITIALIZER = (
    SIGNATURE % 'name: "i:0"'
    + 'signature_def { key: "__saved_model_init_op" value { outputs { key: "x" value { name: "a" } '
    + "} } }"
)


def judged(folder: Path, op: str, user: str, *, name: str = "/etc/passwd") -> Finding | None:
    """What is said of an op that takes a constant string, where it is reached so."""
    attrs = 'attr { key: "output_stream" value { s: "file:///path/x" } }' if op == "PrintV2" else ""
    nodes = NAME % name + f'node {{ name: "a" op: "{op}" input: "i" {attrs} }}'
    model = saved_model(folder, f"graph_def {{ {nodes} }} {user}")
    found = [each for each in check(model, select=SAFETY) if each.node == "a"]
    return found[0] if found else None


@pytest.mark.parametrize(
    ("op", "user", "severity"),
    [
        ("MergeV2Checkpoints", OF_SIGNATURE, ERROR),
        ("MergeV2Checkpoints", OF_SAVER, None),
        ("SaveV2", OF_SIGNATURE, ERROR),
        ("SaveV2", OF_SAVER, None),
        ("WriteFile", OF_SIGNATURE, ERROR),
        ("WriteFile", OF_INITIALIZER, ERROR),
        ("WriteFile", OF_SAVER, WARNING),
        ("ReadFile", OF_SIGNATURE, ERROR),
        ("ReadFile", OF_INITIALIZER, WARNING),
        ("InitializeTableFromTextFileV2", OF_SIGNATURE, NOTE),
        ("InitializeTableFromTextFileV2", OF_INITIALIZER, None),
        ("PyFunc", OF_INITIALIZER, ERROR),
        ("XlaCallModule", OF_SIGNATURE, NOTE),
        ("RemoteCall", OF_SIGNATURE, WARNING),
        ("RpcClient", OF_SIGNATURE, ERROR),
        ("PrintV2", OF_SIGNATURE, ERROR),  # to a file
        ("PrintV2", SIGNATURE % 'name: "i:0"', WARNING),
        ("DatasetFromGraph", OF_SIGNATURE, ERROR),
    ],
    ids=lambda value: str(value)[:30],
)
def test_who_reaches_an_op_decides(
    op: str, user: str, severity: str | None, tmp_path: Path
) -> None:
    found = judged(tmp_path, op, user)
    assert (found and found.severity) == severity


def test_constant_arguments_are_told(tmp_path: Path) -> None:
    found = judged(tmp_path, "ReadFile", OF_SIGNATURE)
    assert found is not None
    assert "(filename: '/etc/passwd')" in found.sentence
    assert "serving_default" in found.sentence


@pytest.mark.parametrize(
    ("payload", "shown"),
    [
        ('tensor_shape { dim { size: 2 } } string_val: "/a" string_val: "/b"', "'/a, /b'"),
        ('tensor_shape {} tensor_content: "\\002/a"', "'/a'"),
        ("tensor_shape { dim { size: -1 } }", "not readable"),
    ],
)
def test_constants_are_told_however_they_are_kept(payload: str, shown: str, tmp_path: Path) -> None:
    const = NAME.replace('tensor_shape {} string_val: "%s"', payload)
    node = 'node { name: "a" op: "ReadFile" input: "i" }'
    model = saved_model(tmp_path, f"graph_def {{ {const} {node} }} {OF_SIGNATURE}")
    (found,) = check(model, select=["reads-file"])
    assert f"(filename: {shown})" in found.sentence


def test_an_argument_is_told_by_its_name() -> None:
    library = """library { function {
      signature { name: "f" input_arg { name: "path" type: DT_STRING } }
      node_def { name: "r" op: "ReadFile" input: "path" }
    } }"""
    (found,) = (
        each for each in check_graph(Graph(graph_def(library))) if each.code == "reads-file"
    )
    assert "(filename: the argument 'path')" in found.sentence


DESCRIPTORS = 'attr { key: "descriptor_source" value { s: "%s" } }'
URLS = 'attr { key: "debug_urls" value { list { s: "" s: "%s" } } }'


@pytest.mark.parametrize(
    ("op", "attr", "code"),
    [
        ("PrintV2", 'attr { key: "output_stream" value { s: "file:///x" } }', "prints"),
        ("PrintV2", 'attr { key: "output_stream" value { placeholder: "to" } }', "prints"),
        ("PrintV2", 'attr { key: "output_stream" value { s: "stderr" } }', None),
        ("DebugNanCount", URLS % "file:///x", "writes-file"),
        ("DebugIdentityV2", URLS % "file:///x", "writes-file"),
        ("DebugIdentityV2", URLS % "", None),
        (
            "FixedUnigramCandidateSampler",
            'attr { key: "vocab_file" value { s: "x" } }',
            "reads-file",
        ),
        ("FixedUnigramCandidateSampler", "", None),
        ("DecodeProtoV2", DESCRIPTORS % "/x", "reads-file"),
        ("EncodeProto", DESCRIPTORS % "local://x", "reads-file"),
        ("EncodeProto", DESCRIPTORS % "local://", None),
        ("DecodeProtoV2", DESCRIPTORS % "bytes://x", None),
        ("DecodeProtoV2", DESCRIPTORS % "", None),
    ],
)
def test_an_attr_may_name_a_file(op: str, attr: str, code: str | None) -> None:
    graph = graph_def(f'node {{ name: "a" op: "{op}" {attr} }}')
    assert codes(graph) & {*SAFETY} == ({code} if code else set())
    found = list(find_hazards(Graph(graph), {"a"}))
    assert [each.op for each in found] == [op] * bool(code)


def test_a_summary_without_a_name_is_a_file(tmp_path: Path) -> None:
    writer = 'node { name: "a" op: "CreateSummaryFileWriter" input: "i" input: "i" }'
    model = saved_model(tmp_path, f"graph_def {{ {NAME % ''} {writer} }} {OF_SIGNATURE}")
    assert [each.severity for each in check(model, select=["writes-file"])] == [ERROR]


RESOURCE = """
graph_def {
  node { name: "y" op: "NoOp" }
  library {
    function { signature { name: "set_up" } node_def { name: "c" op: "f" } }
    function { signature { name: "f" } node_def { name: "a" op: "WriteFile" } }
  }
}
object_graph_def {
  nodes { resource {} children { node_id: 1 local_name: "METHOD" } }
  nodes { function { concrete_functions: "set_up" } }
}
"""


@pytest.mark.parametrize(
    ("method", "severity"),
    [("_initialize", ERROR), ("_create_resource", ERROR), ("_destroy_resource", WARNING)],
)
def test_what_sets_up_a_resource_runs_when_it_is_loaded(
    method: str, severity: str, tmp_path: Path
) -> None:
    model = saved_model(tmp_path, RESOURCE.replace("METHOD", method) + SIGNATURE % 'name: "y"')
    (found,) = check(model, select=["writes-file"])
    assert found.place == "f::a"
    assert found.severity == severity
    assert ("when the model is loaded" in found.sentence) == (severity == ERROR)


def test_a_graph_without_signatures_is_for_whoever_asks(tmp_path: Path) -> None:
    found = judged(tmp_path, "WriteFile", "")
    assert found is not None
    assert found.sentence.endswith("whoever asks for it runs it")


def test_a_cache_without_a_name_is_in_memory(tmp_path: Path) -> None:
    body = 'node { name: "d" op: "RangeDataset" } node { name: "a" op: "CacheDataset" input: "d" '
    for name, expected in (("", set()), ("/path/to/cache", {"writes-file"})):
        nodes = NAME % name + body + 'input: "i" }'
        model = saved_model(tmp_path, f"graph_def {{ {nodes} }} {OF_SIGNATURE}")
        assert {each.code for each in check(model, select=["writes-file"])} == expected


def test_an_op_that_nobody_reaches_is_less_grave(tmp_path: Path) -> None:
    (unreached,) = check(saver(tmp_path), select=["writes-file"])
    assert unreached.severity == WARNING
    (reached,) = check(saver(tmp_path, written="write"), select=["writes-file"])
    assert reached.severity == ERROR
