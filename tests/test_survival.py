"""pbtool stays up whatever it is fed; ``survival`` has the laws and the damage."""

from __future__ import annotations

import os
import random

import pytest

from tests import survival

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the time of a run is limited by POSIX")


def test_undamaged_files_pass(tmp_path):
    survival.small_bundle().write(tmp_path / "small")
    for name, data in survival.seeds():
        (tmp_path / name).write_bytes(data)
        (tmp_path / f"seed-{name}").write_bytes(data)
        done = survival.run(["list", str(tmp_path / name)])
        assert (done.status, done.err, done.broken_law()) == (0, "", "")
        for words in survival.COMMANDS:
            done = survival.run(survival.command(words, tmp_path, name))
            assert not done.broken_law()


@pytest.mark.parametrize("seed", range(8))
def test_damaged_files(seed, tmp_path):
    broken = [(law, run.words) for _, run, law in survival.survive(250, seed, tmp_path)]
    assert not broken


def test_damage_leaves_some_files_readable(tmp_path):
    chance = random.Random(0)
    name, data = survival.seeds()[0]
    statuses = []
    for _ in range(100):
        (tmp_path / name).write_bytes(survival.damaged(chance, data))
        statuses.append(survival.run(["list", str(tmp_path / name)]).status)
    assert 20 < statuses.count(0) < 90


@pytest.mark.parametrize("kept", sorted(survival.SURVIVORS.glob("*")), ids=lambda path: path.name)
def test_what_broke_a_law_once(kept, tmp_path):
    name = kept.name.split("-", 2)[2]
    survival.small_bundle().write(tmp_path / "small")
    (tmp_path / f"seed-{name}").write_bytes(dict(survival.seeds())[name])
    (tmp_path / name).write_bytes(kept.read_bytes())
    for words in survival.COMMANDS:
        assert not survival.run(survival.command(words, tmp_path, name)).broken_law(), words
