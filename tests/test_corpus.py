"""Every file of the corpus opens and lists, or gets its one clear sentence."""

from __future__ import annotations

import csv
import io

import pytest

from pbtool import cli
from tests.corpus import FOLDER, needs_corpus

OPENED = {
    "GraphDef", "GraphDef-text", "MetaGraphDef", "SavedModel", "SavedModel-text",
    "TensorBundle-index", "Checkpoint-V1", "OpList-text",
}  # fmt: skip
REFUSED = {
    "FingerprintDef": "fingerprint.pb",
    "GraphDef-text-invalid": "line 7, column 7",
    "TensorBundle-data": "a data shard of a checkpoint",
    "asset": "",
    "git-lfs-pointer": "git lfs pull",
    "keras-SavedMetadata": "keras_metadata.pb",
}
ELSEWHERE = {"CheckpointState-text"}  # leads to a checkpoint that may not be there


def manifest() -> list[dict[str, str]]:
    path = FOLDER / "MANIFEST.tsv"
    if not path.exists():
        return []
    with path.open(newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def of_kinds(*kinds: str) -> list[object]:
    return [pytest.param(row, id=row["path"]) for row in manifest() if row["kind"] in kinds]


def run(*words: str) -> tuple[int, str, str]:
    output, errors = io.StringIO(), io.StringIO()
    status = cli.main(words, stdout=output, stderr=errors)
    return status, output.getvalue(), errors.getvalue()


@needs_corpus
@pytest.mark.parametrize("row", of_kinds(*OPENED))
def test_a_model_lists_all_that_is_in_it(row: dict[str, str]) -> None:
    status, output, _ = run("list", str(FOLDER / row["path"]), "--format", "names")
    assert status == 0
    # Of several meta graphs, which the manifest counts together, one is listed.
    if row["nodes"] and "two_metagraphs" not in row["path"]:
        assert len(output.splitlines()) == int(row["nodes"])
    assert output


@needs_corpus
@pytest.mark.parametrize("row", of_kinds(*REFUSED))
def test_what_is_no_model_gets_one_sentence(row: dict[str, str]) -> None:
    status, output, errors = run("list", str(FOLDER / row["path"]))
    assert status == 2
    assert not output
    assert errors.startswith("pbtool: error: ")
    assert errors.count("\n") == 1
    assert REFUSED[row["kind"]] in errors


@needs_corpus
def test_every_kind_of_the_manifest_is_thought_of() -> None:
    assert {row["kind"] for row in manifest()} == OPENED | set(REFUSED) | ELSEWHERE
