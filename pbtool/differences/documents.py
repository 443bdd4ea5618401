"""Diffs as JSON documents, and back. The form is ``pbtool/_data/diff.schema.json``."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, get_args

from pbtool.differences.changes import (
    Change,
    Changed,
    Comparison,
    Content,
    Diff,
    Example,
    Explanation,
    Side,
)
from pbtool.differences.forms import check
from pbtool.differences.messages import content_from_json, content_to_json, number_to_json
from pbtool.errors import FileError

if TYPE_CHECKING:
    from pbtool.differences.messages import Json

FORMAT = "pbtool diff"
VERSION = 1

_WORDS: dict[type[Change], str] = {each: each.__name__.lower() for each in get_args(Change)}
_CLASSES = {word: change for change, word in _WORDS.items()}
_DEEPEST = 8  # changes around a change: those of a node, function, graph and meta graph are 4
# What reading raises where a document is not as ``to_json`` writes them.
_DAMAGE = (AttributeError, KeyError, OverflowError, RecursionError, TypeError, ValueError)


# --- to JSON ------------------------------------------------------------------------------------


def to_json(diff: Diff, *, full_values: bool = False) -> dict[str, Json]:
    """The document of a diff. Reads big constants from the files only with ``full_values``."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "a": diff.a._asdict(),
        "b": diff.b._asdict(),
        "equal": not diff.changes,
        "explanations": [
            {**each._asdict(), "counts": dict(each.counts)} for each in diff.explanations
        ],
        "changes": [_change(each, full_values) for each in diff.changes],
        "outputs": [_change(each, full_values) for each in diff.outputs],
    }


def _change(change: Change, full: bool) -> dict[str, Json]:
    found: dict[str, Json] = {"change": _WORDS[type(change)]}
    for key, value in change._asdict().items():
        if key == "changes":
            found[key] = [_change(each, full) for each in value]
        elif key == "comparison":
            found[key] = _comparison(value)
        elif isinstance(value, Content):
            found[key] = content_to_json(value, full=full)
        else:
            found[key] = value
    return found


def _comparison(comparison: Comparison | None) -> Json:
    if comparison is None:
        return None
    found = comparison._asdict()
    for key in ("max_abs", "max_rel"):
        found[key] = None if found[key] is None else number_to_json(found[key])
    found["examples"] = [
        {"at": list(each.at), "old": _element(each.old), "new": _element(each.new)}
        for each in comparison.examples
    ]
    return found


def _element(value: object) -> Json:
    if isinstance(value, bytes):
        return value.decode(errors="backslashreplace")
    if isinstance(value, complex):
        return [number_to_json(value.real), number_to_json(value.imag)]
    return number_to_json(value) if isinstance(value, float) else value


# --- from JSON ----------------------------------------------------------------------------------


def from_json(document: Json) -> Diff:
    """The diff that a document holds; ``to_json`` of it is the document again.

    Raises FileError for what is no such document.
    """
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise FileError(
            "is no diff that pbtool wrote", remedy="write one with pbtool diff --format json"
        )
    if document.get("version") != VERSION:
        raise FileError(
            f"is a diff of version {document.get('version')}, and this pbtool knows version "
            f"{VERSION}"
        )
    try:
        return Diff(
            Side(**document["a"]),
            Side(**document["b"]),
            _read_changes(document["changes"]),
            (
                Explanation(each["kind"], each["sentence"], tuple(each["counts"].items()))
                for each in document["explanations"]
            ),
            map(_read_changed, document["outputs"]),
        )
    except _DAMAGE as error:
        raise FileError(
            f"is a damaged diff ({type(error).__name__}: {error})",
            remedy="docs/json.md tells its form",
        ) from None


def _read_changes(documents: Json, depth: int = 0) -> tuple[Change, ...]:
    changes = tuple(_read_change(each, depth) for each in documents)
    # Of two changes of one thing only one could be applied. Several assets may be of one file.
    named = [each for each in changes if each.kind != "asset"]
    counts = Counter((type(each), each.kind, each.name) for each in named)
    for (change, kind, name), count in counts.items():
        if count > 1:
            raise ValueError(f"the {kind} {name!r} is {_WORDS[change]} {count} times")
    return changes


def _read_change(document: Json, depth: int) -> Change:
    if depth > _DEEPEST:
        raise ValueError(f"changes stand within each other more than {_DEEPEST} deep")
    values = {
        key: _read_value(key, value, depth) for key, value in document.items() if key != "change"
    }
    change = _CLASSES[document["change"]](**values)
    check(change)
    return change


def _read_changed(document: Json) -> Changed:
    change = _read_change(document, 0)
    if not isinstance(change, Changed):
        raise TypeError("outputs can only be changed")
    return change


def _read_value(key: str, value: Json, depth: int) -> Any:
    if key == "changes":
        return _read_changes(value, depth + 1)
    if key == "comparison":
        return None if value is None else _read_comparison(value)
    if key in ("value", "old", "new") and isinstance(value, dict):
        return content_from_json(value)
    return value


def _read_comparison(document: Json) -> Comparison:
    values = dict(document)
    for key in ("max_abs", "max_rel"):
        values[key] = None if values[key] is None else float(values[key])
    values["examples"] = tuple(
        Example(tuple(each["at"]), *(_read_element(each[side]) for side in ("old", "new")))
        for each in values["examples"]
    )
    return Comparison(**values)


def _read_element(value: Json) -> object:
    return float(value) if value in ("nan", "inf", "-inf") else value
