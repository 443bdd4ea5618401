"""Shape rules that are written down as a pattern, such as ``[n,k] ; [k] ; S -> [n,S]``.

Before the arrow stand the shapes that an op takes, behind it those that it returns, parted by
semicolons. Inputs that are left out at the end may have any shape.

``[2,?]``      a shape of that rank and those sizes
``[n,k]``      named sizes: the same name is the same size everywhere
``S``          a named shape: the same name is the same shape everywhere
``[n,S,1]``    a named shape with more dimensions in front of it or behind it
``[] | [?]``   one rank or another
``_``          any shape; as an output, one of which nothing is known
``@S``         a resource or variant that refers to a tensor of that shape, if that is known
``[n]*``       as an output: as many tensors as the op returns

A list input matches when each of its tensors does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import NamedTuple

from pbtool.errors import ShapeError
from pbtool.facts import Fact
from pbtool.infer.registry import shape_rule
from pbtool.shapes import UNKNOWN, Dimension, Shape, merge_dimensions

Input = Fact | Sequence[Fact]


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
        inputs_terms, outputs = parse(pattern)
        names = _Names()
        for alternatives, fact in zip(inputs_terms, inputs, strict=False):
            for shape in _shapes(alternatives[0], fact):
                names.match(_of_rank(alternatives, shape), shape)
        return list(names.build(outputs, len(dtypes)))

    rule.__doc__ = pattern
    return rule


class Term(NamedTuple):
    """One shape of a pattern: sizes and names of sizes, around the name of a shape or ``""``."""

    front: tuple[str, ...] = ()
    rest: str | None = None
    back: tuple[str, ...] = ()
    of_handle: bool = False
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

    def match(self, term: Term, shape: Shape) -> None:
        """Learn from a shape; raises ShapeError where it does not fit."""
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


@cache
def parse(pattern: str) -> tuple[list[list[Term]], list[Term]]:
    """The inputs of a pattern, each a list of alternatives, and its outputs."""
    left, right = (
        [text.strip() for text in side.split(";") if text.strip()] for side in pattern.split("->")
    )
    inputs = [[_term(text.strip()) for text in choice.split("|")] for choice in left]
    return inputs, [_term(text) for text in right]


def _term(text: str) -> Term:
    match = re.fullmatch(r"(@?)(_|[A-Z]\w*|\[[\w?,]*\])(\*?)", text)
    if match is None:
        raise ValueError(f"{text!r} is no term of a pattern")
    handle, body, star = match.groups()
    words = [word for word in body.strip("[]").split(",") if word]
    places = [place for place, word in enumerate(words) if word[0].isupper() or word == "_"]
    if not places:
        return Term(tuple(words), None, (), bool(handle), bool(star))
    if len(places) > 1:
        raise ValueError(f"{text!r} is no term of a pattern: it names two shapes")
    place = places[0]
    rest = "" if words[place] == "_" else words[place]
    return Term(tuple(words[:place]), rest, tuple(words[place + 1 :]), bool(handle), bool(star))


def _shapes(term: Term, fact: Input) -> Iterator[Shape]:
    """The shapes that an input, or each tensor of it, offers to a pattern."""
    facts = [fact] if isinstance(fact, Fact) else fact
    for each in facts:
        if not term.of_handle:
            yield each.shape
        elif each.handles:
            yield each.handles[0].shape


def _of_rank(alternatives: list[Term], shape: Shape) -> Term:
    """The alternative that a shape may fit; nothing is learned where there are several."""
    if len(alternatives) == 1:
        return alternatives[0]
    if shape.rank is None:
        return _ANY
    for term in alternatives:
        if term.length == shape.rank:
            return term
    raise ShapeError(f"shape {shape} has the wrong rank")


_ANY = Term(rest="")
