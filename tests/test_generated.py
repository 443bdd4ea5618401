"""What scripts write into the package is what their sources give, as far as that needs no
tensorflow; ``agreement/test_schema.py`` has the rest.
"""

from __future__ import annotations

import importlib
import zlib
from pathlib import Path

import pytest
from google.protobuf import text_format

import pbtool
from pbtool import schema

ROOT = Path(__file__).resolve().parent.parent
DATA = Path(pbtool.__file__).parent / "_data"
RECIPE = "run scripts/compile_protos.py"

pytestmark = pytest.mark.skipif(
    not (ROOT / "protos").is_dir(), reason="the sources of generated files are not here"
)


@pytest.fixture
def script(monkeypatch):
    """A function that imports a script."""
    monkeypatch.syspath_prepend(ROOT / "scripts")
    return importlib.import_module


def test_protos_compile_to_the_set_and_the_stub(script):
    pytest.importorskip("grpc_tools", reason="grpcio-tools is not installed")
    generated = script("compile_protos").generated_files()
    assert set(generated) == {"pbtool/_data/schema.binpb", "pbtool/schema.pyi"}
    for name, content in generated.items():
        assert (ROOT / name).read_bytes() == content, f"{name} is out of date: {RECIPE}"


def test_every_comment_has_its_place(script):
    printed = "".join(path.read_text("utf-8") for path in (ROOT / "protos").rglob("*.proto"))
    words = " ".join(printed.replace("//", "").split())
    for name, comment in script("proto_comments").COMMENTS.items():
        assert comment in words, f"no message, field or enum is called {name}"


# The op table


@pytest.fixture(scope="module")
def ops():
    table = schema.OpList.FromString(zlib.decompress((DATA / "ops.binpb.z").read_bytes()))
    return {op.name: op for op in table.op}


@pytest.fixture(scope="module")
def versions():
    lines = (DATA / "op_versions.tsv").read_text("utf-8").splitlines()
    rows = [line.split("\t") for line in lines]
    return {name: (first, last) for name, first, last in rows}


@pytest.fixture(scope="module")
def dropped():
    text = (ROOT / "protos" / "dropped_ops.pbtxt").read_text("utf-8")
    return {op.name: op for op in text_format.Parse(text, schema.OpList()).op}


def test_ops_are_in_order_and_without_prose(ops):
    assert list(ops) == sorted(ops)
    for op in ops.values():
        parts = [op, *op.input_arg, *op.output_arg, *op.attr]
        assert not op.summary
        assert not any(part.description for part in parts)


def test_table_holds_the_dropped_ops_as_they_were(ops, dropped):
    assert dropped
    assert {name: ops[name] for name in dropped} == dropped


def test_newest_tensorflow_has_1910_ops(ops, dropped, versions):
    assert versions["tensorflow"][1] == "2.21"
    assert len(ops) - len(dropped) == 1910


def test_every_op_has_its_versions(ops, dropped, versions):
    with_versions = [name for name in versions if "." not in name and name != "tensorflow"]
    assert with_versions == list(ops)
    assert {name for name in ops if versions[name][1]} == set(dropped)


def test_every_attr_with_versions_is_of_an_op(ops, versions):
    gone = 0
    for name in versions:
        op, dot, attr = name.partition(".")
        if dot:
            assert op in ops
            declared = attr in {a.name for a in ops[op].attr}
            assert declared == (versions[name][1] == versions[op][1])
            gone += not declared
    assert gone


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("Conv2D", "1.2", ""),
        ("Conv2D.dilations", "1.5", ""),
        ("CompareAndBitpack", "1.4", "2.5"),
        ("GatherTree", "1.2", "1.15"),  # of tf.contrib
        ("BlockLSTMV2", "1.15", ""),  # which 2.0 does not know
        ("EagerPyFunc.is_async", "1.15", ""),  # likewise
        ("CustomAggregator.initial_num_bins", "2.15", "2.16"),
    ],
)
def test_versions(versions, name, first, last):
    assert versions[name] == (first, last)
