from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pbtool import dtypes
from pbtool.checkpoint import Checkpoint, open_checkpoint
from pbtool.schema import NodeDef, TrackableObjectGraph
from pbtool.view.saved_tensor import NOT_READ, OK, SavedTensor, SavedVariables, saved_tensor
from tests.checkpoint_writer import Bundle

KERNEL = np.arange(6, dtype=np.float32).reshape(2, 3)
STEP = "step/.ATTRIBUTES/VARIABLE_VALUE"


@pytest.fixture
def checkpoint(tmp_path: Path) -> Checkpoint:
    objects = TrackableObjectGraph()
    attributes = objects.nodes.add().attributes
    attributes.add(full_name="global_step", checkpoint_key=STEP)
    attributes.add(full_name="gone", checkpoint_key="gone/.ATTRIBUTES/VARIABLE_VALUE")
    attributes.add(full_name="twice", checkpoint_key=STEP)
    attributes.add(full_name="twice", checkpoint_key="dense/kernel")
    attributes.add(full_name="", checkpoint_key=STEP)
    bundle = Bundle()
    bundle.add_strings("_CHECKPOINTABLE_OBJECT_GRAPH", [objects.SerializeToString()], [])
    bundle.add_array("dense/kernel", KERNEL)
    bundle.add_array(STEP, np.array(7, np.int64))
    return open_checkpoint(bundle.write(tmp_path / "model.ckpt"))


def variable(op: str, name: str, shared_name: str = "") -> NodeDef:
    node = NodeDef(op=op, name=name)
    if shared_name:
        node.attr["shared_name"].s = shared_name.encode()
    return node


def name_of(saved: SavedTensor | None) -> str | None:
    return saved and saved.name


def test_a_tensor(checkpoint: Checkpoint) -> None:
    saved = saved_tensor(checkpoint, "dense/kernel")
    assert saved._replace(tensor=saved.tensor._replace(array=None, summary=None)) == SavedTensor(
        name="dense/kernel",
        tensor=saved.tensor._replace(array=None, summary=None),
        shards=(0,),
        num_shards=1,
        parts=1,
        size=24,
        checksum=OK,
    )
    np.testing.assert_array_equal(saved.tensor.array, KERNEL)
    assert saved.tensor.dtype == dtypes.FLOAT
    assert (saved.tensor.encoding, saved.tensor.problem) == (None, "")


def test_a_tensor_with_a_wrong_checksum(checkpoint: Checkpoint) -> None:
    shard = Path(f"{checkpoint.prefix}.data-00000-of-00001")
    data = bytearray(shard.read_bytes())
    data[data.index(KERNEL.tobytes())] ^= 1
    shard.write_bytes(data)
    saved = saved_tensor(open_checkpoint(checkpoint.prefix), "dense/kernel")
    assert saved.checksum == NOT_READ
    assert saved.tensor.array is None
    assert "checksum" in saved.tensor.problem
    assert saved.tensor.is_damaged
    assert saved_tensor(open_checkpoint(checkpoint.prefix), STEP).checksum == OK


def test_a_tensor_whose_shard_is_missing(checkpoint: Checkpoint) -> None:
    Path(f"{checkpoint.prefix}.data-00000-of-00001").unlink()
    saved = saved_tensor(open_checkpoint(checkpoint.prefix), "dense/kernel")
    assert (saved.checksum, saved.size, saved.tensor.is_damaged) == (NOT_READ, 24, True)


@pytest.mark.parametrize(
    ("node", "name"),
    [
        (variable("VariableV2", "dense/kernel"), "dense/kernel"),
        (variable("Variable", "dense/kernel"), "dense/kernel"),
        (variable("VarHandleOp", "handle", "dense/kernel"), "dense/kernel"),
        (variable("VarHandleOp", "dense/kernel", "other"), "dense/kernel"),
        (variable("VarHandleOp", "global_step"), STEP),
        (variable("VarHandleOp", "handle", "global_step"), STEP),
        (variable("VarHandleOp", "gone"), None),
        (variable("VarHandleOp", "handle", "twice"), None),
        (variable("VarHandleOp", "nothing"), None),
        (variable("Const", "dense/kernel"), None),
    ],
)
def test_the_value_of_a_variable(checkpoint: Checkpoint, node: NodeDef, name: str | None) -> None:
    assert name_of(SavedVariables(checkpoint).of(node)) == name


@pytest.mark.parametrize(
    ("values", "shape"), [([b"\xff"], []), ([b"a", b"b"], [2])], ids=["no message", "a vector"]
)
def test_a_graph_of_objects_that_is_none(
    tmp_path: Path, values: list[bytes], shape: list[int]
) -> None:
    bundle = Bundle()
    bundle.add_strings("_CHECKPOINTABLE_OBJECT_GRAPH", values, shape)
    bundle.add_array("kept", KERNEL)
    variables = SavedVariables(open_checkpoint(bundle.write(tmp_path / "model.ckpt")))
    assert variables.of(variable("VarHandleOp", "global_step")) is None
    assert name_of(variables.of(variable("VarHandleOp", "kept"))) == "kept"
