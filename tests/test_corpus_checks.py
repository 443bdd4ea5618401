"""What ``pbtool check`` says of real files, against what TensorFlow said when it imported them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from pbtool import files
from pbtool.checks import ERROR, NOTE, check
from tests.corpus import FOLDER, needs_corpus

pytestmark = needs_corpus

RECORDED = sorted((FOLDER.parent / "oracle").glob("*.gz"))


def is_refused(path: Path) -> bool:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return "refused" in json.loads(next(lines))


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.name.removesuffix(".jsonl.gz"))
def test_errors_are_tensorflows(path: Path) -> None:
    model = files.load(FOLDER / path.name.removesuffix(".jsonl.gz").replace("__", "/"))
    errors = [each for each in check(model) if each.severity == ERROR]
    assert bool(errors) == is_refused(path), errors[:3]


@pytest.mark.parametrize(
    "name", ["keras_lstm", "keras_single_input", "regression_tf2", "mnist_conv"]
)
def test_ordinary_exports_have_nothing_above_a_note(name: str) -> None:
    findings = check(files.load(FOLDER / "saved_model" / name))
    assert not [each for each in findings if each.severity != NOTE]
