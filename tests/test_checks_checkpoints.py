from __future__ import annotations

from pathlib import Path

import pbtool
from pbtool.checks import check
from tests.checkpoint_examples import small_bundle


def checkpoint_codes(prefix: Path) -> set[str]:
    return {each.code for each in check(pbtool.load(prefix))}


def test_a_type_that_there_is_not(tmp_path: Path) -> None:
    bundle = small_bundle()
    bundle.entries[b"step"].dtype = 99
    bundle.write(tmp_path / "model")
    assert checkpoint_codes(tmp_path / "model") == {"damaged-tensor"}


def test_checkpoints(tmp_path: Path) -> None:
    prefix = tmp_path / "model"
    small_bundle().write(prefix)
    assert not checkpoint_codes(prefix)
    (shard,) = tmp_path.glob("model.data-*")
    data = shard.read_bytes()
    shard.write_bytes(bytes([data[0] ^ 1]) + data[1:])
    assert checkpoint_codes(prefix) == {"damaged-tensor"}
    shard.write_bytes(data[:-1])
    assert "shard-size" in checkpoint_codes(prefix)
    shard.write_bytes(data + b"more")
    assert checkpoint_codes(prefix) == {"shard-size"}
    shard.unlink()
    assert "missing-shard" in checkpoint_codes(prefix)
