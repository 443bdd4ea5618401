"""SavedModels of TensorFlow 2, frozen: what their functions compute stands in one graph."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("tensorflow")

import numpy as np
import tensorflow as tf

from pbtool import files
from pbtool.backend.freezing import Frozen, freeze
from pbtool.backend.runtime import Runtime
from pbtool.backend.unfreezable import refuse
from pbtool.backend.verification import verify
from pbtool.errors import UsageError
from pbtool.execution.program import find_program
from pbtool.execution.values import RANDOM, make, sizes
from pbtool.writing import to_bytes
from tests.agreement.freezes import frozen_model
from tests.agreement.modules import (
    Big,
    Compiled,
    Dense,
    Loop,
    Mutable,
    Noisy,
    Reduced,
    Words,
    saved,
)
from tests.graphs import nodes
from tests.test_corpus import run as command

pytestmark = pytest.mark.filterwarnings("ignore")  # TensorFlow's own


def ops(result: Frozen) -> set[str]:
    return {node.op for body in result.graph.bodies for node in body}


@pytest.mark.parametrize("make_module", [Dense, Loop, Words])
def test_a_module_of_functions(make_module: Callable[[], tf.Module], tmp_path: Path) -> None:
    module = make_module()
    _, result, verified = frozen_model(saved(module, tmp_path / "m"))
    assert verified.problem == ""
    assert not verified.is_different
    assert not result.variables
    assert ops(result).isdisjoint({"VarHandleOp", "ReadVariableOp", "StatefulPartitionedCall"})
    # and as the module itself computes it
    (port,) = result.inputs
    fed = make(RANDOM, port, (5, *sizes(port, unknown=5)[1:]))
    with Runtime(to_bytes(result.graph)) as runtime:
        if result.initializer:
            runtime.run_nodes([result.initializer], {})
        values = runtime.run([port.tensor for port in result.outputs], {port.tensor: fed})
    expected = module.serve(tf.constant(fed.tolist() if fed.dtype == object else fed))
    for output, value in zip(result.outputs, values, strict=True):
        theirs = expected[output.key].numpy()
        np.testing.assert_allclose(value.array, theirs, rtol=1e-6)


def test_functions_that_are_not_inlined_are_frozen_as_they_are(tmp_path: Path) -> None:
    _, result, verified = frozen_model(saved(Compiled(), tmp_path / "m"))
    assert (result.constants, result.variables) == (("w",), ())
    assert len(result.graph.functions) == 1
    assert not verified.is_different


@pytest.mark.parametrize(
    ("make_module", "sentence"),
    [
        (Reduced, r"\(MapDataset\) takes more than the value of variable 'w', which therefore"),
        (Mutable, r"MutableHashTableV2, whose entries are in the checkpoint alone"),
    ],
)
def test_what_constants_cannot_do_is_said(
    make_module: Callable[[], tf.Module], sentence: str, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match=sentence):
        frozen_model(saved(make_module(), tmp_path / "m"))


def test_random_numbers_are_no_difference(tmp_path: Path) -> None:
    _, _, verified = frozen_model(saved(Noisy(), tmp_path / "m"))
    assert verified.problem == "the source itself computes something else each time"


def test_variables_in_functions_that_stay_are_named(tmp_path: Path) -> None:
    graph = nodes("x = Placeholder() dtype=1\n y = StatefulPartitionedCall(x)")
    call = graph.node[1]
    call.attr["f"].func.name = "fun"
    for attr in ("Tin", "Tout"):
        call.attr[attr].list.type.append(1)
    function = graph.library.function.add()
    function.attr["_noinline"].b = True
    function.signature.name = "fun"
    function.signature.is_stateful = True
    function.signature.input_arg.add(name="a", type=1)
    function.signature.output_arg.add(name="b", type=1)
    body = nodes("v = VarHandleOp() dtype=1\n r = ReadVariableOp(v:resource:0) dtype=1")
    body.node[0].attr["shape"].shape.SetInParent()
    body.node.add(name="s", op="AddV2", input=["a", "r:value:0"]).attr["T"].type = 1
    function.node_def.extend(body.node)
    function.ret["b"] = "s:z:0"
    path = tmp_path / "g.pb"
    path.write_bytes(graph.SerializeToString())
    program = find_program(files.load(path), outputs=["y"])
    result = freeze(program)
    assert result.constants == ()
    assert result.variables == ("fun::v",)
    with pytest.raises(UsageError, match="need 1 variable, and there is no checkpoint"):
        refuse(program)
    with pytest.raises(UsageError, match="need 1 variable within functions"):
        refuse(program._replace(prefix="model.ckpt"))


def test_big_variables_keep_all_their_elements(tmp_path: Path) -> None:
    module = Big()
    _, result, verified = frozen_model(saved(module, tmp_path / "m"))
    assert verified.problem == ""
    assert not verified.is_different
    assert len(result.constants) == 6
    for name, variable in module.all.items():
        expected = variable.numpy()
        (value,) = (
            result.graph.tensor(node.name)
            for node in result.graph
            if node.op == "Const" and node.name == name
        )
        assert np.array_equal(value, expected.astype(value.dtype))


def test_names_follow_the_signature_and_the_batch_stays_dynamic(tmp_path: Path) -> None:
    _, result, _ = frozen_model(saved(Dense(), tmp_path / "m"))
    assert [(port.tensor, str(port.shape)) for port in result.inputs] == [("x:0", "[?,3]")]
    assert [(port.tensor, str(port.shape)) for port in result.outputs] == [
        ("sum:0", "[]"),
        ("y:0", "[?,2]"),
    ]
    assert not result.graph.functions
    assert len(result.graph) < 15
    assert not any(node.name.startswith("Func/") or node.device for node in result.graph)


def test_a_signature_is_compared_with_what_was_frozen_of_it(tmp_path: Path) -> None:
    module, folder, result = Words(), str(tmp_path / "m"), str(tmp_path / "frozen.pb")
    signatures = {"ids": module.serve, "same": module.serve}
    tf.saved_model.save(module, folder, signatures=signatures)
    words = ["compare", folder, result, "--shape", "words=4"]
    assert command("freeze", folder, "--signature", "same", "-o", result)[0] == 0
    status, output, _ = command(*words, "--signature", "same", "--tags", "serve")
    assert (status, output) == (0, "ids  int64[?]  equal\n")
    named = command(*words, "--signature", "same", "--initializers", "initialize_tables")
    assert named[:2] == (0, output)
    status, _, errors = command(*words, "--signature", "same", "--initializers", "nothing")
    assert (status, errors) == (2, "pbtool: error: neither model has a node 'nothing'\n")
    status, _, errors = command("compare", result, result, "--signature", "same")
    assert (status, errors) == (2, "pbtool: error: neither model has signatures\n")


def test_what_random_values_would_break_is_fed_with_zeros(tmp_path: Path) -> None:
    module = Loop()
    table = str(tmp_path / "m")
    look_up = tf.function(lambda rows: {"row": tf.gather(module.table[:1], rows)})
    signature = look_up.get_concrete_function(tf.TensorSpec([None], tf.int32, name="rows"))
    module.look_up = look_up
    tf.saved_model.save(module, table, signatures=signature)
    status, output, _ = command("freeze", table, "-o", str(tmp_path / "frozen.pb"))
    assert status == 0
    assert output.endswith("1 output equal to the source's, fed with zeros\n")


def test_control_flow_is_lowered_when_asked_for(tmp_path: Path) -> None:
    program = find_program(files.load(saved(Loop(), tmp_path / "m")))
    kept, lowered = freeze(program), freeze(program, lower_control_flow=True)
    assert {"StatelessWhile", "While"} & ops(kept)
    assert {"Merge", "Switch", "NextIteration"} <= ops(lowered)
    assert not lowered.graph.functions
    assert not verify(program, lowered, 60).is_different


def test_tables_remain_and_their_initializer_is_named(tmp_path: Path) -> None:
    _, result, _ = frozen_model(saved(Words(), tmp_path / "m"))
    assert result.tables
    assert result.initializer in result.graph
