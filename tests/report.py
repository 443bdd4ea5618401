"""Prints how far pbtool agrees with what TensorFlow said of real files.

    python -m tests.report

It needs the corpus (see ``tests/corpus.py``) and its recorded answers. Where tensorflow is
installed, it is also asked itself, in a table of what was compared.
"""

from __future__ import annotations

from collections import Counter
from importlib.util import find_spec

from pbtool import dtypes
from tests.rule_engine import Verdict
from tests.test_corpus_shapes import ANSWERED, our_answer, verdicts


def main() -> None:
    """Compare every output of every node."""
    if not ANSWERED:
        print("the corpus is not here (PBTOOL_CORPUS)")
        return
    nodes, types, shapes = 0, Counter(), Counter()
    for file, records in ANSWERED.items():
        answers = our_answer(file)
        for row in records:
            nodes += 1
            _, facts = answers[row["function"], row["name"]]
            for fact, (dtype, _) in zip(facts, row["outputs"], strict=True):
                types[dtypes.name(fact.dtype) == dtype] += 1
        shapes.update(verdict for verdict, _, _ in verdicts(file))
    outputs = types.total()
    equal = shapes[Verdict.EQUAL]
    print(f"{len(ANSWERED)} graphs, {nodes:,} nodes, {outputs:,} outputs")
    print(f"types: {types[True]:,} equal ({types[True] / outputs:.2%})")
    print(f"shapes: {equal:,} equal ({equal / outputs:.2%})")
    for verdict, count in shapes.most_common():
        if verdict != Verdict.EQUAL:
            print(f"  {count:,} {verdict}")
    if find_spec("tensorflow") is not None:
        ask_tensorflow()


def ask_tensorflow() -> None:
    """Print the table of what tensorflow answers now."""
    from tests.agreement.report import rows

    print("\n| work | files | compared | equal | listed differences |\n|---|--:|--:|--:|--:|")
    for row in rows():
        of = f"{row.total:,} {row.things}"
        print(f"| {row.work} | {row.files or ''} | {of} | {row.equal:,} | {row.known or ''} |")
        for path in row.different:
            print(f"  differs: {path}")


if __name__ == "__main__":
    main()
