"""Names that are spelled like one that does not exist."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice, pairwise


def suggest(name: str, names: Iterable[str]) -> str:
    """The nearest of the names, as a remedy; "" when none is near."""
    near = nearest(name, names)
    return f"did you mean {', '.join(near)}?" if near else ""


class Suggestions:
    """Remedies for the many names that a damaged model may lack.

    In a large graph each takes a tenth of a second: only the first ``most`` are searched for.
    """

    def __init__(self, most: int = 20) -> None:
        self._left = most

    def __call__(self, name: str, names: Iterable[str]) -> str:
        """What ``suggest`` says, or "" when enough was suggested."""
        self._left -= 1
        return suggest(name, names) if self._left >= 0 else ""


def nearest(name: str, names: Iterable[str]) -> list[str]:
    """At most three names: those spelled like this one, and those with the same last component."""
    import difflib

    candidates = list(islice(names, _SAMPLE))
    last = name.rpartition("/")[2]
    near = difflib.get_close_matches(name, _alike(name, candidates), n=3, cutoff=0.6)
    near += [
        other for other in candidates if other.rpartition("/")[2] == last and other not in near
    ]
    return near[:3]


def _alike(name: str, names: Sequence[str]) -> list[str]:
    """The names that share most pairs of neighbouring letters with this one, quick to tell.

    difflib takes the square of the length for a pair, too long for all the names of a large graph,
    and for names of a page, which nobody mistypes.
    """
    from heapq import nsmallest

    if len(name) > _LONG:
        return []
    pairs = _pairs(name)
    differing = {each: len(pairs ^ _pairs(each)) for each in names if len(each) <= _LONG}
    return nsmallest(_COMPARED, differing, differing.__getitem__)


def _pairs(name: str) -> set[tuple[str, str]]:
    return set(pairwise(name))


_SAMPLE = 20_000  # names that are looked at, of many
_COMPARED = 200  # names that difflib compares
_LONG = 500  # characters
