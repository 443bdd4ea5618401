"""Names in few groups."""

from __future__ import annotations

import doctest

from hypothesis import given
from hypothesis import strategies as st

from pbtool.render import scopes
from pbtool.render.scopes import cut

NAMES = st.lists(st.from_regex(r"[ab](/[abc]){0,4}", fullmatch=True), max_size=40)


def test_examples() -> None:
    assert doctest.testmod(scopes).failed == 0


@given(NAMES, st.integers(1, 12), st.integers(0, 5))
def test_every_name_is_in_one_group_of_its_scope(names: list[str], most: int, few: int) -> None:
    groups = cut(names, most, few)
    assert len(groups) <= max(most, bool(names))
    assert sorted(member for group in groups for member in group.members) == [*range(len(names))]
    for group in groups:
        assert all(names[member].startswith(group.scope) for member in group.members)
        assert group.scope == "" or group.scope.endswith("/") or len(group.members) == 1
    assert len({group.label for group in groups if len(group.members) > 1 and group.scope}) == len(
        [group for group in groups if len(group.members) > 1 and group.scope]
    )


def test_the_biggest_is_parted_first() -> None:
    names = [f"{scope}/{number % 2}/{number}" for scope in "ab" for number in range(3)] * 2
    names += [f"c/{number % 3}/{number}" for number in range(30)]
    assert [group.label for group in cut(names, 5)] == ["a/", "b/", "c/0/", "c/1/", "c/2/"]


def test_what_is_done_is_not_parted() -> None:
    names = ["a/x/1", "a/y/2", "b/x/1", "b/y/2"]
    assert [group.label for group in cut(names, 9, is_done=lambda group: group.scope == "b/")] == [
        "a/x/1",
        "a/y/2",
        "b/",
    ]
