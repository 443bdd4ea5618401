from __future__ import annotations

import pytest

from pbtool.quantity import counted, size


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (12_345, "12.3 kB"),
        (999_949, "999.9 kB"),
        (999_950, "1.0 MB"),
        (1_073_745_000, "1.1 GB"),
        (10**21, "1,000.0 EB"),
    ],
)
def test_sizes(count: int, text: str) -> None:
    assert size(count) == text


def test_counts() -> None:
    assert [counted(count, "node") for count in (0, 1, 1053)] == [
        "0 nodes",
        "1 node",
        "1,053 nodes",
    ]
