from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pbtool import topology


def test_each_comes_after_what_it_needs_and_cycles_are_stuck() -> None:
    assert topology.sort([[2], [], [1]]) == ([1, 2, 0], [])
    assert topology.sort([[], [2], [1], [2], [0]]) == ([0, 4], [1, 2, 3])
    assert topology.sort([[1, 1], []]) == ([1, 0], [])  # needed twice
    assert topology.sort([[0]]) == ([], [0])
    assert topology.sort([]) == ([], [])


@given(st.integers(1, 8).flatmap(lambda n: st.lists(st.lists(st.integers(0, n - 1)), min_size=n)))
def test_nothing_is_lost_and_all_that_waits_waits_for_something(needs: list[list[int]]) -> None:
    order, stuck = topology.sort(needs)
    assert sorted([*order, *stuck]) == list(range(len(needs)))
    for place, position in enumerate(order):
        assert set(needs[position]) <= set(order[:place])
    assert all(set(needs[position]) & set(stuck) for position in stuck)
