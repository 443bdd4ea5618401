"""Where our rules are allowed to differ from TensorFlow's shape functions, and why.

This is the only list. Each line is one of a rule table: what TensorFlow answers, and we do not.
The fuzz tolerates the verdict for the ops of those lines. A line that we meanwhile answer as
TensorFlow does fails a test, so that the list only shrinks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pbtool.checks import ERROR, Finding
from tests.rule_engine import Verdict
from tests.rule_table import Row, parse_row


class Difference(NamedTuple):
    """A verdict that is tolerated for the ops of some lines of a rule table."""

    verdict: str
    reason: str
    lines: str

    def rows(self) -> dict[str, Row]:
        """Each line that shows the difference, and what it states."""
        lines = filter(None, map(str.strip, self.lines.splitlines()))
        return {line: parse_row(line) for line in lines}


DIFFERENCES: tuple[Difference, ...] = (
    Difference(
        Verdict.REJECTS,
        "TensorFlow reads past the end of a shape that lacks a dimension to sum over",
        r"""
        XlaDot dimension_numbers="\n\x01\x01\x12\x01\x00"  [?] ; [?] -> [?]
        XlaDotV2 dimension_numbers="\n\x01\x01\x12\x01\x00"  [?] ; [?] -> [?]
        """,
    ),
    Difference(
        Verdict.ACCEPTS,
        "of an axis of two bytes, TensorFlow reads eight, and so takes a negative one for another",
        """
        ArgMax  [2,3] ; int16:=-1 -> error
        """,
    ),
    Difference(
        Verdict.VAGUER,
        "constants that no shape depends on are not evaluated",
        """
        Pow  3.0,3 ; =-1.0 -> [2]=0,0
        Equal T=string  "a", ; "a", -> [1]=1
        NotEqual T=string  "a", ; "b", -> [1]=1
        Min T=int32  [0]= ; =0 -> []=2147483647
        """,
    ),
)


def tolerated(op: str) -> set[str]:
    """The verdicts that are tolerated for an op."""
    return {
        difference.verdict
        for difference in DIFFERENCES
        if any(row.case.op == op for row in difference.rows().values())
    }


NEVER = frozenset({Verdict.CONTRADICTION, Verdict.CRASH})  # nothing excuses these


class PruningDifference(NamedTuple):
    """A graph of which TensorFlow's ``remove_training_nodes`` makes something else than we do.

    ``keep`` are the nodes that are to stay, and ``ours`` is what we make of it.
    """

    name: str
    reason: str
    keep: tuple[str, ...]
    graph: str
    ours: str


def _node(name: str, op: str, *inputs: str, dtype: str = "T", device: str = "") -> str:
    texts = " ".join(f'input: "{text}"' for text in inputs)
    attr = f'attr {{ key: "{dtype}" value {{ type: DT_FLOAT }} }}'
    extra = 'attr { key: "message" value { s: "" } }' if op == "CheckNumerics" else ""
    if op == "VariableV2":
        extra = 'attr { key: "shape" value { shape {} } }'
    return f'node {{ name: "{name}" op: "{op}" {texts} device: "{device}" {attr} {extra} }}'


_X = _node("x", "Placeholder", dtype="dtype")
_READ_AND_WRITTEN = (
    _node("v", "VariableV2", dtype="dtype")
    + _node("i", "Identity", "v")
    + _node("w", "AssignAdd", "v", "i")
    + _node("y", "Add", "w", "i")
)
_ON_TWO_DEVICES = (
    _X.replace('device: ""', 'device: "/cpu:0"')
    + _node("i", "Identity", "x", device="/cpu:1")
    + _node("y", "Neg", "i", device="/cpu:2")
)

PRUNING: tuple[PruningDifference, ...] = (
    PruningDifference(
        "versions_and_library",
        "TensorFlow drops the versions and the library; without them the graph means less",
        ("y",),
        _X + _node("i", "Identity", "x") + _node("y", "Neg", "i") + "versions { producer: 27 }",
        _X + _node("y", "Neg", "x") + "versions { producer: 27 }",
    ),
    PruningDifference(
        "consumer_of_check",
        "TensorFlow takes the input away from whoever uses what was checked",
        ("y",),
        _X + _node("c", "CheckNumerics", "x") + _node("y", "Neg", "c"),
        _X + _node("y", "Neg", "x"),
    ),
    PruningDifference(
        "output_number",
        "TensorFlow leaves an input dangling that is written with the number of the output",
        ("y",),
        _X + _node("i", "Identity", "x") + _node("y", "Neg", "i:0"),
        _X + _node("y", "Neg", "x"),
    ),
    PruningDifference(
        "order_through_check",
        "what was to run after a check still runs after what was checked",
        ("y",),
        _X
        + _node("z", "Abs", "x")
        + _node("c", "CheckNumerics", "z")
        + _node("y", "Neg", "x", "^c"),
        _X + _node("z", "Abs", "x") + _node("y", "Neg", "x", "^z"),
    ),
    PruningDifference(
        "read_of_a_written_variable",
        "an Identity reads the variable at one moment, and without it each user at its own",
        ("y",),
        _READ_AND_WRITTEN,
        _READ_AND_WRITTEN,
    ),
    PruningDifference(
        "devices",
        "an Identity on a device of its own decides which way a tensor takes",
        ("y",),
        _ON_TWO_DEVICES,
        _ON_TWO_DEVICES,
    ),
)


# --- graphs that are refused --------------------------------------------------------------------


class RefusalDifference(NamedTuple):
    """Graphs of which TensorFlow and ``pbtool check`` do not think the same, and one of them.

    Where TensorFlow refuses and we do not, ``refusal`` is found in its sentence, or ``finding``
    is the code of what we find; where only we refuse, ``error`` is found in all that we say.
    """

    reason: str
    graph: str
    refusal: str = ""
    finding: str = ""
    error: str = ""


REFUSAL_DIFFERENCES: tuple[RefusalDifference, ...] = (
    RefusalDifference(
        "shape functions read an attr as 32 bits, and which of them do is not known",
        _X
        + _node("p", "Placeholder", dtype="dtype").replace("DT_FLOAT", "DT_INT32")
        + """
        node {
          name: "s" op: "SpaceToBatch" input: "x" input: "p"
          attr { key: "T" value { type: DT_FLOAT } }
          attr { key: "Tpaddings" value { type: DT_INT32 } }
          attr { key: "block_size" value { i: 8589934592 } }
        }
        """,
        refusal="out of range for an int32",
    ),
    RefusalDifference(
        "a placeholder for an attr is refused only by shape functions that get to read it",
        _X
        + """
        node {
          name: "p" op: "AvgPool" input: "x"
          attr { key: "T" value { type: DT_FLOAT } }
          attr { key: "ksize" value { list { i: [1, 1, 1, 1] } } }
          attr { key: "strides" value { list { i: [1, 1, 1, 1] } } }
          attr { key: "padding" value { s: "SAME" } }
          attr { key: "data_format" value { placeholder: "P" } }
        }
        """,
        refusal="unexpected type 'placeholder'",
        error="is a placeholder",
    ),
    RefusalDifference(
        "a constant holds strings or fewer bytes than its type says, and TensorFlow reads them",
        """
        node {
          name: "c" op: "Const"
          attr { key: "dtype" value { type: DT_INT64 } }
          attr { key: "value" value { tensor { dtype: DT_STRING tensor_shape {} string_val: "" } } }
        }
        node {
          name: "r" op: "Range" input: "c" input: "c" input: "c"
          attr { key: "Tidx" value { type: DT_INT64 } }
        }
        """,
        finding="constant-type",
    ),
    RefusalDifference(
        "TensorFlow keeps the instance of a function that the first call made, and takes it for "
        "the others, whose attrs are different, until it runs them",
        _X
        + """
        node {
          name: "first" op: "f" input: "x" attr { key: "type" value { type: DT_FLOAT } }
        }
        node {
          name: "second" op: "f" input: "x" attr { key: "type" value { type: DT_INT32 } }
        }
        library {
          function {
            signature {
              name: "f"
              input_arg { name: "a" type: DT_FLOAT }
              output_arg { name: "y" type: DT_FLOAT }
              attr { name: "type" type: "type" }
            }
            node_def {
              name: "n" op: "Neg" input: "a" attr { key: "T" value { placeholder: "type" } }
            }
            ret { key: "y" value: "n:y:0" }
          }
        }
        """,
        error="in function 'f', node 'n': input 0 is float32, not int32",
    ),
)


def refusal_difference(refusal: str | None, findings: Sequence[Finding]) -> str:
    """Why TensorFlow's refusal and our errors are known to differ; "" where that is not known."""
    errors = [each.sentence for each in findings if each.severity == ERROR]
    codes = {each.code for each in findings}
    for each in REFUSAL_DIFFERENCES:
        if refusal is None:
            is_known = bool(each.error) and all(each.error in sentence for sentence in errors)
        else:
            is_known = bool(each.refusal and each.refusal in refusal) or each.finding in codes
        if is_known:
            return each.reason
    return ""
