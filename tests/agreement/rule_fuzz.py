"""Differential fuzz of the shape rules: random nodes, TensorFlow's shape functions and ours.

    python -m tests.agreement.rule_fuzz --ops "MatMul Pack" --cases 2000
    python -m tests.agreement.rule_fuzz --all --cases 1000000 --processes 2

For each op it prints how often the two agreed and one short example of each kind of difference, as
a line of a rule table: what stands behind the arrow is TensorFlow's answer.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cache

from pbtool import dtypes, opdefs
from pbtool.errors import PbtoolError
from pbtool.infer.registry import SHAPE_RULES
from tests.agreement.case_generator import Generator
from tests.agreement.case_shrinker import simpler
from tests.agreement.isolation import MayAsk, isolated
from tests.agreement.rule_oracle import InvalidCaseError, op_names, tensorflow_engine
from tests.rule_case import Answer, Case
from tests.rule_engine import Verdict, ask, compare, our_engine, tells_elements
from tests.rule_table import Row, parse_row, read_tables, write_answer, write_case, write_row


@dataclass
class Tally:
    """What came of the cases of one op."""

    op: str
    counts: Counter[str] = field(default_factory=Counter)  # by verdict
    accepted: int = 0  # by TensorFlow
    told: int = 0  # of these, TensorFlow told the rank of an output
    invalid: int = 0  # refused before TensorFlow asks for shapes
    examples: dict[str, Row] = field(default_factory=dict)  # the shortest of each verdict
    ours: dict[str, str] = field(default_factory=dict)  # our answer to each of them
    ends: tuple[str, ...] = ()  # cases that end TensorFlow's process

    @property
    def cases(self) -> int:
        """The cases that were compared."""
        return self.counts.total()


def fuzz(op: str, cases: int, seed: int | str = 0, may_ask: MayAsk = lambda _: True) -> Tally:
    """Compare ours and TensorFlow's answer to random nodes of one op."""
    tally = Tally(op)
    generator = Generator(opdefs.table()[op], seed, examples().get(op, ()))
    found: dict[str, Case] = {}
    for _ in range(cases):
        case = generator.next()
        try:
            verdict, _, theirs = judge(case, may_ask)
        except InvalidCaseError:
            tally.invalid += 1
            continue
        tally.counts[verdict] += 1
        if theirs is not None:
            tally.accepted += 1
            tally.told += any(output.shape.rank is not None for output in theirs)
            generator.accepted(case, [output.shape for output in theirs])
        if verdict != Verdict.EQUAL and (
            verdict not in found or len(write_case(case)) < len(write_case(found[verdict]))
        ):
            found[verdict] = case
    for verdict, case in found.items():
        short = shrink(case, verdict, may_ask)
        _, tally.ours[verdict], theirs = judge(short, may_ask)
        tally.examples[verdict] = Row(short, theirs)
    return tally


def judge(case: Case, may_ask: MayAsk) -> tuple[str, str, Answer]:
    """The verdict on a case, our answer as a text, and TensorFlow's.

    Raises InvalidCaseError where TensorFlow refuses the case for another reason than shapes, or
    ends the process.
    """
    if not may_ask(write_case(case)):
        raise InvalidCaseError("ends the process")
    # TensorFlow has kernels of every op for these types only, and kernels make elements.
    elements = tells_elements(case.op) and all(dtype in _COMMON for _, dtype in case.operands())
    theirs = ask(tensorflow_engine, case, elements=elements)
    try:
        ours = ask(our_engine, case, elements=elements)
    except Exception as error:  # noqa: BLE001 - whatever a rule raises by mistake is a finding
        return Verdict.CRASH, repr(error), theirs
    return compare(ours, theirs), write_answer(ours), theirs


_COMMON = (dtypes.FLOAT, dtypes.INT32, dtypes.INT64, dtypes.BOOL, dtypes.STRING)


def shrink(case: Case, verdict: str, may_ask: MayAsk) -> Case:
    """A shorter case with the same verdict."""
    for candidate in simpler(case):
        with suppress(InvalidCaseError):
            if judge(candidate, may_ask)[0] == verdict:
                return shrink(candidate, verdict, may_ask)
    return case


@cache
def examples() -> dict[str, list[Case]]:
    """The cases of the rule tables, by op."""
    result: dict[str, list[Case]] = {}
    for line in read_tables().values():
        with suppress(KeyError, ValueError, PbtoolError):  # that is for the tables' own test
            case = parse_row(line).case
            result.setdefault(case.op, []).append(case)
    return result


def ops_with_rules() -> list[str]:
    """The ops that have a rule and that the installed TensorFlow knows."""
    return sorted(SHAPE_RULES.keys() & op_names())


def fuzz_all(
    ops: Sequence[str], cases: int, seed: int | str = 0, processes: int = 1
) -> Iterator[Tally]:
    """Yield the tally of each op, as soon as it is there."""

    def work(op: str, may_ask: MayAsk) -> Tally:
        return fuzz(op, cases, seed, may_ask)

    for done in isolated(work, ops, processes):
        yield replace(done.result or Tally(done.op), ends=done.ends)


def describe(tally: Tally) -> Iterator[str]:
    """Lines of text: one for the counts, two for each example."""
    counts = " ".join(f"{verdict} {count}" for verdict, count in sorted(tally.counts.items()))
    accepted, told = (100 * n // max(1, tally.cases) for n in (tally.accepted, tally.told))
    yield (
        f"{tally.op:<32} {counts} | accepted {accepted} %, shapes known {told} %"
        f" | invalid {tally.invalid}"
    )
    if tally.ends:
        yield f"    {len(tally.ends)} cases end TensorFlow's process, such as {tally.ends[0]}"
    for verdict, row in tally.examples.items():
        yield f"    {write_row(row)}"
        yield f"        {verdict}: we say {tally.ours[verdict]}"


def main(arguments: Iterable[str] | None = None) -> int:
    """Run the fuzz from the command line; 1 when there was any difference."""
    parser = argparse.ArgumentParser(prog="rule_fuzz", description=__doc__.partition("\n")[0])
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--ops", help="names of ops, separated by spaces")
    which.add_argument("--all", action="store_true", help="every op that has a rule")
    parser.add_argument("--cases", type=int, default=2000, help="for each op; with --all, in all")
    parser.add_argument("--seed", default="0")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--quiet", action="store_true", help="only ops with differences")
    options = parser.parse_args(None if arguments is None else list(arguments))
    ops = ops_with_rules() if options.all else options.ops.split()
    cases = -(-options.cases // len(ops)) if options.all else options.cases
    total: Counter[str] = Counter()
    for tally in fuzz_all(ops, cases, options.seed, options.processes):
        total += tally.counts
        if tally.examples or not tally.accepted or not options.quiet:
            print("\n".join(describe(tally)), flush=True)
    print(f"{len(ops)} ops, {total.total()} cases: {dict(total)}")
    return int(bool(total.keys() - {Verdict.EQUAL}))


if __name__ == "__main__":
    sys.exit(main())
