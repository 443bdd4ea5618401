"""Numbers are read from serialized messages, as far as those can be read."""

from __future__ import annotations

import pytest

from pbtool.errors import ShapeError
from pbtool.infer.messages import check, numbers


def attr(content: bytes) -> str:
    """What a string attr becomes for a rule."""
    return content.decode(errors="surrogateescape")


@pytest.mark.parametrize(
    ("content", "fields"),
    [
        (b"", {}),
        (b"\x08\x03", {1: [3]}),
        (b"\x1a\x02\x02\x01\x1a\x01\x05\x18\x07", {3: [2, 1, 5, 7]}),  # packed and not
        (b"\x22\x03\x80\x01\x02", {4: [128, 2]}),
        (b"\x08\x03\x12\x01\x80\x18\x04", {1: [3], 2: [], 3: [4]}),  # a message in field 2
    ],
)
def test_numbers(content, fields):
    assert numbers(attr(content)) == fields
    check(attr(content))


@pytest.mark.parametrize("end", [b"a", b"\x08", b"\x08\x80", b"\x1a\x05\x01"])
def test_what_stands_before_damage_is_read(end):
    assert numbers(attr(b"\x08\x03" + end)) == {1: [3]}
    with pytest.raises(ShapeError, match="damaged"):
        check(attr(b"\x08\x03" + end))
