from __future__ import annotations

from pathlib import Path

import pytest

from pbtool import dtypes, files, schema
from pbtool.errors import NotFoundError, UsageError
from pbtool.execution.feeding import fill, find_feeds, refuse_hazards
from pbtool.execution.ports import Port
from pbtool.execution.program import find_program
from pbtool.files import load_bytes
from pbtool.shapes import UNKNOWN, Shape
from tests.graphs import nodes


def port(dtype: int = dtypes.FLOAT, shape: Shape = UNKNOWN) -> Port:
    return Port("x", "x:0", dtype, shape)


def test_what_is_not_fed_is_random() -> None:
    ports = [port(shape=Shape([None])), Port("n", "n:0", dtypes.INT32, Shape([]))]
    found = fill(ports, ["n=3"], ["x=4"], 0)
    assert found["n"] == 3
    assert found["x"].shape == (4,)
    with pytest.raises(UsageError, match="'m' is no input of both models"):
        fill(ports, ["m=3"], [], 0)


PROGRAM = nodes(
    """
    x = Placeholder() dtype=1
    y = Placeholder() dtype=1
    s = AddV2(x, y) T=1
    t = Neg(s) T=1
    f = Const() dtype=7
    r = ReadFile(f)
    """
).SerializeToString()


def test_feeds_of_a_program() -> None:
    program = find_program(load_bytes(PROGRAM), outputs=["t"])
    found = find_feeds(program, ["x=1", "y:0=2"], [], 0)
    assert {each.tensor: array.tolist() for each, array in found.items()} == {"x:0": 1, "y:0": 2}
    assert [each.tensor for each in find_feeds(program, ["s=1"], [], 0)] == ["s:0"]
    with pytest.raises(UsageError, match=r"not fed: y:0 float32\[...\]; add --feed y=VALUE"):
        find_feeds(program, ["x=1"], [], 0)
    with pytest.raises(NotFoundError, match="no node 'z'"):
        find_feeds(program, ["z=1"], [], 0)
    with pytest.raises(UsageError, match="--shape q is of nothing that is fed"):
        find_feeds(program, ["s=1"], ["q=1"], 0)
    with pytest.raises(UsageError, match="--feed x is given twice"):
        find_feeds(program, ["x=1", "x=2", "y=1"], [], 0)
    with pytest.raises(UsageError, match="--feed x:0 is a tensor that is already fed"):
        find_feeds(program, ["x=1", "x:0=2", "y=1"], [], 0)
    with pytest.raises(UsageError, match="takes NAME=VALUE"):
        find_feeds(program, ["s"], [], 0)


def test_an_input_that_no_output_needs_may_be_fed(tmp_path: Path) -> None:
    meta_graph = schema.MetaGraphDef(graph_def=schema.GraphDef.FromString(PROGRAM))
    signature = meta_graph.signature_def["serving_default"]
    for key, tensor in (("one", "x:0"), ("more", "y:0")):
        signature.inputs[key].name = tensor
        signature.inputs[key].dtype = 1
    signature.outputs["same"].name = "x:0"
    (tmp_path / "model.meta").write_bytes(meta_graph.SerializeToString())
    program = find_program(files.load(tmp_path / "model.meta"))
    assert [port.key for port in program.inputs] == ["one"]
    found = find_feeds(program, ["one=1", "more=2"], [], 0)
    assert {each.tensor: array.tolist() for each, array in found.items()} == {"x:0": 1, "y:0": 2}


def test_what_reaches_outside_is_refused_where_it_is_needed() -> None:
    refuse_hazards(find_program(load_bytes(PROGRAM), outputs=["t"]))
    program = find_program(load_bytes(PROGRAM), outputs=["r"])
    with pytest.raises(UsageError, match=r"r \(ReadFile reads a file\); if you trust it"):
        refuse_hazards(program)
    fed = program._replace(inputs=(Port("r", "r:0", dtypes.STRING, UNKNOWN),))
    refuse_hazards(fed)  # it is not executed when its output is fed
