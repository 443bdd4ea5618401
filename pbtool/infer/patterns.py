"""Shape rules that are written down as a pattern, such as ``[n,k] ; [k] ; S -> [n,S]``.

Before the arrow stand the shapes that an op takes, behind it those that it returns, parted by
semicolons. Inputs that are left out at the end may have any shape.

``[2,?]``      a shape of that rank and those sizes
``[n,k]``      named sizes: the same name is the same size everywhere
``S``          a named shape: the same name is the same shape everywhere
``[n,S,1]``    a named shape with more dimensions in front of it or behind it
``[] | [?]``   one rank or another
``_``          any shape; as an output, one of which nothing is known
``@S``         a variable of that shape, or a resource or variant that refers to a tensor of that
               shape, if that is known
``[n]*``       as an output: as many tensors as the op returns

A list input matches when each of its tensors does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import NamedTuple

from pbtool.dtypes import RESOURCE, VARIANT
from pbtool.errors import ShapeError
from pbtool.facts import Fact
from pbtool.infer.registry import shape_rule
from pbtool.shapes import UNKNOWN, Dimension, Shape, merge_dimensions

Input = Fact | Sequence[Fact]

_HANDLES = (RESOURCE, VARIANT)


def patterns(table: str) -> None:
    """Register the rules of a table: each pattern on a line, the ops that have it on the next."""
    lines = [line.strip() for line in table.splitlines() if line.strip()]
    pattern = ""
    ops: dict[str, list[str]] = {}
    for line in lines:
        if "->" in line:
            pattern = line
        else:
            ops.setdefault(pattern, []).append(line)
    for pattern, names in ops.items():
        shape_rule(*names)(pattern_rule(pattern))


def pattern_rule(pattern: str) -> Callable[..., list[Shape]]:
    """The shape rule that a pattern stands for."""

    def rule(*inputs: Input, dtypes: tuple[int, ...]) -> list[Shape]:
        choices, outputs = parse(pattern)
        names = _Names()
        for choice, given in zip(choices, inputs, strict=False):
            for fact in [given] if isinstance(given, Fact) else given:
                names.match(choice, fact)
        return list(names.build(outputs, len(dtypes)))

    rule.__doc__ = pattern
    return rule


class Term(NamedTuple):
    """One shape of a pattern: sizes and names of sizes, around the name of a shape or ``""``."""

    front: tuple[str, ...] = ()
    rest: str | None = None
    back: tuple[str, ...] = ()
    behind: Term | None = None  # what the tensor refers to
    of_handle: bool = False  # all of this speaks of what the tensor refers to
    repeated: bool = False

    @property
    def length(self) -> int:
        """The number of dimensions beside the named shape."""
        return len(self.front) + len(self.back)


class _Names:
    """What the names in a pattern stand for, as far as it is known."""

    def __init__(self) -> None:
        self._dims: dict[str, Dimension] = {}
        self._shapes: dict[str, Shape] = {}

    def match(self, choice: Sequence[Term], fact: Fact) -> None:
        """Learn from a tensor; raises ShapeError where it does not fit."""
        target = fact.handles[0].shape if fact.handles else UNKNOWN
        refers = fact.dtype in _HANDLES
        term = _choose(choice, fact.shape)
        self._match(term, target if term.of_handle and refers else fact.shape)
        if term.behind is not None and target.rank is not None:
            self._match(term.behind, target)

    def _match(self, term: Term, shape: Shape) -> None:
        if term.rest is None:
            shape = shape.with_rank(term.length)
        elif term.length:
            shape = shape.at_least(term.length)
        for place, name in enumerate(term.front):
            self._merge(name, shape[place])
        for place, name in enumerate(term.back, -len(term.back)):
            self._merge(name, shape[place])
        if term.rest:
            rest = shape[len(term.front) :]
            if term.back:
                rest = rest[: -len(term.back)]
            self._shapes[term.rest] = self._shapes.get(term.rest, UNKNOWN).merge(rest)

    def _merge(self, name: str, dim: Dimension) -> None:
        if name.isdigit():
            merge_dimensions(int(name), dim)
        elif name != "?":
            self._dims[name] = merge_dimensions(self._dims.get(name), dim)

    def build(self, terms: Sequence[Term], count: int) -> Iterator[Shape]:
        """The shapes of ``count`` outputs."""
        for term in terms:
            for _ in range(count - len(terms) + 1 if term.repeated else 1):
                yield self._shape(term)

    def _shape(self, term: Term) -> Shape:
        shape = Shape(self._dim(name) for name in term.front)
        if term.rest is not None:
            shape += self._shapes.get(term.rest, UNKNOWN)
        return shape + Shape(self._dim(name) for name in term.back)

    def _dim(self, name: str) -> Dimension:
        return int(name) if name.isdigit() else self._dims.get(name)


def _choose(choice: Sequence[Term], shape: Shape) -> Term:
    """The one that a shape may fit; nothing is learned where several remain."""
    if len(choice) == 1:
        return choice[0]
    if shape.rank is None:
        return _ANY
    for term in choice:
        if term.length == shape.rank:
            return term
    raise ShapeError(f"shape {shape} has the wrong rank")


_ANY = Term(rest="")


@cache
def parse(pattern: str) -> tuple[list[list[Term]], list[Term]]:
    """The inputs of a pattern, each a choice of terms, and its outputs."""
    left, right = (
        [text.strip() for text in side.split(";") if text.strip()] for side in pattern.split("->")
    )
    inputs = [[_term(text.strip()) for text in choice.split("|")] for choice in left]
    return inputs, [_term(text) for text in right]


def _term(text: str) -> Term:
    shape, at, behind = text.partition("@")
    if at and not shape:
        return _term(behind)._replace(of_handle=True)
    match = re.fullmatch(r"(_|[A-Z]\w*|\[[\w?,]*\])(\*?)", shape)
    if match is None:
        raise ValueError(f"{text!r} is no term of a pattern")
    body, star = match.groups()
    words = [word for word in body.strip("[]").split(",") if word]
    places = [place for place, word in enumerate(words) if word[0].isupper() or word == "_"]
    if len(places) > 1:
        raise ValueError(f"{text!r} is no term of a pattern: it names two shapes")
    place = places[0] if places else len(words)
    rest = None if not places else "" if words[place] == "_" else words[place]
    return Term(
        tuple(words[:place]),
        rest,
        tuple(words[place + 1 :]),
        _term(behind) if at else None,
        repeated=bool(star),
    )
