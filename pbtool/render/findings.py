"""What checks found, as text grouped by code, as JSON, and as SARIF for code scanning."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from pbtool.quantity import counted
from pbtool.render.escape import printable
from pbtool.render.fold import first, more

if TYPE_CHECKING:
    from pbtool.checks import Check, Finding
    from pbtool.render.layout import Style

JSON = dict[str, Any]
Found = Mapping[str, Sequence["Finding"]]  # by the path of the model

_MOST = 8  # findings of one code that are shown, before "… 120 more"
_STYLES = {"error": "error", "warning": "warning", "note": "dim"}
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def document(found: Found, form: str, style: Style, *, full: bool = False) -> Iterator[str]:
    """The findings of some models, in one of the formats of ``pbtool check``."""
    if form == "text":
        return _text(found, style, full=full)
    return {"json": _json, "jsonl": _jsonl, "sarif": _sarif}[form](found)


# --- text -------------------------------------------------------------------------------------


def _text(found: Found, style: Style, *, full: bool) -> Iterator[str]:
    separator = ""
    for path, findings in found.items():
        yield f"{separator}{style(printable(path), 'heading')}: {_counts(findings)}\n"
        by_code: dict[tuple[str, str], list[Finding]] = {}
        for finding in findings:
            by_code.setdefault((finding.severity, finding.code), []).append(finding)
        for severity in _STYLES:
            for (own, code), group in by_code.items():
                if own == severity:
                    yield from _group(f"{severity}[{code}]", _STYLES[severity], group, style, full)
        separator = "\n"


def _counts(findings: Sequence[Finding]) -> str:
    counts = Counter(finding.severity for finding in findings)
    said = (counted(counts[each], each) for each in _STYLES if counts[each])
    return ", ".join(said) or "nothing found"


def _group(
    title: str, title_style: str, group: Sequence[Finding], style: Style, full: bool
) -> Iterator[str]:
    yield f"  {style(title, title_style)}\n"
    shown = group if full else first(group, _MOST)
    for finding in shown:
        is_function = finding.function is not None and finding.node is None
        named = f"function {finding.function}" if is_function else finding.place
        place = f"{style(printable(named), 'name')}: " if named else ""
        yield f"    {place}{printable(_sentence(finding))}\n"
    if len(shown) < len(group):
        left = more(len(group) - len(shown))
        yield f"    {style(f'{left}, --full shows them', 'dim')}\n"


def _sentence(finding: Finding) -> str:
    """What was found, what to do about it, and in which meta graph."""
    remedy = f"; {finding.remedy}" if finding.remedy else ""
    meta_graph = "" if finding.meta_graph is None else f" (meta graph {finding.meta_graph!r})"
    return f"{finding.sentence}{remedy}{meta_graph}"


# --- JSON -------------------------------------------------------------------------------------


def _finding(finding: Finding) -> JSON:
    return {**finding._asdict(), "remedy": finding.remedy or None}


def _json(found: Found) -> Iterator[str]:
    import json

    documents = [
        {"file": path, "findings": [_finding(each) for each in findings]}
        for path, findings in found.items()
    ]
    whole = documents if len(documents) != 1 else documents[0]
    yield json.dumps(whole, indent=2) + "\n"


def _jsonl(found: Found) -> Iterator[str]:
    import json

    for path, findings in found.items():
        for each in findings:
            yield json.dumps({"file": path, **_finding(each)}) + "\n"


# --- SARIF ------------------------------------------------------------------------------------


def _sarif(found: Found) -> Iterator[str]:
    """A log of one run, as section 3.13 of the SARIF 2.1.0 standard describes it."""
    import json

    from pbtool import __version__
    from pbtool.checks import CHECKS

    codes = {each.code for findings in found.values() for each in findings}
    checks = [check for check in CHECKS if check.code in codes]
    rules = [
        {
            "id": check.code,
            "shortDescription": {"text": check.explanation},
            "defaultConfiguration": {"level": check.severity},
        }
        for check in checks
    ]
    numbers = {check.code: number for number, check in enumerate(checks)}
    results = [
        _result(path, each, numbers[each.code])
        for path, findings in found.items()
        for each in findings
    ]
    driver = {"name": "pbtool", "version": __version__, "rules": rules}
    runs = [{"tool": {"driver": driver}, "results": results}]
    yield json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": runs}, indent=2) + "\n"


def _result(path: str, finding: Finding, rule: int) -> JSON:
    place = f"{finding.place}: " if finding.place else ""
    # A file name is a relative reference, in which a colon or a space would mean something else;
    # its bytes need not be UTF-8.
    uri = quote(path.encode(errors="surrogateescape"))
    location: JSON = {
        "physicalLocation": {"artifactLocation": {"uri": uri}, "region": {"startLine": 1}}
    }
    if finding.place:
        kind = "function" if finding.node is None else "member"
        location["logicalLocations"] = [{"fullyQualifiedName": finding.place, "kind": kind}]
    return {
        "ruleId": finding.code,
        "ruleIndex": rule,
        "level": finding.severity,
        "message": {"text": printable(f"{place}{_sentence(finding)}")},
        "locations": [location],
    }


# --- the table --------------------------------------------------------------------------------


def codes(checks: Sequence[Check], form: str, style: Style) -> Iterator[str]:
    """All codes with their severities and explanations."""
    if form == "text":
        width = max(len(check.code) for check in checks)
        for check in checks:
            severity = style(f"{check.severity:<7}", _STYLES[check.severity])
            yield f"{severity}  {style(f'{check.code:<{width}}', 'name')}  {check.explanation}\n"
        return
    import json

    rows = [
        {"code": each.code, "severity": each.severity, "explanation": each.explanation}
        for each in checks
    ]
    if form == "jsonl":
        yield from (json.dumps(row) + "\n" for row in rows)
    else:
        yield json.dumps(rows, indent=2) + "\n"
