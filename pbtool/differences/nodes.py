"""What changed in one node that both sides have."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, NamedTuple

from pbtool import schema, wire
from pbtool.body import Region
from pbtool.differences.changes import Added, Change, Changed, Content, Removed
from pbtool.differences.constants import (
    Constant,
    compare_constants,
    encodings,
    is_constant,
    same_values,
)
from pbtool.differences.fields import compare_fields
from pbtool.differences.naming import renamed_node
from pbtool.differences.strict import changed_encoding, written_changes
from pbtool.errors import FileError
from pbtool.graph import Function

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pbtool.body import Body
    from pbtool.differences.naming import Names
    from pbtool.differences.options import Options
    from pbtool.differences.shared_bytes import SharedBytes
    from pbtool.schema import AttrValue, NodeDef

_KNOWN = ("name", "op", "input", "device", "attr")  # the fields that are compared one by one
_DEBUG = "experimental_debug_info"


class Placed(NamedTuple):
    """A node of a body; ``region`` is where it lies if some of it was left there."""

    body: Body
    node: NodeDef
    region: Region | None

    def attr(self, name: str) -> Constant:
        """An attr as a value."""
        message = self.node.attr[name]
        if self.region is None:
            return Constant(Content(message), None)
        source, start, end, _ = self.region
        span = wire.attr_span(source, start, end, name)
        if span is None:
            raise FileError("the file changed while it was read", place=source.name)
        if span[1] - span[0] == message.ByteSize():
            return Constant(Content(message), None)
        whole = Region(source, *span)
        return Constant(Content(message, lambda: _read_attr(whole)), whole)

    def content(self) -> Content[NodeDef]:
        """The node as a value."""
        if self.region is None:
            return Content(self.node)
        return Content(self.node, lambda: self.body.whole(self.node))


def _read_attr(region: Region) -> AttrValue:
    return schema.AttrValue.FromString(region.read())


def place(body: Body, node: NodeDef) -> Placed:
    """A node, and where it lies if some of its tensors were left there."""
    return Placed(body, node, body.place(node) if node.name in body.skeletons else None)


class Comparer:
    """Compares nodes of two bodies, as options say. ``names`` are those that changed."""

    def __init__(
        self, a: Body, b: Body, names: Names, options: Options, shared: SharedBytes | None
    ) -> None:
        self.a = a
        self.b = b
        self.names = names
        self.options = options
        self.shared = shared
        # Of a node in a function, an output has a name, too.
        self._first_output = "" if options.strict or isinstance(a, Function) else ":0"

    def changes(self, old: NodeDef, new: NodeDef) -> tuple[Change, ...]:
        """What changed from a node of A to a node of B."""
        if self.options.strict:
            return self._strict_changes(old, new)
        a = renamed_node(old, self.names)
        is_whole = old.name not in self.a.skeletons and new.name not in self.b.skeletons
        if is_whole and a == new:
            return ()
        left, right = place(self.a, old), place(self.b, new)
        same = (
            a is old
            and self.shared is not None
            and left.region is not None
            and right.region is not None
            and self.shared.same(left.region, right.region)
        )
        return () if same else tuple(self._changes(left, a, right))

    def _strict_changes(self, old: NodeDef, new: NodeDef) -> tuple[Change, ...]:
        """What changed, order and encoding included."""
        a = renamed_node(old, self.names)
        before, after = self.a.written(old), self.b.written(new)
        if before is not None and after is not None and a == new and before.same(after):
            return ()
        found = self._changes(place(self.a, old), a, place(self.b, new))
        beside = {f"attr.{name}" for name in new.attr if self.options.ignores_attr(name)}
        return (*found, *written_changes(before, after, type(new), beside))

    def _changes(self, left: Placed, a: NodeDef, right: Placed) -> Iterator[Change]:
        """What changed; ``a`` is the left node with B's names."""
        old, new = left.node, right.node
        if a.op != new.op:
            yield Changed("op", "op", old.op, new.op)
        if a.device != new.device and not self.options.ignores("device"):
            yield Changed("device", "device", old.device, new.device)
        for name in sorted({*a.attr, *new.attr}):
            change = self._attr(name, left, a, right)
            if change is not None and not self._is_default(change, a, new):
                yield change
        yield from self._inputs(old, a, new)
        if not self.options.ignores("control"):
            yield from self._control_inputs(old, a, new)
            if self.options.strict:
                yield from self._control_order(old, a, new)
        for change in compare_fields(a, new, _KNOWN):
            if not (change.name == _DEBUG and self.options.ignores("debug")):
                yield change

    def _inputs(self, old: NodeDef, a: NodeDef, new: NodeDef) -> Iterator[Change]:
        sides = (data_inputs(node) for node in (old, a, new))
        for position, (own, before, after) in enumerate(zip_longest(*sides)):
            if after is None:
                yield Removed("input", str(position), own)
            elif before is None:
                yield Added("input", str(position), after)
            elif self._plain(before) != self._plain(after):
                yield Changed("input", str(position), own, after)

    def _plain(self, text: str) -> str:
        return text.removesuffix(self._first_output)

    def _control_inputs(self, old: NodeDef, a: NodeDef, new: NodeDef) -> Iterator[Change]:
        before = dict(zip(control_inputs(a), control_inputs(old), strict=True))
        after = dict.fromkeys(control_inputs(new))
        yield from (Removed("control input", before[name]) for name in before if name not in after)
        yield from (Added("control input", name) for name in after if name not in before)

    def _control_order(self, old: NodeDef, a: NodeDef, new: NodeDef) -> Iterator[Change]:
        own, before, after = (control_inputs(node) for node in (old, a, new))
        if before != after and set(before) == set(after):
            yield Changed("order", "order of control inputs", " ".join(own), " ".join(after))

    def _attr(self, name: str, left: Placed, a: NodeDef, right: Placed) -> Change | None:
        new = right.node
        if self.options.ignores_attr(name):
            return None
        if name not in new.attr:
            return Removed("attr", name, left.attr(name).content)
        if name not in a.attr:
            return Added("attr", name, right.attr(name).content)
        before, after = a.attr[name], new.attr[name]
        in_memory = not (left.region or right.region)
        if in_memory and before == after:
            return None
        if is_constant(before) and is_constant(after):
            change = compare_constants(
                name,
                left.attr(name),
                right.attr(name),
                self.shared,
                self.options.tolerance,
            )
            hidden = self.options.ignores("weights") and change and change.comparison
            if change is not None:
                return None if hidden else change
            return self._encoding(name, left.attr(name).content, right.attr(name).content)
        old_content, new_content = left.attr(name).content, right.attr(name).content
        renamed = old_content if a is left.node else Content(before)
        if same_values(renamed, new_content):
            return self._encoding(name, renamed, new_content)
        return Changed("attr", name, old_content, new_content)

    def _encoding(
        self, name: str, old: Content[AttrValue], new: Content[AttrValue]
    ) -> Change | None:
        """How the same tensors are written down in two ways, where that counts."""
        if not self.options.strict or old == new:
            return None
        return next(changed_encoding(name, *(encodings(each.whole()) for each in (old, new))), None)

    def _is_default(self, change: Change, a: NodeDef, new: NodeDef) -> bool:
        """Whether an attr was only written out, or left away, with the default of its op."""
        if not self.options.ignores("defaults") or a.op != new.op:
            return False
        if not isinstance(change, (Added, Removed)) or not isinstance(change.value, Content):
            return False
        op_def = self.b.op_def(new.op)
        declared = () if op_def is None else op_def.attr
        return any(
            attr.name == change.name
            and attr.HasField("default_value")
            and attr.default_value == change.value.message
            for attr in declared
        )


def data_inputs(node: NodeDef) -> list[str]:
    """The inputs that carry data."""
    return [text for text in node.input if not text.startswith("^")]


def control_inputs(node: NodeDef) -> list[str]:
    """The names of the nodes that must run before this one, without the ``^``."""
    return [text[1:] for text in node.input if text.startswith("^")]
