"""SECURITY.md says what is so."""

from __future__ import annotations

import re

from pbtool import opdefs, source, wire
from pbtool.infer import engine
from pbtool.render import listing
from tests import survival

TEXT = (survival.ROOT / "SECURITY.md").read_text(encoding="utf-8")


def test_each_promise_names_tests_that_exist() -> None:
    promised = TEXT.partition("## What pbtool promises")[2].partition("\n## ")[0]
    promises = re.split(r"^- ", promised, flags=re.MULTILINE)[1:]
    assert len(promises) >= 7
    for promise in promises:
        named = re.findall(r"`(tests/[\w./]+)`", promise)
        assert named, promise
        assert all((survival.ROOT / path).exists() for path in named), promise


def test_the_limits_are_those_of_the_code() -> None:
    rows = re.findall(r"^\| (.+?) \| (.+?) \|", TEXT, re.MULTILINE)
    stated = [limit for _, limit in rows if limit[0].isdigit()]
    assert stated == [
        f"{source.MEMORY_LIMIT >> 30} GiB",
        f"{opdefs.MAX_LIST:,}",
        f"{engine.MAX_OUTPUTS:,}",
        f"{engine.MAX_DEPTH}",
        f"{engine.MAX_FILLED:,}",
        f"{wire.MAX_DEPTH}",
        f"{listing.WIDEST:,} characters",
    ]
    assert source.LIMIT_VARIABLE in TEXT
