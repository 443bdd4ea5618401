"""What counts only in a strict diff: the order and the encoding of what is the same otherwise.

Messages do not tell in which order a map's entries stood, or whether a default was written out; the
bytes in the files do. So they are looked at here, and only for what both sides have.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from pbtool import wire
from pbtool.body import Region
from pbtool.differences.changes import Changed
from pbtool.source import WINDOW

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from google.protobuf.message import Message

    from pbtool.source import Source

# What maps are called that people know by another word than the schema's.
_CALLED = {"attr": "attrs", "signature_def": "signatures", "collection_def": "collections"}
_SHOWN = 8  # bytes of an encoding


def changed_order(what: str, old: Iterable[str], new: Iterable[str]) -> Iterator[Changed]:
    """The first two that stand in each other's place, of what both sides have."""
    before, after = list(old), list(new)
    both = set(before) & set(after)
    kept = ([each for each in side if each in both] for side in (before, after))
    first = next((pair for pair in zip(*kept, strict=False) if pair[0] != pair[1]), None)
    if first is not None:
        yield Changed("order", f"order of {what}", *first)


def changed_encoding(what: str, old: str, new: str) -> Iterator[Changed]:
    """How one thing is written down on both sides, if that differs."""
    if old != new:
        yield Changed("encoding", f"encoding of {what}", old, new)


def changed_bytes(a: Source, b: Source, *, is_text: bool) -> Iterator[Changed]:
    """Where two files first have other bytes: that byte and what follows, or that line of text."""
    for start in range(0, max(a.size, b.size), WINDOW):
        old, new = (each.read(start, start + WINDOW) for each in (a, b))
        if old != new:
            at = start + _first_difference(old, new)
            texts = (_line(each, at) if is_text else _bytes_at(each, at) for each in (a, b))
            yield from changed_encoding("the file", *texts)
            return


def _first_difference(old: bytes, new: bytes) -> int:
    pairs = enumerate(zip(old, new, strict=False))
    return next((at for at, pair in pairs if pair[0] != pair[1]), min(len(old), len(new)))


def _bytes_at(source: Source, at: int) -> str:
    return f"byte {at:,}: {source.read(at, at + _SHOWN).hex(' ') or 'the end'}"


def _line(source: Source, at: int) -> str:
    before = source.read(0, at)
    start = before.rfind(b"\n") + 1
    line = source.read(start, at + WINDOW).partition(b"\n")[0].decode(errors="replace")
    number = before.count(b"\n") + 1
    return f"line {number:,}: {line}"


def written_changes(
    a: Region | None, b: Region | None, kind: type[Message], beside: Collection[str] = ()
) -> Iterator[Changed]:
    """The orders and encodings that differ within a message; none where it lies in no binary file.

    ``beside`` are the paths of fields that are left out, such as ``library.function``.
    """
    if a is not None and b is not None:
        yield from Written(a, b, kind).changes(beside)


class Written(NamedTuple):
    """A message where it lies in two files; ``kind`` is its class, ``name`` what it is called.

    An entry of a map is called as its value is.
    """

    a: Region
    b: Region
    kind: type[Message]
    name: str = ""
    is_entry: bool = False

    def changes(self, beside: Collection[str] = ()) -> Iterator[Changed]:
        """The orders and encodings that differ, without the fields whose paths are ``beside``."""
        if self.a.same(self.b):
            return
        known = self.kind.DESCRIPTOR.fields_by_number
        sides = [
            [each for each in region.fields() if each.number in known]
            for region in (self.a, self.b)
        ]
        runs = ((known[number].name for number, _ in groupby(side, _number)) for side in sides)
        yield from changed_order(f"fields of {self.name}" if self.name else "fields", *runs)
        for number in sorted({each.number for side in sides for each in side}):
            path = self._path(known[number].name)
            if path not in beside:
                old, new = ([each for each in side if each.number == number] for side in sides)
                yield from self._field(path, known[number].name, old, new, beside)

    def _path(self, name: str) -> str:
        if self.is_entry or not self.name:
            return self.name or name
        return f"{self.name}.{name}"

    def _field(
        self,
        path: str,
        name: str,
        old: Sequence[wire.Field],
        new: Sequence[wire.Field],
        beside: Collection[str],
    ) -> Iterator[Changed]:
        holder: Any = getattr(self.kind(), name)
        if hasattr(holder, "GetEntryClass"):
            yield from self._map(path, holder.GetEntryClass(), old, new, beside)
        elif hasattr(holder, "add") or hasattr(holder, "DESCRIPTOR"):
            kind = type(holder.add() if hasattr(holder, "add") else holder)
            pairs = list(zip(old, new, strict=False)) if len(old) == len(new) else []
            for at, pair in enumerate(pairs):
                place = f"{path}[{at}]" if len(pairs) > 1 else path
                yield from self._inside(kind, place, *pair).changes(beside)
        else:
            yield from self._scalar(path, old, new)

    def _map(
        self,
        path: str,
        kind: type[Message],
        old: Sequence[wire.Field],
        new: Sequence[wire.Field],
        beside: Collection[str],
    ) -> Iterator[Changed]:
        before, after = (
            {str(_entry(kind, region, field).key): field for field in fields}
            for region, fields in ((self.a, old), (self.b, new))
        )
        yield from changed_order(_CALLED.get(path, path), before, after)
        for key in before:
            place = f"{path}.{key}"
            if key in after and place not in beside:
                inside = self._inside(kind, place, before[key], after[key])
                yield from inside._replace(is_entry=True).changes(beside)

    def _inside(self, kind: type[Message], name: str, old: wire.Field, new: wire.Field) -> Written:
        a, b = (
            Region(region.source, field.payload, field.end)
            for region, field in ((self.a, old), (self.b, new))
        )
        return Written(a, b, kind, name)

    def _scalar(
        self, path: str, old: Sequence[wire.Field], new: Sequence[wire.Field]
    ) -> Iterator[Changed]:
        before, after = (
            b"".join(region.source.read(each.start, each.end) for each in fields)
            for region, fields in ((self.a, old), (self.b, new))
        )
        if before != after and self.kind.FromString(before) == self.kind.FromString(after):
            at = _first_difference(before, after)
            texts = (side[at : at + _SHOWN].hex(" ") or "not written" for side in (before, after))
            yield from changed_encoding(path, *texts)


def _number(field: wire.Field) -> int:
    return field.number


def _entry(kind: type[Message], region: Region, field: wire.Field) -> Any:
    return kind.FromString(region.source.read(field.payload, field.end))
