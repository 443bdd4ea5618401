"""Shape rules for the ops of string_ops.cc."""

from __future__ import annotations

from collections.abc import Sequence

from pbtool.errors import ShapeError
from pbtool.facts import Fact
from pbtool.infer.patterns import patterns
from pbtool.infer.registry import shape_rule
from pbtool.infer.shape_functions import add, broadcast, element_count, merge_all, subtract
from pbtool.shapes import SCALAR, Shape

patterns("""
    S ; [] -> S
        RegexFullMatch
    S ; [] ; [] -> S
        RegexReplace
    [?] ; [n] -> [?] ; [n]
        StringNGrams
    [?] ; [] -> [?,2] ; [?] ; [2]
        StringSplit StringSplitV2
""")


@shape_rule("StringFormat")
def string_format(inputs: Sequence[Fact], *, template: str, placeholder: str) -> Shape:
    """One text, with a place for each input."""
    # An empty placeholder is between any two characters.
    places = len(template.split(placeholder) if placeholder else template or " ") - 1
    if places != len(inputs):
        raise ShapeError(f"{len(inputs)} inputs do not fit {places} placeholders")
    return SCALAR


@shape_rule("StringJoin")
def string_join(inputs: Sequence[Fact]) -> Shape:
    """The shape of all inputs that are not scalars."""
    shapes = [fact.shape for fact in inputs]
    if all(shape.rank == 0 for shape in shapes):
        return SCALAR
    # An input of unknown rank may be a scalar, too: it tells nothing.
    return merge_all([shape for shape in shapes if shape.rank])


@shape_rule("Substr")
def substr(input: Fact, pos: Fact, len: Fact) -> Shape:
    """Broadcast; as many dimensions of ``len`` as of ``pos``, equal or both unknown."""
    if len.shape.rank is not None:
        pos.shape.with_rank(len.shape.rank)
    if pos.shape.rank is not None and pos.shape != len.shape.with_rank(pos.shape.rank):
        raise ShapeError(f"shapes {pos.shape} and {len.shape} of pos and len are not equal")
    return broadcast(input.shape, pos.shape)


@shape_rule("UnicodeDecode UnicodeDecodeWithOffsets")
def unicode_decode(input: Fact, *, dtypes: tuple[int, ...]) -> list[Shape]:
    """A ragged tensor with a row for each text."""
    splits = Shape([add(element_count(input.shape), 1)])
    return [splits] + [Shape([None])] * (len(dtypes) - 1)


@shape_rule("UnicodeEncode")
def unicode_encode(input_values: Fact, input_splits: Fact) -> Shape:
    """A text for each row of a ragged tensor of one ragged dimension."""
    input_values.shape.with_rank(1)
    return Shape([subtract(input_splits.shape.with_rank(1)[0], 1)])
