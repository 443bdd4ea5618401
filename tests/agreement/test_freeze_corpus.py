"""What TensorFlow loads of the corpus is frozen, imported again, and computes the same."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("tensorflow")

from pbtool import files
from pbtool.execution.program import find_program
from pbtool.ops import VARIABLES
from pbtool.pruning import prune
from pbtool.writing import save
from tests.agreement.freezes import (
    UNEXECUTABLE,
    UNFREEZABLE,
    UNLOADABLE,
    Source,
    frozen,
    load_error,
    program_of,
    refusal,
    sources,
)
from tests.corpus import FOLDER, needs_corpus
from tests.test_corpus import run as command

pytestmark = [pytest.mark.filterwarnings("ignore"), needs_corpus]  # TensorFlow's own

FREEZABLE = [
    each
    for each in sources()
    if each.path not in UNLOADABLE and (each.path, each.signature) not in UNFREEZABLE
]


@pytest.mark.parametrize("source", FREEZABLE, ids=str)
def test_what_tensorflow_loads_is_frozen_and_computes_the_same(source: Source) -> None:
    result, verified = frozen(program_of(source))
    assert not result.variables
    assert not any(node.op in VARIABLES for body in result.graph.bodies for node in body)
    if source.path in UNEXECUTABLE:
        assert UNEXECUTABLE[source.path] in verified.problem
    else:
        assert load_error(source.path, source.tags) == ""
        assert verified.problem == ""
        assert verified.differences
        assert not verified.is_different


@pytest.mark.parametrize("source", [s for s in sources() if s.path in UNLOADABLE], ids=str)
def test_what_tensorflow_refuses_gets_its_reason_in_one_sentence(
    source: Source, tmp_path: Path
) -> None:
    reason = UNLOADABLE[source.path]
    assert load_error(source.path, source.tags)
    words = ["freeze", str(FOLDER / source.path), "-o", str(tmp_path / "frozen.pb")]
    words += ["--tags", source.tags] if source.tags else []
    words += ["--signature", source.signature] if source.signature else []
    status, _, errors = command(*words)
    assert status == 2
    assert reason in errors
    assert len(errors.splitlines()) == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("path", "signature"), UNFREEZABLE)
def test_what_cannot_be_frozen_is_said(path: str, signature: str | None) -> None:
    (source,) = (each for each in sources() if (each.path, each.signature) == (path, signature))
    assert UNFREEZABLE[path, signature] in refusal(source)


def test_an_iterator_is_cut_off_as_the_refusal_says(tmp_path: Path) -> None:
    (source,) = (each for each in sources() if "taxi_estimator" in each.path)
    assert "pbtool prune --inputs IteratorGetNext" in refusal(source)
    graph = files.load(FOLDER / source.path).graph
    save(prune(graph, source.outputs, ["IteratorGetNext"]), tmp_path / "cut.pb")
    program = find_program(
        files.load(tmp_path / "cut.pb"),
        outputs=source.outputs,
        checkpoint=str(FOLDER / source.path.removesuffix(".meta")),
    )
    result, verified = frozen(program)
    assert len(result.constants) == 20
    assert verified.problem == ""
    assert not verified.is_different
