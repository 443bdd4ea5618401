"""Graphs with variables in a checkpoint, frozen."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("tensorflow")

import numpy as np
import tensorflow as tf

from pbtool import cli, files
from pbtool.backend import freezing, unfreezable
from pbtool.backend.freezing import freeze
from pbtool.backend.unfreezable import refuse
from pbtool.backend.verification import verify
from pbtool.errors import NotFoundError, UsageError
from pbtool.execution.program import find_program
from pbtool.writing import to_bytes
from tests.agreement.freezes import frozen_model

pytestmark = pytest.mark.filterwarnings("ignore")  # TensorFlow's own

v1 = tf.compat.v1
EXAMPLES = Path(cli.__file__).parents[1] / "examples"


def session_model(folder: Path, *, resource: bool) -> Path:
    with tf.Graph().as_default(), v1.Session() as session:
        x = v1.placeholder(tf.float32, [None, 2], name="x")
        w = v1.get_variable("w", initializer=[[1.0], [2.0]], use_resource=resource)
        tf.identity(tf.matmul(x, w), name="y")
        session.run(v1.global_variables_initializer())
        v1.train.Saver().save(session, str(folder / "model.ckpt"))
        (folder / "graph.pb").write_bytes(session.graph_def.SerializeToString())
    return folder


@pytest.mark.parametrize("resource", [False, True])
@pytest.mark.parametrize("file", ["model.ckpt.meta", "graph.pb"])
def test_a_checkpoint_of_a_session(file: str, resource: bool, tmp_path: Path) -> None:
    folder = session_model(tmp_path, resource=resource)
    checkpoint = str(folder / "model.ckpt") if file == "graph.pb" else None
    _, result, verified = frozen_model(folder / file, checkpoint=checkpoint, outputs=["y"])
    assert result.constants == ("w",)
    assert verified.differences["y:0"].is_equal


def test_variables_may_stay(tmp_path: Path) -> None:
    folder = session_model(tmp_path, resource=True)
    program = find_program(files.load(folder / "model.ckpt.meta"), outputs=["y"])
    kept = freeze(program, keep=["w"])
    assert kept.variables == ("w",)
    verified = verify(program, kept, 60)  # with the values that they have in the source
    assert verified.problem == ""
    assert not verified.is_different
    assert freeze(program, only=["!w"]).variables == ("w",)
    with pytest.raises(NotFoundError, match=r"no variable .* matches 'other\*'"):
        freeze(program, keep=["w", "other*"])
    with pytest.raises(NotFoundError, match=r"no variable .* matches 'v'"):
        freeze(program, only=["v"])


def test_initializers_give_variables_values(tmp_path: Path) -> None:
    folder = session_model(tmp_path, resource=False)
    program = find_program(
        files.load(folder / "graph.pb"), outputs=["y"], initializers=["w/Assign"]
    )
    refuse(program)
    assert not verify(program, freeze(program), 60).is_different


def test_missing_variables_are_listed_with_near_names(tmp_path: Path) -> None:
    folder = session_model(tmp_path, resource=False)
    graph = files.load(folder / "graph.pb").message
    names = {"w": "w/w", "w/read": "w/w/read"}
    for node in graph.node:
        node.name = names.get(node.name, node.name)
        node.input[:] = [names.get(text, text) for text in node.input]
    (folder / "graph.pb").write_bytes(graph.SerializeToString())
    with pytest.raises(NotFoundError, match=r"lacks 1 of 1 variables: w/w \(there is w\); "):
        frozen_model(folder / "graph.pb", checkpoint=str(folder / "model.ckpt"), outputs=["y"])
    with pytest.raises(NotFoundError, match="lacks 2 of 2 variables: var2"):
        frozen_model(
            EXAMPLES / "unfrozen.pb",
            checkpoint=str(folder / "model.ckpt"),
            outputs=["sum_operation"],
        )


def test_variables_without_values_are_refused() -> None:
    with pytest.raises(UsageError, match="need 2 variables, and there is no checkpoint"):
        frozen_model(EXAMPLES / "unfrozen.pb")


@pytest.mark.parametrize("keep", [[], ["w"]])
def test_a_graph_above_the_limit_is_refused(
    keep: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = find_program(
        files.load(session_model(tmp_path, resource=True) / "model.ckpt.meta"), outputs=["y"]
    )
    size = len(to_bytes(freeze(program, keep=["w"]).graph))
    monkeypatch.setattr(unfreezable, "PROTOBUF_LIMIT", 2 * size)
    wide = np.ones((2, size), np.float32)
    monkeypatch.setattr(freezing, "stated_size", lambda _: wide.nbytes)
    if keep:
        assert freeze(program, keep=keep).variables == ("w",)
        return
    with pytest.raises(UsageError, match=r"no graph of more than 2 GB; .*--keep-variables w"):
        freeze(program)
