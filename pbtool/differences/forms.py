"""Which changes there are of each kind, and what their values are: the table of ``changes``.

A document may say anything; what passes here has names that are strings, and values of the type
that ``apply`` expects.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pbtool.differences.changes import Added, Changed, Content, Edited, Removed, Renamed

if TYPE_CHECKING:
    from pbtool.differences.changes import Change

_EVERY = (Added, Removed, Changed)

# By kind: the changes there are, and what their values are: "" is none, "text" a string, "message"
# any message, and everything else the message of that name.
_FORMS: dict[str, tuple[tuple[type[Change], ...], str]] = {
    "graph": ((Edited,), ""),
    "meta graph": ((Added, Removed, Edited), "MetaGraphDef"),
    "node": ((Added, Removed, Renamed, Edited), "NodeDef"),
    "scope": ((Renamed,), ""),
    "function": ((Added, Removed, Renamed, Edited), "FunctionDef"),
    "op": ((Changed,), "text"),
    "device": ((Changed,), "text"),
    "attr": (_EVERY, "AttrValue"),
    "input": (_EVERY, "text"),
    "control input": ((Added, Removed), ""),
    "field": (_EVERY, "message"),
    "order": ((Changed,), "text"),
    "encoding": ((Changed,), "text"),
    "signature": (_EVERY, "SignatureDef"),
    "collection": (_EVERY, "CollectionDef"),
    "asset": (_EVERY, "AssetFileDef"),
    "asset content": (_EVERY, "text"),
    "variable": (_EVERY, "TensorProto"),
    "output": ((Changed,), "text"),
}


def check(change: Change) -> None:
    """Raise TypeError where a change is none that ``changes`` describes.

    Raises UnicodeEncodeError for a name or a text that no message can hold.
    """
    names = [change.kind, change.name]
    if isinstance(change, Renamed | Edited):
        names.append(change.new_name)
    if not all(isinstance(name, str) for name in names):
        raise TypeError(f"a name is no string: {names}")
    _encodable(*names)
    classes, form = _FORMS.get(change.kind, ((), ""))
    if not isinstance(change, classes):
        raise TypeError(f"{change.kind!r} is nothing that can be {type(change).__name__.lower()}")
    if isinstance(change, Renamed | Edited):
        return
    values = (change.old, change.new) if isinstance(change, Changed) else (change.value,)
    _encodable(*(value for value in values if isinstance(value, str)))
    if {_form(value, form) for value in values} != {form}:
        raise TypeError(f"a value of the {change.kind} {change.name!r} is of the wrong type")


def _encodable(*texts: str) -> None:
    for text in texts:
        text.encode()  # JSON can say half of a character, such as "\\ud800"


def _form(value: Any, wanted: str) -> str:
    if value is None:
        return ""
    if isinstance(value, Content):
        return "message" if wanted == "message" else value.message.DESCRIPTOR.name
    return "text" if isinstance(value, str) else "?"
