"""pbtool stays up whatever it is fed: ``survival`` has the laws, ``seeds`` the files."""

from __future__ import annotations

import os
import random

import pytest

from tests import survival

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the time of a run is limited by POSIX")


def test_undamaged_files_pass(tmp_path):
    for seed in survival.prepare(tmp_path):
        (tmp_path / seed.name).write_bytes(seed.data)
        for words in survival.commands_of(seed.name):
            done = survival.run(survival.command(words, tmp_path, seed.name))
            assert not done.broken_law()
            if words in (["list", "{file}"], ["textconv", "{file}"]):
                assert (done.status, done.err) == (0, "")


@pytest.mark.parametrize("seed", range(8))
def test_damaged_files(seed, tmp_path):
    broken = [(law, run.words) for _, run, law in survival.survive(400, seed, tmp_path)]
    assert not broken


def test_damage_leaves_some_files_readable(tmp_path):
    chance = random.Random(0)
    for seed in survival.prepare(tmp_path):
        words = survival.command(survival.commands_of(seed.name)[0], tmp_path, seed.name)
        statuses = []
        for _ in range(100):
            (tmp_path / seed.name).write_bytes(seed.damage(chance, seed.data))
            statuses.append(survival.run(words).status)
        assert 5 < statuses.count(0) < 95, seed.name


@pytest.mark.parametrize("kept", sorted(survival.SURVIVORS.glob("*")), ids=lambda path: path.name)
def test_what_broke_a_law_once(kept, tmp_path):
    name = kept.name.split("-", 2)[2]
    survival.prepare(tmp_path)
    (tmp_path / name).write_bytes(kept.read_bytes())
    for words in survival.commands_of(name):
        assert not survival.run(survival.command(words, tmp_path, name)).broken_law(), words
