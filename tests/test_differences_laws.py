"""The laws of diffs, over graphs that hypothesis makes."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings

import pbtool
from pbtool import schema, tensors
from pbtool.differences import apply, diff
from pbtool.differences.documents import from_json, to_json
from pbtool.differences.patching_files import write_folder
from pbtool.errors import FileError, PbtoolError, TensorError
from pbtool.files import load
from pbtool.graph import Graph
from tests.corpus import FOLDER, needs_corpus
from tests.graph_strategies import pairs
from tests.graphs import graph_def

SCHEMA = json.loads(
    (Path(pbtool.__file__).parent / "_data" / "diff.schema.json").read_text(encoding="utf-8")
)


def over_pairs(law: Callable[[tuple[Graph, Graph]], None]) -> Callable[[], None]:
    """Hold a law over pairs of graphs."""
    return settings(max_examples=50)(given(pairs())(law))


def canonical(graph: Graph) -> bytes:
    """A graph without what does not count: orders, encodings, an empty library."""
    proto = schema.GraphDef.FromString(graph.proto.SerializeToString())
    for body in (proto.node, *(each.node_def for each in proto.library.function)):
        for node in body:
            _canonical_node(node, is_function=body is not proto.node)
        ordered = sorted(body, key=lambda node: node.name)
        del body[:]
        body.extend(ordered)
    for repeated, key in (
        (proto.library.function, lambda each: each.signature.name),
        (proto.library.gradient, lambda each: (each.function_name, each.gradient_func)),
    ):
        kept = sorted(repeated, key=key)
        del repeated[:]
        repeated.extend(kept)
    if not proto.library.ByteSize():
        proto.ClearField("library")
    return proto.SerializeToString(deterministic=True)


def _canonical_node(node: schema.NodeDef, *, is_function: bool) -> None:
    data = [text for text in node.input if not text.startswith("^")]
    if not is_function:
        data = [text.removesuffix(":0") for text in data]
    control = {text for text in node.input if text.startswith("^")}
    del node.input[:]
    node.input.extend([*data, *sorted(control)])
    for value in node.attr.values():
        for tensor in [value.tensor] if value.HasField("tensor") else value.list.tensor:
            with suppress(TensorError):
                tensor.CopyFrom(tensors.to_proto(tensors.to_numpy(tensor), tensor.dtype))


@over_pairs
def test_a_diff_turns_one_graph_into_the_other(pair: tuple[Graph, Graph]) -> None:
    a, b = pair
    found = diff(a, b)
    patched = apply(a, found)
    assert canonical(patched) == canonical(b)
    assert not diff(patched, b)
    assert bool(found) == (canonical(a) != canonical(b))


@over_pairs
def test_a_diff_without_renames_does_so_too(pair: tuple[Graph, Graph]) -> None:
    a, b = pair
    assert canonical(apply(a, diff(a, b, renames=False))) == canonical(b)


@over_pairs
def test_the_diff_the_other_way_is_the_inverse(pair: tuple[Graph, Graph]) -> None:
    a, b = pair
    there, back = diff(a, b), diff(b, a)
    assert _unordered(back.inverse()) == _unordered(there)
    assert canonical(apply(b, there.inverse())) == canonical(a)


@over_pairs
def test_documents_are_what_the_schema_says(pair: tuple[Graph, Graph]) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    document = to_json(diff(*pair))
    jsonschema.Draft202012Validator(SCHEMA).validate(document)


def _unordered(found: object) -> list[str]:
    return sorted(map(_document, to_json(found, full_values=True)["changes"]))


def _document(change: dict[str, object]) -> str:
    if "changes" in change:
        change = {**change, "changes": sorted(map(_document, change["changes"]))}
    return json.dumps(change, sort_keys=True)


@over_pairs
def test_a_document_does_the_same(pair: tuple[Graph, Graph]) -> None:
    a, b = pair
    document = json.loads(json.dumps(to_json(diff(a, b), full_values=True), allow_nan=False))
    assert canonical(apply(a, from_json(document))) == canonical(b)


@needs_corpus
def test_a_diff_turns_one_real_graph_into_another() -> None:
    graphs = []
    for path in sorted(FOLDER.rglob("*")):
        if path.suffix in (".pb", ".pbtxt", ".meta") and path.stat().st_size < 1 << 18:
            with suppress(PbtoolError):
                graphs.append(load(path).graph)
    assert len(graphs) > 20
    for a, b in pairwise(graphs):
        try:
            found = diff(a, b)
        except FileError as error:
            assert "two nodes named" in str(error)
            continue
        again = from_json(json.loads(json.dumps(to_json(found, full_values=True))))
        assert canonical(apply(a, again)) == canonical(b)
        assert canonical(apply(b, again.inverse())) == canonical(a)


@needs_corpus
def test_a_diff_turns_one_real_saved_model_into_another(tmp_path: Path) -> None:
    models = [load(path) for path in sorted((FOLDER / "saved_model").iterdir())]
    assert len(models) > 10
    for number, (a, b) in enumerate(pairwise(models)):
        there = diff(a, b, ignore=["contents"])
        again = from_json(json.loads(json.dumps(to_json(there, full_values=True))))
        write_folder(a, again, str(tmp_path / f"{number}"))
        made = load(tmp_path / f"{number}")
        assert not diff(made, b, ignore=["contents"])
        assert canonical(made.graph) == canonical(b.graph)
        if a.checkpoint is not None and b.checkpoint is not None:
            assert made.checkpoint is not None
            for name in b.checkpoint.entries:
                assert (made.checkpoint.tensor(name) == b.checkpoint.tensor(name)).all()


@over_pairs
def test_a_graph_does_not_differ_from_itself(pair: tuple[Graph, Graph]) -> None:
    a, _ = pair
    assert not diff(a, a, strict=True)


@over_pairs
def test_strict_reports_order_and_encoding_besides(pair: tuple[Graph, Graph]) -> None:
    a, b = pair
    found = diff(a, b, strict=True)
    assert canonical(apply(a, found)) == canonical(b)
    assert len(found) >= len(diff(a, b))


def test_the_inverse_of_a_field_has_names_of_its_own_side() -> None:
    """A control result that names no node any more, since the node alone was renamed."""
    text = """library { function { signature { name: "f" control_output: "done" }
        node_def { name: "old" op: "NoOp" device: "/gpu:7" }
        control_ret { key: "done" value: "old" } } }"""
    a = Graph(graph_def(text))
    b = Graph(graph_def(text.replace('name: "old"', 'name: "new"')))
    found = diff(a, b)
    assert not diff(apply(a, found), b)
    assert not diff(apply(b, found.inverse()), a)
