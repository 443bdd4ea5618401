"""How far two models are from each other, as text and as JSON."""

from __future__ import annotations

import json as json_module
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from pbtool.quantity import counted
from pbtool.render.difference import difference_json, difference_text
from pbtool.render.escape import printable
from pbtool.render.facts import type_and_shape
from pbtool.render.layout import Layout, aligned

if TYPE_CHECKING:
    from pbtool.execution.comparison import Difference
    from pbtool.execution.pairing import Pair


class Compared(NamedTuple):
    """The differences by tensor; those beyond what is tolerated; outputs of one model only."""

    differences: Mapping[str, Difference]
    differing: tuple[str, ...]
    only_one: tuple[str, ...]
    only_two: tuple[str, ...]
    runs: int


def lines(layout: Layout, told: Compared, pairs: Sequence[Pair], *, every: bool) -> Iterator[str]:
    """A row for each tensor, or with ``every`` for those that differ; lines without line ends."""
    rows = [
        [
            (pair.key, "name"),
            (type_and_shape(pair.one.dtype, pair.one.shape), "type"),
            (
                difference_text(told.differences[pair.key]),
                "changed" if pair.key in told.differing else "",
            ),
        ]
        for pair in pairs
        if not every or not told.differences[pair.key].is_equal
    ]
    yield from aligned(rows, layout.style)
    for which, names in (("first", told.only_one), ("second", told.only_two)):
        if names:
            yield f"only the {which} model has {', '.join(map(printable, names))}"
    if every:
        equal = sum(each.is_equal for each in told.differences.values())
        yield f"{equal:,} of {counted(len(pairs), 'common tensor')} equal"
        if told.differing:
            yield f"the first that deviates is {printable(told.differing[0])}"


def json(told: Compared) -> str:
    """The same as one document."""
    document = {
        "runs": told.runs,
        "tensors": [
            {"name": name, "differs": name in told.differing, **difference_json(each)}
            for name, each in told.differences.items()
        ],
        "first_difference": told.differing[0] if told.differing else None,
        "only_in_a": list(told.only_one),
        "only_in_b": list(told.only_two),
    }
    return json_module.dumps(document, indent=2) + "\n"
