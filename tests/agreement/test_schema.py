from __future__ import annotations

import importlib
import os
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from google.protobuf.descriptor_pb2 import DescriptorProto, EnumDescriptorProto, FileDescriptorSet

import pbtool
from pbtool import schema

pytest.importorskip("tensorflow")

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = Path(pbtool.__file__).parent
FILES = [
    file
    for file in FileDescriptorSet.FromString((PACKAGE / "_data" / "schema.binpb").read_bytes()).file
    if file.package == "tensorflow"
]
PROTO_RECIPE = "run scripts/update_protos.py, then scripts/compile_protos.py"
OPS_RECIPE = "run scripts/dump_ops.py FOLDER, then scripts/update_ops.py FOLDER"


@pytest.fixture(scope="module")
def script():
    """A function that imports a script."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT / "scripts")
        yield importlib.import_module


@pytest.fixture(scope="module")
def tensorflow_pool(script):
    script("update_protos").import_descriptors()
    return importlib.import_module("google.protobuf.descriptor_pool").Default()


def without_json_names(message: DescriptorProto) -> DescriptorProto:
    for field in message.field:
        field.ClearField("json_name")
    for nested in message.nested_type:
        without_json_names(nested)
    return message


@pytest.mark.parametrize(
    "name", [f"{file.package}.{m.name}" for file in FILES for m in file.message_type]
)
def test_message_is_tensorflows(name, tensorflow_pool):
    ours, theirs = (
        without_json_names(descriptor_proto(pool.FindMessageTypeByName(name), DescriptorProto()))
        for pool in (schema.POOL, tensorflow_pool)
    )
    assert ours == theirs, f"TensorFlow has changed {name}: {PROTO_RECIPE}"


@pytest.mark.parametrize(
    "name", [f"{file.package}.{enum.name}" for file in FILES for enum in file.enum_type]
)
def test_enum_is_tensorflows(name, tensorflow_pool):
    ours, theirs = (
        descriptor_proto(pool.FindEnumTypeByName(name), EnumDescriptorProto())
        for pool in (schema.POOL, tensorflow_pool)
    )
    assert ours == theirs, f"TensorFlow has changed {name}: {PROTO_RECIPE}"


def descriptor_proto(descriptor, proto):
    descriptor.CopyToProto(proto)
    return proto


def test_protos_are_what_the_script_writes(script):
    expected = script("update_protos").proto_files()
    folder = ROOT / "protos"
    assert {str(path.relative_to(folder)) for path in folder.rglob("*.proto")} == {
        name for name in expected if name.endswith(".proto")
    }
    for name, text in expected.items():
        assert (folder / name).read_text("utf-8") == text, f"{name}: {PROTO_RECIPE}"


def test_op_table_is_what_the_script_writes(script):
    update_ops = script("update_ops")
    state = update_ops.installed_state()
    for name, content in update_ops.table_files(state).items():
        held = (ROOT / name).read_bytes()
        held = zlib.decompress(held) if name.endswith(".z") else held
        assert held == content, f"{name} is out of date: {OPS_RECIPE}"
    for name, content in update_ops.source_files(state).items():
        assert (ROOT / name).read_bytes() == content, f"{name} is not as the script writes it"


BOTH = """
import tensorflow as tf

with tf.Graph().as_default() as graph:
    x = tf.compat.v1.placeholder(tf.float32, [None, 3], name="x")
    tf.identity(tf.matmul(x, tf.ones([3, 2])), name="y")
theirs = graph.as_graph_def()
from pbtool import schema
ours = schema.GraphDef.FromString(theirs.SerializeToString())
assert [n.name for n in ours.node] == [n.name for n in theirs.node]
assert type(ours) is not type(theirs)
assert ours.SerializeToString(deterministic=True) == theirs.SerializeToString(deterministic=True)
assert str(ours) == str(theirs)
tf.graph_util.import_graph_def(type(theirs).FromString(ours.SerializeToString()), name="again")
print("both")
"""


@pytest.mark.parametrize("first", ["tensorflow", "pbtool.schema"])
@pytest.mark.parametrize("implementation", ["upb", "python"])
def test_both_in_one_process(first, implementation):
    first_import = f"import sys; sys.path[:0] = {[str(ROOT)]!r}\nimport {first}\n"
    if first == "pbtool.schema":
        first_import += "pbtool.schema.GraphDef()\n"
    environment = {
        **os.environ,
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION": implementation,
    }
    result = subprocess.run(
        [sys.executable, "-c", first_import + BOTH],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert result.stdout == "both\n", result.stderr


def declarations(script, **attrs):
    """An op for each keyword, with these attrs."""
    op_list = script("update_ops").op_def_pb2.OpList()
    for name, attr_names in attrs.items():
        op = op_list.op.add(name=name, summary="prose")
        for attr_name in attr_names:
            op.attr.add(name=attr_name, type="int", description="prose")
    return script("update_ops").parse_ops(op_list.SerializeToString())


def test_history_of_ops_that_come_and_go(script, capsys):
    update_ops = script("update_ops")
    state = update_ops.State()
    state.fold("1.9", declarations(script, A=["x"], B=["w"], D=[]))
    state.fold("1.10", declarations(script, A=["x", "y"]))
    state.fold("2.0", declarations(script, A=["y"], B=["w", "z"], C=[]))
    assert state.newest == "2.0"
    assert state.changes == {
        "1.9": ["+ A", "+ B", "+ D"],
        "1.10": ["- B", "- D", "+ A.y"],
        "2.0": ["+ B", "+ C", "- A.x", "+ B.z"],
    }
    assert update_ops.known(state) == {
        "A": ("1.9", ""),
        "A.x": ("1.9", "1.10"),
        "A.y": ("1.10", ""),
        "B": ("1.9", ""),
        "B.z": ("2.0", ""),
        "C": ("2.0", ""),
        "D": ("1.9", "1.9"),
    }
    assert list(state.dropped) == ["D"]
    assert "# Last known to TensorFlow 1.9.\n" in update_ops.dropped_text(state)
    assert "2.0: A has lost its attr x\n" in capsys.readouterr().out
