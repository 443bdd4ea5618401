"""Names that are spelled like one that does not exist."""

from __future__ import annotations

from collections.abc import Iterable


def suggest(name: str, names: Iterable[str]) -> str:
    """The nearest of the names, as a remedy; "" when none is near."""
    near = nearest(name, names)
    return f"did you mean {', '.join(near)}?" if near else ""


def nearest(name: str, names: Iterable[str]) -> list[str]:
    """At most three names: those spelled like this one, and those with the same last component."""
    import difflib
    from itertools import islice

    # difflib compares every pair; a sample keeps a typing error in a large graph quick.
    candidates = list(islice(names, 20_000))
    last = name.rpartition("/")[2]
    # Comparing takes the square of the length, and nobody mistypes a name of a page.
    comparable = [] if len(name) > _LONG else [each for each in candidates if len(each) <= _LONG]
    near = difflib.get_close_matches(name, comparable, n=3, cutoff=0.6)
    near += [
        other for other in candidates if other.rpartition("/")[2] == last and other not in near
    ]
    return near[:3]


_LONG = 500  # characters
