from __future__ import annotations

from pathlib import Path

import pbtool
from pbtool.checks import ERROR, NOTE, check
from tests.check_examples import saver
from tests.checkpoint_examples import small_bundle


def test_a_saved_model_that_lost_its_files(tmp_path: Path) -> None:
    errors = {each.code for each in check(saver(tmp_path)) if each.severity == ERROR}
    assert errors == {"lost-variable", "missing-asset"}
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "vocabulary.txt").write_text("a")
    assert {each.code for each in check(pbtool.load(tmp_path))} == {
        *("lost-variable", "dead-node", "writes-file")
    }


def test_variables_that_are_not_saved(tmp_path: Path) -> None:
    (tmp_path / "variables").mkdir()
    bundle = small_bundle()
    bundle.write(tmp_path / "variables" / "variables")
    saved = next(iter(pbtool.load(tmp_path / "variables" / "variables").checkpoint.entries))
    found = [each for each in check(saver(tmp_path, saved)) if each.code == "lost-variable"]
    assert {each.severity for each in found} <= {NOTE}
    found = [each for each in check(saver(tmp_path, "z")) if each.code == "lost-variable"]
    assert ERROR in {each.severity for each in found}
