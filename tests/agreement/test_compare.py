"""``compare`` of graphs that TensorFlow executes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("tensorflow")

from tests.graphs import nodes
from tests.test_corpus import run

pytestmark = pytest.mark.filterwarnings("ignore")  # TensorFlow's own

LINES = """
    x = Placeholder() dtype=1
    n = Neg(x) T=1
    {middle}
    y = Exp(m) T=1
"""


def graph_file(path: Path, middle: str) -> str:
    path.write_bytes(nodes(LINES.format(middle=middle)).SerializeToString())
    return str(path)


@pytest.fixture
def pair(tmp_path: Path) -> tuple[str, str]:
    return (
        graph_file(tmp_path / "a.pb", "m = Square(n) T=1"),
        graph_file(tmp_path / "b.pb", "m = Abs(n) T=1"),
    )


def test_equal_models(pair: tuple[str, str]) -> None:
    status, output, _ = run("compare", pair[0], pair[0], "--shape", "x=3,4", "--runs", "2")
    assert status == 0
    assert "equal" in output


def test_different_models(pair: tuple[str, str]) -> None:
    status, output, errors = run("compare", *pair, "--shape", "x=3", "--format", "json")
    assert (status, errors) == (1, "")
    (tensor,) = json.loads(output)["tensors"]
    assert tensor["name"] == "y"
    assert 0 < tensor["max_abs"] < np.e
    assert tensor["max_ulp"] > 1000
    assert run("compare", *pair, "--shape", "x=3", "--atol", "3")[0] == 0
    assert run("compare", *pair, "--feed", "x=1")[0] == 0  # 1 squared is 1
    assert run("compare", *pair, "--feed", "x=2", "--atol", "1")[0] == 1


def test_the_first_tensor_that_deviates(pair: tuple[str, str]) -> None:
    status, output, _ = run("compare", *pair, "--shape", "x=3", "--all")
    assert status == 1
    assert "the first that deviates is m:0" in output
    assert "1 of 3 common tensors equal" in output


def test_outputs_of_one_model_only(tmp_path: Path, pair: tuple[str, str]) -> None:
    other = nodes(LINES.format(middle="m = Square(n) T=1") + "z = Log(m) T=1")
    (tmp_path / "c.pb").write_bytes(other.SerializeToString())
    status, output, _ = run("compare", pair[0], str(tmp_path / "c.pb"), "--shape", "x=3")
    assert status == 1
    assert "only the second model has z:0" in output


def test_what_does_not_fit_is_one_sentence(tmp_path: Path, pair: tuple[str, str]) -> None:
    other = nodes("w = Placeholder() dtype=3\n y = Neg(w) T=3")
    (tmp_path / "c.pb").write_bytes(other.SerializeToString())
    status, _, errors = run("compare", pair[0], str(tmp_path / "c.pb"))
    assert status == 2
    assert "an input is in one of the models only: x:0" in errors


def test_outputs_of_other_names_are_among_all_tensors(tmp_path: Path) -> None:
    one, two = str(tmp_path / "a.pb"), str(tmp_path / "b.pb")
    Path(one).write_bytes(nodes("x = Placeholder() dtype=1\n p = Exp(x) T=1").SerializeToString())
    Path(two).write_bytes(nodes("x = Placeholder() dtype=1\n q = Neg(x) T=1").SerializeToString())
    status, output, _ = run("compare", one, two, "--all")
    assert status == 1
    assert output.endswith("0 of 1 common tensor equal\nthe first that deviates is p\n")


def test_what_has_no_value_is_not_compared(tmp_path: Path) -> None:
    graph = nodes("x = Placeholder() dtype=1\n y = Neg(x) T=1\n z = NoOp(^y)")
    (tmp_path / "a.pb").write_bytes(graph.SerializeToString())
    words = ["compare", str(tmp_path / "a.pb"), str(tmp_path / "a.pb"), "--fetch", "z,y"]
    sentence = "pbtool: error: node 'z' has no output that could be compared\n"
    assert run(*words) == (2, "", sentence)


def test_inputs_of_other_kinds_are_refused(tmp_path: Path) -> None:
    made = []
    for number in (1, 2, 3):
        graph = nodes(f"x = Placeholder() dtype={number}\n y = Cast(x) SrcT={number} DstT=1")
        made.append(tmp_path / f"{number}.pb")
        made[-1].write_bytes(graph.SerializeToString())
    one, two, three = map(str, made)
    assert run("compare", one, two, "--feed", "x=0.5")[0] == 0  # floats of another size
    status, _, errors = run("compare", one, three)
    assert status == 2
    assert "input x is float32 in one model and int32 in the other; choose" in errors


def test_tags_of_no_model_are_refused(pair: tuple[str, str]) -> None:
    status, _, errors = run("compare", *pair, "--tags", "serve")
    assert status == 2
    assert "--tags is about meta graphs, and neither model has one" in errors
