"""What a diff is asked to look at, and to overlook."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, NamedTuple

from pbtool.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

# What can be overlooked, by the word for it.
IGNORABLE = {
    "names": "other names of the same nodes and functions",
    "weights": "the values of constants and variables",
    "device": "devices",
    "control": "control inputs",
    "versions": "versions of the graph and of its producer",
    "defaults": "attrs written out that have their default",
    "internal": "attrs that begin with _",
    "debug": "debug information",
    "functions": "the library of functions",
    "signatures": "signatures",
    "collections": "collections",
    "assets": "assets",
    "contents": "what is in the files of assets",
    "meta": "what else a meta graph says of itself",
}
ATTR = "attr:"  # and a glob: attrs of these names


class Tolerance(NamedTuple):
    """Numbers are the same when they differ by at most ``atol`` plus ``rtol`` times the larger."""

    rtol: float = 0.0
    atol: float = 0.0


EXACT = Tolerance()


class Options(NamedTuple):
    """Options of a diff, as ``diff`` takes them.

    ``tolerance``: up to where numbers of constants and variables are the same. ``ignore``: words of
    ``IGNORABLE``, and ``attr:GLOB``.
    ``only``: globs of node names, of which one must fit. ``strict``: order and encoding count.
    ``renames``: whether names are looked for among nodes and functions without a partner.
    """

    tolerance: Tolerance = EXACT
    ignore: frozenset[str] = frozenset()
    only: tuple[str, ...] = ()
    strict: bool = False
    renames: bool = True

    @property
    def overlooks(self) -> bool:
        """Whether two models that differ may have no change."""
        return self.tolerance != EXACT or bool(self.ignore) or bool(self.only)

    def ignores(self, word: str) -> bool:
        """Whether something is to be overlooked, by its word."""
        return word in self.ignore

    def ignores_attr(self, name: str) -> bool:
        """Whether an attr is to be overlooked."""
        if name.startswith("_") and "internal" in self.ignore:
            return True
        return any(
            word.startswith(ATTR) and fnmatchcase(name, word[len(ATTR) :]) for word in self.ignore
        )

    def wants(self, *names: str) -> bool:
        """Whether a node of one of these names is to be looked at."""
        return not self.only or any(fnmatchcase(name, glob) for name in names for glob in self.only)


def make_options(
    rtol: float = 0.0,
    atol: float = 0.0,
    ignore: Iterable[str] = (),
    only: Iterable[str] = (),
    *,
    strict: bool = False,
    renames: bool = True,
) -> Options:
    """Options that are known to make sense; raises UsageError for others."""
    words = frozenset(ignore)
    for word in sorted(words):
        if word not in IGNORABLE and not word.startswith(ATTR):
            raise UsageError(
                f"nothing is called {word!r} that could be ignored",
                remedy=f"it is one of {', '.join(IGNORABLE)}, or attr:GLOB",
            )
    if not (rtol >= 0 and atol >= 0):
        raise UsageError("a tolerance is a number that is not negative")
    return Options(Tolerance(rtol, atol), words, tuple(only), strict, renames)
